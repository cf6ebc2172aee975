"""MESH0xx: what `kubectl apply` refuses, or drops without a word."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Related, Type, quoted
from meshlint.resources.document import Document
from meshlint.resources.keys import INJECT, INJECTION, KNOWN, LABELS
from meshlint.resources.workload import PATHS, selected
from meshlint.rules.meaning import WORDS, spelled, wish
from meshlint.rules.mending import remove, rewrite
from meshlint.rules.registry import (
    Effect,
    Fault,
    document_rule,
    effect_rule,
    fault_rule,
    key_rule,
)
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
        fix = remove(before.as_field, safe=True) if _same(before, last) else None
        yield Hit(text, after.key_where, subject, (related,), None if lost else "harmless", fix)


def _twins(root: Node) -> Iterator[tuple[Node, Node, Node]]:
    """An entry, the next of the same key in the same map, and the one of them that counts."""
    for holder in _envelope(root, set()):
        seen: dict[str, Node] = {}
        for child in holder.children():
            if child.name in seen and child.name not in ("", MERGE):
                yield seen[child.name], child, holder.entries()[child.name]
            seen[child.name] = child


def _same(one: Node, other: Node) -> bool:
    """Whether two entries are equal: scalars, or maps of scalars."""
    if one.is_map and other.is_map:
        return _scalars(one) is not None and _scalars(one) == _scalars(other)
    return _scalar(one) is not None and _scalar(one) == _scalar(other)


def _scalars(node: Node) -> list[tuple[str, tuple[Type, str]]] | None:
    pairs = [(child.name, _scalar(child)) for child in node.children()]
    known = [(name, value) for name, value in pairs if value is not None]
    return known if len(known) == len(pairs) else None


def _scalar(node: Node) -> tuple[Type, str] | None:
    return None if node.is_map or node.is_list else (node.value().type, node.value().text)


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
                own, fix = document.meta.subject, _as_string(document, metadata, field)
                yield Hit(_not_string(field, late), value.where, own, case=case, fix=fix)


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


def _as_string(document: Document, metadata: Node, field: Field) -> Fix | None:
    """The string that was meant. As it is, the object cannot be applied."""
    text = _text(field)
    word = spelled(field.key.text, text) if text is not None else None
    if word is None or (field.key.text == INJECTION and document.kind != "Namespace"):
        return None
    of_pods = metadata.parent is not document.root or document.kind == "Pod"
    if word != field.value.text and of_pods and field.key.text in selected(document.root):
        return None
    return rewrite(field, value=word, safe=word != "enabled")


def _text(field: Field) -> str | None:
    """What a number or a truth value says; of these, labels of other words have none."""
    key, value = field.key.text, field.value
    if value.type is not Type.BOOL:
        return value.text if value.type in (Type.INT, Type.FLOAT) else None
    word = "true" if wish(value.text) else "false"
    return word if key in WORDS or key not in LABELS else None


def metadatas(document: Document) -> Iterator[Node]:
    """An object's metadata and, where its kind is known to have them, that of its templates."""
    templates = (document.group, document.kind) in PATHS
    for node in _envelope(document.root, set()):
        if node.name == "metadata" and (templates or node.parent is document.root):
            yield node


@effect_rule
def suppression_unused(effect: Effect) -> Iterator[Hit]:
    """It hides nothing now, and would hide the next fault that comes up there."""
    if not effect.idle:
        return
    remedy = "Take that out of its list" if effect.busy else "Remove it"
    yield Hit(f"This suppresses nothing of {_listed(effect.idle)}. {remedy}.", effect.where)


@effect_rule
def suppression_expired(effect: Effect) -> Iterator[Hit]:
    """What it was to hide for a time is reported again."""
    if not effect.expired:
        return
    held = f"This suppression held until {effect.expired}"
    if not effect.late:
        yield Hit(f"{held}. Remove it, or set another date.", effect.where, case="idle")
        return
    again = f"{held}, and {_listed(effect.late)} {'is' if len(effect.late) == 1 else 'are'} back"
    yield Hit(f"{again}. Mend what is found here, or set another date.", effect.where)


@effect_rule
def suppression_malformed(effect: Effect) -> Iterator[Hit]:
    """It does not say which rules are meant, until when, or why."""
    if effect.flaws:
        text = "; ".join(dict.fromkeys(flaw.text for flaw in effect.flaws))
        end = "" if text.endswith("?") else "."
        yield Hit(f"Fault in a suppression: {text}{end}", effect.flaws[0].where)


def _listed(rules: tuple[str, ...]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    head = ", ".join(rules[:-1])
    return f"{head} and {rules[-1]}" if head else rules[-1]
