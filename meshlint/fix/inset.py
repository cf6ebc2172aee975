"""A document inside of a document: YAML in a block scalar, as in ConfigMaps and annotations."""

from __future__ import annotations

from dataclasses import replace

from meshlint.finding import Edit, Location
from meshlint.fix.draft import Splice
from meshlint.fix.form import anchored, form
from meshlint.fix.layout import Impossible, after_line
from meshlint.fix.locate import address, at, pointer
from meshlint.fix.meant import own
from meshlint.fix.sheet import Sheet
from meshlint.fix.tree import Entry, Scalar, entries, tree
from meshlint.source.lines import Lines
from meshlint.source.split import Slice


class Inset:
    """A block scalar that takes edits, as a Sheet does; the document around it stays what it was.

    Raises:
        NotYaml: the scalar is no YAML.
        Impossible: no block scalar is at the place.
    """

    def __init__(self, around: Slice, place: Location, newline: str) -> None:
        lines = Lines(around.text, around.first_line)
        offset = lines.starts[place.line - around.first_line]
        self._around = around
        self._holder = _holder(around.text, offset)
        value = self._holder.value
        self.start, self.end = after_line(around.text, value.start), value.end
        text = around.text[self.start : self.end]
        self._sheet = Sheet(Slice(text, self.start, lines.place(self.start)[0]), newline)

    def entry(self, place: Location) -> Entry:
        """The entry at a place, whose pointer may lead through the document around it."""
        outer = f"{pointer(self._holder)}/"
        if place.pointer.startswith(outer):
            place = replace(place, pointer=f"/{place.pointer.removeprefix(outer)}")
        return self._sheet.entry(place)

    def make(self, edit: Edit, entry: Entry) -> None:
        self._sheet.make(edit, entry)

    @property
    def text(self) -> str:
        """The document around it, with the scalar as it is now; what that says is proven anew."""
        text, inner = self._around.text, self._sheet.text
        whole = text[: self.start] + inner + text[self.end :]
        before, after = tree(text), tree(whole)
        way = address(self._holder)
        old, new = at(before, way).value, at(after, way).value
        if not isinstance(old, Scalar) or not isinstance(new, Scalar) or new.style != "|":
            raise Impossible("no block any more")
        old.text = new.text
        if form(before) != form(after) or form(tree(new.text)) != form(tree(inner)):
            raise Impossible("the text would say something else")
        return whole

    def splices(self) -> list[Splice]:
        """The changes of the document around it."""
        return [(self.start + a, self.start + b, new) for a, b, new in self._sheet.splices()]


def _holder(text: str, offset: int) -> Entry:
    """The entry of the `|` scalar that a line is in, known by where the line begins."""
    top = tree(text)
    for entry in entries(top):
        value = entry.value
        if isinstance(value, Scalar) and value.style == "|" and value.start < offset < value.end:
            own(entry.holder, anchored(top))
            if id(value) in anchored(top):
                raise Impossible("an alias repeats the text")
            return entry
    raise Impossible("no text stands there")
