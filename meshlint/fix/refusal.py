"""Which files and documents are never changed: the one place that says so."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from meshlint.report.frame import shown
from meshlint.report.model import Report
from meshlint.source.files import STDIN, Source
from meshlint.source.split import CONTENT, split
from meshlint.source.text import MARKS, NotText, decode

GENERATED = re.compile(
    r"do\s+not\s+(?:hand-?)?(?:edit|modify|change)|don'?t\s+edit|@generated\b|\bcode\s+generated\b"
    r"|\bauto(?:matically)?[- ]?generated\b|\bgenerated\s+(?:by|from|with|using|file)\b"
    r"|\bfile\s+(?:is|was|has\s+been)\s+generated\b|^#\s*Source:\s",
    re.IGNORECASE | re.MULTILINE,
)
"""What generators write above what they make; the last is Helm's."""

UTF8 = MARKS[2][0]


class Refusals:
    """Tells what stands against changing a place in a file, "" where nothing does."""

    def __init__(self, report: Report, linted: Iterable[Source]) -> None:
        """`linted` are the files that the user asked to look at; others are never changed."""
        self._report = report
        self._linted = {source.path: source for source in linted}
        self._known: dict[str, str] = {}

    def of(self, path: str, line: int) -> str:
        """Why the document at a line of a file must stay as it is."""
        if path not in self._known:
            self._known[path] = self._file(path)
        if self._known[path]:
            return self._known[path]
        if not shown(self._report, path, line, line):
            return "it may hold a secret"
        return "it is generated" if GENERATED.search(self._head(path, line)) else ""

    def _file(self, path: str) -> str:
        source = self._linted.get(path)
        if source is None:
            return "it is no file that was to be looked at"
        if path == STDIN or source.made:
            return "it is no file"
        data = self._report.data(path)
        if data.startswith(tuple(mark for mark, _ in MARKS if mark != UTF8)):
            return "it is not UTF-8"
        try:
            text = decode(data)
        except NotText:
            return "it is not UTF-8"
        if GENERATED.search(_comments(text)):
            return "it is generated"
        return "" if source.blob else self._stored(path)

    def _stored(self, path: str) -> str:
        """Of a file on the disk."""
        try:
            place = Path(path).resolve(strict=True)
            status = place.stat()
        except OSError:
            return "it cannot be read"
        if not place.is_relative_to(self._top):
            return "it is outside of the tree"
        if not stat.S_ISREG(status.st_mode):
            return "it is no plain file"
        if not status.st_mode & 0o222 or not os.access(place, os.W_OK):
            return "it is read-only"
        return "it has other names (hard links)" if status.st_nlink > 1 else ""

    @cached_property
    def _top(self) -> Path:
        return self._report.root.resolve()

    def _head(self, path: str, line: int) -> str:
        """The comments above a document."""
        pieces = [p for p in split(self._report.lines(path).text) if p.first_line <= line]
        return _comments(pieces[-1].text) if pieces else ""


def _comments(text: str) -> str:
    """What stands before the first content."""
    content = CONTENT.search(text.replace("\r", "\n"))
    return text[: content.start()] if content else text
