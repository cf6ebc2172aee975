"""Findings as JSON. `version` changes only when a reader of the old form would break."""

from __future__ import annotations

import json
from dataclasses import asdict

from meshlint import __version__
from meshlint.finding import Finding, Location, Suppression
from meshlint.report import entry
from meshlint.report.mended import edits
from meshlint.report.model import Known, Report

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
            "suppressed": len(report.suppressed),
            "unread": {reason.name.lower(): n for reason, n in report.counts.unread.items()},
        },
        "findings": [described(finding, report) for finding in report.findings],
        "suppressed": _suppressed(report) if report.show_suppressed else None,
        "skips": [
            {"reason": s.reason.name.lower(), "path": s.path, "line": s.line, "detail": s.detail}
            for s in report.skips
        ],
        "failures": list(report.failures),
        "base": asdict(report.base) if report.base else None,
        "baseline": _known(report.baseline) if report.baseline else None,
        "off": {
            "rules": list(report.unreported.rules),
            "findings": len(report.unreported.findings),
        },
    }
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _known(known: Known) -> dict[str, object]:
    gone = [entry.described(one) for one in known.gone]
    return {"file": known.file, "hidden": known.hidden, "gone": gone}


def described(finding: Finding, report: Report | None = None) -> dict[str, object]:
    """One finding, in the form that every JSON of meshlint has it in.

    `report` is the one that can tell what mends it.
    """
    subject = finding.subject
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "location": _location(finding.where),
        "subject": asdict(subject) if subject else None,
        "origin": asdict(finding.origin) if finding.origin else None,
        "suppression": _suppression(finding.suppression) if finding.suppression else None,
        "related": [{"text": r.text, "location": _location(r.where)} for r in finding.related],
        "fix": _fix(finding, report) if report else None,
    }


def _fix(finding: Finding, report: Report) -> dict[str, object] | None:
    change = report.changes.get(finding)
    if change is None:
        return None
    made = [{"location": _location(one.where), "text": one.text} for one in edits(report, finding)]
    return {"words": change.words, "safe": change.safe, "edits": made}


def _suppressed(report: Report) -> list[dict[str, object]]:
    return [described(finding) for finding in report.suppressed]


def _suppression(told: Suppression) -> dict[str, object]:
    return {
        "kind": "file" if told.inside else "configuration",
        "reason": told.reason,
        "location": _location(told.where),
    }


def _location(where: Location) -> dict[str, object]:
    return asdict(where)
