"""Whether the Service that a hook names leads to an istiod that can answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Fix, Hit, quoted
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import labels_of
from meshlint.resources.document import Meta
from meshlint.resources.service import Service
from meshlint.resources.webhook import Configuration, Hook, istios
from meshlint.resources.workload import Workload
from meshlint.rules.mending import add, rewrite
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import meant
from meshlint.rules.webhooks.names import certified
from meshlint.rules.webhooks.patching import empty, whole
from meshlint.rules.words import see

PATHS = {True: "/inject", False: "/validate"}
"""What istiod answers to, for mutating and for validating configurations."""


@dataclass(frozen=True, slots=True)
class Called:
    """A hook and the one Service of the tree that it calls."""

    configuration: Configuration
    plane: Plane
    hook: Hook
    service: Service


def called(view: View) -> Iterator[Called]:
    """Hooks whose Service stands in the tree, once; copies that may differ prove nothing."""
    for configuration, plane in whole(view):
        for hook in configuration.live_hooks:
            found = services(view, configuration, hook)
            if len(found) == 1 and found[0].partial is None and not found[0].external:
                yield Called(configuration, plane, hook, found[0])


def services(view: View, configuration: Configuration, hook: Hook) -> list[Service]:
    """The Services of the tree that a hook may call: those of its own file, where there are any."""
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


def together(view: View, service: Service) -> list[Workload]:
    """The istiods that are applied together with a Service."""
    at = service.meta.at
    return [w for w in view.mesh.pilots if w.partial is None and w.meta.at == at]


def beside(view: View, service: Service) -> list[Workload]:
    """Those of its own namespace."""
    return [w for w in together(view, service) if space(w.meta) == space(service.meta)]


def space(meta: Meta) -> str:
    """The namespace of an object as it is written; "" where it is not."""
    return meta.subject.namespace


def selects(service: Service, istiod: Workload) -> bool:
    """Whether the pods may have all labels of the selector; a misspelled one is said elsewhere."""
    asked = labels_of(service.selector or {}).given
    misspelled = any(meant(key) in asked for key in labels_of(istiod.pod.labels).given)
    return misspelled or next(lacking(service, istiod), None) is None


def lacking(service: Service, istiod: Workload) -> Iterator[str]:
    """The keys of the selector of which the pods surely have no such label."""
    pod, asked = labels_of(istiod.pod.labels), labels_of(service.selector or {})
    yield from (k for k, v in asked.given.items() if k not in pod.unknown and pod.state(k) != v)


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
            if asked is not None and (
                asked.known is None or answers(asked.text, configuration.mutating)
            ):
                continue
            yield Hit(
                f"{quoted(hook.full_name)} calls"
                f" {quoted(asked.text) if asked else 'no path, so the root'} of istiod, which"
                f" answers 404 there: each call fails. Write 'path: {right}'.",
                asked.where if asked else hook.where,
                configuration.meta.subject,
                fix=_right(hook, right),
            )


def _right(hook: Hook, right: str) -> Fix | None:
    """The path that istiod serves, where nothing is said of cluster and network behind it."""
    path, service = hook.client.path, hook.client.service
    if path is None or empty(path):
        return add(service.key.where, (), "path", right) if service and path is None else None
    return rewrite(path, value=right) if path.value.text.strip("/").count("/") == 0 else None


def answers(path: str, mutating: bool) -> bool:
    """Whether istiod serves a path; /inject may be followed by the cluster and the network."""
    right = PATHS[mutating]
    return path == right or path.startswith(f"{right}/")


@mesh_rule
def webhook_host_not_in_certificate(view: View) -> Iterator[Hit]:
    """istiod's certificate names istiod, istiod-REV, istiod-remote and istio-pilot only."""
    for call in called(view):
        name = call.service.meta.subject.name
        istiods = [w for w in beside(view, call.service) if selects(call.service, w)]
        if istiods and not certified(view, istiods, host_of(call.service)):
            field = call.hook.client.service_name
            yield Hit(
                f"{quoted(call.hook.full_name)} calls istiod by the Service {quoted(name)}, a"
                " name that istiod's certificate does not hold: calls fail with 'x509: certificate"
                " is valid for istiod…'. Call the Service of the revision, or add the host to"
                " ISTIOD_CUSTOM_HOST of istiod.",
                field.value.where if field else call.hook.where,
                call.configuration.meta.subject,
                (see(call.service.meta.subject, call.service.meta.where),),
            )


def host_of(service: Service) -> str:
    """The name by which the API server calls a Service, and asks its certificate for."""
    return f"{service.meta.subject.name}.{space(service.meta)}.svc"


def own_revision(istiod: Workload) -> str:
    """What an istiod takes for its own revision; "" where it is not told."""
    env = (e for container in istiod.containers for e in container.env)
    return next((e.value.text for e in env if e.key.text == "REVISION"), "")
