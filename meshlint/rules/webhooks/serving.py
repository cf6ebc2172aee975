"""Whether the Service that a hook names leads to an istiod that can answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Hit, Related, Value, quoted
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import labels_of
from meshlint.resources.service import Port, Service
from meshlint.resources.webhook import Configuration, Hook, istios
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import meant
from meshlint.rules.webhooks.patching import whole
from meshlint.rules.words import named, see

HTTPS = "443"
"""The Service port that the API server calls where a hook names none."""

WEBHOOKS = "15017"
"""Where istiod serves webhooks (pilot-discovery --httpsAddr)."""

PATHS = {True: "/inject", False: "/validate"}
"""What istiod answers to, for mutating and for validating configurations."""


@dataclass(frozen=True, slots=True)
class Called:
    """A hook and the one Service of the tree that it calls."""

    configuration: Configuration
    plane: Plane
    hook: Hook
    service: Service


def _called(view: View) -> Iterator[Called]:
    """Hooks whose Service stands in the tree, once; copies that may differ prove nothing."""
    for configuration, plane in whole(view):
        for hook in configuration.live_hooks:
            found = _services(view, configuration, hook)
            if len(found) == 1 and found[0].partial is None and not found[0].external:
                yield Called(configuration, plane, hook, found[0])


def _services(view: View, configuration: Configuration, hook: Hook) -> list[Service]:
    name, space = hook.client.service_name, hook.client.service_namespace
    if not name or not space or name.value.known is None or space.value.known is None:
        return []
    site = configuration.meta.at
    named_so = (
        s
        for s in view.mesh.services_in(space.value.text)
        if s.meta.subject.name == name.value.text and view.mesh.visible(site, s.meta.at)
    )
    nearest = list(named_so)
    return [s for s in nearest if s.meta.at == site] or nearest


@mesh_rule
def webhook_service_port(view: View) -> Iterator[Hit]:
    """The port that is called is none of the Service, or does not lead to istiod's 15017."""
    for called in _called(view):
        field = called.hook.client.port
        asked = field.value if field else None
        ports = [p for p in called.service.ports if p.port]
        if (asked and not asked.literal) or any(not p.port.literal for p in ports if p.port):
            continue
        number = asked.text if asked else HTTPS
        there = next((p for p in ports if p.port and p.port.text == number), None)
        if there is None and ports:
            yield _no_port(called, number, asked)
        elif there is not None and _misled(there):
            yield _wrong_target(called, there)


def _no_port(called: Called, number: str, asked: Value | None) -> Hit:
    own, service = called.configuration.meta, called.service.meta
    ports = ", ".join(p.port.text for p in called.service.ports if p.port)
    told = "" if asked else ", which is meant where clientConfig.service has no port"
    return Hit(
        f"{quoted(called.hook.full_name)} calls port {number}{told}, and {named(service.subject)}"
        f" has {ports}: each call fails with 'no service port {number} found'. Name a port of the"
        " Service, in Istio's charts 443.",
        asked.where if asked else called.hook.where,
        own.subject,
        (see(service.subject, service.where),),
        case=None if service.at == own.at else "apart",
    )


def _misled(port: Port) -> bool:
    """Whether a port surely leads elsewhere; a name may be that of any container port."""
    target = port.target
    text = target.text if target else (port.port.text if port.port else "")
    return text.isdecimal() and text != WEBHOOKS and (target is None or target.literal)


def _wrong_target(called: Called, port: Port) -> Hit:
    service = called.service.meta
    target = port.target.text if port.target else (port.port.text if port.port else "")
    where = port.target.where if port.target else port.where
    return Hit(
        f"{quoted(called.hook.full_name)} reaches port {target} of istiod through"
        f" {named(service.subject)}, and istiod serves webhooks at {WEBHOOKS}: calls end in"
        f" 'connection refused' or a TLS error. Set 'targetPort: {WEBHOOKS}'.",
        where,
        service.subject,
        (Related(f"called by {named(called.configuration.meta.subject)}", called.hook.where),),
        case="target",
    )


@mesh_rule
def webhook_service_selects_nothing(view: View) -> Iterator[Hit]:
    """The Service's selector takes no pods of the istiod that stands beside it."""
    done = set()
    for called in _called(view):
        service = called.service
        if service.meta.where in done or service.selector is None:
            continue
        istiods = _istiods(view, service)
        if istiods and not any(_selects(service, istiod) for istiod in istiods):
            done.add(service.meta.where)
            yield _deaf(called, istiods[0])


