"""Injection keys that stand where nobody reads them."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Type, quoted
from meshlint.resources.document import Document, Meta
from meshlint.resources.keys import (
    DATAPLANE_MODE,
    INJECT,
    INJECTION,
    INJECTION_KEYS,
    KNOWN,
    POD_ANNOTATIONS,
    REVISION,
)
from meshlint.resources.workload import PATHS, Workload
from meshlint.rules.document import metadatas
from meshlint.rules.registry import View, document_rule, mesh_rule
from meshlint.rules.words import entry, named
from meshlint.source.parse import Node

MAPS = frozenset({"labels", "annotations", "managedFields"})
PLAIN_KINDS = frozenset({("", "Service"), ("", "ServiceAccount"), ("networking.k8s.io", "Ingress")})
"""Kinds that make no pods and hold no namespace template: an injection key on them is a mistake."""


@document_rule
def injection_key_outside_labels(document: Document) -> Iterator[Hit]:
    """An injection key one level too high, or below a misspelled `labels`."""
    for metadata in metadatas(document.root):
        for child in metadata.children():
            if child.name in KNOWN:
                yield _outside(document, child, "a field of 'metadata' itself")
            elif child.is_map and child.name not in MAPS:
                for below in child.children():
                    if below.name in KNOWN:
                        yield _outside(document, below, f"under {quoted(child.name)}")


def _outside(document: Document, key: Node, place: str) -> Hit:
    label = key.name in INJECTION_KEYS
    return Hit(
        f"{quoted(key.name)} is {place} in {named(document.meta.subject)}, which Kubernetes drops or"
        f" refuses: it never becomes {'a label' if label else 'an annotation'}. Indent it under"
        f" 'metadata.{'labels' if label else 'annotations'}'.",
        key.key_where,
        document.meta.subject,
    )


@document_rule
def injection_key_on_wrong_kind(document: Document) -> Iterator[Hit]:
    """The namespaces' label on pods, or the pods' on a namespace."""
    for metadata in metadatas(document.root):
        for place in ("labels", "annotations"):
            for key, field in metadata.fields(place).items():
                text = _stray(document, key, metadata.pointer == "/metadata", place)
                if text:
                    yield Hit(
                        f"{entry(field)} has no effect here: {text}",
                        field.key.where,
                        document.meta.subject,
                    )


def _stray(document: Document, key: str, own: bool, place: str) -> str | None:
    """What is wrong with a key here; None where it is right, or where the kind is not known."""
    kind = (document.group, document.kind)
    pod_maker = kind in PATHS
    if key == INJECTION and (pod_maker or (own and kind in PLAIN_KINDS)):
        return "only a Namespace is selected by it. For pods, write 'sidecar.istio.io/inject'."
    if key == INJECT and own and kind == ("", "Namespace"):
        return "the injector looks for it on pods. For a namespace, write 'istio-injection'."
    if key == INJECT and own and kind in PLAIN_KINDS:
        return "the injector looks for it on pods only. Put it on the pod template."
    return None


@mesh_rule
def namespace_annotation_not_label(view: View) -> Iterator[Hit]:
    """Injection labels written as annotations of a Namespace."""
    for namespace in view.mesh.namespaces:
        for key in (INJECTION, REVISION, DATAPLANE_MODE):
            field = namespace.meta.annotations.get(key)
            if field is None or (field.value.literal and field.value.type is not Type.STRING):
                continue
            labelled = any(k in namespace.meta.labels for k in (INJECTION, REVISION))
            yield Hit(
                f"{entry(field)} is an annotation, and nothing reads it: webhooks select namespaces"
                " by their labels. Move it to 'metadata.labels'.",
                field.key.where,
                namespace.meta.subject,
                case="labelled" if labelled or namespace.partial else None,
            )


@mesh_rule
def pod_key_on_workload(view: View) -> Iterator[Hit]:
    """What the injector looks for on pods, written on the object that makes the pods."""
    for workload in view.mesh.workloads:
        if workload.is_pod:
            continue
        for field in _pod_keys(workload.meta):
            key = field.key.text
            if key not in workload.pod.labels and key not in workload.pod.annotations:
                job = workload.job
                if job is None or (key not in job.labels and key not in job.annotations):
                    yield _outer(workload, field)


def _pod_keys(meta: Meta) -> Iterator[Field]:
    for fields, keys in ((meta.labels, {INJECT}), (meta.annotations, POD_ANNOTATIONS)):
        yield from (field for key, field in fields.items() if key in keys)


def _outer(workload: Workload, field: Field) -> Hit:
    kind = workload.meta.subject.kind
    path = "spec.jobTemplate.spec.template" if kind == "CronJob" else "spec.template"
    return Hit(
        f"{entry(field)} is on the {kind} itself, where nothing reads it: the injector sees only the"
        f" pods. Move it to '{path}.metadata.{_place(field)}'.",
        field.key.where,
        workload.meta.subject,
    )


def _place(field: Field) -> str:
    return "labels" if field.key.text == INJECT else "annotations"


@mesh_rule
def cronjob_label_wrong_level(view: View) -> Iterator[Hit]:
    """spec.jobTemplate.metadata is the Job's; the pods are made from one level further down."""
    for workload in view.mesh.workloads:
        for field in _pod_keys(workload.job) if workload.job else ():
            key = field.key.text
            if key not in workload.pod.labels and key not in workload.pod.annotations:
                yield Hit(
                    f"{entry(field)} is on the Jobs that this CronJob makes, not on their pods, so"
                    " the injector never sees it. Move it to"
                    f" 'spec.jobTemplate.spec.template.metadata.{_place(field)}'.",
                    field.key.where,
                    workload.meta.subject,
                )
