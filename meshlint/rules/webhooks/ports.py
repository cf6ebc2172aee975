"""Whether the port that a hook calls is one of its Service, and leads to istiod's webhooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from meshlint.finding import Fix, Hit, Related, Value, quoted
from meshlint.resources.service import Port, Service
from meshlint.rules.mending import assign, remove
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.serving import Called, called, space
from meshlint.rules.words import named, see

HTTPS = "443"
"""The Service port that the API server calls where a hook names none."""

WEBHOOKS = "15017"
"""Where istiod serves webhooks (pilot-discovery --httpsAddr)."""

SHOWN = 5


@mesh_rule
def webhook_service_port(view: View) -> Iterator[Hit]:
    """The port that is called is none of the Service, or does not lead to istiod's 15017."""
    found: defaultdict[object, list[Called]] = defaultdict(list)
    for call in called(view):
        own = call.service.meta
        if _numbers(call.service) and not _told(view, call.service):
            found[own.at, own.where].append(call)
    for calls in found.values():
        yield from _usual(calls[0].service, [c for c in calls if _number(c) == HTTPS])
        yield from _unusual(calls[0].service, calls)


def _told(view: View, service: Service) -> bool:
    """Whether an istiod is told where to listen, which istiod-port-missing compares."""
    own = space(service.meta)
    near = (w for w in view.mesh.workloads if space(w.meta) == own)
    return any("--httpsAddr" in c.command for w in near for c in w.containers)


def _numbers(service: Service) -> dict[str, Port]:
    """Ports by number; none where one of them is not known."""
    known = all(p.port is None or p.port.literal for p in service.ports)
    return {p.port.text: p for p in service.ports if p.port} if known else {}


def _asked(call: Called) -> Value | None:
    field = call.hook.client.port
    return field.value if field else None


def _number(call: Called) -> str | None:
    asked = _asked(call)
    return HTTPS if asked is None else asked.text if asked.literal else None


def _usual(service: Service, calls: list[Called]) -> Iterator[Hit]:
    """The port that all callers mean is missing, or leads elsewhere: once, at the Service."""
    there = _numbers(service).get(HTTPS)
    if calls and there is None:
        yield _no_https(service, calls)
    elif calls and there and _misled(there):
        yield _wrong_target(service, there, calls)


def _unusual(service: Service, calls: list[Called]) -> Iterator[Hit]:
    """A hook that asks for another port than is usual: said at the hook."""
    ports = _numbers(service)
    for call in calls:
        asked, number = _asked(call), _number(call)
        if asked is None or number is None or number == HTTPS:
            continue
        if number not in ports:
            yield _no_port(call, asked)
        elif _misled(ports[number]):
            right = next((n for n, p in ports.items() if _leads(p)), None)
            if right:
                yield _wrong_port(call, asked, right)
            else:
                yield _wrong_target(service, ports[number], [call])


def _target(port: Port) -> Value | None:
    return port.target or port.port


def _misled(port: Port) -> bool:
    """Whether a port surely leads elsewhere; a name may be that of any container port."""
    target = _target(port)
    return target is not None and target.literal and target.text.isdecimal() and not _leads(port)


def _leads(port: Port) -> bool:
    target = _target(port)
    return target is not None and target.literal and target.text == WEBHOOKS


def _no_https(service: Service, calls: list[Called]) -> Hit:
    ports = _numbers(service)
    near = next((p for p in ports.values() if _leads(p)), None)
    return Hit(
        f"{named(service.meta.subject)} has no port {HTTPS}, only {', '.join(ports)}, and webhooks"
        f" call it there, as they do where they name no port: each call fails with 'no service port"
        f" {HTTPS} found'. Write 'port: {HTTPS}' and 'targetPort: {WEBHOOKS}'.",
        near.where if near else service.meta.where,
        service.meta.subject,
        _callers(calls),
        case=_case(service, calls),
    )


def _callers(calls: list[Called]) -> tuple[Related, ...]:
    return tuple(
        Related(f"called by {named(call.configuration.meta.subject)}", call.hook.where)
        for call in calls[:SHOWN]
    )


def _case(service: Service, calls: list[Called]) -> str | None:
    """An error only where Service and webhook are applied together."""
    together = any(call.configuration.meta.at == service.meta.at for call in calls)
    return None if together else "apart"


def _no_port(call: Called, asked: Value) -> Hit:
    service = call.service
    return Hit(
        f"{quoted(call.hook.full_name)} calls port {asked.text}, and"
        f" {named(service.meta.subject)} has {', '.join(_numbers(service))}: each call fails with"
        f" 'no service port {asked.text} found'. Name a port of the Service, in Istio's charts"
        f" {HTTPS}.",
        asked.where,
        call.configuration.meta.subject,
        (see(service.meta.subject, service.meta.where),),
        case=_case(service, [call]),
        fix=_usual_port(call),
    )


def _usual_port(call: Called) -> Fix | None:
    """Without the field, which is port 443, where the Service has that for webhooks."""
    field, https = call.hook.client.port, _numbers(call.service).get(HTTPS)
    there = field is not None and field.key.where.path == call.configuration.meta.where.path
    return remove(field) if field and there and https and _leads(https) else None


def _wrong_port(call: Called, asked: Value, right: str) -> Hit:
    service = call.service
    return Hit(
        f"{quoted(call.hook.full_name)} calls port {asked.text} of {named(service.meta.subject)},"
        f" which does not lead to istiod's webhooks at {WEBHOOKS}: calls end in 'connection"
        f" refused' or a TLS error. Write 'port: {right}'.",
        asked.where,
        call.configuration.meta.subject,
        (see(service.meta.subject, service.meta.where),),
        case="target",
        fix=_usual_port(call),
    )


def _wrong_target(service: Service, port: Port, calls: list[Called]) -> Hit:
    target = _target(port)
    return Hit(
        f"{quoted(calls[0].hook.full_name)} reaches port {target.text if target else ''} of istiod"
        f" through {named(service.meta.subject)}, and istiod serves webhooks at {WEBHOOKS}: calls"
        f" end in 'connection refused' or a TLS error. Set 'targetPort: {WEBHOOKS}'.",
        port.target.where if port.target else port.where,
        service.meta.subject,
        _callers(calls),
        case="target",
        fix=assign(port.target, WEBHOOKS, plain=True) if port.target else None,
    )
