"""Injection keys that stand where nobody reads them."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Type, quoted
from meshlint.resources.document import Document, Meta, strays
from meshlint.resources.keys import (
    DATAPLANE_MODE,
    INJECT,
    INJECTION,
    LABELS,
    NAMESPACE_KEYS,
    POD_ANNOTATIONS,
    REVISION,
)
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import PATHS, Workload
from meshlint.rules.document import metadatas
from meshlint.rules.labels.reseating import indented, reseated
from meshlint.rules.labels.trying import answered, enabled
from meshlint.rules.meaning import spelled
from meshlint.rules.mending import of_pods, remove, rewrite, slot, stands
from meshlint.rules.registry import View, key_rule, mesh_rule
from meshlint.rules.words import entry, named
from meshlint.source.node import Node

PLAIN_KINDS = frozenset({("", "Service"), ("", "ServiceAccount"), ("networking.k8s.io", "Ingress")})
"""Kinds that make no pods and hold no namespace template: an injection key on them is a mistake."""

OTHERS = {INJECTION: INJECT, INJECT: INJECTION}
"""The keys of namespaces and pods that do the same."""

REFUSALS = frozenset({"disabled", "none"})
"""Values by which a namespace stays as it is without them."""


@key_rule
def injection_key_outside_labels(document: Document) -> Iterator[Hit]:
    """An injection key one level too high, or below a misspelled `labels`."""
    for metadata in metadatas(document):
        for key in strays(metadata):
            slot = key.parent.name if key.parent else ""
            own = slot == metadata.name
            place = "a field of 'metadata' itself" if own else f"under {quoted(slot)}"
            yield _outside(document, key, place)


def _outside(document: Document, key: Node, place: str) -> Hit:
    label = key.name == INJECTION or key.name in LABELS
    return Hit(
        f"{quoted(key.name)} is {place} in {named(document.meta.subject)}, which Kubernetes drops"
        f" or refuses: it never becomes {'a label' if label else 'an annotation'}. Indent it under"
        f" 'metadata.{'labels' if label else 'annotations'}'.",
        key.key_where,
        document.meta.subject,
        fix=indented(document, key),
    )


@key_rule
def injection_key_on_wrong_kind(document: Document) -> Iterator[Hit]:
    """The namespaces' label on pods, or the pods' on a namespace."""
    for metadata in metadatas(document):
        own = metadata.parent is document.root
        for place in ("labels", "annotations"):
            for key, field in metadata.fields(place).items():
                text = _stray(document, key, own)
                node = metadata.get(place, key)
                if text and node:
                    text = f"{entry(field)} has no effect here: {text}"
                    fix = reseated(document, node, OTHERS[key])
                    yield Hit(text, field.key.where, document.meta.subject, fix=fix)


def _stray(document: Document, key: str, own: bool) -> str | None:
    """What is wrong with a key here; None where it is right, or where the kind is not known."""
    kind = (document.group, document.kind)
    if key == INJECTION and (kind in PATHS or (own and kind in PLAIN_KINDS)):
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
            labelled = any(k in namespace.meta.labels for k in NAMESPACE_KEYS)
            modest = field.value.known is None or field.value.known in REFUSALS
            yield Hit(
                f"{entry(field)} is an annotation, and nothing reads it: namespaces are selected by"
                f" their labels. {_move(labelled)}",
                field.key.where,
                namespace.meta.subject,
                case="labelled" if labelled or modest or namespace.partial else None,
                fix=_label(view, namespace, field),
            )


def _label(view: View, namespace: Namespace, field: Field) -> Fix | None:
    """The label; or nothing, where there is the same one already."""
    own, key = namespace.meta, field.key.text
    word, same = spelled(key, field.value.text), own.label(key)
    others = {*own.labels, *own.annotations} & NAMESPACE_KEYS - {key}
    if namespace.partial or not stands(field, own, ("metadata", "annotations")):
        return None
    if same is not None and same == field.value.known:
        return remove(field, safe=True)
    fits = word is not None and not others and key not in own.labels
    if fits and (word != "enabled" or enabled(view, namespace)):
        return rewrite(field, value=word, to=("metadata", "labels"))
    return None


def _move(labelled: bool) -> str:
    return "Remove it; the labels decide." if labelled else "Move it to 'metadata.labels'."


@mesh_rule
def pod_key_on_workload(view: View) -> Iterator[Hit]:
    """What the injector looks for on pods, written on the object that makes the pods."""
    for workload in view.mesh.workloads:
        if workload.is_pod or workload.borrowed:
            continue
        inner = [meta for meta in (workload.pod, workload.job) if meta]
        for field in _pod_keys(workload.meta):
            if not any(_has(meta, field.key.text) for meta in inner):
                kind = workload.meta.subject.kind
                place = f"on the {kind} itself, where nothing reads it: the injector sees only pods"
                yield _outer(workload, field, place, _inward(view, workload, workload.meta, field))


@mesh_rule
def cronjob_label_wrong_level(view: View) -> Iterator[Hit]:
    """spec.jobTemplate.metadata is the Job's; the pods are made from one level further down."""
    for workload in view.mesh.workloads:
        for field in _pod_keys(workload.job) if workload.job else ():
            if not _has(workload.pod, field.key.text):
                place = "on the Jobs that this CronJob makes, and the injector sees only their pods"
                yield _outer(workload, field, place, _inward(view, workload, workload.job, field))


def _inward(view: View, workload: Workload, holder: Meta | None, field: Field) -> Fix | None:
    """The same entry on the pods, if it is all that is said there."""
    key, own = field.key.text, workload.meta
    outer = ("metadata",) if holder is own else ("spec", "jobTemplate", "metadata")
    now = "labels" if holder and holder.labels.get(key) is field else "annotations"
    word = spelled(key, field.value.text) if field.value.known is not None else None
    if word is None or workload.partial or not stands(field, own, (*outer, now)):
        return None
    vain = key == INJECT and word == "true" and not answered(view, workload)
    to = (*of_pods(own.subject), slot(key))
    return None if vain else rewrite(field, value=word, to=to)


def _pod_keys(meta: Meta) -> Iterator[Field]:
    for fields, keys in ((meta.labels, {INJECT}), (meta.annotations, POD_ANNOTATIONS)):
        yield from (field for key, field in fields.items() if key in keys)


def _has(meta: Meta, key: str) -> bool:
    return key in meta.labels or key in meta.annotations


def _outer(workload: Workload, field: Field, place: str, fix: Fix | None) -> Hit:
    own = workload.meta.subject
    path = ".".join((*of_pods(own), slot(field.key.text)))
    return Hit(f"{entry(field)} is {place}. Move it to '{path}'.", field.key.where, own, fix=fix)
