"""The image `auto`: a blank that only the injector fills in."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Fix, Hit, Location, Related, Value
from meshlint.mesh.inject import Decision, Verdict
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import (
    IGNORED_NAMESPACES,
    INJECT,
    INJECTION,
    INJECTION_KEYS,
    REVISION,
)
from meshlint.resources.workload import Workload
from meshlint.rules.labels.trying import answered
from meshlint.rules.mending import add, of_pods
from meshlint.rules.proxy.gateways import unguided
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import meant
from meshlint.rules.words import named


@mesh_rule
def image_auto_not_injected(view: View) -> Iterator[Hit]:
    """`image: auto` is a blank that only the injector fills in."""
    for workload in view.mesh.workloads:
        image = workload.auto_image
        if image is None or workload.partial:
            continue
        decision = view.decide(workload)
        certain = decision.verdict is Verdict.NOT_INJECTED and decision.denied is None
        if certain or (decision.verdict is Verdict.UNKNOWN and not _asks(view, workload)):
            yield _blank(view, workload, image, certain)


def _blank(view: View, workload: Workload, image: Value, certain: bool) -> Hit:
    decision = view.decide(workload)
    where = _cause(workload) or workload.meta.where
    return Hit(
        f"The istio-proxy container of {named(workload.meta.subject)} has image 'auto', which the"
        f" injector must replace, and {_because(decision, certain)}: the kubelet would pull an"
        f" image named 'auto' and fail with ErrImagePull. {_advice(view, workload)}",
        where,
        workload.meta.subject,
        (Related("the image", image.where), *_reasons(decision, where)),
        case=None if certain else "unknown",
        fix=_asking(view, workload) if certain else None,
    )


def _asking(view: View, workload: Workload) -> Fix | None:
    """The label that brings a sidecar, where neither pods nor namespace say anything."""
    pod, key = workload.pod, INJECT
    keys = {*pod.labels, *pod.annotations, *pod.strays}
    told = any((meant(one) or one) in INJECTION_KEYS for one in keys) or unguided(workload)
    homes = any(INJECTION_KEYS & n.meta.labels.keys() for n in view.mesh.home(workload).copies)
    if told or homes or workload.borrowed or not answered(view, workload):
        return None
    return add(workload.meta.where, (*of_pods(workload.meta.subject), "labels"), key, "true")


def _asks(view: View, workload: Workload) -> bool:
    """Whether pod or namespace has a label that asks for injection, which is all one can write."""
    namespaces = [n.meta.labels for n in view.mesh.home(workload).copies]
    if any(REVISION in labels for labels in (workload.pod.labels, *namespaces)):
        return True
    wishes = [(workload.pod.labels.get(INJECT), "true")]
    wishes += [(labels.get(INJECTION), "enabled") for labels in namespaces]
    return any(f and (f.value.known == word or not f.value.literal) for f, word in wishes)


def _because(decision: Decision, certain: bool) -> str:
    reasons = [reason.text for reason in decision.because]
    if certain:
        return f"these pods are not injected ({reasons[0]})"
    if any(call.sure for call in decision.calls):
        reasons = reasons[-1:]
    return f"nothing scanned here makes sure that these pods are injected ({'; '.join(reasons)})"


def _advice(view: View, workload: Workload) -> str:
    """What would get the pods injected, by what keeps them from it."""
    home = view.mesh.home(workload)
    if _cause(workload):
        return "Change that, or name a real image."
    if home.name in IGNORED_NAMESPACES:
        return "Move it to another namespace, or name a real image."
    if any(key in n.meta.labels for n in home.copies for key in (INJECTION, REVISION)):
        return "Repair the label of the namespace: no label of the pods overrides it."
    plane = view.mesh.plane(workload.meta.at)
    if plane.closed and not plane.known(DEFAULT) and plane.strong:
        return f"Label the pod template 'istio.io/rev: {next(iter(plane.strong))}'."
    return "Label the pod template 'sidecar.istio.io/inject: \"true\"'."


def _cause(workload: Workload) -> Location | None:
    """The pod's own word against injection, if it has one."""
    field = workload.pod.labels.get(INJECT)
    if field and field.value.known == "false":
        return field.value.where
    host = workload.host_network
    return host.where if host else None


def _reasons(decision: Decision, said: Location) -> tuple[Related, ...]:
    """What else to look at, the finding's own place left out."""
    if decision.verdict is Verdict.UNKNOWN:
        return ()
    found = (Related(r.text, r.where) for r in decision.because if r.where and r.where != said)
    return tuple(found)[:2]
