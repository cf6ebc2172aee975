"""From a key in rendered output to the same key in the template, as far as that is sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from meshlint.finding import Level, Location
from meshlint.source.outline import ACTION, Entry, at, outline, segments, unquoted


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a template, and how sure it is."""

    level: Level
    where: Location


class Template:
    """A template's text, looked through once."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._lines = text.split("\n")
        self._entries = outline(text)

    def find(self, where: Location, kind: str, rendered: str) -> Found:
        """The line of the key at `where`, whose line in the output is `rendered`.

        It is the very line if one alone has the path of the key in a document of the same kind, or
        the end of that path in a part that documents include, and if it reads like the rendered
        line but for its actions. Else the place is that of the innermost key around it which
        stands in the template, or the template's first line.
        """
        wanted = segments(where.pointer)
        entries = self._of_kind(kind)
        same = [e for e in at(entries, wanted) if self._reads(e, rendered)] if wanted else []
        longest = max((len(entry.path) for entry in same), default=0)
        same = [entry for entry in same if len(entry.path) == longest]
        if len(same) == 1:
            return Found(Level.EXACT, self._place(same[0], where, rendered))
        return Found(Level.TEMPLATE, self._around(entries, wanted, where.pointer))

    def _of_kind(self, kind: str) -> list[Entry]:
        """The entries of those documents that are of a kind, or whose kind is filled in."""
        kinds = {e.document: unquoted(e.value) for e in self._entries if _root(e, "kind")}
        fit = {number for number, told in kinds.items() if told == kind or "{{" in told}
        return [entry for entry in self._entries if entry.part or entry.document in fit]

    def _reads(self, entry: Entry, rendered: str) -> bool:
        """Whether the line of an entry, filled in, can be the rendered one."""
        parts = ACTION.split(self._lines[entry.line - 1].strip())
        pattern = r".*".join(_loose(part) for part in parts)
        return re.fullmatch(pattern, rendered.strip()) is not None

    def _place(self, entry: Entry, old: Location, rendered: str) -> Location:
        """The key, or the value where the finding is of the value."""
        line = self._lines[entry.line - 1].rstrip()
        begin, end = entry.column, entry.column + len(_key(line[entry.column - 1 :]))
        of_value = rendered[: old.column - 1].rstrip().endswith((":", "-"))
        value = entry.value
        if of_value and value and entry.key is not None and ":" in rendered[: old.column - 1]:
            begin = line.index(value, end - 1) + 1
            end = begin + len(value)
        return Location(self._path, entry.line, begin, entry.line, end, old.pointer)

    def _around(self, entries: Sequence[Entry], wanted: list[str], pointer: str) -> Location:
        """The innermost of the keys above that is there once."""
        for length in range(len(wanted) - 1, 0, -1):
            above = at(entries, wanted[:length])
            found = [e for e in above if e.key is not None and not e.part]
            if len(found) == 1:
                entry = found[0]
                end = entry.column + len(_key(self._lines[entry.line - 1][entry.column - 1 :]))
                return Location(self._path, entry.line, entry.column, entry.line, end, pointer)
        return Location(self._path, 1, 1, 1, max(2, len(self._lines[0].rstrip()) + 1), pointer)


def _root(entry: Entry, key: str) -> bool:
    return entry.parent is None and entry.key == key


def _loose(part: str) -> str:
    """A part of a line as a pattern: trim markers may have taken the space at its ends."""
    inner = r"\s+".join(map(re.escape, part.split()))
    before = r"\s*" if part[:1].isspace() else ""
    after = r"\s*" if part[-1:].isspace() else ""
    return f"{before}{inner}{after}" if inner else r"\s*"


def _key(text: str) -> str:
    """The key at the start of a text, with its quotes; of an item, the dash."""
    match = re.match(r""""[^"]*"|'[^']*'|-(?=\s|\Z)|[^:]+(?::(?!\s|\Z)[^:]*)*""", text)
    return match.group().rstrip() if match else text
