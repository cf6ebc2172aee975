"""Ways through documents: to the node that a finding names, and to its like in another file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from meshlint.finding import Location
from meshlint.resources.document import Document, documents
from meshlint.source.loader import ScalarNode
from meshlint.source.node import Node
from meshlint.source.outline import segments
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import Slice, split

ALIKE = 100_000
"""So many nodes are compared, and no more: aliases may make few lines into any number."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What a finding names: a node of an object, by its keys and the names of items.

    `on_key` tells whether it is the key. `below` is how many lines into a block of text it is,
    0 for what is no such line.
    """

    root: Node
    node: Node
    path: tuple[str, ...]
    on_key: bool
    below: int
    where: Location


class Files:
    """The documents of files, each read once."""

    def __init__(self, text: Callable[[str], str | None]) -> None:
        """`text` gives a file's text; None for one that is not in the scan."""
        self._text = text
        self._pieces: dict[str, list[Slice]] = {}
        self._roots: dict[tuple[str, int], Node | None] = {}
        self._objects: dict[tuple[str, str], list[Document]] = {}

    def pieces(self, path: str) -> list[Slice]:
        """The documents of a file, not parsed."""
        if path not in self._pieces:
            self._pieces[path] = list(split(self._text(path) or ""))
        return self._pieces[path]

    def root(self, path: str, piece: Slice) -> Node | None:
        """A document; None for what is no YAML."""
        key = (path, piece.start)
        if key not in self._roots:
            try:
                self._roots[key] = parse(path, piece)
            except Unparsable:
                self._roots[key] = None
        return self._roots[key]

    def roots(self, path: str) -> list[Node]:
        """The documents of a file that are YAML."""
        found = (self.root(path, piece) for piece in self.pieces(path))
        return [root for root in found if root is not None]

    def objects(self, path: str, kind: str) -> list[Document]:
        """The objects of a kind, items of lists among them."""
        key = (path, kind)
        if key not in self._objects:
            pieces = (piece for piece in self.pieces(path) if kind in piece.text)
            roots = (self.root(path, piece) for piece in pieces)
            every = (d for root in roots if root is not None for d in documents(root, None))
            self._objects[key] = [document for document in every if document.kind == kind]
        return self._objects[key]

    def spot(self, where: Location) -> Spot | None:
        """What a finding names; None where that cannot be told."""
        around = [piece for piece in self.pieces(where.path) if piece.first_line <= where.line]
        root = self.root(where.path, around[-1]) if around else None
        if root is None:
            return None
        path = segments(where.pointer)
        node = walk(root, path)
        if node is None or where.line not in (node.where.line, node.key_where.line):
            node, path = _around(root, where.line)
        key = node.key_where
        on_key = (key.line, key.column) == (where.line, where.column)
        below = where.line - key.line if _is_block(node) else 0
        return Spot(root, node, tuple(path), on_key, max(below, 0), where)


def _is_block(node: Node) -> bool:
    return isinstance(node.raw, ScalarNode) and node.raw.style in ("|", ">")


def _around(root: Node, line: int) -> tuple[Node, list[str]]:
    """The innermost node around a line, and the way to it."""
    node, path = root, list[str]()
    while True:
        before = [child for child in parts(node) if _begins(child) <= line]
        if not before:
            return node, path
        node = before[-1]
        path.append(node.name)


def _begins(node: Node) -> int:
    """The line of a key, or of an item of a list."""
    if node.parent is not None and node.parent.is_list:
        return node.page.lines.place(node.raw.start_mark.index)[0]
    return node.key_where.line


def parts(node: Node) -> list[Node]:
    """The values of a map, or the items of a list."""
    return node.items() if node.is_list else list(node.entries().values())


def walk(node: Node | None, path: Iterable[str]) -> Node | None:
    """The node at the end of keys and names of items; None where there is none."""
    for part in path:
        if node is None:
            return None
        if node.is_list:
            node = next((item for item in node.items() if item.name == part), None)
        else:
            node = node.get(part)
    return node


def alike(one: Node, other: Node) -> bool:
    """Whether two nodes say the same, however they are written."""
    stack, budget = [(one, other)], ALIKE
    while stack:
        first, second = stack.pop()
        budget -= 1
        if budget < 0 or (first.is_map, first.is_list) != (second.is_map, second.is_list):
            return False
        if first.is_map:
            ours, theirs = first.entries(), second.entries()
            if ours.keys() != theirs.keys():
                return False
            stack += [(ours[key], theirs[key]) for key in ours]
        elif first.is_list:
            mine, others = first.items(), second.items()
            if len(mine) != len(others):
                return False
            stack += zip(mine, others, strict=True)
        elif first.value().text != second.value().text:
            return False
    return True


def place(node: Node, spot: Spot) -> Location:
    """Where a node stands that a finding is to be put at: its key, or its value beside that."""
    key, value = node.key_where, node.where
    in_list = node.parent is not None and node.parent.is_list
    chosen = value if in_list or (not spot.on_key and value.line == key.line) else key
    return replace(chosen, pointer=spot.where.pointer)


def indices(root: Node, path: Sequence[str]) -> list[str]:
    """The same way with the numbers of items, as JSON pointers have them."""
    found: list[str] = []
    node: Node | None = root
    for part in path:
        if node is not None and node.is_list:
            names = [item.name for item in node.items()]
            found.append(str(names.index(part)) if part in names else part)
        else:
            found.append(part)
        node = walk(node, [part])
    return found
