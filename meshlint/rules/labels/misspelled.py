"""Keys that nobody reads, because they are nearly those that somebody reads."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, quoted
from meshlint.resources.document import Document
from meshlint.resources.keys import KNOWN, NAMESPACE_KEYS, REVISION, TAG
from meshlint.resources.workload import PATHS
from meshlint.rules.registry import document_rule
from meshlint.rules.spelling import meant, near_annotation
from meshlint.rules.words import named
from meshlint.source.parse import Node

SLOTS = frozenset({"labels", "annotations", "podLabels", "podAnnotations", "matchLabels"})
DEPTH = 40
OWN_LABELS = frozenset({"istio.io/version", "istio.io/tag"})
"""Keys that people may have made up for themselves, to tell and not to select."""


@document_rule
def injection_key_misspelled(document: Document) -> Iterator[Hit]:
    """Legal labels without any effect, such as `istio-inject` or `sidecar.istio.io.inject`."""
    for holder in _slots(document.root, DEPTH):
        for child in holder.children():
            right = _right(document, child.name)
            if right and not _namespace_only(document, holder, right):
                yield _slip(document, child, right, holder.get(right) is not None)


def _right(document: Document, key: str) -> str | None:
    if key == TAG and document.kind == "Namespace":
        return REVISION
    return meant(key)


def _namespace_only(document: Document, holder: Node, right: str) -> bool:
    """An annotation cannot be a slip of a label that only namespaces have, outside of them."""
    annotations = holder.name.endswith("nnotations")
    return annotations and right in NAMESPACE_KEYS and document.kind != "Namespace"


def _slip(document: Document, key: Node, right: str, there: bool) -> Hit:
    kind = (document.group, document.kind)
    sure = not there and not document.partial and (kind in PATHS or kind == ("", "Namespace"))
    return Hit(
        f"Nothing reads {quoted(key.name)} on {named(document.meta.subject)}."
        + (f" {quoted(right)} stands beside it and counts." if there else f" Write {quoted(right)}."),
        key.key_where,
        document.meta.subject,
        case=None if sure and key.name not in OWN_LABELS else "unsure",
    )


def _slots(node: Node, depth: int) -> Iterator[Node]:
    """Every map of labels or annotations in a document, in custom resources too."""
    if depth == 0:
        return
    for item in node.items():
        yield from _slots(item, depth - 1)
    for child in node.children():
        if child.name in SLOTS and child.is_map:
            yield child
        elif child.is_map or child.is_list:
            yield from _slots(child, depth - 1)


@document_rule
def istio_annotation_unknown(document: Document) -> Iterator[Hit]:
    """An annotation of one of Istio's domains that Istio does not define (IST0108)."""
    for holder in _slots(document.root, DEPTH):
        parent = holder.parent
        if holder.name == "annotations" and parent is not None and parent.name == "metadata":
            for child in holder.children():
                if _istios(child.name) and child.name not in KNOWN and meant(child.name) is None:
                    yield _unknown(document, child)


def _unknown(document: Document, key: Node) -> Hit:
    near = near_annotation(key.name)
    return Hit(
        f"Istio has no annotation {quoted(key.name)}."
        + (f" Write {quoted(near)}." if near else " Remove it, or correct its name."),
        key.key_where,
        document.meta.subject,
        case=None if near else "foreign",
    )


def _istios(key: str) -> bool:
    domain, slash, name = key.partition("/")
    return bool(slash and name) and (domain == "istio.io" or domain.endswith(".istio.io"))
