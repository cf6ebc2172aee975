"""What a kustomization comes to: everything that it includes, layer by layer, from inside out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from meshlint.finding import Location
from meshlint.resources.layer import Layer, PatchFile
from meshlint.units.item import Item, TooWide, place_of
from meshlint.units.layering import layered
from meshlint.units.patches import Patches
from meshlint.units.tree import Tree

MAX_DEPTH = 64
MAX_COPIES = 32
"""One document, under so many names in one unit, no hand included; further ones are left out."""

LOCAL = "config.kubernetes.io/local-config"
"""The annotation of what is for kustomize itself, and not for a cluster."""


class Builder:
    """Builds kustomizations, each once, and remembers which files took part in each."""

    def __init__(self, tree: Tree, patches: Patches, budget: int) -> None:
        """`budget` bounds the facts that pass through all layers together."""
        self._tree = tree
        self._patches = patches
        self._budget = budget
        self._gathered: dict[str, list[Item]] = {}
        self._built: dict[str, list[Item]] = {}
        self._open: dict[str, set[str]] = {}
        self._files: dict[str, set[str]] = {}

    def files(self, folder: str) -> set[str]:
        """The files that took part in what the kustomization of a folder came to."""
        return self._files[folder]

    def built(self, folder: str) -> list[Item]:
        """What the kustomization of a folder comes to.

        Raises:
            TooWide: it includes too much, too deeply, or itself.
        """
        if folder not in self._built:
            unit = self._tree.units[folder]
            self._built[folder] = self.around(unit.layer, self.gathered(folder))
        return self._built[folder]

    def applied(self, folder: str, layer: Layer) -> list[Item]:
        """What it comes to with more in its own layer, as appliers edit it; raises as `built`."""
        own = self._tree.units[folder].layer
        return self.around(joined(own, layer), self.gathered(folder))

    def gathered(self, folder: str) -> list[Item]:
        """What the kustomization of a folder includes, without its own layer; raises as `built`."""
        if folder not in self._gathered:
            self._gathered[folder] = self._inside(folder, ())
        return self._gathered[folder]

    def around(self, layer: Layer, items: Sequence[Item]) -> list[Item]:
        """The items with a layer; raises as `built`."""
        self._spend(len(items) + 1)
        return layered(layer, items, self._patches)

    def _spend(self, count: int) -> None:
        self._budget -= count
        if self._budget < 0:
            raise TooWide

    def _inside(self, folder: str, base: Sequence[Item]) -> list[Item]:
        """A base with what the kustomization or component of a folder adds to it."""
        if folder in self._open or len(self._open) >= MAX_DEPTH:
            raise TooWide
        unit = self._tree.units[folder]
        files = self._open[folder] = {unit.path, *_patch_files(unit.layer)}
        try:
            items = [*base, *self._plain(unit.path)]
            for entry in dict.fromkeys(unit.resources):
                items += self._entry(entry, files)
            items = _distinct(items)
            for entry in unit.components:
                items = self._component(entry, items, files)
        finally:
            del self._open[folder]
        self._files[folder] = files
        return items

    def _entry(self, entry: str, files: set[str]) -> list[Item]:
        unit = self._tree.units.get(entry)
        if unit is None:
            files.add(entry)
            found = self._plain(entry)
        elif unit.component:  # kustomize refuses one among resources
            return []
        else:
            found = self.built(entry)
            files |= self._files[entry]
        self._spend(len(found))
        return found

    def _plain(self, path: str) -> list[Item]:
        return [Item(fact) for fact in self._tree.facts(path)]

    def _component(self, folder: str, items: list[Item], files: set[str]) -> list[Item]:
        """A component's layer is put around all that was there before it, too."""
        unit = self._tree.units.get(folder)
        if unit is None or not unit.component:
            return items
        inside = self._inside(folder, items)
        files |= self._files[folder]
        return self.around(unit.layer, inside)


def _patch_files(layer: Layer) -> set[str]:
    patches = (*layer.patches, *layer.late)
    return {patch.path for patch in patches if isinstance(patch, PatchFile)}


def joined(own: Layer, more: Layer) -> Layer:
    """A kustomization's layer as Argo CD and Flux edit it (`kustomize edit set`, `add`)."""
    return replace(
        own,
        namespace=more.namespace or own.namespace,
        prefix=more.prefix or own.prefix,
        suffix=more.suffix or own.suffix,
        labels=(*own.labels, *more.labels),
        annotations={**own.annotations, **more.annotations},
        patches=(*own.patches, *more.patches),
        late=(*own.late, *more.late),
        images=(*own.images, *more.images),
        opaque=own.opaque or more.opaque,
    )


def final(items: Iterable[Item]) -> list[Item]:
    """What kustomize writes out."""
    return [item for item in items if not _local(item)]


def _local(item: Item) -> bool:
    field = item.meta.annotations.get(LOCAL) if item.meta else None
    return field is not None and field.value.text != "false"


def _distinct(items: list[Item]) -> list[Item]:
    """Each object once, though it be included on many ways: kustomize refuses equal names."""
    counts: Counter[Location | None] = Counter(place_of(item.fact) for item in items)
    if not counts or max(counts.values()) == 1:
        return items
    seen: set[tuple[object, ...]] = set()
    copies: Counter[tuple[object, ...]] = Counter()
    kept = []
    for item in items:
        own = _document(item)
        key = (*own, item.names[-1:])
        if key not in seen and copies[own] < MAX_COPIES:
            seen.add(key)
            copies[own] += 1
            kept.append(item)
    return kept


def _document(item: Item) -> tuple[object, ...]:
    """What tells one fact of the tree from another, whatever became of it."""
    fact = item.fact
    if item.subject is None:
        return (repr(fact),)
    own = (getattr(fact, key, None) for key in ("folder", "cluster"))
    return (type(fact).__name__, place_of(fact), *own)
