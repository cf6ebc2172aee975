"""MESH0xx: what `kubectl apply` refuses, or drops without a word."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Related, Type, quoted
from meshlint.resources.document import Document
from meshlint.resources.keys import INJECT, INJECTION, KNOWN
from meshlint.resources.workload import PATHS
from meshlint.rules.registry import Fault, document_rule, fault_rule, key_rule
from meshlint.rules.words import entry, named
from meshlint.source.node import MERGE, Node

ENVELOPE = frozenset(
    "metadata labels annotations spec template jobTemplate webhooks clientConfig service"
    " namespaceSelector objectSelector matchLabels".split()
)
"""Maps between an object's root and the keys that injection depends on."""

CUSTOM = frozenset({"argoproj.io", "serving.knative.dev"})
"""Groups whose pod templates may pass the API server unchecked, until a controller reads them."""


@fault_rule
def document_unreadable(fault: Fault) -> Iterator[Hit]:
    """Not YAML, and not a template either."""
    text = f"This cannot be read, so nothing in it was checked: {fault.why}."
    yield Hit(text, fault.where)


@document_rule
def document_duplicate_keys(document: Document) -> Iterator[Hit]:
    """The last of two equal keys wins, and what the first one held is lost."""
    if document.root.page.directed:
        return
    subject = document.meta.subject
    for before, after, last in _twins(document.root):
        lost = min((name for _, name, _ in _words(before) - _words(last)), default=None)
        text = _twice(after, lost, named(subject))
        related = Related("the entry that is lost", before.key_where)
        yield Hit(text, after.key_where, subject, (related,), None if lost else "harmless")


def _twins(root: Node) -> Iterator[tuple[Node, Node, Node]]:
    """An entry, the next of the same key in the same map, and the one of them that counts."""
    for holder in _envelope(root, set()):
        seen: dict[str, Node] = {}
        for child in holder.children():
            if child.name in seen and child.name not in ("", MERGE):
                yield seen[child.name], child, holder.entries()[child.name]
            seen[child.name] = child


def _words(top: Node) -> set[tuple[str, str, str]]:
    """What Istio reads in and below an entry: where, the key, the value."""
    own = {(top.pointer, top.name, top.value().text)} if top.name in KNOWN else set()
    return own | {
        (holder.pointer, name, child.value().text)
        for holder in _envelope(top, set())
        for name, child in holder.entries().items()
        if name in KNOWN
    }


def _twice(after: Node, lost: str | None, name: str) -> str:
    also = f" and takes {quoted(lost)} with it" if lost and lost != after.name else ""
    return (
        f"{quoted(after.name)} stands twice in one map of {name}: only the last one counts, the"
        f" first is dropped{also}. {'Merge the two' if after.is_map else 'Remove one of them'}."
    )


def _envelope(node: Node, seen: set[int]) -> Iterator[Node]:
    """A map, and below it all maps that ENVELOPE names; each once, however often it is aliased."""
    if id(node.raw) in seen:
        return
    seen.add(id(node.raw))
    if node.is_map:
        yield node
    for item in node.items():
        yield from _envelope(item, seen)
    for name, child in node.entries().items():
        if name in ENVELOPE:
            yield from _envelope(child, seen)


@key_rule
def label_not_string(document: Document) -> Iterator[Hit]:
    """Labels and annotations are strings: the API server refuses the whole object otherwise."""
    for metadata in metadatas(document):
        late = metadata.parent is not document.root and document.group in CUSTOM
        for place in ("labels", "annotations"):
            for field in _mistyped(metadata.get(place)):
                value = field.value
                case = "null" if value.type is Type.NULL else None
                yield Hit(_not_string(field, late), value.where, document.meta.subject, case=case)


def _mistyped(holder: Node | None) -> Iterator[Field]:
    for name, child in holder.entries().items() if holder else ():
        if name in KNOWN and not _sound(child):
            yield child.as_field


def _sound(node: Node) -> bool:
    """A string; or what a tool fills in (`{{ x }}` is a map in a map); or `null`, as in patches."""
    value = node.value()
    if value.type is Type.NULL and value.text:
        return True
    blank = not value.literal or any(child.name == "" for child in node.children())
    return blank or value.type is Type.STRING


def _not_string(field: Field, late: bool) -> str:
    kind = field.value.type
    if kind is Type.NULL:
        return (
            f"{quoted(field.key.text)} has no value: depending on how it is applied, the key is"
            " stored with an empty string or removed. Give it a value, or remove the key."
        )
    scalar = kind not in (Type.MAP, Type.LIST)
    article = "an" if kind is Type.INT else "a"
    then = "the object is refused, or its pods are" if late else "the API server refuses the object"
    return (
        f"{entry(field) if scalar else quoted(field.key.text)} is {article} {kind} to Kubernetes,"
        f" where labels and annotations must be strings: {then}. {_remedy(field, scalar)}"
    )


def _remedy(field: Field, scalar: bool) -> str:
    if field.key.text == INJECTION:
        return "Write 'enabled' or 'disabled'."
    if field.key.text == INJECT and field.value.text not in ("true", "false"):
        return 'Write "true" or "false", with the quotes.'
    return "Put the value in quotes." if scalar else "Write the value as text, after a '|'."


def metadatas(document: Document) -> Iterator[Node]:
    """An object's metadata and, where its kind is known to have them, that of its templates."""
    templates = (document.group, document.kind) in PATHS
    for node in _envelope(document.root, set()):
        if node.name == "metadata" and (templates or node.parent is document.root):
            yield node
