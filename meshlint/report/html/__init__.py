"""A page for people: findings with filters, and a picture of the mesh. One file, no address in it
that a browser would load."""

from __future__ import annotations

from meshlint.report.html.page import page
from meshlint.report.model import Report


def render(report: Report) -> str:
    """The page; the same bytes for the same report."""
    return page(report)
