"""Findings as workflow commands, which GitHub Actions shows in the diff of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from meshlint.finding import Finding, Severity, printable
from meshlint.report.model import Report, count
from meshlint.report.names import from_root

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
SHOWN = 10
"""So many annotations of a step are shown: the worst come first."""


def render(report: Report) -> str:
    """A command for each finding, the worst first, and a line that counts those beyond SHOWN."""
    ranked = sorted(report.findings, key=lambda finding: finding.severity.rank)
    lines = [_command(report, finding) for finding in ranked]
    if len(lines) > SHOWN:
        more = f"{count(len(lines), 'finding')}, of which GitHub shows the first {SHOWN}"
        lines.append(f"meshlint: {more} as annotations.")
    return "".join(f"{line}\n" for line in lines)


def _command(report: Report, finding: Finding) -> str:
    where = finding.where
    properties = {
        "file": from_root(report, where.path),
        "line": where.line,
        "endLine": where.end_line,
        "col": where.column,
        "endColumn": where.end_column,
        "title": f"{finding.code} {finding.rule}",
    }
    shown = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{LEVELS[finding.severity]} {shown}::{_data(printable(finding.message))}"


def _data(text: str) -> str:
    """Text that ends no command (actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
