"""discoveryAddress: whether it is an address at all, and of the right port."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Fix, Hit, Type, Value, quoted
from meshlint.mesh.inject import Verdict
from meshlint.resources.address import (
    PORT,
    ServiceHost,
    host_and_port,
    mended,
    service_host,
    unfit,
)
from meshlint.resources.discovery import Discovery, Place
from meshlint.resources.service import Port, Service
from meshlint.resources.workload import Workload
from meshlint.rules.mending import assign
from meshlint.rules.proxy.configured import meshes, pods
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

PLAIN = "15010"
"""Where istiod serves configuration without TLS."""

USUAL = "istiod.istio-system.svc:15012"
OLD = "istio-pilot"
"""The Service of Istio up to 1.5, with ports of its own."""


@mesh_rule
def discovery_address_invalid(view: View) -> Iterator[Hit]:
    """Not HOST:PORT: istiod drops the mesh configuration, and the injector denies the pods."""
    for mesh in meshes(view):
        problem = _problem(mesh.address)
        if mesh.address is not None and problem:
            yield _refused(mesh, mesh.address, problem)
    for one in pods(view):
        for said in one.said:
            problem = _problem(said.address)
            if said.address is not None and problem:
                yield _denied(view, one.workload, said, said.address, problem)


def _problem(address: Value | None) -> str | None:
    """What is wrong with an address; None also where it is not known."""
    if address is None or not address.literal:
        return None
    if address.type is not Type.STRING:
        return f"it is no string, but of type {address.type}"
    return unfit(address.text) if address.text else "it is empty"


def _instead(address: Value) -> str:
    better = mended(address.text) if address.type is Type.STRING else None
    return f"Write {quoted(better or USUAL)}{'' if better else ', for example'}."


def _refused(mesh: Discovery, address: Value, problem: str) -> Hit:
    own = mesh.meta.subject
    return Hit(
        f"The discoveryAddress of {named(own)} is no address: {problem}. istiod then refuses all"
        " of this mesh configuration ('invalid mesh config … invalid discovery address'), and goes"
        " on with its last one, or after a restart with that of its code, which sends proxies to"
        f" {quoted(USUAL)}. {_instead(address)}",
        address.where,
        own,
        fix=_mended(address),
    )


def _mended(address: Value) -> Fix | None:
    """The address that was meant, where it is istiod's usual port that is asked."""
    better = mended(address.text) if address.type is Type.STRING else None
    return assign(address, better) if better and host_and_port(better)[1] == PORT else None


def _denied(view: View, workload: Workload, said: Discovery, address: Value, problem: str) -> Hit:
    decision, own = view.decide(workload), workload.meta.subject
    if said.place is Place.DEPRECATED:
        sure = decision.verdict is Verdict.INJECTED
        then = (
            f"the proxy of {named(own)} asks nobody for its configuration, so its pods do not"
            " become ready"
        )
    else:
        sure = decision.denied is not None
        then = (
            f"the injector denies the pods of {named(own)} with 'invalid discovery address', so"
            " that they never appear"
        )
    return Hit(
        f"The discoveryAddress of the annotation {quoted(said.place)} is no address: {problem}."
        f" {'Then' if sure else 'Where they are injected,'} {then}. {_instead(address)}",
        address.where,
        own,
        case=None if sure else "unsure",
        fix=_mended(address),
    )


@mesh_rule
def discovery_address_port(view: View) -> Iterator[Hit]:
    """A port at which istiod does not serve configuration, or not as proxies ask for it."""
    for mesh in meshes(view):
        yield from _wrong_port(view, mesh, bool(mesh.plain))
    for one in pods(view):
        if one.holds is not None:
            plain = one.holds.plain
            switched = _switched_off(view, one.workload) if plain is None else plain
            yield from _wrong_port(view, one.holds, switched)


def _switched_off(view: View, workload: Workload) -> bool:
    """Whether some mesh configuration in sight has no TLS."""
    site = workload.meta.at
    return any(mesh.plain and view.mesh.visible(site, mesh.meta.at) for mesh in meshes(view))


def _wrong_port(view: View, said: Discovery, plain: bool) -> Iterator[Hit]:
    address = said.address
    if address is None or address.known is None or unfit(address.text):
        return
    host, port = host_and_port(address.text)
    service = service_host(host)
    if service is None or service.name.startswith(OLD) or service.revision is None:
        return
    there = found(view, said, service)
    if port == PLAIN and not plain:
        yield _without_tls(said, address, host)
    elif port not in (PORT, PLAIN) and not any(_serves(one, port) for one in there):
        yield _elsewhere(said, address, host, port, there)


def found(view: View, said: Discovery, wanted: ServiceHost) -> list[Service]:
    """The Services of the tree that a host may be the name of."""
    site = said.meta.at
    return [
        s
        for s in view.mesh.services_in(wanted.namespace)
        if s.meta.subject.name == wanted.name and view.mesh.visible(site, s.meta.at)
    ]


def _serves(service: Service, port: str) -> bool:
    """Whether a port of a Service may lead to where istiod serves configuration."""
    if service.partial is not None or service.external or service.selector is None:
        return True
    return any(_leads(one) for one in service.ports if _is(one.port, port))


def _is(value: Value | None, port: str) -> bool:
    return value is None or not value.literal or value.text == port


def _leads(port: Port) -> bool:
    target = port.target or port.port
    known = target is not None and target.literal and target.text.isdecimal()
    return not known or (target is not None and target.text in (PORT, PLAIN))


def _without_tls(said: Discovery, address: Value, host: str) -> Hit:
    return Hit(
        f"{_subject(said)} sends proxies to port {PLAIN} of {quoted(host)}, which speaks no TLS,"
        " and proxies speak TLS unless 'controlPlaneAuthPolicy: NONE' is set: no proxy gets a"
        f" configuration. Write '{host}:{PORT}'.",
        address.where,
        said.meta.subject,
        fix=assign(address, f"{host}:{PORT}"),
    )


def _elsewhere(said: Discovery, address: Value, host: str, port: str, there: list[Service]) -> Hit:
    return Hit(
        f"{_subject(said)} sends proxies to port {port} of {quoted(host)}, and istiod serves"
        f" configuration at {PORT}: no proxy gets one, and pods do not become ready ('no healthy"
        f" upstream'). Write '{host}:{PORT}'.",
        address.where,
        said.meta.subject,
        tuple(see(s.meta.subject, s.meta.where) for s in there[:1]),
        fix=assign(address, f"{host}:{PORT}"),
    )


def _subject(said: Discovery) -> str:
    if said.of_mesh:
        return f"The discoveryAddress of {named(said.meta.subject)}"
    return f"The annotation {quoted(said.place)} of {named(said.meta.subject)}"
