"""MESH6xx: pods that come up without a usable proxy, or that the injector refuses."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Location, Related, Value, quoted
from meshlint.mesh.inject import Decision, Verdict
from meshlint.resources.annotation import VALIDATORS
from meshlint.resources.keys import INJECT
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named


@mesh_rule
def image_auto_not_injected(view: View) -> Iterator[Hit]:
    """`image: auto` is a blank that only the injector fills in."""
    for workload in view.mesh.workloads:
        image = _auto(workload)
        decision = view.decide(workload)
        if image is None or decision.verdict is Verdict.INJECTED or workload.partial:
            continue
        certain = decision.verdict is Verdict.NOT_INJECTED
        yield Hit(
            f"The istio-proxy container of {named(workload.meta.subject)} has image 'auto', which the"
            f" injector must replace, and {_because(decision, certain)}: the kubelet would pull an"
            " image named 'auto' and fail with ErrImagePull. Label the pod template"
            " 'sidecar.istio.io/inject: \"true\"', or the namespace.",
            _cause(workload) or workload.meta.where,
            workload.meta.subject,
            (Related("the image", image.where), *_reasons(decision, certain)),
            case=None if certain else "unknown",
        )


def _auto(workload: Workload) -> Value | None:
    images = (c.image for c in workload.containers if c.name == "istio-proxy")
    return next((image for image in images if image and image.known == "auto"), None)


def _because(decision: Decision, certain: bool) -> str:
    if certain:
        return f"these pods are not injected ({decision.because[0].text})"
    why = decision.because[0].text if decision.because else "labels are missing"
    return f"nothing scanned here makes sure that these pods are injected ({why})"


def _cause(workload: Workload) -> Location | None:
    """The pod's own word against injection, if it has one."""
    field = workload.pod.labels.get(INJECT)
    if field and field.value.known == "false":
        return field.value.where
    host = workload.host_network
    return host.where if host and host.text == "true" else None


def _reasons(decision: Decision, certain: bool) -> tuple[Related, ...]:
    if not certain:
        return ()
    return tuple(Related(r.text, r.where) for r in decision.because if r.where)[:2]


@mesh_rule
def injection_annotation_invalid(view: View) -> Iterator[Hit]:
    """A value that the injector refuses: the pod is denied, and its ReplicaSet shows no pods."""
    for workload in view.mesh.workloads:
        for field, problem in _invalid(workload):
            verdict = view.decide(workload).verdict
            if verdict is not Verdict.NOT_INJECTED:
                yield Hit(
                    f"The injector refuses {quoted(field.key.text)}: {problem}. Pods of"
                    f" {named(workload.meta.subject)} are then denied and never appear.",
                    field.value.where,
                    workload.meta.subject,
                    case=None if verdict is Verdict.INJECTED else "unsure",
                )


def _invalid(workload: Workload) -> Iterator[tuple[Field, str]]:
    for key, field in workload.pod.annotations.items():
        check = VALIDATORS.get(key)
        value = field.value.known
        problem = check(value) if check and value is not None else None
        if problem:
            yield field, problem
