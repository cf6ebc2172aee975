"""Pieces of documents taken out of their text, so that patches can be put on them."""

from __future__ import annotations

from dataclasses import dataclass

from meshlint.finding import Field, Location, Value
from meshlint.source.node import Node

MAX, DEPTH = 20_000, 50
"""Pieces in one branch, and levels; anchors can make more of a short text than anybody wrote."""


class TooMany(Exception):
    """A branch has more pieces than MAX, or more levels than DEPTH."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A scalar, a map or a list with everything below it, read as a `Node` is.

    `own` is the scalar; of a map or a list, its type and place. `parts` are the entries of a map
    (duplicates and merge keys settled) or the items of a list. `key` is its key in the map that
    holds it, and `name` that text, or what its list calls it.
    """

    name: str
    key: Value
    own: Value
    where: Location
    is_map: bool = False
    is_list: bool = False
    parts: tuple[Branch, ...] = ()

    def value(self) -> Value:
        return self.own

    @property
    def as_field(self) -> Field:
        return Field(self.key, self.own)

    @property
    def key_where(self) -> Location:
        return self.key.where

    def children(self) -> tuple[Branch, ...]:
        return self.parts if self.is_map else ()

    def entries(self) -> dict[str, Branch]:
        return {part.name: part for part in self.children()}

    def items(self) -> list[Branch]:
        return list(self.parts) if self.is_list else []

    def get(self, *keys: str) -> Branch | None:
        found: Branch | None = self
        for key in keys:
            found = found.entries().get(key) if found else None
        return found

    def field(self, *keys: str) -> Field | None:
        found = self.get(*keys)
        return found.as_field if found else None

    def scalars(self, *keys: str) -> tuple[Value, ...]:
        found = self.get(*keys)
        return tuple(item.value() for item in found.items()) if found else ()


Part = Node | Branch
"""What readers look at, be it in its text or taken out of it."""


def branch(node: Node) -> Branch | None:
    """The node with everything below it; None where that is too much."""
    try:
        return _taken(node, [MAX], DEPTH)
    except TooMany:
        return None


def _taken(node: Node, budget: list[int], depth: int) -> Branch:
    budget[0] -= 1
    if budget[0] < 0 or depth < 0:
        raise TooMany
    parts = node.entries().values() if node.is_map else node.items()
    return Branch(
        name=node.name,
        key=Value(node.name, node.key_where),
        own=node.value(),
        where=node.where,
        is_map=node.is_map,
        is_list=node.is_list,
        parts=tuple(_taken(part, budget, depth - 1) for part in parts),
    )
