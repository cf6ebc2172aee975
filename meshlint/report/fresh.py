"""What a report has that an older one has not: findings by their identity, not by their lines."""

from __future__ import annotations

from dataclasses import replace

from meshlint.report.entry import Name, entry, paired
from meshlint.report.model import Base, Report


def fresh(now: Report, before: Report, words: str, name: Name, old_name: Name) -> Report:
    """The report without those findings that were there before, which it counts.

    `words` tell when that was. `name` names files now, and `old_name` those of before as they are
    named now. Which findings are the same, meshlint.report.entry tells.
    """
    olds = [entry(finding, before, old_name) for finding in before.findings]
    known, _ = paired([entry(finding, now, name) for finding in now.findings], olds)
    kept = tuple(f for f, old in zip(now.findings, known, strict=True) if not old)
    return replace(now, findings=kept, base=Base(words, len(now.findings) - len(kept)))
