"""Findings as SARIF 2.1.0, in the form that GitHub code scanning takes.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html
What GitHub reads of it:
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import json

from meshlint.report.model import Report
from meshlint.report.sarif_notices import descriptors, notifications
from meshlint.report.sarif_origin import provenance
from meshlint.report.sarif_places import BASE, REDACTED, Files, Json
from meshlint.report.sarif_results import chosen, results
from meshlint.report.sarif_rules import driver

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
CATEGORY = "meshlint"
"""What GitHub keeps apart: alerts of one category replace those of its last upload."""

READABLE = 1000
"""With more results than that, indentation would take most of the time."""


def render(report: Report, *, category: str = CATEGORY) -> str:
    """One log with one run; the same bytes for the same input."""
    findings, left_out = chosen(report)
    found, files = results(report, findings)
    notes = list(notifications(report, files.astray, len(found), left_out))
    run = _run(report, category, found, files, notes)
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    if len(found) > READABLE:
        text = json.dumps(log, ensure_ascii=False, separators=(",", ":"))
    else:
        text = json.dumps(log, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _run(report: Report, category: str, found: list[Json], files: Files, notes: list[Json]) -> Json:
    origin = provenance(report.root, report.commit)
    artifacts = [file.artifact for file in files.all]
    return {
        "tool": {"driver": driver(report.policies, descriptors())},
        "automationDetails": {"id": f"{category.rstrip('/')}/"},
        "columnKind": "utf16CodeUnits",
        "defaultEncoding": "utf-8",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "redactionTokens": [REDACTED],
        "originalUriBaseIds": {BASE: {"description": {"text": "The root of the work tree."}}},
        **({"versionControlProvenance": origin} if origin else {}),
        "invocations": [_invocation(report, notes)],
        "results": found,
        **({"artifacts": artifacts} if artifacts else {}),
    }


def _invocation(report: Report, notes: list[Json]) -> Json:
    """No exit code: it depends on the threshold, which the report does not know."""
    return {"executionSuccessful": report.complete, "toolExecutionNotifications": notes}
