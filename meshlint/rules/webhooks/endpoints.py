"""Whether the Service that a hook calls has an istiod behind it."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Location, Related, Value, quoted
from meshlint.mesh.selector import labels_of
from meshlint.resources.keys import REVISION
from meshlint.resources.service import Service
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.names import certified
from meshlint.rules.webhooks.serving import (
    Called,
    beside,
    called,
    host_of,
    lacking,
    own_revision,
    selects,
    space,
    together,
)
from meshlint.rules.words import named, see


@mesh_rule
def webhook_service_selects_nothing(view: View) -> Iterator[Hit]:
    """The Service's selector takes no pods of the istiod that stands beside it."""
    done: set[Location] = set()
    for call in called(view):
        where = call.service.meta.where
        hit = None if where in done or call.service.selector is None else _fault(view, call)
        if hit:
            done.add(where)
            yield hit


def _fault(view: View, call: Called) -> Hit | None:
    service = call.service
    near = beside(view, service)
    if not near:
        away = next((w for w in together(view, service) if _away(service, w)), None)
        return _apart(call, away, away.meta.namespace) if away and away.meta.namespace else None
    if any(selects(service, istiod) for istiod in near):
        return None
    other = next((w for w in _visible(view, service) if selects(service, w)), None)
    if other is None:
        return _deaf(call, near[0])
    crossed = not certified(view, [other], host_of(service))
    return _crossed(call, near[0], other) if crossed else None


def _visible(view: View, service: Service) -> list[Workload]:
    """Every istiod of the Service's namespace that its cluster may have."""
    return [
        w
        for w in view.mesh.pilots
        if space(w.meta) == space(service.meta) and view.mesh.visible(service.meta.at, w.meta.at)
    ]


def _away(service: Service, istiod: Workload) -> bool:
    """Whether the pods have all labels of the selector, the revision's among them, elsewhere."""
    pod, asked = labels_of(istiod.pod.labels), labels_of(service.selector or {})
    same = all(pod.state(key) == value for key, value in asked.given.items())
    known = REVISION in asked.given and not asked.unknown
    return same and known and bool(space(istiod.meta) and space(service.meta))


def _odd(service: Service, istiod: Workload) -> Field:
    """The line of the selector that the pods do not have."""
    selector = service.selector or {}
    return next(selector[key] for key in lacking(service, istiod))


def _place(odd: Field, istiod: Workload) -> Location:
    """The selector; or the pod's label, where the selector is as usual, or REVISION agrees."""
    usual = {"app": "istiod", REVISION: own_revision(istiod)}
    if usual.get(odd.key.text) != odd.value.text:
        return odd.value.where
    label = istiod.pod.labels.get(odd.key.text)
    return label.value.where if label else istiod.pod.where


def _deaf(call: Called, istiod: Workload) -> Hit:
    service = call.service
    odd = _odd(service, istiod)
    where = _place(odd, istiod)
    both = {
        odd.value.where: Related("the selector of the Service", odd.value.where),
        istiod.pod.where: Related("the labels of istiod's pods", istiod.pod.where),
    }
    return Hit(
        f"{named(service.meta.subject)} selects {quoted(f'{odd.key.text}: {odd.value.text}')}, and"
        f" the pods of {named(istiod.meta.subject)} do not have that label: every webhook call"
        f" fails with 'no endpoints available for service \"{service.meta.subject.name}\"'. Make"
        " selector and pod labels agree.",
        where,
        service.meta.subject,
        (
            *(related for place, related in both.items() if place != where),
            Related(f"called by {named(call.configuration.meta.subject)}", call.hook.where),
        ),
        case=None if call.plane.closed else "open",
    )


def _crossed(call: Called, istiod: Workload, other: Workload) -> Hit:
    service = call.service
    odd = _odd(service, istiod)
    return Hit(
        f"{named(service.meta.subject)} selects {quoted(f'{odd.key.text}: {odd.value.text}')}, the"
        f" pods of {named(other.meta.subject)}, and not those of {named(istiod.meta.subject)}:"
        f" webhook calls reach an istiod whose certificate does not hold the Service's name, and"
        " fail with 'x509: certificate is valid for istiod…'. Make selector and pod labels agree.",
        odd.value.where,
        service.meta.subject,
        (
            see(other.meta.subject, other.pod.where),
            Related(f"called by {named(call.configuration.meta.subject)}", call.hook.where),
        ),
        case="open",
    )


def _apart(call: Called, istiod: Workload, namespace: Value) -> Hit:
    service = call.service.meta
    return Hit(
        f"{named(istiod.meta.subject)} has the labels that {named(service.subject)} selects, and a"
        " Service selects pods of its own namespace only: every webhook call fails with 'no"
        f' endpoints available for service "{service.subject.name}"\'. Put both in one namespace.',
        namespace.where,
        istiod.meta.subject,
        (
            see(service.subject, service.where),
            Related(f"called by {named(call.configuration.meta.subject)}", call.hook.where),
        ),
        case="open",
    )
