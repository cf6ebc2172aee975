"""Files and the regions in them as SARIF names them, without a path of this machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from meshlint.finding import Location
from meshlint.report.frame import shown
from meshlint.report.linehash import line_hashes
from meshlint.report.model import Report
from meshlint.source.files import STDIN
from meshlint.source.lines import Lines
from meshlint.source.text import MARKS

Json: TypeAlias = dict[str, object]
Span: TypeAlias = tuple[int, int, int, int]
"""First line and column, last line and the column after its end; columns in code points."""

BASE = "%SRCROOT%"
SAFE = "/!$&'()*+,;=@~-._"
"""What a path may hold as it is. A colon could be taken for the end of a scheme."""

CONTEXT = 2
LONGEST = 4096
MARGIN = 80
"""Context is that many lines around; of lines that are too long, that many characters."""


@dataclass(frozen=True)
class File:
    """A file that a result points to."""

    path: str
    uri: str
    data: bytes

    @cached_property
    def hashes(self) -> list[str]:
        return line_hashes(self.data)

    @property
    def encoding(self) -> str:
        """The name of the encoding that the file's BOM tells, as IANA writes it."""
        name = next((name for mark, name in MARKS if self.data.startswith(mark)), "utf-8")
        return name.replace("-le", "le").replace("-be", "be")

    @property
    def location(self) -> Json:
        return {"uri": self.uri, "uriBaseId": BASE}

    @property
    def artifact(self) -> Json:
        language = "json" if self.path.endswith(".json") else "yaml"
        return {
            "location": self.location,
            "length": len(self.data),
            "mimeType": f"application/{language}",
            "sourceLanguage": language,
            "encoding": self.encoding,
            "roles": ["analysisTarget"],
            "hashes": {"sha-256": hashlib.sha256(self.data).hexdigest()},
        }


REDACTED = "[REDACTED]"
"""In place of text of a Secret, or of a document with a private key (SARIF 2.1.0 §3.14.28)."""


class Files:
    """The files that results point to, sorted by URI; a link and what it leads to are one."""

    def __init__(self, report: Report, paths: Iterable[str]) -> None:
        self.report = report
        self.uris = {path: uri_of(path, report.root) for path in sorted(set(paths))}
        by_uri = {uri: path for path, uri in reversed(self.uris.items())}
        self.all = [File(path, uri, report.data(path)) for uri, path in sorted(by_uri.items())]
        self._index = {file.uri: index for index, file in enumerate(self.all)}

    @property
    def astray(self) -> list[str]:
        """Files below the root that are links out of it."""
        pairs = ((path, *_real(path, self.report.root)) for path in self.uris if path != STDIN)
        return [path for path, place, top in pairs if not place.is_relative_to(top)]

    def of(self, path: str) -> File:
        return self.all[self._index[self.uris[path]]]

    def artifact(self, path: str) -> Json:
        """A file, by its number where a result points to it."""
        uri = self.uris.get(path) or uri_of(path, self.report.root)
        number = {"index": self._index[uri]} if uri in self._index else {}
        return {"uri": uri, "uriBaseId": BASE, **number}

    def region(self, where: Location) -> Json:
        """A region alone, as a fix has it."""
        span = (where.line, where.column, where.end_line, where.end_column)
        return _region(self.report.lines(where.path), span)

    def physical(self, where: Location) -> Json:
        """A place in a file, with its text and context where they may be shown."""
        path, index = where.path, self._index[self.uris[where.path]]
        lines = self.report.lines(path)
        span = (where.line, where.column, where.end_line, where.end_column)
        place: Json = {
            "artifactLocation": {**self.all[index].location, "index": index},
            "region": _region(lines, span),
        }
        if shown(self.report, path, where.line, where.line):
            place["region"] = _quoted(lines, span)
            context = _context(self.report, where)
            if _region(lines, context) != _region(lines, span):
                place["contextRegion"] = _quoted(lines, context)
        elif lines.line(where.line):
            whole = (where.line, 1, where.line, len(lines.line(where.line)) + 1)
            place["region"] = {**_region(lines, span), "snippet": {"text": REDACTED}}
            if _region(lines, whole) != _region(lines, span):
                place["contextRegion"] = {**_region(lines, whole), "snippet": {"text": REDACTED}}
        return place


def uri_of(path: str, root: Path) -> str:
    """The URI of a file that was read: the root was chosen to be above it."""
    return uri_below(path, root) or quote(os.fsencode(Path(path).name), safe=SAFE)


def uri_below(path: str, root: Path) -> str | None:
    """A path relative to the root as a URI, links resolved where they do not lead out of it.

    None where it is not below the root. A name that is not UTF-8 becomes the bytes of the file
    system. Standard input keeps its name, in brackets, which no file is likely to have.
    """
    if path == STDIN:
        return quote(path)
    for place, top in (_real(path, root), (_named(path), _named(str(root)))):
        if place.is_relative_to(top):
            return quote(os.fsencode(place.relative_to(top).as_posix()), safe=SAFE)
    return None


def _real(path: str, root: Path) -> tuple[Path, Path]:
    return Path(os.path.realpath(path)), Path(os.path.realpath(root))


def _named(path: str) -> Path:
    return Path(os.path.normpath(Path(path).absolute()))


def _region(lines: Lines, span: Span) -> Json:
    first, start, last, end = span
    return {
        "startLine": first,
        "startColumn": _column(lines.line(first), start),
        "endLine": last,
        "endColumn": _column(lines.line(last), end),
    }


def _quoted(lines: Lines, span: Span) -> Json:
    """A region with its text, line ends as they are in the file."""
    begin, end = _offset(lines, *span[:2]), _offset(lines, *span[2:])
    return {**_region(lines, span), "snippet": {"text": lines.text[begin:end]}}


def _column(line: str, column: int) -> int:
    """The column in UTF-16 units: what CodeQL writes, and what editors count."""
    return len(line[: column - 1].encode("utf-16-le", "surrogatepass")) // 2 + 1


def _offset(lines: Lines, line: int, column: int) -> int:
    if line > len(lines.starts):
        return len(lines.text)
    return lines.starts[line - 1] + min(column - 1, len(lines.line(line)))


def _context(report: Report, where: Location) -> Span:
    """Lines around a place, as many as its document has; fewer where they are long."""
    path, line = where.path, where.line
    lines = report.lines(path)
    for reach in range(CONTEXT, -1, -1):
        above = shown(report, path, line, max(line - reach, 1))
        below = shown(report, path, line, max(line, min(line + reach, lines.count)))
        if sum(len(text) for _, text in (*above, *below)) <= LONGEST:
            number, text = below[-1]
            return above[0][0], 1, number, len(text) + 1
    end = min(where.end_column + MARGIN, len(lines.line(where.end_line)) + 1)
    return line, max(where.column - MARGIN, 1), where.end_line, end
