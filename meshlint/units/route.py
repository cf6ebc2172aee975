"""Appliers and what they apply: the ways from a repository into clusters."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from posixpath import dirname

from meshlint.resources.applier import Applier
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.units.build import Builder, final
from meshlint.units.item import Item, TooWide, place_of, sited
from meshlint.units.layering import settled
from meshlint.units.tree import Tree

MAX_CHAIN = 8
"""So many Applications of Applications are followed."""

MAX_WAYS = 5000

Mark = tuple[object, ...]
"""What tells one applier from another, wherever and by whom it is applied."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What one applier applies: a folder's kustomization; else plain files, and kustomizations
    in subfolders."""

    folders: tuple[str, ...]
    files: tuple[str, ...]
    edited: bool
    """Whether the applier's layer goes into the kustomization's own."""


class Router:
    """Follows the ways from kustomizations and appliers to facts."""

    def __init__(self, tree: Tree, builder: Builder, appliers: Iterable[Applier]) -> None:
        self._tree = tree
        self._builder = builder
        self._appliers = sorted(appliers, key=_order)
        self._units = {mark(a): self._unit(a) for a in self._appliers}
        self._placed: list[Resource] = []
        self._found: dict[Mark, list[Applier]] | None = None
        self._done: set[Mark] = set()
        self._seen: set[object] = set()
        self._waiting: deque[tuple[Applier, tuple[Mark, ...]]] = deque()
        self.used: set[str] = set()
        self.lost = False
        """Whether something was not followed, because there was too much of it."""

    def placed(self) -> list[Resource]:
        """Everything that any kustomization or applier brings to a cluster."""
        taken = {folder for unit in self._units.values() for folder in unit.folders}
        applied = {mark(a) for own in self._appliers for a in self._reached(own)}
        for folder in self._tree.roots:
            if folder not in taken:
                self._root(folder)
        for applier in self._appliers:
            if mark(applier) not in applied | self._done:
                self._follow(applier)
        for applier in self._appliers:  # those that are only reached from one another
            if mark(applier) not in self._done:
                self._follow(applier)
        return self._placed

    def _root(self, folder: str) -> None:
        """A kustomization that is applied by itself."""
        site = Site(self._tree.units[folder].path)
        try:
            items = final(self._builder.built(folder))
        except TooWide:
            self.lost = True
            return
        self.used |= self._builder.files(folder)
        self._arrive([(site, item) for item in items], ())
        self._walk()

    def _follow(self, applier: Applier) -> None:
        """An applier that none other applies, as its kustomizations leave it."""
        for copy in self._copies(applier):
            self._waiting.append((copy, ()))
        self._walk()

    def _copies(self, applier: Applier) -> list[Applier]:
        if self._found is None:
            self._found = {}
            for copy in self._included():
                self._found.setdefault(mark(copy), []).append(copy)
        return self._found.get(mark(applier), [applier])

    def _included(self) -> Iterator[Applier]:
        """Every applier that a kustomization includes, as that leaves it."""
        for folder in self._tree.roots:
            try:
                items = self._builder.built(folder)
            except TooWide:
                continue
            site = Site(self._tree.units[folder].path)
            facts = (item.fact for item in items)
            yield from (replace(fact, site=site) for fact in facts if isinstance(fact, Applier))

    def _walk(self) -> None:
        while self._waiting:
            applier, trail = self._waiting.popleft()
            own = mark(applier)
            self._done.add(own)
            way = (own, applier.at)
            if own in trail or len(trail) >= MAX_CHAIN or way in self._seen:
                continue
            if len(self._seen) >= MAX_WAYS:
                self.lost = True
                return
            self._seen.add(way)
            try:
                self._arrive(list(self._applied(applier)), (*trail, own))
            except TooWide:
                self.lost = True

    def _arrive(self, items: list[tuple[Site, Item]], trail: tuple[Mark, ...]) -> None:
        for site, item in items:
            fact = sited(item.fact, site)
            self._placed.append(fact)
            if isinstance(fact, Applier):
                self._waiting.append((fact, trail))

    def _applied(self, applier: Applier) -> Iterator[tuple[Site, Item]]:
        """What an applier brings, each from where it comes."""
        by, cluster = applier.at.by or applier.where.path, applier.cluster or applier.at.cluster
        for path, items in self._groups(applier):
            for item in final(items):
                place = place_of(item.fact)
                yield Site(path or (place.path if place else ""), by, cluster), item

    def _groups(self, applier: Applier) -> Iterator[tuple[str, list[Item]]]:
        """Kustomizations with their paths, and plain files; with the applier's layer."""
        unit, layer, builder = self._units[mark(applier)], applier.layer, self._builder
        for folder in unit.folders:
            items = (
                builder.applied(folder, layer)
                if unit.edited
                else builder.around(layer, builder.built(folder))
            )
            self.used |= builder.files(folder)
            yield self._tree.units[folder].path, settled(layer, items)
        if unit.files:
            plain = [Item(fact) for path in unit.files for fact in self._tree.facts(path)]
            self.used.update(unit.files)
            yield "", settled(layer, builder.around(layer, plain))

    def _unit(self, applier: Applier) -> Unit:
        tree, name = self._tree, applier.folder.known
        folder = tree.folder(name) if name is not None else None
        if folder is None:
            return Unit((), (), False)
        if folder in tree.units:
            component = tree.units[folder].component
            return Unit(() if component else (folder,), (), True)
        start = len(folder) + 1 if folder else 0
        files = tuple(
            path
            for path in tree.below(folder)
            if (applier.recursive or dirname(path) == folder) and applier.takes(path[start:])
        )
        inner = tree.units_below(folder) if applier.recursive else []
        return Unit(tuple(f for f in inner if not tree.units[f].component), files, False)

    def _reached(self, applier: Applier) -> Iterator[Applier]:
        """The other appliers that one applies."""
        unit = self._units[mark(applier)]
        facts: list[Resource] = [f for path in unit.files for f in self._tree.facts(path)]
        for folder in unit.folders:
            try:
                facts += [item.fact for item in self._builder.gathered(folder)]
            except TooWide:
                self.lost = True
        others = (f for f in facts if isinstance(f, Applier))
        yield from (other for other in others if mark(other) != mark(applier))


def mark(applier: Applier) -> Mark:
    return applier.where, applier.folder.text, applier.cluster


def _order(applier: Applier) -> tuple[str, int, int, str, str]:
    where = applier.where
    return where.path, where.line, where.column, applier.folder.text, applier.cluster
