"""Findings, one a line: `path:line:column: severity CODE message`, as editors read them."""

from __future__ import annotations

from meshlint.report.model import Report
from meshlint.report.text import headline


def render(report: Report) -> str:
    """A line for each finding; nothing where there is none."""
    return "".join(f"{headline(finding)}\n" for finding in report.findings)
