"""Whether the ports of istiod's Service lead to where istiod listens."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Fix, Hit, Related, Value, quoted
from meshlint.mesh.reach import numeral
from meshlint.resources.istiod_ports import Flag
from meshlint.resources.service import Port, Service
from meshlint.rules.control_plane.istiods import (
    DISCOVERY,
    FLAGS,
    HTTPS,
    LISTENS,
    Istiod,
    behind,
    istiods,
    services_of,
)
from meshlint.rules.mending import assign
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.serving import selects
from meshlint.rules.words import named, see

LOST = {
    HTTPS: "webhook calls fail, and with them the creation of pods",
    DISCOVERY: "proxies get no configuration",
}
"""What comes of it, by the Service's port."""


@mesh_rule
def istiod_port_missing(view: View) -> Iterator[Hit]:
    """A Service names a port that istiod's containers lack, or leads past where istiod listens."""
    for istiod in istiods(view):
        own = istiod.workload
        if istiod.listens.partial or own.partial or own.host_network:
            continue
        for service in services_of(view, istiod):
            if _certain(view, istiod, service):
                for port in service.ports:
                    yield from _missed(view, istiod, service, port)


def _certain(view: View, istiod: Istiod, service: Service) -> bool:
    """Whether the Service is applied with this istiod, and has no other pods behind it."""
    whole = service.partial is None and not service.external
    return whole and service.meta.at == istiod.site and not _shared(view, istiod, service)


def _shared(view: View, istiod: Istiod, service: Service) -> bool:
    space = service.meta.subject.namespace
    others = (
        w
        for w in view.mesh.workloads
        if w is not istiod.workload and w.meta.subject.namespace == space
        if view.mesh.visible(istiod.site, w.meta.at)
    )
    return any(selects(service, other) for other in others)


def _missed(view: View, istiod: Istiod, service: Service, port: Port) -> Iterator[Hit]:
    number, target = port.port, port.target or port.port
    leads = behind(port, istiod)
    if number is None or target is None or leads is None:
        return
    if not leads:
        case = "other" if number.text not in LOST else _case(view, istiod)
        yield _nameless(istiod, service, port, target, case)
        return
    flag = istiod.listens.flag(FLAGS[number.text]) if number.text in FLAGS else None
    wanted = _listening(istiod, number.text, flag, target)
    if wanted is not None and wanted not in leads:
        yield _astray(istiod, service, port, target, wanted, flag)


def _case(view: View, istiod: Istiod) -> str | None:
    """An error only where no istiod can be there that is not in sight."""
    return None if view.mesh.plane(istiod.site).closed else "open"


def _listening(istiod: Istiod, number: str, flag: Flag | None, target: Value) -> int | None:
    """Where istiod surely listens for what comes in by a Service's port, as nobody else can.

    A number for webhooks that is not istiod's own is said of the hook that calls it.
    """
    if number not in LISTENS or not istiod.listens.alone:
        return None
    if flag is not None:
        return flag.port
    said = number == HTTPS and numeral(target.text) is not None
    return None if said else LISTENS[number]


def _nameless(istiod: Istiod, service: Service, port: Port, target: Value, case: str | None) -> Hit:
    number = port.port.text if port.port else ""
    own = istiod.workload.meta
    return Hit(
        f"{named(service.meta.subject)} leads its port {number} to the port"
        f" {quoted(target.text)}, and no container of {named(own.subject)} has a port of that"
        f" name: port {number} has no endpoints, {LOST.get(number, 'and calls of it fail')}. Write"
        f" {_right(number)}.",
        target.where,
        service.meta.subject,
        (see(own.subject, own.where),),
        case=case,
        fix=_number(port, LISTENS.get(number)),
    )


def _number(port: Port, right: int | None) -> Fix | None:
    """The number of istiod's port as target, where one is written."""
    return assign(port.target, str(right), plain=True) if port.target and right else None


def _right(number: str) -> str:
    usual = LISTENS.get(number)
    return f"'targetPort: {usual}'" if usual else "the number of the port, or a name that is there"


def _astray(
    istiod: Istiod, service: Service, port: Port, target: Value, wanted: int, flag: Flag | None
) -> Hit:
    own, number = istiod.workload.meta, port.port.text if port.port else ""
    told = f", as '--{flag.name}' says" if flag else ""
    related = [Related(f"the argument of {named(own.subject)}", flag.value.where)] if flag else []
    return Hit(
        f"{named(service.meta.subject)} leads its port {number} to {quoted(target.text)} of"
        f" istiod's pods, and istiod listens at {wanted}{told}: calls end in 'connection refused'"
        f" or a TLS error, {LOST[number]}. Write 'targetPort: {wanted}'.",
        target.where,
        service.meta.subject,
        (*related, see(own.subject, own.where)),
        case="open",
        fix=_number(port, wanted),
    )
