"""The setting of a managed data plane, which is an annotation."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Type, Value, quoted
from meshlint.resources.document import Meta
from meshlint.rules.labels.values import LEGAL
from meshlint.rules.mending import Path, of_pods, rewrite, stands
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

PROXY = "mesh.cloud.google.com/proxy"


@mesh_rule
def managed_proxy_label(view: View) -> Iterator[Hit]:
    """Its value is JSON, and no label may have braces in it: the API server refuses the object."""
    for meta, field, fix in _labels(view):
        subject = meta.subject
        if _refused(field.value):
            yield Hit(
                f"{quoted(PROXY)} is a label of {named(subject)}, and its value is no legal one"
                " for a label: the API server refuses the object. Make it an annotation.",
                field.key.where,
                subject,
                fix=fix if field.value.type is Type.STRING else None,
            )


def _refused(value: Value) -> bool:
    scalar = value.type is Type.STRING
    return (
        value.literal and value.type is not Type.NULL and not (scalar and LEGAL.match(value.text))
    )


def _labels(view: View) -> Iterator[tuple[Meta, Field, Fix | None]]:
    """The labels, and their fixes; nobody reads the annotation on what makes pods."""
    for namespace in view.mesh.namespaces:
        if PROXY in namespace.meta.labels:
            own = namespace.meta
            yield own, own.labels[PROXY], _annotation(own, own, ("metadata",))
    for workload in view.mesh.workloads:
        own, pod = workload.meta, workload.pod
        if PROXY in own.labels and not workload.is_pod:
            yield own, own.labels[PROXY], None
        if PROXY in pod.labels:
            yield own, pod.labels[PROXY], _annotation(own, pod, of_pods(own.subject))


def _annotation(own: Meta, labelled: Meta, at: Path) -> Fix | None:
    """The same as an annotation: the object could not be applied as it is."""
    field = labelled.labels[PROXY]
    there = stands(field, own, (*at, "labels")) and PROXY not in labelled.annotations
    return rewrite(field, to=(*at, "annotations"), safe=True) if there else None
