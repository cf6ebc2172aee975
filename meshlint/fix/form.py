"""What a document says, without how it is written: two texts of one form are the same data."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Type
from meshlint.fix.tree import Alias, List, Map, Scalar, Tree
from meshlint.source.scalar import resolve

STRINGS = frozenset({"!", "tag:yaml.org,2002:str"})

Token = tuple[object, ...]


def form(top: Tree) -> list[Token]:
    """The document as a sequence: keys in their order, equal ones too; types as Kubernetes has
    them; anchors by their names, and aliases by which of the anchors they mean."""
    return list(_tokens(top, {}))


def _tokens(top: Tree, anchors: dict[int, int]) -> Iterator[Token]:
    if isinstance(top, Alias):
        yield "alias", anchors.get(id(top.target))
        return
    if top.anchor:
        anchors[id(top)] = len(anchors)
    if isinstance(top, Scalar):
        yield "scalar", kind(top), top.text, top.tag, top.anchor
        return
    yield type(top).__name__, top.tag, top.anchor
    if isinstance(top, Map):
        for entry in top.entries:
            yield from _tokens(entry.key, anchors)
            yield from _tokens(entry.value, anchors)
    else:
        for item in top.items:
            yield from _tokens(item, anchors)
    yield ("end",)


def kind(scalar: Scalar) -> Type:
    """The type of a scalar as Kubernetes reads it."""
    if scalar.style or scalar.tag in STRINGS:
        return Type.STRING
    return resolve(scalar.text)


def anchored(top: Tree) -> set[int]:
    """The ids of the trees that aliases in a tree stand for."""
    if isinstance(top, Alias):
        return {id(top.target)}
    parts: list[Tree] = []
    if isinstance(top, Map):
        parts = [part for entry in top.entries for part in (entry.key, entry.value)]
    elif isinstance(top, List):
        parts = top.items
    return {found for part in parts for found in anchored(part)}
