"""All patches of a tree: which stand in which file, and what they meet on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from meshlint.finding import Location, Subject
from meshlint.resources.applier import Applier
from meshlint.resources.control_plane import Elsewhere, Revision
from meshlint.resources.document import Meta
from meshlint.resources.injector import Settings
from meshlint.resources.layer import Patch, PatchFile
from meshlint.resources.patch import blind, nulls_written
from meshlint.resources.reader import Resource
from meshlint.resources.webhook import Configuration, alone
from meshlint.units.hooks import brought
from meshlint.units.item import Item, TooWide, meta_of
from meshlint.units.patching import derived, patched, settings
from meshlint.units.target import PLAIN, aims
from meshlint.units.tree import Tree

LOOK, PATCH = 1, 20
"""What it costs to see whether a patch is for an object, and to put it there."""


class Patches:
    """Puts patches on items, those in files too."""

    def __init__(self, tree: Tree, fragments: Iterable[Patch], budget: int) -> None:
        """`budget` bounds what is spent on all layers together."""
        self._tree = tree
        self._budget = budget
        self._fragments: defaultdict[str, list[Patch]] = defaultdict(list)
        for fragment in fragments:
            self._fragments[fragment.where.path].append(fragment)
        self._read: dict[str, list[Patch]] = {}

    def put(self, patches: Sequence[Patch | PatchFile], items: Sequence[Item]) -> Sequence[Item]:
        """The items with the patches, and the objects of those patch files that met none.

        Raises:
            TooWide: there are too many of both to try.
        """
        if not patches:
            return items
        crowd = _Crowd(items)
        for patch in patches:
            for one in self._each(patch):
                met = crowd.meet(one)
                self._budget -= crowd.spent()
                if self._budget < 0:
                    raise TooWide
                if not met and isinstance(patch, PatchFile) and patch.target is None:
                    crowd.add(self._left(one))
                elif not met:
                    crowd.add(_alone(one))
            if isinstance(patch, PatchFile):
                crowd.add(self._said(patch.path))
        return crowd.items()

    def _each(self, patch: Patch | PatchFile) -> list[Patch]:
        """The patches that one entry stands for, each with its target."""
        if isinstance(patch, Patch):
            return [patch] if patch.target is not None else []
        found = self._in(patch.path)
        if patch.target is None:
            own = [one for one in found if one.target is not None]
            return [nulls_written(one) for one in own] if patch.writes_nulls else own
        if not found:
            return [blind(patch.target, Location(patch.path, 1, 1, 1, 1))]
        merged = (nulls_written(one) if one.target is not None else one for one in found)
        return [replace(one, target=patch.target) for one in merged]

    def _in(self, path: str) -> list[Patch]:
        """The patches of a file: fragments, and what looks like whole objects."""
        if path not in self._read:
            found = list(self._fragments.get(path, ()))
            known = {patch.where for patch in found}
            whole = (p for fact in self._tree.facts(path) if (p := derived(fact)))
            found += (patch for patch in whole if patch.where not in known)
            self._read[path] = sorted(found, key=lambda p: (p.where.line, p.where.column))
        return self._read[path]

    def _left(self, patch: Patch) -> Iterator[Item]:
        """What a patch file says of an object that is not there, as when its base is remote."""
        for fact in self._tree.facts(patch.where.path):
            meta = meta_of(fact)
            own = meta.where == patch.where if meta else _about(fact) == patch.target
            if isinstance(fact, Revision) and not fact.explicit and own:
                why = "it is a patch of something that is not here"
                yield Item(Elsewhere(fact.name.where, why))
            elif own and isinstance(fact, Configuration):
                yield from _alone(patch)
            elif own and not isinstance(fact, Applier):
                yield Item(fact).unsure() if hasattr(fact, "partial") else Item(fact)

    def _said(self, path: str) -> Iterator[Item]:
        """What a patch file tells of a control plane, whatever object it is about."""
        for fact in self._tree.facts(path):
            if isinstance(fact, Settings):
                yield Item(replace(fact, complete=False))
            elif meta_of(fact) is None and _about(fact) is None:
                yield Item(fact)


def _alone(patch: Patch) -> Iterator[Item]:
    """What a patch says of Istio's webhooks where its object is not here, as when it is remote."""
    if isinstance(patch.target, Subject):
        meta = Meta(
            subject=patch.target,
            name=None,
            namespace=None,
            labels=patch.labels.set,
            annotations=patch.annotations.set,
            where=patch.where,
        )
        for hooks in brought(patch.webhooks):
            yield from map(Item, alone(meta, hooks))


def _about(fact: Resource) -> Subject | None:
    return getattr(fact, "subject", None)


class _Crowd:
    """The items of a layer, found by kind and name while patches change them."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._slots: list[list[Item]] = []
        self._named: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._kinds: defaultdict[str, list[int]] = defaultdict(list)
        self._settings: list[int] = []
        self._spent = 0
        self.add(items)

    def spent(self) -> int:
        """What has been spent since it was last asked."""
        spent, self._spent = self._spent, 0
        return spent

    def items(self) -> list[Item]:
        return [item for slot in self._slots for item in slot]

    def add(self, items: Iterable[Item]) -> None:
        for item in items:
            self._slots.append([item])
            self._index(item, len(self._slots) - 1)

    def _index(self, item: Item, number: int) -> None:
        subject = item.subject
        if isinstance(item.fact, Settings):
            self._settings.append(number)
        if subject is not None:
            self._kinds[subject.kind].append(number)
            for name in {name for _, name in item.names}:
                self._named[subject.kind, name].append(number)

    def meet(self, patch: Patch) -> bool:
        """Puts a patch on whatever it aims at, and tells whether there was anything."""
        met = False
        for number in self._near(patch):
            slot = self._slots[number]
            new: list[Item] = []
            for item in slot:
                answer = aims(patch.target, item) if patch.target else False
                met = met or answer is not False
                self._spent += LOOK if answer is False else PATCH
                new += [item] if answer is False else patched(patch, item, answer is True)
            if patch.name is not None:
                for item in new:
                    self._rename(item, number)
            self._slots[number] = new
        for number in self._settings:
            self._slots[number] = [settings(patch, item) for item in self._slots[number]]
        return met

    def _rename(self, item: Item, number: int) -> None:
        subject = item.subject
        if subject is not None and number not in self._named[subject.kind, subject.name]:
            self._named[subject.kind, subject.name].append(number)

    def _near(self, patch: Patch) -> list[int]:
        """Where to look for what a patch aims at."""
        target = patch.target
        if isinstance(target, Subject):
            return list(self._named.get((target.kind, target.name), ()))
        if target and target.kind and PLAIN.match(target.kind):
            return list(self._kinds.get(target.kind, ()))
        return list(range(len(self._slots)))
