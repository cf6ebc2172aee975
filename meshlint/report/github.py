"""Findings as workflow commands, which GitHub Actions shows in the diff of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from meshlint.finding import Finding, Severity, printable
from meshlint.report.model import Report, count
from meshlint.report.names import from_root

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
SHOWN = 10
"""So many annotations of a severity are shown of a step: the worst come first.

https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
"""


def render(report: Report) -> str:
    """A command for each finding, the worst first, and a line that counts them beyond SHOWN."""
    ranked = sorted(report.findings, key=lambda finding: finding.severity.rank)
    lines = [_command(report, finding) for finding in ranked]
    if any(report.number(severity) > SHOWN for severity in Severity):
        more = f"{count(len(lines), 'finding')}, of which GitHub shows the first {SHOWN}"
        lines.append(f"meshlint: {more} of a severity as annotations.")
    return "".join(f"{line}\n" for line in lines)


def _command(report: Report, finding: Finding) -> str:
    """A workflow command; columns are for places on one line (Checks API, annotations)."""
    where = finding.where
    columns = {"col": where.column, "endColumn": where.end_column}
    properties = {
        "file": from_root(report, where.path),
        "line": where.line,
        "endLine": where.end_line,
        **(columns if where.line == where.end_line else {}),
        "title": f"{finding.code} {finding.rule}",
    }
    shown = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{LEVELS[finding.severity]} {shown}::{_data(printable(finding.message))}"


def _data(text: str) -> str:
    """Text that ends no command (actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
