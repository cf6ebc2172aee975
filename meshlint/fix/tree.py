"""A document as fixes change it: maps, lists, scalars and aliases, and where each is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from meshlint.source.loader import Part, compose, parts
from meshlint.source.node import MERGE, PROPERTIES
from meshlint.source.placeholder import BLOCK


@dataclass(slots=True, eq=False)
class Scalar:
    """`start` is behind anchor and tag. What an edit puts into a tree has no place: -1."""

    text: str
    style: str = ""
    tag: str | None = None
    anchor: str | None = None
    start: int = -1
    end: int = -1

    @property
    def empty(self) -> bool:
        """Whether nothing is written: the null of `key:`."""
        return not self.style and self.start == self.end and self.start >= 0

    @property
    def block(self) -> bool:
        return self.style in BLOCK


@dataclass(slots=True, eq=False)
class Alias:
    """Stands for what has its anchor."""

    target: Tree | None
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Entry:
    """An entry of a map; `begin` is where it begins, before anchor and tag of its key."""

    key: Tree
    value: Tree
    holder: Map
    begin: int = -1

    @property
    def name(self) -> str | None:
        """The key's text; None where it is no scalar."""
        return self.key.text if isinstance(self.key, Scalar) else None


@dataclass(slots=True, eq=False)
class Map:
    """`start` and `end` are those of its braces; of a block, of its first and last content."""

    flow: bool = False
    tag: str | None = None
    anchor: str | None = None
    start: int = -1
    end: int = -1
    entries: list[Entry] = field(default_factory=list)
    parent: Entry | List | None = None

    def get(self, name: str) -> Entry | None:
        """The last entry with a key: that is the one that counts."""
        return next((entry for entry in reversed(self.entries) if entry.name == name), None)

    def after(self, name: str | None) -> Entry | None:
        """The entry before which another is put; None for the end. In blocks, metadata is put
        before the spec, which is long."""
        return self.get("spec") if name == "metadata" and not self.flow else None

    @property
    def merges(self) -> bool:
        """Whether it takes entries of other maps (`<<`)."""
        return self.get(MERGE) is not None


@dataclass(slots=True, eq=False)
class List:
    """As Map."""

    flow: bool = False
    tag: str | None = None
    anchor: str | None = None
    start: int = -1
    end: int = -1
    items: list[Tree] = field(default_factory=list)
    parent: Entry | List | None = None


Tree: TypeAlias = Scalar | Alias | Map | List
Grown = TypeVar("Grown", Scalar, Map, List)
EMPTY = Scalar("")


def entries(top: Tree) -> Iterator[Entry]:
    """All entries of all maps, from the top down; those of an alias are where its anchor is."""
    if isinstance(top, Map):
        for entry in top.entries:
            yield entry
            yield from entries(entry.value)
    elif isinstance(top, List):
        for item in top.items:
            yield from entries(item)


def tree(text: str) -> Tree:
    """The tree of a document.

    Raises:
        NotYaml: it is not valid YAML, or nested too deeply.
    """
    compose(text)
    return draft(text)


def draft(text: str) -> Tree:
    """The tree of what need not be valid yet: an anchor may be there twice, or be missing."""
    return _Growing(text, parts(text)).grown()


class _Growing:
    """Takes parts one after the other."""

    def __init__(self, text: str, source: Iterator[Part]) -> None:
        self._text = text
        self._source = source
        self._anchors: dict[str, Tree] = {}

    def grown(self) -> Tree:
        return self._tree(next(self._source), None)

    def _tree(self, part: Part, parent: Entry | List | None) -> Tree:
        if part.what == "scalar":
            return self._anchored(part, self._scalar(part))
        if part.what == "alias":
            return Alias(self._anchors.get(part.name or ""), part.start, part.end)
        if part.what == "map":
            return self._map(part, parent)
        return self._list(part, parent)

    def _anchored(self, part: Part, made: Grown) -> Grown:
        if part.name:
            self._anchors[part.name] = made
        return made

    def _scalar(self, part: Part) -> Scalar:
        properties = PROPERTIES.match(self._text, part.start, part.end)
        start, end = properties.end() if properties else part.start, part.end
        if part.style in BLOCK:  # its line ends are not the entry's
            end = start + len(self._text[start:end].rstrip())
        return Scalar(part.text, part.style, part.tag, part.name, start, end)

    def _map(self, part: Part, parent: Entry | List | None) -> Map:
        made = self._anchored(part, Map(part.flow, part.tag, part.name, parent=parent))
        for begin in self._source:
            if begin.what == "end":
                content = [self._end(entry) for entry in made.entries]
                made.start, made.end = self._span(part, begin, content)
                break
            entry = Entry(self._tree(begin, None), EMPTY, made, begin.start)
            entry.value = self._tree(next(self._source), entry)
            made.entries.append(entry)
        return made

    def _end(self, entry: Entry) -> int:
        """Where an entry ends; a value that is not written is put right behind the colon."""
        value = entry.value
        if isinstance(value, Scalar) and value.empty and value.anchor is None:
            colon = self._text.find(":", entry.key.end)
            there = colon >= 0 and not self._text[entry.key.end : colon].strip(" \t")
            value.start = value.end = colon + 1 if there else entry.key.end
        return value.end

    def _list(self, part: Part, parent: Entry | List | None) -> List:
        made = self._anchored(part, List(part.flow, part.tag, part.name, parent=parent))
        for begin in self._source:
            if begin.what == "end":
                content = [item.end for item in made.items]
                made.start, made.end = self._span(part, begin, content)
                break
            made.items.append(self._tree(begin, made))
        return made

    def _span(self, first: Part, last: Part, content: list[int]) -> tuple[int, int]:
        if first.flow:
            return first.end - 1, last.end
        return first.start, content[-1] if content else first.end
