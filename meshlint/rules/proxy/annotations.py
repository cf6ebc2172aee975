"""Pod annotations that the injector refuses, or never sees."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, quoted
from meshlint.mesh.inject import Verdict
from meshlint.resources.annotation import CHECKED_SINCE, VALIDATORS
from meshlint.resources.keys import TEMPLATES
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import nearest
from meshlint.rules.webhooks.patching import minors
from meshlint.rules.words import named

STOCK = tuple(
    "sidecar gateway grpc-simple grpc-agent waypoint kube-gateway agentgateway"
    " agentgateway-waypoint".split()
)
"""The templates that Istio's charts give to the injector."""


@mesh_rule
def injection_annotation_invalid(view: View) -> Iterator[Hit]:
    """A value that the injector refuses: the pod is denied, and its ReplicaSet shows no pods."""
    for workload in view.mesh.workloads:
        for field, problem in _invalid(workload):
            if _injectable(view, workload):
                sure = view.decide(workload).denied is not None
                sure = sure and _checked(view, workload, field.key.text)
                yield _refused(workload, field, problem, sure)


def _refused(workload: Workload, field: Field, problem: str, sure: bool) -> Hit:
    since = CHECKED_SINCE.get(field.key.text)
    who = f"The injector (since Istio 1.{since})" if since else "The injector"
    then = "Then the" if sure else "Where it sees them, the"
    return Hit(
        f"{who} refuses {quoted(field.key.text)}: {problem}. {then} pods of"
        f" {named(workload.meta.subject)} are denied and never appear.",
        field.value.where,
        workload.meta.subject,
        case=None if sure else "unsure",
    )


def _checked(view: View, workload: Workload, key: str) -> bool:
    """Whether every istiod in sight is new enough to look at the annotation."""
    versions = minors(view.mesh.plane(workload.meta.at))
    return key not in CHECKED_SINCE or min(versions, default=0) >= CHECKED_SINCE[key]


def _invalid(workload: Workload) -> Iterator[tuple[Field, str]]:
    for key, field in workload.pod.annotations.items():
        check = VALIDATORS.get(key)
        value = field.value.known
        problem = check(value) if check and value is not None else None
        if problem:
            yield field, problem


@mesh_rule
def injection_template_unknown(view: View) -> Iterator[Hit]:
    """A template that is none of Istio's own, or that is named where nobody looks."""
    for workload in view.mesh.workloads:
        annotation = workload.pod.annotations.get(TEMPLATES)
        label = None if annotation or workload.partial else workload.pod.labels.get(TEMPLATES)
        if label and _injectable(view, workload):
            yield _inert(workload, label)
        for name in _strange(annotation) if annotation else ():
            if annotation and _injectable(view, workload):
                yield _foreign(workload, annotation, name)


def _injectable(view: View, workload: Workload) -> bool:
    """Whether an injector may see the pods, be it that it denies them."""
    decision = view.decide(workload)
    return decision.verdict is not Verdict.NOT_INJECTED or decision.denied is not None


def _strange(annotation: Field) -> list[str]:
    """The names in the list, cut as the injector cuts it, that no chart of Istio has."""
    known = annotation.value.known
    names = [name.strip() for name in known.split(",")] if known is not None else []
    return [name for name in dict.fromkeys(names) if name not in STOCK]


def _inert(workload: Workload, label: Field) -> Hit:
    return Hit(
        f"{quoted(label.key.text)} is a label here, and the injector reads the annotation of that"
        f" name alone: the pods of {named(workload.meta.subject)} get the default templates. Move"
        " it to the annotations of the pod template.",
        label.key.where,
        workload.meta.subject,
    )


def _foreign(workload: Workload, annotation: Field, name: str) -> Hit:
    near = nearest(name, STOCK)
    advice = f" Write {quoted(near)}, if that is meant." if near else ""
    error = f'requested template "{name}" not found'
    return Hit(
        f"Template {quoted(name)} is none of Istio's own: unless the injector's configuration"
        f" defines it, the pods of {named(workload.meta.subject)} are denied with {quoted(error)}."
        f"{advice if name else ' Remove the empty name.'}",
        annotation.value.where,
        workload.meta.subject,
        case="custom",
    )
