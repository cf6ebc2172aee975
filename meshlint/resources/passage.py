"""Places inside of a scalar's text: a line of a block scalar is a line of the file."""

from __future__ import annotations

from meshlint.finding import Location
from meshlint.source.lines import NEWLINE
from meshlint.source.node import Node


def within(node: Node, start: int, end: int) -> Location:
    """The region between two offsets of a scalar's text, cut at the end of its first line.

    Only blocks (`|`) keep the lines of the file; in other scalars each place is that of the whole.
    """
    block = node.block
    if block is None:
        return node.where
    text = node.value().text
    row = text.count("\n", 0, start)
    sources = NEWLINE.split(block)
    begin = text.rfind("\n", 0, start) + 1
    line = text[begin:].partition("\n")[0]
    source = sources[row] if row < len(sources) else ""
    if not source.endswith(line):  # other line breaks than those that files have
        return node.where
    indent = len(source) - len(line)
    last = min(max(end, start + 1) - begin, len(line))
    first = min(start - begin, max(last - 1, 0))
    number = node.inner.first_line + row
    path = node.page.path
    return Location(path, number, indent + first + 1, number, indent + last + 1, node.pointer)
