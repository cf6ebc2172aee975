"""Findings as logging commands of Azure Pipelines.

https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
"""

from __future__ import annotations

from meshlint.finding import Finding, Severity, printable
from meshlint.report.model import Report
from meshlint.report.names import from_root

ESCAPES = {"%": "%AZP25", ";": "%3B", "\r": "%0D", "\n": "%0A", "]": "%5D"}


def render(report: Report) -> str:
    """An issue for each finding; there are errors and warnings only, and notes are left out."""
    told = (f for f in report.findings if f.severity is not Severity.NOTE)
    return "".join(f"{_issue(report, finding)}\n" for finding in told)


def _issue(report: Report, finding: Finding) -> str:
    properties = {
        "type": finding.severity.value,
        "sourcepath": from_root(report, finding.where.path),
        "linenumber": str(finding.where.line),
        "columnnumber": str(finding.where.column),
        "code": finding.code,
    }
    shown = "".join(f"{key}={_escaped(value)};" for key, value in properties.items())
    return f"##vso[task.logissue {shown}]{_message(printable(finding.message))}"


def _escaped(text: str) -> str:
    return "".join(ESCAPES.get(char, char) for char in text)


def _message(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")
