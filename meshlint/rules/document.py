"""MESH0xx: what `kubectl apply` refuses, or drops without a word."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Related, Type, quoted
from meshlint.resources.document import Document
from meshlint.resources.keys import INJECTION_KEYS, KNOWN
from meshlint.rules.registry import Fault, document_rule, fault_rule
from meshlint.rules.words import named
from meshlint.source.parse import MERGE, Node

ENVELOPE = frozenset(
    "metadata labels annotations spec template jobTemplate webhooks clientConfig service"
    " namespaceSelector objectSelector matchLabels".split()
)
"""Maps between an object's root and the keys that injection depends on."""

CUSTOM = frozenset({"Rollout", "Configuration"})


@fault_rule
def document_unreadable(fault: Fault) -> Iterator[Hit]:
    """Not YAML, and not a template either."""
    text = f"This cannot be read, so nothing in it was checked: {fault.why}."
    yield Hit(text, fault.where)


@document_rule
def document_duplicate_keys(document: Document) -> Iterator[Hit]:
    """The last of two equal keys wins, and what the first one held is lost."""
    subject = document.meta.subject
    for holder in _envelope(document.root):
        seen: dict[str, Node] = {}
        for child in holder.children():
            before = seen.get(child.name)
            seen[child.name] = child
            if before is None or child.name == MERGE:
                continue
            lost = _lost(child.name, before, child)
            yield Hit(
                _twice(child.name, lost, named(subject)),
                child.key_where,
                subject,
                (Related("the entry that is lost", before.key_where),),
                case=None if lost else "harmless",
            )


def _twice(key: str, lost: str | None, name: str) -> str:
    also = f" and takes {quoted(lost)} with it" if lost and lost != key else ""
    return (
        f"{quoted(key)} stands twice in one map of {name}: only the last one counts, the first is"
        f" dropped{also}. Merge the two."
    )


def _lost(name: str, before: Node, after: Node) -> str | None:
    """An injection key whose value the duplicate drops."""
    if name in INJECTION_KEYS:
        return name
    kept = {child.name for child in after.children()}
    return next((child.name for child in before.children() if child.name in KNOWN - kept), None)


def _envelope(node: Node) -> Iterator[Node]:
    """The root, and below it every map or list item that ENVELOPE names."""
    if node.is_list:
        for item in node.items():
            yield from _envelope(item)
    elif node.is_map:
        yield node
        for child in node.children():
            if child.name in ENVELOPE:
                yield from _envelope(child)


@document_rule
def label_not_string(document: Document) -> Iterator[Hit]:
    """Labels and annotations are strings: the API server refuses the whole object otherwise."""
    for metadata in metadatas(document.root):
        for place in ("labels", "annotations"):
            for field in metadata.fields(place).values():
                value = field.value
                if field.key.text in KNOWN and value.literal and value.type is not Type.STRING:
                    case = "null" if value.type is Type.NULL else None
                    text = _not_string(field, document.kind in CUSTOM)
                    yield Hit(text, value.where, document.meta.subject, case=case)


def _not_string(field: Field, late: bool) -> str:
    key, text, kind = field.key.text, field.value.text, field.value.type
    if kind is Type.NULL:
        return (
            f"{quoted(key)} has no value. The API server stores the empty string, which matches no"
            " revision, and as a present key keeps pods from opting in. Give it a value, or remove"
            " the key."
        )
    if kind in (Type.MAP, Type.LIST):
        return f"{quoted(key)} is a {kind} where a string must stand, so the object is refused."
    then = "its pods cannot be made" if late else "the API server refuses the whole object"
    return (
        f"{quoted(f'{key}: {text}')} is a {kind} to Kubernetes, where labels and annotations must"
        f" be strings: {then}. Put the value in quotes."
    )


def metadatas(root: Node) -> Iterator[Node]:
    """An object's metadata and that of the templates in it."""
    return (node for node in _envelope(root) if node.name == "metadata")
