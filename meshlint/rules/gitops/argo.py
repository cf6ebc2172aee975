"""Argo CD: differences that are hidden and written all the same."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Value
from meshlint.resources.document import Document
from meshlint.resources.sync import ISTIOD, OWNED, RESPECT
from meshlint.rules.gitops.charts import istio_releases
from meshlint.rules.mending import append
from meshlint.rules.registry import document_rule
from meshlint.rules.words import named
from meshlint.source.node import Node

SPECS = {"Application": ("spec",), "ApplicationSet": ("spec", "template", "spec")}
OPTIONS = ("syncPolicy", "syncOptions")
WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "*")


def spec_of(document: Document) -> Node | None:
    """The spec of an Application, or of those that an ApplicationSet makes."""
    path = SPECS.get(document.kind)
    return document.root.get(*path) if path and document.group == "argoproj.io" else None


def options(spec: Node) -> tuple[Value, ...]:
    """`Name=value` words of the sync policy."""
    return spec.scalars(*OPTIONS)


def respects(spec: Node) -> bool:
    """Whether a sync leaves alone what is ignored; unknown words count as yes."""
    return any(value.text == RESPECT or not value.literal for value in options(spec))


@document_rule
def argo_ignore_without_respect(document: Document) -> Iterator[Hit]:
    """Ignored differences are hidden, and each sync still writes Git's value."""
    spec = spec_of(document)
    listed = spec.get("ignoreDifferences") if spec else None
    if spec is None or listed is None or respects(spec):
        return
    for item in listed.items():
        found = ignored(item)
        if found and (istio_releases(document) or _istios(item)):
            field, what = found
            yield _unheeded(document, field, what)


def ignored(item: Node) -> tuple[Node, str] | None:
    """The line by which a field of istiod's is ignored in webhook configurations, and the field."""
    kind = item.field("kind")
    if kind is None or kind.value.text not in WEBHOOKS:
        return None
    lines = [n for key in ("jqPathExpressions", "jsonPointers") for n in _items(item, key)]
    for part in reversed(OWNED):
        for node in lines:
            if part in node.value().text:
                return node, part
    managers = (node for node in _items(item, "managedFieldsManagers"))
    return next(((n, "failurePolicy") for n in managers if n.value().text == ISTIOD), None)


def _items(item: Node, key: str) -> list[Node]:
    node = item.get(key)
    return node.items() if node else []


def _istios(item: Node) -> bool:
    """Whether an entry is for Istio's webhooks by name, or for what istiod writes."""
    name = item.field("name")
    named_so = name is not None and name.value.text.startswith("istio")
    return named_so or any(n.value().text == ISTIOD for n in _items(item, "managedFieldsManagers"))


def _unheeded(document: Document, line: Node, part: str) -> Hit:
    own = document.meta.subject
    effect = (
        "each sync still writes the failurePolicy of Git over the Fail that istiod has set, and"
        " until istiod sets it again Istio's resources are applied without validation"
        if part == "failurePolicy"
        else "each sync still writes the caBundle of Git, if there is one, over that of istiod"
    )
    return Hit(
        f"{named(own)} hides the difference in {part} and does not respect it: {effect}. Add"
        f" '{RESPECT}' to syncPolicy.syncOptions.",
        line.where,
        own,
        case="bundle" if part == "caBundle" else None,
        fix=append(document.meta.where, (*SPECS[document.kind], *OPTIONS), RESPECT),
    )
