"""Source lines that may be shown: never those of a Secret, or of a document that may hold one."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from meshlint.report.model import Report
from meshlint.source.lines import Lines
from meshlint.source.split import split

SECRET = re.compile(
    r"""
    kind["']?\s*:\s*
    (?:[!&>|]\S*\s+ | \#[^\n]*\n\s*)*       # a tag, an anchor, a block mark, comments
    (?:["']?\w*Secret(?:List)?\b | \* | "[^"\n]*\\)   # an alias or an escape may hide the word
    | \bstringData\b | \bsecretGenerator\b | PRIVATE\ KEY
    | UFJJVkFURSBLRV | BSSVZBVEUgS0VZ | QUklWQVRFIEtFW  # the same two words in base64
    | \x00                                  # UTF-16 without a BOM, in which no word can be found
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Spans:
    """First and last lines of documents, in order; one line can belong to several (JSON)."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    secret: tuple[bool, ...]

    def at(self, line: int) -> range:
        """The numbers of the documents that have a part of a line."""
        return range(bisect_left(self.lasts, line), bisect_right(self.firsts, line))


def shown(report: Report, path: str, first: int, last: int) -> list[tuple[int, str]]:
    """Numbered lines of a range that belong to the document of `first`, or [] if it is secret.

    `first` is where the finding stands; `last` may lie before it.
    """
    lines = report.lines(path)
    spans = _spans(lines.text)
    own = spans.at(first)
    if any(spans.secret[index] for index in own):
        return []
    numbers = range(min(first, last), max(first, last) + 1)
    return [(n, lines.line(n)) for n in numbers if spans.at(n) == own]


@lru_cache(maxsize=64)
def _spans(text: str) -> Spans:
    """The documents of a text, each with the blank lines and comments up to the next one."""
    lines = Lines(text)
    cuts = [0, *[piece.start for piece in split(text)][1:], len(text)]
    parts = [text[start:end] for start, end in pairwise(cuts)]
    firsts, lasts = [], []
    for start, part in zip(cuts, parts, strict=False):
        blank = len(part) - len(part.lstrip())
        firsts.append(lines.place(start + blank)[0])
        lasts.append(lines.place(start + max(len(part.rstrip()) - 1, blank))[0])
    until = (max(last, after - 1) for last, after in zip(lasts, firsts[1:], strict=False))
    secret = tuple(SECRET.search(part) is not None for part in parts)
    return Spans((1, *firsts[1:]), (*until, len(lines.starts)), secret)
