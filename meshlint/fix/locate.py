"""Entries by their place in a file, and by their address in a tree."""

from __future__ import annotations

from meshlint.finding import Location
from meshlint.fix.form import anchored
from meshlint.fix.layout import Impossible
from meshlint.fix.tree import Entry, List, Map, Scalar, Tree, entries
from meshlint.source.lines import Lines
from meshlint.source.split import Slice


def found(top: Tree, piece: Slice, place: Location) -> Entry:
    """The entry whose key or scalar value stands at a place of a document.

    A place that an alias leads to has another pointer than the entry that is written there.
    """
    starts = Lines(piece.text, piece.first_line).starts
    row = place.line - piece.first_line
    offset = starts[row] + place.column - 1 if 0 <= row < len(starts) else -1
    for entry in entries(top):
        if isinstance(entry.key, Scalar) and entry.key.start == offset:
            break
        if _valued(entry, offset):
            if id(entry.value) in anchored(top):
                raise Impossible("an alias repeats the value")
            break
    else:
        raise Impossible("no entry stands there")
    if place.pointer and place.pointer != pointer(entry):
        raise Impossible("the place is another one")
    return entry


def _valued(entry: Entry, offset: int) -> bool:
    value = entry.value
    return isinstance(value, Scalar) and not (value.empty or value.block) and value.start == offset


def pointer(entry: Entry) -> str:
    """The JSON pointer of an entry, as Location has it."""
    name = (entry.name or "").replace("~", "~0").replace("/", "~1")
    return f"{_pointer(entry.holder)}/{name}"


def _pointer(holder: Map | List) -> str:
    above = holder.parent
    if above is None:
        return ""
    if isinstance(above, Entry):
        return pointer(above)
    number = next(index for index, item in enumerate(above.items) if item is holder)
    names = [e.value for e in holder.entries if e.name == "name"] if isinstance(holder, Map) else []
    name = next((value.text for value in names if isinstance(value, Scalar)), str(number))
    return f"{_pointer(above)}/{name.replace('~', '~0').replace('/', '~1')}"


Address = tuple[int, ...]
"""The numbers of entries and items that lead to an entry, from the top down."""


def address(entry: Entry) -> Address:
    numbers = [entry.holder.entries.index(entry)]
    holder: Map | List = entry.holder
    while holder.parent is not None:
        above = holder.parent
        if isinstance(above, Entry):
            numbers.append(above.holder.entries.index(above))
            holder = above.holder
        else:
            numbers.append(next(n for n, item in enumerate(above.items) if item is holder))
            holder = above
    return tuple(reversed(numbers))


def at(top: Tree, way: Address) -> Entry:
    """The entry at an address."""
    entry: Entry | None = None
    for number in way:
        if isinstance(top, List):
            top = top.items[number]
        elif isinstance(top, Map):
            entry = top.entries[number]
            top = entry.value
    if entry is None:
        raise Impossible("it is there no more")
    return entry