def _istiods(view: View, service: Service) -> list[Workload]:
    """The istiods of the Service's namespace that are applied together with it."""
    return [
        w
        for w in view.mesh.workloads
        if w.meta.at == service.meta.at and w.partial is None
        if w.meta.subject.namespace == service.meta.subject.namespace
        if any(c.name == "discovery" for c in w.containers)
    ]


def _selects(service: Service, istiod: Workload) -> bool:
    """Whether the pods may have all labels of the selector; a misspelled one is said elsewhere."""
    pod, asked = labels_of(istiod.pod.labels), labels_of(service.selector or {})
    if any(meant(key) in asked.given for key in pod.given):
        return True
    wrong = (k for k, v in asked.given.items() if k not in pod.unknown and pod.state(k) != v)
    return not any(True for _ in wrong)


def _deaf(called: Called, istiod: Workload) -> Hit:
    service = called.service
    pod = labels_of(istiod.pod.labels)
    fields = (f for f in (service.selector or {}).values() if f.value.known is not None)
    odd = next(f for f in fields if pod.state(f.key.text) != f.value.text)
    return Hit(
        f"{named(service.meta.subject)} selects {quoted(f'{odd.key.text}: {odd.value.text}')}, and"
        f" the pods of {named(istiod.meta.subject)} do not have that label: every webhook call"
        f" fails with 'no endpoints available for service \"{service.meta.subject.name}\"'. Make"
        " selector and pod labels agree.",
        odd.value.where,
        service.meta.subject,
        (
            Related("the labels of istiod's pods", istiod.pod.where),
            Related(f"called by {named(called.configuration.meta.subject)}", called.hook.where),
        ),
        case=None if called.plane.closed else "open",
    )


@mesh_rule
def webhook_path_wrong(view: View) -> Iterator[Hit]:
    """istiod answers to /inject and /validate, and to nothing else that a webhook could mean."""
    for configuration, _ in whole(view):
        for hook in configuration.live_hooks:
            service, path = hook.client.service_name, hook.client.path
            istiod = service is not None and (service.value.known or "").startswith("istiod")
            asked = path.value if path else None
            right = PATHS[configuration.mutating]
            if not istiod or not istios(hook, configuration.mutating):
                continue
            if asked is not None and (asked.known is None or _answers(asked.text, right)):
                continue
            yield Hit(
                f"{quoted(hook.full_name)} calls"
                f" {quoted(asked.text) if asked else 'no path, so the root'} of istiod, which"
                f" answers 404 there: each call fails. Write 'path: {right}'.",
                asked.where if asked else hook.where,
                configuration.meta.subject,
            )


def _answers(path: str, right: str) -> bool:
    return path == right or path.startswith(f"{right}/")


@mesh_rule
def webhook_host_not_in_certificate(view: View) -> Iterator[Hit]:
    """istiod's certificate names istiod, istiod-REV, istiod-remote and istio-pilot only."""
    for called in _called(view):
        name = called.service.meta.subject.name
        istiods = [w for w in _istiods(view, called.service) if _selects(called.service, w)]
        if istiods and not _names(called.plane, name) and not any(map(_custom, istiods)):
            field = called.hook.client.service_name
            yield Hit(
                f"{quoted(called.hook.full_name)} calls istiod by the Service {quoted(name)}, a"
                " name that istiod's certificate does not hold: calls fail with 'x509: certificate"
                " is valid for istiod…'. Call the Service of the revision, or add the host to"
                " ISTIOD_CUSTOM_HOST of istiod.",
                field.value.where if field else called.hook.where,
                called.configuration.meta.subject,
                (see(called.service.meta.subject, called.service.meta.where),),
            )


def _names(plane: Plane, service: str) -> bool:
    """Names in the serving certificate (pilot/pkg/bootstrap/server.go)."""
    known = {"istiod", "istiod-remote", "istio-pilot", *(f"istiod-{r}" for r in plane.revisions)}
    return service in known


CUSTOM = frozenset({"ISTIOD_CUSTOM_HOST", "PILOT_CERT_PROVIDER"})


def _custom(istiod: Workload) -> bool:
    """Whether istiod may serve another certificate than the one it makes for itself."""
    env = (e for container in istiod.containers for e in container.env)
    return any(e.key.text in CUSTOM and e.value.text not in ("", "istiod") for e in env)
