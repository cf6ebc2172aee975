"""The scanned tree as kustomize and the appliers see it: files, folders, kustomizations."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from posixpath import basename, commonpath, dirname

from meshlint.resources.kustomization import NAMES, Kustomization, folder_name
from meshlint.resources.layer import PatchFile
from meshlint.resources.reader import Resource
from meshlint.units.item import place_of


class Tree:
    """Facts by file, kustomizations by folder, and folders by name."""

    def __init__(self, facts: Iterable[Resource], kustomizations: Iterable[Kustomization]) -> None:
        self._files: defaultdict[str, list[Resource]] = defaultdict(list)
        for fact in facts:
            where = place_of(fact)
            if where is not None:
                self._files[where.path].append(fact)
        for found in self._files.values():
            found.sort(key=_order)
        self.units: dict[str, Kustomization] = {}
        for unit in sorted(kustomizations, key=lambda k: (NAMES.index(basename(k.path)), k.path)):
            self.units.setdefault(dirname(unit.path), unit)
        self._paths = sorted(self._files)
        self._folders: set[str] = set()
        for folder in (*map(dirname, self._paths), *self.units):
            _add_above(folder, self._folders)
        self._by_last: defaultdict[str, list[str]] = defaultdict(list)
        for folder in sorted(self._folders):
            self._by_last[basename(folder)].append(folder)

    def facts(self, path: str) -> list[Resource]:
        """The facts of a file, in the order of their lines."""
        return self._files.get(path, [])

    @property
    def roots(self) -> list[str]:
        """The folders of kustomizations that no other includes, and that can stand alone."""
        included = {entry for k in self.units.values() for entry in (*k.resources, *k.components)}
        return sorted(f for f, k in self.units.items() if f not in included and not k.component)

    @property
    def patch_files(self) -> set[str]:
        """Every file that any kustomization names as a patch."""
        layers = [k.layer for k in self.units.values()]
        patches = (p for layer in layers for p in (*layer.patches, *layer.late))
        return {patch.path for patch in patches if isinstance(patch, PatchFile)}

    def folder(self, name: str) -> str | None:
        """The folder that an applier names, from the root of a repository.

        That is the scanned folder, if there is one of this name; else the one folder, below
        wherever the scan begins, with such an end: first of those with a kustomization.
        """
        plain = folder_name(name.lstrip("/"))
        if plain in self._folders:
            return plain
        ending = [f for f in self._by_last[basename(plain)] if f.endswith("/" + plain)]
        for found in ([f for f in ending if f in self.units], ending):
            if len(found) == 1:
                return found[0]
        return None

    def below(self, folder: str) -> Iterator[str]:
        """Plain files in a folder and its subfolders, without what is below a kustomization."""
        start = folder + "/" if folder else ""
        for path in self._paths[bisect_left(self._paths, start) :]:
            if not path.startswith(start):
                break
            if self._inner(path, folder) is None:
                yield path

    def units_below(self, folder: str) -> list[str]:
        """The outermost kustomizations in the subfolders of a folder."""
        start = folder + "/" if folder else ""
        found = (f for f in self.units if f.startswith(start) and f != folder)
        return sorted(f for f in found if self._inner(f, folder) is None)

    def _inner(self, path: str, folder: str) -> str | None:
        """A kustomization's folder between a folder and what is below it."""
        above = dirname(path)
        while above != folder and above:
            if above in self.units:
                return above
            above = dirname(above)
        return None

    @property
    def folders(self) -> list[str]:
        """All folders, named from where the scan begins."""
        absolute = [path for path in self._paths if path.startswith("/")]
        top = commonpath([dirname(path) for path in absolute]) + "/" if absolute else ""
        return sorted(f.removeprefix(top) for f in self._folders if f and f.startswith(top))


def _order(fact: Resource) -> tuple[int, int, str, str]:
    """By lines; an ApplicationSet tells of many Applications at one."""
    where = place_of(fact)
    assert where is not None
    own = (getattr(fact, key, "") for key in ("subject", "folder", "cluster"))
    return where.line, where.column, type(fact).__name__, "\n".join(map(str, own))


def _add_above(folder: str, folders: set[str]) -> None:
    while folder not in folders:
        folders.add(folder)
        folder = dirname(folder)
