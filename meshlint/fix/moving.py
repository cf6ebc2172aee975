"""The text of an entry, to be put somewhere else."""

from __future__ import annotations

from meshlint.fix.layout import Impossible, column, ended, head
from meshlint.fix.putting import Body
from meshlint.fix.taking import above
from meshlint.fix.tree import Entry
from meshlint.source.lines import NEWLINE


def moved(text: str, entry: Entry) -> Body:
    """An entry with its comment, and those right above it; lines without their indentation."""
    words = text[entry.begin : entry.value.end]
    inline = None if NEWLINE.search(words) else words
    if entry.holder.flow:
        if inline is None:
            raise Impossible("several lines in braces")
        return Body((inline,), inline)
    indent = column(text, entry)
    lone = not head(text, entry).strip()
    start = above(text, entry) if lone else entry.begin
    lines = NEWLINE.split(text[start : ended(text, entry.value.end)])
    if not lone:
        lines[0] = " " * indent + lines[0]
    return Body(tuple(_dedented(line, indent) for line in lines), inline)


def _dedented(line: str, indent: int) -> str:
    if line[:indent].strip(" "):
        raise Impossible("a line that is not indented as the first")
    return line[indent:]
