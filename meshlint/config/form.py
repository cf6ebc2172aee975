"""Maps, lists and strings out of a configuration, and what is wrong with them, all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import cache

from meshlint.config.fault import Fault
from meshlint.finding import Location, Type, Value, quoted
from meshlint.source.loader import MappingNode, SequenceNode
from meshlint.source.node import MERGE, Node

LIMIT = 50_000
"""Values read, each as often as aliases repeat it: a guard against files made to be slow."""

Test = Callable[[str], str | None]
"""What is wrong with a string, as the end of a sentence about it; None where nothing is."""


class Endless(Exception):
    """There are more values than LIMIT."""


class Form:
    """Reads values, and keeps the faults it meets. What is faulty is left out of the answer.

    A key without a value counts as left out.
    """

    def __init__(self) -> None:
        self.faults: set[Fault] = set()
        self._left = LIMIT

    def wrong(self, where: Location, text: str) -> None:
        self.faults.add(Fault(where, text))

    def entries(self, node: Node | None, keys: tuple[str, ...] = ()) -> dict[str, Node]:
        """The entries of a map; only those of `keys`, where some are given."""
        if node is None or not self._is(node, node.is_map, "a map"):
            return {}
        self._twice(node)
        found = node.entries()
        self._count(len(found))
        for name, child in found.items():
            if keys and name not in keys:
                self.wrong(child.key_where, f"unknown key {quoted(name)}{_meant(name, keys)}")
        return {name: child for name, child in found.items() if not keys or name in keys}

    def _twice(self, node: Node) -> None:
        """Keys of which Kubernetes' reader, and ours, would drop the first."""
        lines: dict[str, int] = {}
        for child in node.children():
            where = child.key_where
            if child.name == MERGE:
                raws = child.raw.value if isinstance(child.raw, SequenceNode) else [child.raw]
                if not all(isinstance(raw, MappingNode) for raw in raws):
                    self.wrong(where, "'<<' must name maps")
            elif child.name in lines:
                self.again(Value(child.name, where), lines[child.name])
            lines.setdefault(child.name, where.line)

    def items(self, node: Node | None) -> list[Node]:
        """The items of a list."""
        if node is None or not self._is(node, node.is_list, "a list"):
            return []
        raws = node.raw.value if isinstance(node.raw, SequenceNode) else []
        self._count(len(raws) + sum(len(raw.value) for raw in raws if isinstance(raw, MappingNode)))
        return node.items()

    def _is(self, node: Node, right: bool, wanted: str) -> bool:
        if not right and not blank(node):
            self.wrong(
                place(node), f"{_named(node)} must be {wanted}, and is {_kind(node.value())}"
            )
        return right

    def _count(self, number: int) -> None:
        self._left -= number + 1
        if self._left < 0:
            raise Endless

    def text(self, node: Node | None, test: Test) -> Value | None:
        """A string that passes a test; it is meant as it stands, so no part is a placeholder."""
        if node is None or blank(node):
            return None
        value = node.value()
        if value.type is not Type.STRING:
            hint = "" if node.is_map or node.is_list else ": write it in quotes"
            text = f"{_named(node)} must be a string, and is {_kind(value)}{hint}"
            self.wrong(place(node), text)
            return None
        return self.tested(value, test)

    def tested(self, value: Value, test: Test) -> Value | None:
        """The value, where the test finds nothing wrong with it."""
        problem = test(value.text)
        if problem:
            self.wrong(value.where, f"{quoted(value.text)} {problem}")
        return None if problem else replace(value, literal=True)

    def texts(self, node: Node | None, test: Test) -> tuple[Value, ...]:
        """The strings of a list, each once."""
        return tuple(self._texts(node, test))

    def _texts(self, node: Node | None, test: Test) -> Iterator[Value]:
        lines: dict[str, int] = {}
        for item in self.items(node):
            value = self.text(item, test)
            if blank(item):
                self.wrong(place(item), "an item has no value")
            elif value is not None and value.text in lines:
                self.again(value, lines[value.text])
            elif value is not None:
                lines[value.text] = value.where.line
                yield value

    def again(self, value: Value, line: int) -> None:
        """Says that a name has been given before."""
        self.wrong(value.where, f"{quoted(value.text)} stands on line {line} already")


def blank(node: Node | None) -> bool:
    """Whether a key has no value, or null."""
    return node is not None and node.value().type is Type.NULL


def place(node: Node) -> Location:
    """Where to show a node: in a list, what is no string at the character where it begins."""
    start = node.raw.start_mark.index
    if _item(node) and (node.is_map or node.is_list or start == node.raw.end_mark.index):
        return node.page.span(start, start + 1, node.pointer)
    return node.where


def _item(node: Node) -> bool:
    return node.parent is not None and node.parent.is_list


def _named(node: Node) -> str:
    if _item(node):
        return "an item"
    return quoted(node.name) if node.parent else "the configuration"


def _kind(value: Value) -> str:
    article = "an" if value.type is Type.INT else "a"
    return f"{article} {value.type}" if value.type is not Type.NULL else "empty"


@cache
def _meant(name: str, keys: tuple[str, ...]) -> str:
    """The valid key that comes nearest, else all of them."""
    import difflib  # most configurations have no fault

    plain = {_plain(key): key for key in keys}
    near = difflib.get_close_matches(_plain(name), plain, 1)
    if near:
        return f", did you mean {quoted(plain[near[0]])}?"
    return f": {'the keys here are' if len(keys) > 1 else 'the only key here is'} {', '.join(keys)}"


def _plain(key: str) -> str:
    return re.sub(r"[-_ ]", "", key).lower()


def choice(words: Collection[str]) -> Test:
    """Only these words."""

    def test(text: str) -> str | None:
        if text in words:
            return None
        import difflib

        near = difflib.get_close_matches(text.lower(), words, 1)
        hint = f", did you mean {quoted(near[0])}?" if near else ""
        return f"is none of {', '.join(words)}{hint}"

    return test


def pattern(regex: re.Pattern[str], words: str) -> Test:
    """Only what a regular expression matches from the start."""
    return lambda text: None if regex.match(text) else words
