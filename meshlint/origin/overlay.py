"""From a key in what kustomize has built to the file that brings it: base, patch or transformer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from meshlint.finding import Level, Location
from meshlint.origin.setters import Setter, setters
from meshlint.origin.template import Found
from meshlint.origin.walk import Files, Spot, alike, place, walk
from meshlint.render.note import Note, note
from meshlint.resources.document import Document
from meshlint.source.node import Node

NAME = ("metadata", "name")


class Overlay:
    """Finds where lines of the output come from."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def find(self, where: Location) -> Found | None:
        """The place of what a finding in the output names; None where nothing tells.

        It is the very line if the base has the same value under the same keys, or else one of the
        patches and transformers alone that changed the object. Else the place is the innermost
        key around it which the base has, or that of the transformer.
        """
        spot = self._files.spot(where)
        told = self._note(spot) if spot else None
        if spot is None or told is None:
            return None
        base = self._base(spot, told)
        return self._kept(spot, base) or self._set(spot, told, base) or self._near(spot, told, base)

    def _note(self, spot: Spot) -> Note | None:
        """What is told above the object."""
        lines = spot.root.page.text.split("\n", 3)[:3]
        return next((found for found in map(note, lines) if found), None)

    def _base(self, spot: Spot, told: Note) -> Node | None:
        """The object as the file has it from which it is; None where that cannot be told."""
        kind, name = spot.root.field("kind"), spot.root.field(*NAME)
        if not told.path or kind is None or name is None:
            return None
        found = self._files.objects(told.path, kind.value.text)
        namespace = spot.root.field("metadata", "namespace")
        best = _named(found, name.value.text, namespace.value.text if namespace else "")
        return best.root if best else None

    def _kept(self, spot: Spot, base: Node | None) -> Found | None:
        """In the base, which says the same."""
        node = walk(base, spot.path) if base is not None else None
        if node is None or node is base:
            return None
        same = alike(spot.node, node)
        if not same and spot.path == NAME:
            same = node.value().text in spot.node.value().text
        if not same:
            return None
        return self._exact(spot, node, place(node, spot))

    def _exact(self, spot: Spot, node: Node, where: Location) -> Found:
        """At a place; of a block of text the same line, if the blocks have the same lines."""
        if not spot.below:
            return Found(Level.EXACT, where)
        key = node.key_where
        line = key.line + spot.below
        text, other = spot.root.page.lines.line(spot.where.line), node.page.lines.line(line)
        bare = text.lstrip(" ")
        if not bare or other.lstrip(" ") != bare or node.block is None:
            return Found(Level.TEMPLATE, replace(key, pointer=spot.where.pointer))
        shift = len(other) - len(text)
        old = spot.where
        begin, end = old.column + shift, old.end_column + shift
        return Found(Level.EXACT, Location(key.path, line, begin, line, end, old.pointer))

    def _set(self, spot: Spot, told: Note, base: Node | None) -> Found | None:
        """In one of the files that changed the object, or in the last of several."""
        found = list(setters(self._files, spot, told, base))
        exact = [setter for setter in found if setter.node]
        if not found:
            return None
        if len(exact) == 1 and exact[0].node:
            return self._exact(spot, exact[0].node, exact[0].where)
        return Found(Level.TEMPLATE, _last(exact or found).where)

    def _near(self, spot: Spot, told: Note, base: Node | None) -> Found | None:
        """At the innermost key around it in the base; else where the object is made."""
        if base is None:
            path = told.path or told.maker
            roots = self._files.roots(path) if path else []
            first = roots[0].get("kind") or roots[0] if roots else None
            return Found(Level.TEMPLATE, self._at(first, spot)) if first else None
        ways = (spot.path[:length] for length in range(len(spot.path), 0, -1))
        inner = (node for way in ways if (node := walk(base, way)) is not None)
        return Found(Level.TEMPLATE, self._at(next(inner, None) or base.get("kind") or base, spot))

    def _at(self, node: Node, spot: Spot) -> Location:
        return replace(node.key_where, pointer=spot.where.pointer)


def _last(found: Sequence[Setter]) -> Setter:
    """What is put on last stays."""
    return found[-1]


def _named(found: Iterable[Document], name: str, namespace: str) -> Document | None:
    """The one object that has come to have a name, by the names they had before."""
    inside = [one for one in found if _name(one) and _name(one) in name]
    longest = max((len(_name(one)) for one in inside), default=0)
    best = [one for one in inside if len(_name(one)) == longest]
    if len(best) > 1:
        best = [one for one in best if one.meta.subject.namespace == namespace]
    if not best and len(alone := list(found)) == 1:
        best = alone
    return best[0] if len(best) == 1 else None


def _name(document: Document) -> str:
    return document.meta.subject.name
