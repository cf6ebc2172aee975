"""From all that was found to a report without what is suppressed, and with faults in that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from meshlint.facts import FileFacts
from meshlint.finding import Finding, Hit
from meshlint.report.model import Report
from meshlint.resources.ignore import Ignore, Own
from meshlint.resources.ignore_comment import ignores
from meshlint.resources.keys import MARK
from meshlint.source.files import Source
from meshlint.source.text import NotText, decode
from meshlint.triage.effects import Effects, Scene
from meshlint.triage.ignores import Ignores, Ignoring


@dataclass(frozen=True, slots=True)
class Hands:
    """What the engine does with findings: it sorts them, stamps hits, and traces reports."""

    order: Callable[[Iterable[Finding]], tuple[Finding, ...]]
    stamp: Callable[[str, Hit], Finding]
    trace: Callable[[Report], Report]


@dataclass(frozen=True, slots=True)
class Sieve:
    """The suppressions of a run, and what was looked at in it."""

    ignores: Ignores
    ignoring: Ignoring
    gathered: Sequence[FileFacts]
    made: frozenset[str]

    @classmethod
    def of(
        cls,
        gathered: Sequence[FileFacts],
        sources: Iterable[Source],
        others: Iterable[Source],
        ignoring: Ignoring,
    ) -> Sieve | None:
        """None where nobody suppresses anything.

        `others` are files of which no facts were gathered, such as templates of charts.
        """
        made = frozenset(source.path for source in sources if source.made)
        ignores = Ignores(_written(gathered, made, others), ignoring.entries)
        return cls(ignores, ignoring, gathered, made) if ignores.all else None

    def sifted(self, report: Report, found: Iterable[Finding], hands: Hands) -> Report:
        """The report with what was found.

        What is rendered is sifted twice: as it stands in the output, where annotations are, and
        where it comes from, where comments are.
        """
        kept, suppressed = self.ignores.sift(found, entries=False)
        report = replace(report, findings=hands.order(kept))
        traced = hands.trace(report)
        kept, more = self.ignores.sift(traced.findings)
        more += self._traced(report, hands, hands.order(suppressed))
        self.ignores.sift(more)  # an entry that would take them, too, is not without use
        effects = Effects(self.ignoring, self._scene(report))
        faults = (hands.stamp(*hit) for hit in effects.hits(self.ignores, inside=True))
        left, excused = self.ignores.sift(self._traced(report, hands, faults))
        left += [hands.stamp(*hit) for hit in effects.hits(self.ignores, inside=False)]
        return replace(
            traced,
            findings=hands.order((*kept, *left)),
            suppressed=hands.order(_placed(report, (*more, *excused))),
        )

    def _traced(
        self, report: Report, hands: Hands, findings: Iterable[Finding]
    ) -> tuple[Finding, ...]:
        return hands.trace(replace(report, findings=tuple(findings))).findings

    def _scene(self, report: Report) -> Scene:
        return Scene(
            linted=frozenset(found.path for found in self.gathered) - self.made,
            lost={found.path: tuple(s.line for s in found.skips) for found in self.gathered},
            unread=frozenset(report.counts.unread),
            broken=bool(report.failures),
            policies=report.catalogue,
        )


def _written(
    gathered: Iterable[FileFacts], made: frozenset[str], others: Iterable[Source]
) -> Iterator[Ignore]:
    """The suppressions that stand in files.

    Of what was rendered only those on objects: its comments are copies of a template's.
    """
    for found in gathered:
        for ignore in found.ignores:
            if found.path not in made or isinstance(ignore.reach, Own):
                yield ignore
    for source in others:
        yield from _comments(source)


def _comments(source: Source) -> Iterator[Ignore]:
    try:
        data = source.read()
        if MARK.encode() in data:
            yield from ignores(source.path, decode(data))
    except (OSError, NotText):
        return


def _placed(report: Report, suppressed: Iterable[Finding]) -> Iterator[Finding]:
    """With suppressions that stand in rendered output, which is no file, where that comes from."""
    for finding in suppressed:
        told = finding.suppression
        source = report.sources.get(told.where.path) if told else None
        if told and source and source.made:
            from meshlint.origin.trace import places  # most runs render nothing

            where = places(report.sources.values())(told.where)
            finding = replace(finding, suppression=replace(told, where=where))
        yield finding
