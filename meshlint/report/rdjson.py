"""Findings in reviewdog's format: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf."""

from __future__ import annotations

import json

from meshlint.finding import Finding, Location, Severity, printable
from meshlint.report.mended import safe, whole
from meshlint.report.model import Report
from meshlint.report.names import from_root

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(report: Report) -> str:
    """One JSON object; columns count bytes of UTF-8, and ends are exclusive.

    Safe fixes are suggestions, one each: reviewdog lets users accept them one by one.
    """
    body = {
        "source": {"name": "meshlint"},
        "diagnostics": [_diagnostic(report, finding) for finding in report.findings],
    }
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _diagnostic(report: Report, finding: Finding) -> dict[str, object]:
    related = [
        {"message": printable(r.text), "location": _location(report, r.where)}
        for r in finding.related
    ]
    edit = whole(report, finding) if safe(report, finding) else None
    suggestions = [{"range": _range(report, edit.where), "text": edit.text}] if edit else []
    return {
        "message": printable(finding.message),
        "location": _location(report, finding.where),
        "severity": SEVERITIES[finding.severity],
        "code": {"value": finding.code},
        **({"related_locations": related} if related else {}),
        **({"suggestions": suggestions} if suggestions else {}),
    }


def _location(report: Report, where: Location) -> dict[str, object]:
    return {
        "path": from_root(report, where.path),
        "range": _range(report, where),
    }


def _range(report: Report, where: Location) -> dict[str, object]:
    lines = report.lines(where.path)
    return {
        "start": {"line": where.line, "column": _bytes(lines.line(where.line), where.column)},
        "end": {
            "line": where.end_line,
            "column": _bytes(lines.line(where.end_line), where.end_column),
        },
    }


def _bytes(line: str, column: int) -> int:
    """A column counted in bytes of UTF-8."""
    return len(line[: column - 1].encode("utf-8", "surrogatepass")) + 1
