"""`--new-since` and `why --since`: the same files as they were at the merge base with a commit."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from meshlint.cli import trees
from meshlint.cli.knowledge import Given, given
from meshlint.cli.streams import Usage, say

if TYPE_CHECKING:
    from meshlint.engine import Memory
    from meshlint.mesh.model import Mesh
    from meshlint.report.model import Report
    from meshlint.source.files import Collection, Source
    from meshlint.source.stored import Stored


def comparable(paths: Sequence[str], revision: str | None) -> None:
    """Refuses standard input, where it is to be compared with what it was at a revision.

    Raises:
        Usage: it is asked for.
    """
    if revision is not None and "-" in paths:
        raise Usage("standard input has no older state: leave out -")


class Before:
    """What the user's paths held at the merge base of what is looked at and a revision."""

    def __init__(
        self, arguments: argparse.Namespace, now: Given, paths: list[str], revision: str
    ) -> None:
        """Raises Usage where there is no such commit."""
        self.stored: Stored = trees.base(arguments, paths, revision)
        self._arguments, self._now = arguments, now
        self._paths = [path for path in paths if self._has(path)]

    def _has(self, path: str) -> bool:
        """Whether there was anything at a path of the user's."""
        inside = self.stored.path(path)
        if inside is None:
            raise Usage(f"{path} is outside of the repository {self.stored.top}")
        head = f"{inside}/" if inside else ""
        names = self.stored.entries
        return inside in names or any(name.startswith(head) for name in names)

    @cached_property
    def work(self) -> Given:
        """The files of then with the configuration of then; with that of now, if it was faulty."""
        try:
            work = given(self._arguments, self._paths, quiet=True, stored=self.stored)
        except Usage as error:
            head = str(error).splitlines()[0]
            say(f"meshlint: {self.stored.words}: {head}; it is read with the configuration of now")
            work = replace(self._now, collection=self._plain())
        return replace(work, collection=self._shared(work.collection))

    def _plain(self) -> Collection:
        return trees.collected(self._arguments, self.stored, self._paths)

    def _shared(self, old: Collection) -> Collection:
        """With the files of now in place of those that had the same bytes: they are read once."""
        from meshlint.source.objects import Blob, same

        present = {source.path: source for source in self._now.collection.sources}

        def shared(source: Source) -> Source:
            new, blob = present.get(source.path), source.blob
            return new if new and isinstance(blob, Blob) and same(new, blob) else source

        return replace(old, sources=[shared(source) for source in old.sources])

    def survey(self, memory: Memory) -> Mesh:
        """The mesh of then."""
        from meshlint.engine import survey

        mesh, lost = survey(self.work.collection, self.work.known, memory)
        for line in lost:
            say(f"meshlint: {self.stored.words}: {line}")
        return mesh

    def fresh(self, report: Report, memory: Memory) -> Report:
        """What a report has that one of then has not."""
        from meshlint.engine import run
        from meshlint.report.fresh import fresh
        from meshlint.source.stored import renames

        then = self.work
        before = run(then.collection, known=then.known, memory=memory, terms=then.terms)
        moved = renames(self.stored, self._now.stored)
        for failure in before.failures:
            say(f"meshlint: {self.stored.words}: {failure}")
        return fresh(
            report,
            before,
            self.stored.words,
            self._name,
            lambda path: moved.get(self._name(path), self._name(path)),
        )

    def _name(self, shown: str) -> str:
        """A file by its path from the repository's top; what is outside keeps its own."""
        inside = self.stored.path(shown)
        return shown if inside is None else inside
