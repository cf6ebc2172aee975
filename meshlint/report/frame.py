"""Source lines that may be shown: never those of a Secret, or of a document that may hold one."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from meshlint.report.model import Report
from meshlint.source.lines import Lines
from meshlint.source.split import split

SECRET = re.compile(r"""kind["']?\s*:\s*["']?\w*Secret\b|PRIVATE KEY""")


def shown(report: Report, path: str, first: int, last: int) -> list[tuple[int, str]]:
    """Numbered lines of a range that belong to the document of `first`, or [] if it is secret.

    `first` is where the finding stands; `last` may lie before it.
    """
    lines = report.lines(path)
    begin, end, secret = _document(lines, first)
    if secret:
        return []
    low, high = max(min(first, last), begin), min(max(first, last), end)
    return [(number, lines.line(number)) for number in range(low, high + 1)]


def _document(lines: Lines, number: int) -> tuple[int, int, bool]:
    """First and last line of the document around a line, and whether it may hold a secret."""
    spans = _documents(lines.text)
    index = bisect_right([span[0] for span in spans], number) - 1
    if index < 0:
        return number, number, False
    begin, secret = spans[index]
    end = spans[index + 1][0] - 1 if index + 1 < len(spans) else lines.count
    return begin, max(end, begin), secret


@lru_cache(maxsize=64)
def _documents(text: str) -> tuple[tuple[int, bool], ...]:
    return tuple((piece.first_line, SECRET.search(piece.text) is not None) for piece in split(text))
