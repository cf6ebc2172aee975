"""Taking an entry out of its map."""

from __future__ import annotations

import re

from meshlint.fix.draft import Splice
from meshlint.fix.layout import Impossible, after_line, alone, column, ended, head, line_start
from meshlint.fix.tree import Entry

COMMA = re.compile(r"\s*,\s*\Z")
ABOVE = re.compile(r"(?P<indent>[ ]*)#")


def taken(text: str, entry: Entry, *, comments: bool = False) -> Splice:
    """Without the entry, and without its map's own entry where that is empty then.

    With `comments`, those go too that stand above it and are indented as it is.
    """
    while alone(entry):
        if not isinstance(entry.holder.parent, Entry):
            raise Impossible("its map would be empty")
        entry, comments = entry.holder.parent, False
    if entry.holder.flow:
        return _from_braces(text, entry)
    return _lines(text, entry, comments)


def _from_braces(text: str, entry: Entry) -> Splice:
    """With the comma behind it; of the last entry with the one before it."""
    siblings = entry.holder.entries
    number = siblings.index(entry)
    if number + 1 < len(siblings):
        start, end = entry.begin, siblings[number + 1].begin
        between = text[entry.value.end : end]
    else:
        start, end = siblings[number - 1].value.end, entry.value.end
        between = text[start : entry.begin]
    if not COMMA.match(between):
        raise Impossible("there is more than a comma between the entries")
    return start, end, ""


def _lines(text: str, entry: Entry, comments: bool) -> Splice:
    column(text, entry)
    stop = ended(text, entry.value.end)
    if not head(text, entry).strip():
        start = above(text, entry) if comments else line_start(text, entry.begin)
        if start and after_line(text, stop) == len(text):  # the last line: with the end before it
            return before_line(text, start), stop, ""
        return start, after_line(text, stop), ""
    siblings = entry.holder.entries  # the first of an item, behind its dash
    following = siblings[1].begin if siblings[0] is entry else -1
    if text[stop:following].strip() or following < 0:
        raise Impossible("what follows it cannot take its place")
    return entry.begin, following, ""


def before_line(text: str, start: int) -> int:
    """Where the line before one that begins at an offset ends, without its line end."""
    return start - (2 if text.endswith("\r\n", 0, start) else 1)


def above(text: str, entry: Entry) -> int:
    """Where the comments begin that stand right above an entry, indented as it is."""
    start = line_start(text, entry.begin)
    indent = entry.begin - start
    while start > 0:
        before = line_start(text, before_line(text, start))
        found = ABOVE.match(text, before, start)
        if not found or len(found["indent"]) != indent:
            break
        start = before
    return start
