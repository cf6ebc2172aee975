"""What every format is rendered from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.finding import Finding, Severity
from meshlint.source.files import Source
from meshlint.source.lines import Lines
from meshlint.source.text import legible
from meshlint.unread import FATAL, Skip, Unread

if TYPE_CHECKING:
    from meshlint.fix.change import Change
    from meshlint.policy import Policy
    from meshlint.report.entry import Entry
    from meshlint.report.picture import Picture


@dataclass(frozen=True, slots=True)
class Counts:
    """What was looked at; `unread` counts, by reason, what was not."""

    files: int
    objects: int
    namespaces: int
    workloads: int
    webhooks: int
    unread: Mapping[Unread, int]


@dataclass(frozen=True, slots=True)
class Base:
    """What the findings were compared with: a commit, and how many of them it has too."""

    words: str
    hidden: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the findings were compared with: a file of known ones (see triage/baseline).

    `hidden` are how many of them were found again, and `gone` those that are there no more.
    """

    file: str
    hidden: int
    gone: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreported:
    """What users have switched off: codes of rules, and what was found and is not told for it."""

    rules: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def _shipped() -> tuple[Policy, ...]:
    from meshlint.policy import policies  # a clean run needs none

    return policies()


def _blank() -> Picture:
    from meshlint.report.picture import Picture  # one format asks

    return Picture()


@dataclass(frozen=True)
class Report:
    """A finished run. `findings` are in their one total order; `root` is what SARIF paths are
    relative to; `failures` are internal errors, each a line."""

    findings: tuple[Finding, ...]
    skips: tuple[Skip, ...]
    counts: Counts
    sources: Mapping[str, Source]
    root: Path
    suppressed: tuple[Finding, ...] = ()
    """What was found and is not reported, as somebody wanted it so: each has its `suppression`."""
    show_suppressed: bool = False
    """Whether formats that can tell the two apart are to show those, too."""
    failures: tuple[str, ...] = ()
    commit: str = ""
    """The id of the commit that was looked at; "" for files as they are, and for the index."""
    base: Base | None = None
    baseline: Known | None = None
    unreported: Unreported = Unreported()
    catalogue: Callable[[], tuple[Policy, ...]] = _shipped
    fixes: Callable[[bool], Mapping[Finding, Change]] = lambda proven: {}
    """Tells what mends findings; to prove it costs further runs, so that only few formats ask."""
    picture: Callable[[], Picture] = _blank
    """Draws the mesh: costs a decision for each workload, so that only one format asks for it."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All rules in words, read only when a format wants them."""
        return self.catalogue()

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for could be read."""
        return not self.failures and not any(skip.reason in FATAL for skip in self.skips)

    @property
    def unrendered(self) -> bool:
        """Whether something was not rendered, and all else was read."""
        reasons = {skip.reason for skip in self.skips} & FATAL
        return not self.failures and reasons == {Unread.UNRENDERED}

    @property
    def empty(self) -> bool:
        """Whether there was nothing to look at, so that silence proves nothing."""
        faults = (Unread.BROKEN, Unread.DEEP, Unread.ENCODING)
        return self.counts.objects == 0 and not any(r in self.counts.unread for r in faults)

    def at_least(self, threshold: Severity) -> bool:
        """Whether a finding is as bad as the threshold, or worse."""
        return any(finding.severity.rank <= threshold.rank for finding in self.findings)

    def number(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    @cached_property
    def changes(self) -> Mapping[Finding, Change]:
        """What mends findings; what is safe is proven by linting the result. None of it is made."""
        return self.fixes(True)

    @cached_property
    def offers(self) -> Mapping[Finding, Change]:
        """What may mend findings: as far as the files alone tell."""
        return self.fixes(False)

    @cached_property
    def _texts(self) -> dict[str, Lines]:
        return {}

    def lines(self, path: str) -> Lines:
        """The lines of a file that was read; empty where it has gone since."""
        if path not in self._texts:
            self._texts[path] = Lines(legible(self.data(path)))
        return self._texts[path]

    def data(self, path: str) -> bytes:
        """The bytes of a file that was read; empty where it has gone since."""
        source = self.sources.get(path)
        try:
            return source.read() if source else b""
        except OSError:
            return b""


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
