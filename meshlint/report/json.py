"""Findings as JSON. `version` changes only when a reader of the old form would break."""

from __future__ import annotations

import json
from dataclasses import asdict

from meshlint import __version__
from meshlint.finding import Finding, Location
from meshlint.report.model import Report

VERSION = 1


def render(report: Report) -> str:
    """One JSON object; its form is schemas/report.schema.json."""
    body = {
        "version": VERSION,
        "tool": {"name": "meshlint", "version": __version__},
        "complete": report.complete,
        "counts": {
            "files": report.counts.files,
            "objects": report.counts.objects,
            "namespaces": report.counts.namespaces,
            "workloads": report.counts.workloads,
            "webhooks": report.counts.webhooks,
            "unread": {reason.name.lower(): n for reason, n in report.counts.unread.items()},
        },
        "findings": [described(finding) for finding in report.findings],
        "skips": [
            {"reason": s.reason.name.lower(), "path": s.path, "line": s.line, "detail": s.detail}
            for s in report.skips
        ],
        "failures": list(report.failures),
        "base": asdict(report.base) if report.base else None,
    }
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def described(finding: Finding) -> dict[str, object]:
    """One finding, in the form that every JSON of meshlint has it in."""
    subject = finding.subject
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "location": _location(finding.where),
        "subject": asdict(subject) if subject else None,
        "origin": asdict(finding.origin) if finding.origin else None,
        "related": [{"text": r.text, "location": _location(r.where)} for r in finding.related],
    }


def _location(where: Location) -> dict[str, object]:
    return asdict(where)
