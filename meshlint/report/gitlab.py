"""Findings as GitLab's Code Quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json

from meshlint.finding import Finding, Severity, printable
from meshlint.report.model import Report
from meshlint.report.names import from_root, marks

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> str:
    """An array with an object for each finding; of equal fingerprints GitLab shows but one."""
    prints = marks(report.findings, lambda path: from_root(report, path))
    body = [
        _issue(report, finding, mark) for finding, mark in zip(report.findings, prints, strict=True)
    ]
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _issue(report: Report, finding: Finding, mark: str) -> dict[str, object]:
    return {
        "description": f"{finding.code} {printable(finding.message)}",
        "check_name": finding.rule,
        "fingerprint": mark,
        "severity": SEVERITIES[finding.severity],
        "location": {
            "path": from_root(report, finding.where.path),
            "lines": {"begin": finding.where.line, "end": finding.where.end_line},
        },
    }
