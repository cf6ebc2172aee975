"""Views of YAML nodes: maps, lists and scalars with their places, merge keys filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from meshlint.finding import Field, Fields, Location, Type, Value
from meshlint.source.lines import NEWLINE, Lines
from meshlint.source.loader import MappingNode, RawNode, ScalarNode, SequenceNode
from meshlint.source.placeholder import BLOCK, directed, placeholder
from meshlint.source.scalar import resolve
from meshlint.source.split import Slice

PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+)+")
STRING_TAG = re.compile(r"(?:[&][^\s]*\s+)?!(?:!str\b|\s|<tag:yaml.org,2002:str>)")
COMMENT = re.compile(r"[ \t,}\]]*(#[^\n\r]*)")
MERGE = "<<"


class Page:
    """What nodes need of the text they stand in."""

    def __init__(self, path: str, piece: Slice) -> None:
        self.path = path
        self.text = piece.text
        self.lines = Lines(piece.text, piece.first_line)

    @cached_property
    def directed(self) -> bool:
        """Whether directives in comments may take lines away or bring others."""
        return directed(self.text)

    @cached_property
    def lower(self) -> str:
        return self.text.lower()

    def span(self, start: int, end: int, pointer: str) -> Location:
        """The region between two offsets of the slice, cut at the end of its first line."""
        line, column = self.lines.place(start)
        end_line, end_column = self.lines.place(end)
        if end_line != line:
            end_line, end_column = line, len(self.lines.line(line)) + 1
        return Location(self.path, line, column, end_line, max(end_column, column), pointer)


class Node:
    """A view of one YAML node: a map, a list or a scalar, with its place. Looks, never changes.

    `name` is its key in the map that holds it, or what its list calls it.
    """

    __slots__ = ("_pointer", "key", "name", "page", "parent", "raw")

    def __init__(
        self,
        raw: RawNode,
        page: Page,
        name: str = "",
        parent: Node | None = None,
        key: RawNode | None = None,
    ) -> None:
        self.raw = raw
        self.page = page
        self.name = name
        self.parent = parent
        self.key = key
        self._pointer: str | None = None

    @property
    def is_map(self) -> bool:
        return isinstance(self.raw, MappingNode)

    @property
    def is_list(self) -> bool:
        return isinstance(self.raw, SequenceNode)

    @property
    def pointer(self) -> str:
        """The JSON pointer from the document's root (RFC 6901); "" for the root."""
        if self._pointer is None:
            name = self.name.replace("~", "~0").replace("/", "~1")
            self._pointer = f"{self.parent.pointer}/{name}" if self.parent else ""
        return self._pointer

    @property
    def block(self) -> str | None:
        """The source lines of a `|` scalar, which are YAML by themselves; else None."""
        if isinstance(self.raw, ScalarNode) and self.raw.style == "|":
            return self.page.text[self._head : self.raw.end_mark.index]
        return None

    @property
    def _head(self) -> int:
        """The offset at which a block scalar's first line begins."""
        head = NEWLINE.search(self.page.text, self.raw.start_mark.index)
        return head.end() if head else len(self.page.text)

    @property
    def inner(self) -> Slice:
        """A block scalar (see `block`) as a document of its own, positions kept."""
        line, _ = self.page.lines.place(self._head)
        return Slice(self.block or "", self._head, line)

    def children(self) -> Iterator[Node]:
        """The values of a map in source order, duplicates and all, `<<` left as it is."""
        if isinstance(self.raw, MappingNode):
            for key, value in self.raw.value:
                yield self._child(key, value)

    def _child(self, key: RawNode, value: RawNode) -> Node:
        return Node(value, self.page, _text(key), self, key)

    def entries(self) -> dict[str, Node]:
        """The map as Kubernetes sees it: the last of duplicate keys, merge keys filled in."""
        return self._entries(set())

    def _entries(self, merged: set[int]) -> dict[str, Node]:
        """`merged` holds the maps already merged: each counts once, however often it is named."""
        own: dict[str, Node] = {}
        inherited: dict[str, Node] = {}
        for child in self.children():
            if child.name != MERGE:
                own[child.name] = child
                continue
            for source in child._merged():
                if id(source.raw) not in merged:
                    merged.add(id(source.raw))
                    inherited = {**source._entries(merged), **inherited}
        return {**inherited, **own} if inherited else own

    def _merged(self) -> list[Node]:
        """The maps that a merge key names; not `items`, which looks into each for its name."""
        if isinstance(self.raw, SequenceNode):
            return [Node(raw, self.page, "", self, self.key) for raw in self.raw.value]
        return [self]

    def get(self, *keys: str) -> Node | None:
        """The node at a path of keys, or None."""
        node: Node | None = self
        for key in keys:
            node = node._find(key) if node else None
        return node

    def _find(self, key: str) -> Node | None:
        if not isinstance(self.raw, MappingNode):
            return None
        merges = False
        for name, value in reversed(self.raw.value):
            text = _text(name)
            if text == key:
                return self._child(name, value)
            merges = merges or text == MERGE
        return self.entries().get(key) if merges else None

    @property
    def key_where(self) -> Location:
        """The place of the key."""
        return self._place(self.key if self.key is not None else self.raw)

    @property
    def as_field(self) -> Field:
        """Key and value, the value as a scalar."""
        return Field(Value(self.name, self.key_where), self.value())

    def field(self, *keys: str) -> Field | None:
        """The entry at a path of keys, or None."""
        node = self.get(*keys)
        return node.as_field if node else None

    def fields(self, *keys: str) -> Fields:
        """The entries of the map at a path of keys; empty where there is none."""
        node = self.get(*keys)
        if node is None or not node.is_map:
            return {}
        return {name: child.as_field for name, child in node.entries().items()}

    def items(self) -> list[Node]:
        """The items of a list, named by their `name` where they have one, else by number."""
        if not isinstance(self.raw, SequenceNode):
            return []
        return [self._item(raw, index) for index, raw in enumerate(self.raw.value)]

    def _item(self, raw: RawNode, index: int) -> Node:
        item = Node(raw, self.page, str(index), self, self.key)
        own = (child.raw for child in item.children() if child.name == "name")
        item.name = next((r.value for r in own if isinstance(r, ScalarNode)), item.name)
        return item

    def templated(self, test: Callable[[str], bool]) -> bool:
        """Whether a scalar outside of block scalars passes a test, or a map is no map at all.

        Unquoted, `{{ x }}` is valid YAML: a map with a map as its key.
        """
        stack, seen = [self.raw], set()
        while stack:
            raw = stack.pop()
            if id(raw) in seen:
                continue
            seen.add(id(raw))
            if isinstance(raw, ScalarNode):
                if raw.style not in BLOCK and test(raw.value):
                    return True
            elif isinstance(raw, MappingNode):
                if _odd_keys(raw):
                    return True
                stack.extend(part for pair in raw.value for part in pair)
            else:
                stack.extend(raw.value)
        return False

    def scalars(self, *keys: str) -> tuple[Value, ...]:
        """The items of the list at a path of keys, as scalars."""
        node = self.get(*keys)
        return tuple(item.value() for item in node.items()) if node else ()

    def value(self) -> Value:
        """The node as a scalar; maps and lists have no text."""
        raw = self.raw
        if not isinstance(raw, ScalarNode):
            kind = Type.MAP if self.is_map else Type.LIST
            return Value("", self.where, kind, not _odd_keys(raw))
        kind = Type.STRING if raw.style or self._tagged() else resolve(raw.value)
        literal = not placeholder(raw.value, self._comment(raw), raw.style)
        return Value(raw.value, self.where, kind, literal)

    def _tagged(self) -> bool:
        start = self.raw.start_mark.index
        text = self.page.text
        return text[start : start + 1] in "&!" and STRING_TAG.match(text, start) is not None

    def _comment(self, raw: ScalarNode) -> str:
        """The comment behind a value, where kpt and ytt say who fills it in."""
        match = COMMENT.match(self.page.text, raw.end_mark.index)
        return match.group(1) if match else ""

    @property
    def where(self) -> Location:
        """The place of a one-line scalar; else of its key; of a list item, its first character."""
        raw = self.raw
        if isinstance(raw, ScalarNode) and raw.style not in BLOCK:
            where = self._place(raw)
            if where.column != where.end_column:
                return where
        if self.key is not None:
            empty = isinstance(raw, ScalarNode) and raw.style not in BLOCK
            item = self.parent is not None and self.parent.key is self.key
            owner = self.parent if empty and item and self.parent else self
            return owner._place(self.key)
        start = raw.start_mark.index
        return self.page.span(start, start + 1, self.pointer)

    def _place(self, raw: RawNode) -> Location:
        start, end = raw.start_mark.index, raw.end_mark.index
        properties = PROPERTIES.match(self.page.text, start, end)
        if properties:
            start = properties.end()
        return self.page.span(start, end, self.pointer)


def _odd_keys(raw: RawNode) -> bool:
    """Whether a map has keys that are no scalars, as only an unrendered template has."""
    pairs = raw.value if isinstance(raw, MappingNode) else ()
    return any(not isinstance(key, ScalarNode) for key, _ in pairs)


def _text(key: RawNode) -> str:
    return key.value if isinstance(key, ScalarNode) else ""
