"""Lines and indentation around the parts of a document."""

from __future__ import annotations

import re

from meshlint.fix.tree import Entry, List, Map, Tree, entries
from meshlint.source.lines import NEWLINE

TAIL = re.compile(r"[ \t]*(?:(?<=[ \t])#.*)?\Z")
"""What may follow on the last line of an entry that is taken out, and goes with it."""

DASHES = re.compile(r"[ ]*(?:-[ ]+)*\Z")
STEP = 2


class Impossible(Exception):
    """An edit that cannot be made here, or not surely."""


def line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_end(text: str, at: int) -> int:
    """Where the line of an offset ends, before its line end."""
    found = NEWLINE.search(text, at)
    return found.start() if found else len(text)


def after_line(text: str, at: int) -> int:
    """Where the line after that of an offset begins."""
    found = NEWLINE.search(text, at)
    return found.end() if found else len(text)


def newline(text: str) -> str:
    """The line end of a file: its first one."""
    found = NEWLINE.search(text)
    return found.group() if found else "\n"


def head(text: str, entry: Entry) -> str:
    """What stands on an entry's line before it."""
    return text[line_start(text, entry.begin) : entry.begin]


def column(text: str, entry: Entry) -> int:
    """How far an entry of a block is indented: blanks and dashes of lists are all there is."""
    before = head(text, entry)
    if not DASHES.match(before):
        raise Impossible("it does not begin its line")
    return len(before)


def ended(text: str, end: int) -> int:
    """The end of the line on which content ends, with nothing but a comment behind that."""
    stop = line_end(text, end)
    if not TAIL.match(text[end:stop]):
        raise Impossible("something else is on its line")
    return stop


def alone(entry: Entry) -> bool:
    return len(entry.holder.entries) == 1


def step(text: str, top: Tree) -> int:
    """How much deeper the document indents the maps in its maps."""
    for entry in entries(top):
        value = entry.value
        if isinstance(value, Map) and not value.flow and value.entries and not entry.holder.flow:
            found = _offset(text, value.entries[0].begin) - _offset(text, entry.begin)
            if found > 0:
                return found
    return STEP


def dashed(text: str, top: Tree) -> int:
    """How much deeper the document indents the dashes of lists than their keys."""
    for entry in entries(top):
        value = entry.value
        if isinstance(value, List) and not value.flow and value.items:
            found = _offset(text, dash(text, value)) - _offset(text, entry.begin)
            if found >= 0:
                return found
    return 0


def dash(text: str, items: List) -> int:
    """The offset of the last item's dash."""
    item = items.items[-1]
    start = item.entries[0].begin if isinstance(item, Map) and item.entries else item.start
    found = text.rfind("-", 0, start)
    if found < 0 or text[found + 1 : start].strip(" \t"):
        raise Impossible("the list has no dash before its last item")
    return found


def _offset(text: str, at: int) -> int:
    return at - line_start(text, at)
