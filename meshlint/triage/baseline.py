"""A baseline: findings that are known, and are not reported as long as they stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from meshlint.finding import Finding
from meshlint.report.entry import Entry, Name, entry, paired
from meshlint.report.frame import shown
from meshlint.report.model import Known, Report
from meshlint.unread import Unread


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run looked at: paths from the root ("." for all of it), and programs that rendered.

    `rendered` has "helm" and "kustomize", where these made some of what was looked at.
    """

    paths: tuple[str, ...] = ()
    rendered: tuple[str, ...] = ()

    def covers(self, other: Scope) -> bool:
        """Whether it takes in all of another one, so that what was found there would be here."""
        inside = all(any(_below(path, own) for own in self.paths) for path in other.paths)
        return inside and set(other.rendered) <= set(self.rendered)

    def joined(self, other: Scope) -> Scope:
        """Both together."""
        paths = {*self.paths, *other.paths}
        outer = (p for p in paths if not any(_below(p, q) for q in paths if p != q))
        rendered = {*self.rendered, *other.rendered}
        return Scope(tuple(sorted(outer)), tuple(sorted(rendered)))


def _below(path: str, folder: str) -> bool:
    return folder == "." or path == folder or path.startswith(f"{folder}/")


@dataclass(frozen=True, slots=True)
class Baseline:
    """Known findings, and the scope of the runs that have written them down."""

    entries: tuple[Entry, ...] = ()
    scope: Scope = Scope()


@dataclass(frozen=True, slots=True)
class Look:
    """A run, as baselines see it: its scope, the names of files, and which there are.

    `name` gives a file of the report its path from the root; `exists` tells of such a path whether
    the tree has it, whether it was looked at or not.
    """

    scope: Scope
    name: Name
    exists: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Compared:
    """A report without what a baseline knows, and the entries of that which still stand.

    Of those, some may not have been looked for: they neither are in the report nor have gone.
    """

    report: Report
    standing: tuple[Entry, ...]


def compared(report: Report, baseline: Baseline, file: str, look: Look) -> Compared:
    """The report without those findings that are in a baseline, which `file` names to people."""
    silent = report.unreported.findings
    every = [entry(f, report, look.name) for f in (*report.findings, *silent)]
    known, unmet = paired(every, baseline.entries)
    kept = [f for f, old in zip(report.findings, known, strict=False) if not old]
    gone = tuple(_gone(report, baseline, unmet, look))
    left = set(gone)
    return Compared(
        replace(
            report,
            findings=tuple(kept),
            baseline=Known(file, len(report.findings) - len(kept), gone),
        ),
        tuple(old for old in baseline.entries if old not in left),
    )


def _gone(
    report: Report, baseline: Baseline, unmet: Iterable[Entry], look: Look
) -> Iterable[Entry]:
    """Those of the entries not met again that this proves gone.

    A finding can depend on files in any place, so nothing has gone where the run looked at less
    than those that wrote the baseline, or could not read something. Nor has what is in a file
    that is there and was not looked at, or not as a whole.
    """
    if not report.complete or not look.scope.covers(baseline.scope):
        return
    partly = {look.name(skip.path) for skip in report.skips if skip.reason in HIDING}
    read = {look.name(path) for path in report.sources}
    for old in sorted(unmet, key=lambda old: old.order):
        if old.path not in partly and (old.path in read or not look.exists(old.path)):
            yield old


HIDING = frozenset({Unread.BROKEN, Unread.ENCODING, Unread.DEEP, Unread.TEMPLATE})
"""Why a part of a file was not read, in which there may be findings still."""


def written(report: Report, look: Look, old: Baseline = Baseline()) -> Baseline:
    """The baseline of a report's findings, with what stands of an older one and was not met.

    `old` has the entries that still stand, as `compared` tells of the same report.
    """
    met = [_told(finding, report, look.name) for finding in report.findings]
    _, rest = paired([entry(f, report, look.name) for f in report.findings], old.entries)
    entries = sorted((*met, *rest), key=lambda known: known.order)
    return Baseline(tuple(entries), look.scope.joined(old.scope))


def _told(finding: Finding, report: Report, name: Name) -> Entry:
    """The entry of a finding; of a Secret's line it has nothing, not even a hash."""
    where = finding.where
    found = entry(finding, report, name)
    secret = not shown(report, where.path, where.line, where.line)
    return replace(found, line="") if secret else found
