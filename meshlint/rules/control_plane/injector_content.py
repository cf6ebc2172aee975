"""What istiod cannot read of an injector's configuration: its ConfigMap, or values for a chart."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Type, quoted
from meshlint.resources.document import Document
from meshlint.resources.injector_shape import CONFIG, VALUES
from meshlint.resources.injector_text import KEYS, Text, is_injector_map, text
from meshlint.resources.shape import BOOLEAN, STRING, Misfit, misfits
from meshlint.rules.gitops.charts import INJECTING, istio_releases
from meshlint.rules.registry import document_rule
from meshlint.rules.words import named
from meshlint.source.node import Node

THEN = "An istiod that starts with it exits, and one that runs goes on with what it had."
BEFORE = "Before 1.14 each pod is denied instead."
"""Since Istio 1.14 values and templates are parsed when they are read, and not for each pod."""

SHAPES = {"config": CONFIG, "values": VALUES}
GO_WORDS = {
    Type.STRING: "string",
    Type.BOOL: "bool",
    Type.INT: "number",
    Type.FLOAT: "number",
    Type.MAP: "object",
    Type.LIST: "array",
}
"""What encoding/json calls the types."""


@document_rule
def injector_config_unreadable(document: Document) -> Iterator[Hit]:
    """A text that is no YAML, or has something of another type than istiod wants there."""
    if not is_injector_map(document):
        yield from _given(document)
        return
    for key in KEYS:
        found = text(document, key)
        yield from _faults(document, found) if found else _no_text(document, key)


def _faults(document: Document, found: Text) -> Iterator[Hit]:
    subject = document.meta.subject
    if found.broken:
        why = f"{quoted(found.key)} of {named(subject)} is no YAML: {found.broken.why}."
        why = f"{why} {_then(found)}"
        yield Hit(why, found.broken.where, subject)
    for misfit in misfits(found.root, SHAPES[found.key]) if found.root is not None else ():
        words = f"{_misfit(misfit, found.key)}{_go(misfit)}. {_then(found)}"
        yield Hit(words, found.place(misfit.where), subject)


def _then(found: Text) -> str:
    return f"{THEN} {BEFORE}" if found.key == "values" else THEN


def _no_text(document: Document, key: str) -> Iterator[Hit]:
    """What stands under a key and is no text."""
    node, subject = document.root.get("data", key), document.meta.subject
    value = node.value() if node is not None else None
    if node is None or value is None or document.partial is not None or not value.literal:
        return
    if value.type not in (Type.STRING, Type.NULL):
        how = "Put '|' behind the key, and what stands below it is a text."
        advice = how if value.type in (Type.MAP, Type.LIST) else "Write it as text."
        words = f"{quoted(key)} of {named(subject)} is {_article(value.type)}, and a ConfigMap has"
        words += f" only texts: the API server refuses the object. {advice}"
        yield Hit(words, node.key_where, subject)


def _misfit(misfit: Misfit, root: str) -> str:
    name = quoted(misfit.name) if misfit.name else f"The text {quoted(root)}"
    return f"{name} must be {misfit.words}, and is {_article(misfit.type)}"


def _article(kind: Type) -> str:
    return f"an {kind}" if kind is Type.INT else f"a {kind}"


def _go(misfit: Misfit) -> str:
    """What istiod says of a scalar."""
    wanted = {STRING.words: "string", BOOLEAN.words: "bool"}.get(misfit.words)
    text = f"json: cannot unmarshal {GO_WORDS[misfit.type]} into Go value of type {wanted}"
    return f" ({quoted(text, 120)})" if wanted else ""


def _given(document: Document) -> Iterator[Hit]:
    """Values of another type than istiod wants, to which the chart hands them as they are."""
    for node in _maps(document):
        for misfit in misfits(node, VALUES):
            yield Hit(
                f"{_misfit(misfit, 'values')}, and the chart hands it on as it is: istiod exits"
                f" with 'could not parse configuration values'{_go(misfit)}.",
                misfit.where,
                document.meta.subject,
            )


def _maps(document: Document) -> Iterator[Node]:
    """Values for a chart with an injector, which nobody checks before istiod.

    What stands in an IstioOperator or in a resource of the Sail operator is checked by these.
    """
    if document.partial is None:
        for release in istio_releases(document):
            yield from release.values if release.chart in INJECTING else ()
