"""Which kustomizations of a scan are built: those that reach a cluster as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from posixpath import basename, dirname

from meshlint.facts import facts
from meshlint.finding import Location
from meshlint.resources.applicationset import Series
from meshlint.resources.applier import Applier
from meshlint.resources.control_plane import Elsewhere
from meshlint.resources.kustomization import NAMES, Kustomization
from meshlint.resources.layer import PatchFile
from meshlint.resources.reader import Resource
from meshlint.source.files import Source
from meshlint.units.tree import Tree

APPLIERS = (b"argoproj.io", b"kustomize.toolkit.fluxcd.io")
"""API groups of what applies folders."""


class Roots:
    """The kustomizations of a scan, and who applies which of them."""

    def __init__(self, sources: Sequence[Source]) -> None:
        read = [fact for source in sources for fact in _facts(source)]
        units = [fact for fact in read if isinstance(fact, Kustomization)]
        stands = [Elsewhere(Location(source.path, 1, 1, 1, 1), "") for source in sources]
        self._tree = Tree([*stands, *units], units)
        series = (one for one in read if isinstance(one, Series))
        made = (fact for one in series for fact in one.over(self._tree.folders))
        self._appliers = [fact for fact in (*read, *made) if isinstance(fact, Applier)]

    @property
    def paths(self) -> list[str]:
        """The files of those that no other includes, and of those that an applier names."""
        units = self._tree.units
        named = (self._folder(applier) for applier in self._appliers)
        applied = {f for f in named if f is not None and f in units and not units[f].component}
        return sorted(units[folder].path for folder in {*self._tree.roots, *applied})

    def understood(self, path: str) -> set[str]:
        """The files that a kustomization includes, as far as that is known without kustomize."""
        found, waiting = set[str](), [dirname(path)]
        while waiting:
            folder = waiting.pop()
            unit = self._tree.units.get(folder)
            if unit is None:
                found.add(folder)
            elif unit.path not in found:
                layer = unit.layer
                patches = (p for p in (*layer.patches, *layer.late) if isinstance(p, PatchFile))
                found |= {unit.path, *(patch.path for patch in patches)}
                waiting += (*unit.resources, *unit.components)
        return found

    @property
    def plain(self) -> set[str]:
        """The files that an applier applies without any kustomization."""
        return {path for applier in self._appliers for path in self._plain(applier)}

    def _plain(self, applier: Applier) -> Iterator[str]:
        folder = self._folder(applier)
        if folder is None or folder in self._tree.units:
            return
        start = len(folder) + 1 if folder else 0
        for path in self._tree.below(folder):
            near = applier.recursive or dirname(path) == folder
            if near and applier.takes(path[start:]) is not False:
                yield path

    def _folder(self, applier: Applier) -> str | None:
        name = applier.folder.known
        return self._tree.folder(name) if name is not None else None


def _facts(source: Source) -> Iterable[Resource]:
    """What a file says of kustomizations and appliers, if it may."""
    try:
        data = source.read()
    except OSError:
        return ()
    if basename(source.path) not in NAMES and not any(group in data for group in APPLIERS):
        return ()
    return facts(source.path, data).resources
