"""Fixes that are made, as far as linting the result proves them: first in memory, then on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from meshlint.finding import Finding
from meshlint.fix.change import Change, Replacement, clash
from meshlint.fix.draft import spliced
from meshlint.fix.offer import Offers, offers
from meshlint.fix.resolve import place
from meshlint.report.entry import entry, paired
from meshlint.report.model import Report
from meshlint.source.files import Source
from meshlint.source.text import MARKS, decode

UTF8 = MARKS[2][0]
ROUNDS = 10
MANY, FEW = 100, 8
"""So many runs may be taken to prove changes that are made, and those that are only shown."""

Lint = Callable[[Sequence[Source]], Report]
"""Sources to all that is found in them."""

Pair = tuple[Finding, Change]


@dataclass(frozen=True, slots=True)
class State:
    """Files as they are by now, what is found in them, and what was done.

    `first` has the bytes that files had which may have changed. `refused` are changes whose result
    would not be better: the finding stays, or another comes.
    """

    sources: tuple[Source, ...]
    report: Report
    made: tuple[Pair, ...] = ()
    refused: tuple[Pair, ...] = ()
    first: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def changed(self) -> dict[str, bytes]:
        """The new bytes of files that are not what they were; of links to one file the first."""
        now = {s.path: s.read() for s in self.sources if s.path in self.first}
        files: dict[str, str] = {}
        for path in now:
            files.setdefault(real(path), path)
        return {path: now[path] for path in files.values() if now[path] != self.first[path]}


def fixed(
    start: State,
    lint: Lint,
    unsafe: bool,
    told: Callable[[Report], Iterable[Finding]] = lambda report: report.findings,
) -> State:
    """The state after all fixes that are proven, in rounds: one may make room for others.

    `told` are those findings of a report that are to be mended.
    """
    state = start
    for _ in range(ROUNDS):
        state = _frozen(replace(state, refused=()), lint)
        found = offers(state.report, told(state.report), state.sources)
        wanted = {f: change for f, change in found.items() if unsafe or change.safe}
        after = settled(state, wanted, lint)
        if len(after.made) == len(state.made):
            return after
        state = after
    return state


def _frozen(state: State, lint: Lint) -> State:
    """With those files held in memory that may change.

    What is written later is what was linted, whatever becomes of the files meanwhile.
    """
    paths = {place(edit).path for f in state.report.findings if f.fix for edit in f.fix.edits}
    new = {s.path: s.read() for s in state.sources if s.path in paths - state.first.keys()}
    if not new:
        return state
    kept = tuple(replace(s, data=new[s.path]) if s.path in new else s for s in state.sources)
    return replace(state, sources=kept, report=lint(kept), first={**state.first, **new})


def settled(start: State, wanted: Offers, lint: Lint) -> State:
    """The state with those changes made that do not clash, and are proven by linting the result."""
    trial = _Trial(start, lint, MANY)
    trial.take(_compatible(wanted))
    return trial.state


def proven(start: State, wanted: Offers, lint: Lint) -> dict[Finding, Change]:
    """Those changes that are proven, each together with all others that it does not clash with.

    Nothing is said of those for which that would take more than FEW further runs.
    """
    left, good, trials = dict(wanted), set[Finding](), FEW
    while left and trials > 0:
        batch = _compatible(left)
        trial = _Trial(replace(start, made=(), refused=()), lint, trials)
        trial.take(batch)
        trials = trial.left
        good.update(finding for finding, _ in trial.state.made)
        for finding, _ in batch:
            del left[finding]
    return {finding: change for finding, change in wanted.items() if finding in good}


def _compatible(wanted: Offers) -> list[Pair]:
    """As many changes as can be made together, the first ones first; equal ones are one."""
    taken: set[Replacement] = set()
    kept = []
    for finding, change in wanted.items():
        new = [r for r in change.replacements if r not in taken]
        if not any(clash(one, other) for one in new for other in taken):
            taken.update(new)
            kept.append((finding, change))
    return kept


class _Trial:
    """Makes changes in memory, and keeps those whose result is linted better; `left` counts the
    lints that it may still take."""

    def __init__(self, start: State, lint: Lint, left: int) -> None:
        self._start, self._lint = start, lint
        self._good: list[Pair] = []
        self.state, self.left = start, left

    def take(self, batch: list[Pair]) -> None:
        """All changes of a batch together, but for those that seem to be bad; these one by one."""
        doubtful: list[Pair] = []
        while batch:
            bad = self._tried(batch)
            if not bad:
                break
            doubtful += bad
            batch = [pair for pair in batch if pair not in bad]
        self._halved(doubtful)

    def _halved(self, batch: list[Pair]) -> None:
        """Those changes of a batch that are good: each half by itself, until it is good or one."""
        middle = (len(batch) + 1) // 2
        for half in (batch[:middle], batch[middle:]):
            if not half or not self._tried(half):
                continue
            if len(half) > 1:
                self._halved(half)
            else:
                self.state = replace(self.state, refused=(*self.state.refused, *half))

    def _tried(self, batch: list[Pair]) -> list[Pair]:
        """Makes the changes of a batch, if that is better; else tells which seem to be bad."""
        if self.left == 0:
            return batch
        self.left -= 1
        pairs = [*self._good, *batch]
        sources = _changed(self._start.sources, pairs)
        report = self._lint(sources)
        outcome = _Outcome(self._start.report, report, pairs)
        if outcome.better:
            self._good = pairs
            made = (*self._start.made, *pairs)
            self.state = replace(self.state, sources=sources, report=report, made=made)
            return []
        return [pair for pair in batch if outcome.blames(pair)] or batch


class _Outcome:
    """What changes have made of a report: findings that should be gone, and new ones."""

    def __init__(self, before: Report, after: Report, pairs: Sequence[Pair]) -> None:
        old = {finding: entry(finding, before, str) for finding in before.findings}
        known, gone = paired([entry(f, after, str) for f in after.findings], old.values())
        left = set(gone)
        new = (f for f, seen in zip(after.findings, known, strict=True) if not seen)
        self._stay = {finding for finding, _ in pairs if old[finding] not in left}
        self._new = {f.where.path for f in new if not _hidden(f, after, pairs)}
        unread = after.counts.unread == before.counts.unread
        self._whole = unread and len(after.failures) <= len(before.failures)

    @property
    def better(self) -> bool:
        """Whether the findings are gone that were to be mended, and no other has come."""
        return self._whole and not self._stay and not self._new

    def blames(self, pair: Pair) -> bool:
        """Whether a change has not mended its finding, or another finding is in its file."""
        finding, change = pair
        return finding in self._stay or not self._new.isdisjoint(change.paths)


def _hidden(finding: Finding, after: Report, pairs: Sequence[Pair]) -> bool:
    """Whether a finding was behind one that was mended, as only one is told of a rule and line."""
    where = finding.where
    behind = {(f.code, f.where.path, f.where.line) for f, _ in pairs}
    if (finding.code, where.path, where.line) not in behind:
        return False
    shift, start = 0, after.lines(where.path).starts[where.line - 1] + where.column - 1
    for one in sorted({r for _, c in pairs for r in c.replacements if r.path == where.path}):
        first = one.start + shift
        if first <= start + where.end_column - where.column and start <= first + len(one.text):
            return False
        shift += len(one.text) - (one.end - one.start)
    return True


def _changed(sources: Sequence[Source], pairs: Sequence[Pair]) -> tuple[Source, ...]:
    """The sources with changes made; a link and what it leads to are one file."""
    wanted: dict[str, set[tuple[int, int, str]]] = {}
    for _, change in pairs:
        for r in change.replacements:
            wanted.setdefault(real(r.path), set()).add((r.start, r.end, r.text))
    return tuple(
        replace(source, data=rewritten(source.read(), sorted(wanted[real(source.path)])))
        if not source.made and real(source.path) in wanted
        else source
        for source in sources
    )


def real(path: str) -> str:
    """The file that a path leads to."""
    return os.path.realpath(path)


def rewritten(data: bytes, splices: list[tuple[int, int, str]]) -> bytes:
    """UTF-8 with changes of its text made, and its BOM kept."""
    mark = UTF8 if data.startswith(UTF8) else b""
    return mark + spliced(decode(data), splices).encode()
