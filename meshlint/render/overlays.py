"""A collection with kustomizations, and with what they come to in place of what they include."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join
from tempfile import TemporaryDirectory

from meshlint.render import cache
from meshlint.render.confined import Failed
from meshlint.render.kustomize import HEAD, METADATA, Kustomize, build, copy, kustomize
from meshlint.render.note import OUTPUT, noted
from meshlint.render.parallel import parallel
from meshlint.render.place import Places, plain
from meshlint.render.reach import Reach, reach
from meshlint.render.roots import Roots
from meshlint.render.tree import Tree
from meshlint.resources.kustomization import Kustomization
from meshlint.resources.reader import Resource
from meshlint.source.files import Collection, Source
from meshlint.unread import Skip, Unread


@dataclass(frozen=True, slots=True)
class Root:
    """A kustomization that is built: its file, its place in the tree, and what it reaches."""

    path: str
    place: str
    reach: Reach

    @property
    def output(self) -> str:
        """The name of what it comes to."""
        return join(dirname(self.path), OUTPUT)


@dataclass(frozen=True, slots=True)
class Built:
    """What roots come to: sources, `facts` that put these in the place of what the roots include,
    the files that they came from (`gone` from the scan), and where roots went wrong."""

    sources: tuple[Source, ...] = ()
    facts: tuple[Resource, ...] = ()
    origins: tuple[Source, ...] = ()
    gone: frozenset[str] = frozenset()
    skips: tuple[Skip, ...] = ()

    def instead(self, collection: Collection) -> Collection:
        """The collection with the output in place of what is in it."""
        kept = [source for source in collection.sources if source.path not in self.gone]
        sources = sorted((*kept, *self.sources), key=lambda source: source.path)
        return Collection(sources, [*collection.skips, *self.skips])


def overlays(sources: Sequence[Source], tree: Tree, *, cached: bool) -> Built:
    """Builds the roots among the files of a scan, some at a time."""
    known = Roots(sources)
    places = Places(tree, (source.path for source in sources))
    found, skips = [], []
    for path in known.paths:
        try:
            found.append(_root(places, path))
        except Failed as fault:
            skips.append(_skip(path, str(fault)))
    outputs, more = _outputs(found, cached) if found else ({}, [])
    done = _apart(known, found, outputs)
    return _built(known, places, done, outputs, [*skips, *more])


def _root(places: Places, path: str) -> Root:
    place = places.place(path)
    if place is None:
        raise Failed("it is outside of the tree")
    return Root(path, dirname(place), reach(places, dirname(place)))


def _outputs(found: Sequence[Root], cached: bool) -> tuple[dict[str, bytes], list[Skip]]:
    """What kustomize writes, by the roots' files; and those that it does not build."""
    with TemporaryDirectory(prefix="meshlint-") as folder:
        try:
            program = kustomize(Path(folder))
        except Failed as fault:
            return {}, [_skip(", ".join(root.path for root in found), str(fault))]
        marks = {root.path: _mark(program, root) for root in found}
        kept = {root.path: cache.load(marks[root.path]) if cached else None for root in found}
        outputs = {path: data for path, data in kept.items() if data is not None}
        waiting = [root for root in found if root.path not in outputs]
        skips = []
        for root, data in zip(waiting, _new(program, waiting, Path(folder)), strict=True):
            if isinstance(data, Skip):
                skips.append(data)
            else:
                outputs[root.path] = data
                if cached:
                    cache.keep(marks[root.path], data)
    return outputs, skips


def _new(program: Kustomize, found: Sequence[Root], place: Path) -> list[bytes | Skip]:
    def one(numbered: tuple[int, Root]) -> bytes | Skip:
        number, root = numbered
        try:
            return build(program, root.place, number, place)
        except Failed as fault:
            return _skip(root.path, str(fault))

    copy((root.reach for root in found), place)
    return parallel(one, enumerate(found), "kustomizations")


def _mark(program: Kustomize, root: Root) -> str:
    """All that goes into the output of a root; links are told from files by their names."""
    links = {f"{name}\0": target.encode() for name, target in root.reach.links.items()}
    words = ("kustomize", *program.command[1:], program.version, root.place, *METADATA)
    return cache.key(words, {**root.reach.files, **links})


def _apart(known: Roots, found: Sequence[Root], outputs: dict[str, bytes]) -> list[Root]:
    """The roots that were built, but those that one which was not includes.

    Where that is read without kustomize, so is what it includes.
    """
    lost = {path for path in known.paths if path not in outputs}
    needed = {file for path in lost for file in known.understood(path)}
    return [root for root in found if root.path in outputs and root.path not in needed]


def _built(
    known: Roots,
    places: Places,
    done: Sequence[Root],
    outputs: dict[str, bytes],
    skips: Sequence[Skip],
) -> Built:
    lost = set(known.paths) - {root.path for root in done}
    kept = known.plain.union(*(known.understood(path) for path in lost))
    gone = {places.name(place) for root in done for place in root.reach.taken} - kept
    files = {place: data for root in done for place, data in root.reach.files.items()}
    return Built(
        sources=tuple(_source(places, root, outputs[root.path]) for root in done),
        facts=tuple(Kustomization(path=root.path, resources=(root.output,)) for root in done),
        origins=tuple(Source(places.name(place), data) for place, data in files.items()),
        gone=frozenset(gone),
        skips=tuple(skips),
    )


def _source(places: Places, root: Root, data: bytes) -> Source:
    """The output, with the names that files have in the scan."""

    def name(told: str) -> str:
        inside = places.real(plain(told.removeprefix(HEAD)), {})
        return places.name(inside or "")

    text = noted(data.decode("utf-8", "replace"), name)
    return Source(root.output, text.encode(), made=root.path)


def _skip(path: str, why: str) -> Skip:
    return Skip(Unread.UNRENDERED, path, 0, why)
