"""Keys that nobody reads, because they are nearly those that somebody reads."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Fix, Hit, quoted
from meshlint.resources.document import Document
from meshlint.resources.keys import INJECT, INJECTION, KNOWN, LABELS, NAMESPACE_KEYS, REVISION
from meshlint.resources.webhook import Configuration, configuration
from meshlint.resources.workload import PATHS, selected
from meshlint.rules.labels.reseating import reseated
from meshlint.rules.meaning import spelled
from meshlint.rules.mending import remove
from meshlint.rules.registry import key_rule
from meshlint.rules.spelling import meant, near_annotation, slip_of_annotation
from meshlint.rules.words import named
from meshlint.source.node import Node

SLOTS = frozenset(
    "labels annotations podLabels podAnnotations commonLabels commonAnnotations pairs".split()
)
OWN_LABELS = frozenset({"istio.io/version", "istio.io/tag", "istio-rev"})
"""Keys that people may have made up for themselves, to tell and not to select."""

WEBHOOKS = frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"})
KINDS = frozenset(
    {("", "Namespace"), *PATHS, *(("admissionregistration.k8s.io", kind) for kind in WEBHOOKS)}
)
"""Where it is certain that nobody but Istio would read such a key."""

CHOICES = (INJECTION, REVISION)
"""A namespace needs one of them; what looks like the other is then no fault that matters."""


@key_rule
def injection_key_misspelled(document: Document) -> Iterator[Hit]:
    """Legal labels without any effect, such as `istio-inject` or `sidecar.istio.io.inject`."""
    for holder in _slots(document.root, set()):
        for child in holder.children():
            right = _right(document, holder, child.name)
            if right:
                yield _slip(document, child, right, _beside(holder, right))
    yield from _selected(document)


def _selected(document: Document) -> Iterator[Hit]:
    """Labels that nobody has, asked for by the selectors of Istio's own webhooks."""
    for hook in (hook for found in _configurations(document) for hook in found.live_hooks):
        for selector in (hook.namespace_selector, hook.object_selector):
            for expression in selector.expressions:
                right = meant(expression.key)
                if right:
                    text = (
                        f"{quoted(hook.full_name)} selects by {quoted(expression.key)}, which is no"
                        f" label of Istio's. Write '{right}'."
                    )
                    yield Hit(text, expression.where, document.meta.subject)


def _configurations(document: Document) -> Iterator[Configuration]:
    return configuration(document) if document.kind in WEBHOOKS else iter(())


def _right(document: Document, holder: Node, key: str) -> str | None:
    """The key that was meant, as it is on this kind of object."""
    namespace = (document.group, document.kind) == ("", "Namespace")
    annotation = holder.name.endswith("nnotations")
    if key in OWN_LABELS:
        alone = namespace and not annotation and _beside(holder, REVISION) is None
        return REVISION if alone else None
    right = meant(key)
    if namespace and right == INJECT:
        return INJECTION
    if right == INJECTION and (document.group, document.kind) in PATHS:
        return INJECT
    return None if annotation and right in NAMESPACE_KEYS and not namespace else right


def _beside(holder: Node, right: str) -> str | None:
    """A key in the same map that already does what the slip was meant to do."""
    enough = CHOICES if right in CHOICES else (right,)
    maps = [holder, holder.parent.get("labels") if holder.parent else None]
    return next((key for key in enough if any(m and m.get(key) for m in maps)), None)


def _slip(document: Document, key: Node, right: str, beside: str | None) -> Hit:
    sure = not beside and not document.partial and (document.group, document.kind) in KINDS
    what = "label" if right == INJECTION or right in LABELS else "annotation"
    return Hit(
        f"Istio does not read {quoted(key.name)} on {named(document.meta.subject)}."
        + (
            f" {quoted(beside)} beside it counts: remove this one."
            if beside
            else f" Write the {what} '{right}'."
        ),
        key.key_where,
        document.meta.subject,
        case=None if sure and key.name not in OWN_LABELS else "unsure",
        fix=_idle(document, key, beside) if beside else _known(document, key, right),
    )


def _known(document: Document, key: Node, right: str) -> Fix | None:
    """The key that was meant; a label that people may have made up is left to them."""
    return None if key.name in OWN_LABELS else reseated(document, key, right)


def _idle(document: Document, key: Node, right: str) -> Fix | None:
    """Without the entry, where the right one beside it says the same."""
    twin = key.parent.get(right) if key.parent else None
    said = spelled(right, key.value().text)
    same = twin is not None and said is not None and said == twin.value().known
    found = same and key.name not in selected(document.root) and document.partial is None
    return remove(key.as_field) if found else None


def _slots(node: Node, seen: set[int]) -> Iterator[Node]:
    """Every map of labels or annotations in a document, in custom resources too; each once."""
    if id(node.raw) in seen:
        return
    seen.add(id(node.raw))
    for item in node.items():
        yield from _slots(item, seen)
    for child in node.children():
        if child.name in SLOTS and child.is_map:
            yield child
        elif child.is_map or child.is_list:
            yield from _slots(child, seen)


@key_rule
def istio_annotation_unknown(document: Document) -> Iterator[Hit]:
    """An annotation of one of Istio's domains that Istio does not define (IST0108)."""
    for holder in _slots(document.root, set()):
        parent = holder.parent
        if holder.name == "annotations" and parent is not None and parent.name == "metadata":
            for child in holder.children():
                if _istios(child.name) and child.name not in KNOWN and meant(child.name) is None:
                    yield _unknown(document, child)


def _unknown(document: Document, key: Node) -> Hit:
    near = near_annotation(key.name)
    sure = near is not None and near == slip_of_annotation(key.name)
    return Hit(
        f"Istio 1.31 defines no annotation {quoted(key.name)}"
        + (f"; the nearest that it has is '{near}'." if near else ", nor one with a name near it."),
        key.key_where,
        document.meta.subject,
        case=None if near else "foreign",
        fix=reseated(document, key, near) if near and sure else None,
    )


def _istios(key: str) -> bool:
    domain, slash, name = key.partition("/")
    return bool(slash and name) and (domain == "istio.io" or domain.endswith(".istio.io"))
