"""The failing example of a rule at work: what is found in it, and how meshlint mends that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from meshlint.engine import Terms, run
from meshlint.finding import Finding
from meshlint.fix.change import Change
from meshlint.fix.offer import offers
from meshlint.fix.settle import State, fixed, proven
from meshlint.fix.unified import unified
from meshlint.report.model import Report
from meshlint.rulebook import Rulebook
from meshlint.source.files import Collection, Source


@dataclass(frozen=True, slots=True)
class Text:
    """The bytes of a file that is on no disk, and may be changed all the same."""

    data: bytes

    def read(self) -> bytes:
        return self.data


@dataclass(frozen=True, slots=True)
class Mending:
    """The option that does it, and the diff of the example."""

    option: str
    diff: str


class Example:
    """A text under a name, linted by all rules of a book."""

    def __init__(self, name: str, text: str, book: Rulebook) -> None:
        self._source = Source(name, blob=Text(text.encode()))
        self._terms = Terms(book)
        self._found = self._lint([self._source])

    def _lint(self, sources: Sequence[Source]) -> Report:
        return run(Collection(list(sources)), terms=self._terms)

    @property
    def report(self) -> Report:
        """What is found, with what would mend it."""
        return replace(self._found, fixes=self._fixes)

    def _fixes(self, _sure: bool) -> Mapping[Finding, Change]:
        """Those that are proven: safe ones among themselves, as --fix makes only these."""
        every = offers(self._found, self._found.findings, [self._source])
        good: dict[Finding, Change] = {}
        for safe in (True, False):
            wanted = {f: change for f, change in every.items() if change.safe is safe}
            good.update(proven(State((self._source,), self._found), wanted, self._lint))
        return good

    def mending(self) -> Mending | None:
        """The diff, by `--fix` if that does anything; None where neither way changes it."""
        name, before = self._source.path, self._source.read()
        for option, unsafe in (("--fix", False), ("--fix=unsafe", True)):
            after = fixed(State((self._source,), self._found), self._lint, unsafe).changed
            if name in after:
                return Mending(option, unified(name, before, after[name]))
        return None
