"""The annotation sidecar.istio.io/inject, which still works, and the label that does more."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Type, Value
from meshlint.mesh.inject import Verdict
from meshlint.mesh.model import Mesh
from meshlint.resources.declared import Flavour
from meshlint.resources.keys import IGNORED_NAMESPACES, INJECT, REVISION
from meshlint.resources.workload import Workload
from meshlint.rules.labels.trying import answered
from meshlint.rules.meaning import spelled
from meshlint.rules.mending import of_pods, rewrite, stands
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import meant
from meshlint.rules.words import entry

BY_LABELS = (1, 10)
"""The version of Istio from which the webhooks select pods by the label."""

BETTER = {
    "true": "webhooks select pods by labels alone, so it brings a sidecar only where the namespace"
    " brings one anyway. The label asks for one by itself.",
    "false": "it is read by istiod, which has to answer before such a pod can be created. With the"
    " label the webhook is not called at all.",
}
"""What the label does that the annotation does not, by their value."""


@mesh_rule
def inject_annotation_deprecated(view: View) -> Iterator[Hit]:
    """Deprecated in istio/api since 2022 (annotation/annotations.yaml)."""
    for workload in view.mesh.workloads if _by_labels(view.mesh) else ():
        field = workload.pod.annotations.get(INJECT)
        word = _word(field.value) if field else None
        why = BETTER.get(word or "")
        if field and why and not _told(workload) and _effective(view, workload, word):
            yield Hit(
                f"The annotation {entry(field)} is deprecated: {why} Make it a label of the pod"
                " template.",
                field.value.where,
                workload.meta.subject,
                fix=_label(view, workload, field, word),
            )


def _word(value: Value) -> str | None:
    """What the annotation says, be it without the quotes that it needs."""
    return spelled(INJECT, value.text) if value.type is Type.BOOL else value.known


def _label(view: View, workload: Workload, field: Field, word: str | None) -> Fix | None:
    """The same as a label; Istio before 1.10 goes by the annotation alone."""
    pods = of_pods(workload.meta.subject)
    there = stands(field, workload.meta, (*pods, "annotations"))
    heard = word == "false" or answered(view, workload)
    return rewrite(field, value=word, to=(*pods, "labels")) if there and heard else None


def _by_labels(mesh: Mesh) -> bool:
    """Whether no istiod in the tree is too old to go by the label."""
    versions = (revision.version for revision in mesh.revisions if revision.version)
    return min(versions, default=BY_LABELS) >= BY_LABELS


def _told(workload: Workload) -> bool:
    """Whether there is a label already, or something that may be one, or nothing can help."""
    keys = (*workload.pod.labels, *workload.pod.strays)
    labelled = any((meant(key) or key) == INJECT for key in keys)
    unsure = workload.partial is not None or workload.borrowed
    never = workload.host_network or workload.meta.subject.namespace in IGNORED_NAMESPACES
    return bool(labelled or unsure or never)


def _effective(view: View, workload: Workload, word: str | None) -> bool:
    """Whether the annotation may decide something, and the label as well.

    One that asks in vain is told by another rule; OpenShift Service Mesh 2 goes by it.
    """
    decision = view.decide(workload)
    if Flavour.OSSM2 in view.mesh.plane(workload.meta.at).flavours:
        return False
    if word == "true":
        asks = REVISION in workload.pod.labels
        return decision.verdict is not Verdict.NOT_INJECTED and not asks
    return bool(decision.calls)
