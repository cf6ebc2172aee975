"""The setting of a managed data plane, which is an annotation."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Subject, Type, Value, quoted
from meshlint.rules.labels.values import LEGAL
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

PROXY = "mesh.cloud.google.com/proxy"


@mesh_rule
def managed_proxy_label(view: View) -> Iterator[Hit]:
    """Its value is JSON, and no label may have braces in it: the API server refuses the object."""
    for subject, field in _labels(view):
        if _refused(field.value):
            yield Hit(
                f"{quoted(PROXY)} is a label of {named(subject)}, and its value is no legal one"
                " for a label: the API server refuses the object. Make it an annotation.",
                field.key.where,
                subject,
            )


def _refused(value: Value) -> bool:
    scalar = value.type is Type.STRING
    return (
        value.literal and value.type is not Type.NULL and not (scalar and LEGAL.match(value.text))
    )


def _labels(view: View) -> Iterator[tuple[Subject, Field]]:
    for namespace in view.mesh.namespaces:
        if PROXY in namespace.meta.labels:
            yield namespace.meta.subject, namespace.meta.labels[PROXY]
    for workload in view.mesh.workloads:
        for meta in (workload.meta, workload.pod):
            if PROXY in meta.labels:
                yield workload.meta.subject, meta.labels[PROXY]
