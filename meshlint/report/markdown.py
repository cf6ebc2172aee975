"""Findings as Markdown: a job's summary, or a comment on a pull request."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from meshlint.finding import Finding, Severity, printable
from meshlint.report.model import Report, count
from meshlint.report.names import from_root

MOST = 900 * 1024
"""A summary on GitHub may have 1 MiB; beyond that nothing of it is shown."""


def render(report: Report) -> str:
    """A table for each severity, and what was not looked at; cut with a line that says so."""
    parts = [f"## meshlint\n\n{_counted(report)}\n"]
    by_severity: defaultdict[Severity, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_severity[finding.severity].append(finding)
    parts += [_table(report, s, by_severity[s]) for s in Severity if by_severity[s]]
    parts.append(_unread(report))
    return _cut("\n".join(part for part in parts if part))


def _counted(report: Report) -> str:
    shown = ", ".join(count(report.number(severity), severity.value) for severity in Severity)
    hidden = report.base.hidden if report.base else 0
    older = (
        f"; {hidden} more that {cell(report.base.words)} has too" if report.base and hidden else ""
    )
    return f"{shown} in {count(report.counts.files, 'file')}{older}"


def _table(report: Report, severity: Severity, findings: Iterable[Finding]) -> str:
    rows = "".join(f"| {' | '.join(row)} |\n" for row in _rows(report, findings))
    head = f"### {severity.value.capitalize()}s\n\n| where | rule | what |\n|---|---|---|\n"
    return head + rows


def _rows(report: Report, findings: Iterable[Finding]) -> Iterator[tuple[str, str, str]]:
    for finding in findings:
        place = f"{from_root(report, finding.where.path)}:{finding.where.line}"
        yield cell(place), f"{finding.code} {finding.rule}", cell(finding.message)


def _unread(report: Report) -> str:
    lines = [f"- {reason.value}: {number}" for reason, number in report.counts.unread.items()]
    lines += [f"- {cell(failure)}" for failure in report.failures]
    return "\n".join(("### Not checked\n", *lines)) + "\n" if lines else ""


def cell(text: str) -> str:
    """Text that Markdown shows as it is, in one cell."""
    shown = re.sub(r"([\\|`*_\[\]~#!])", r"\\\1", printable(text))
    return shown.replace("<", "&lt;").replace("@", "@\u200b")


def _cut(text: str) -> str:
    """Whole lines up to MOST bytes."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= MOST:
        return data.decode()
    kept = data[:MOST].rpartition(b"\n")[0].decode()
    return f"{kept}\n\nThe rest is left out: a summary may not be larger.\n"
