"""What a report has that an older one has not: findings by their identity, not by their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from meshlint.finding import Finding
from meshlint.report.model import Base, Report

Name = Callable[[str], str]
"""The path of a file to a name that is the same in both reports."""

Words = tuple[str, str]
"""A finding's message, and its line without the space around it."""


def fresh(now: Report, before: Report, words: str, name: Name, old_name: Name) -> Report:
    """The report without those findings that were there before, which it counts.

    `words` tell when that was. `name` names files now, and `old_name` those of before as they are
    named now. A finding is old if one of its identity was there that says the same, or whose line
    is the same but for where it stands: another fault in the same key is a new one.
    """
    stock: defaultdict[str, list[Words]] = defaultdict(list)
    for finding in before.findings:
        stock[finding.identity(old_name(finding.where.path))].append(_words(finding, before))
    kept = [f for f in now.findings if not _taken(stock[f.identity(name(f.where.path))], f, now)]
    return replace(now, findings=tuple(kept), base=Base(words, len(now.findings) - len(kept)))


def _words(finding: Finding, report: Report) -> Words:
    line = report.lines(finding.where.path).line(finding.where.line)
    return finding.message, line.strip()


def _taken(olds: list[Words], finding: Finding, report: Report) -> bool:
    """Whether one of before is the same; it is used up by that, the most alike first."""
    if not olds:
        return False
    message, line = _words(finding, report)
    alike = max(olds, key=lambda old: 2 * (old[0] == message) + (old[1] == line))
    if message != alike[0] and line != alike[1]:
        return False
    olds.remove(alike)
    return True
