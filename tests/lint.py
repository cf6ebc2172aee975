"""Linting in tests: a folder or a text, with all rules or some, to findings or golden lines."""

from __future__ import annotations

from collections.abc import Iterable

from meshlint.engine import run
from meshlint.finding import Finding
from meshlint.report.model import Report
from meshlint.report.text import headline
from meshlint.source.files import STDIN, Collection, Source, collect


def lint_text(text: str | bytes, *only: str) -> Report:
    """A report on one text."""
    data = text.encode() if isinstance(text, str) else text
    report = run(Collection([Source(STDIN, data)]), frozenset(only) or None)
    assert not report.failures
    return report


def lint_paths(paths: Iterable[str], *only: str) -> Report:
    """A report on files and folders, relative to the current folder."""
    report = run(collect(paths), frozenset(only) or None)
    assert not report.failures
    return report


def golden(findings: Iterable[Finding]) -> str:
    """Findings as golden files hold them: the headline, then the related places."""
    lines = []
    for finding in findings:
        lines.append(headline(finding))
        for related in finding.related:
            where = related.where
            lines.append(f"  see {where.path}:{where.line}:{where.column} {related.text}")
    return "".join(f"{line}\n" for line in lines)
