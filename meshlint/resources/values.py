"""Helm values, wherever they are written: several maps, of which later ones win."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from meshlint.finding import Field
from meshlint.source.node import Node


class Values(NamedTuple):
    """What is given to a chart: maps, and single `parameters` by their dotted paths (`--set`).

    `complete` is False where more may be given elsewhere.
    """

    maps: tuple[Node, ...] = ()
    parameters: Mapping[str, Field] = MappingProxyType({})
    complete: bool = True

    def field(self, *keys: str) -> Field | None:
        """A value by its path; parameters win, then later maps, as Helm merges them."""
        found = (values.field(*keys) for values in reversed(self.maps))
        return self.parameters.get(".".join(keys)) or next((f for f in found if f), None)

    def node(self, *keys: str) -> Node | None:
        """A list, or whatever stands at a path: that of the last map that has it."""
        found = (values.get(*keys) for values in reversed(self.maps))
        return next((node for node in found if node is not None), None)

    def nodes(self, *keys: str) -> Iterator[Node]:
        """What each map has at a path: Helm makes one map of all maps."""
        found = (values.get(*keys) for values in self.maps)
        yield from (node for node in found if node is not None)

    def pieced(self, *keys: str) -> bool:
        """Whether parameters set something at a path or below it, which only `field` reads."""
        path = ".".join(keys)
        parts = (name.removeprefix(path)[:1] for name in self.parameters if name.startswith(path))
        return any(part in ("", ".", "[") for part in parts)
