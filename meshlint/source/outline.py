"""Keys of a text that no parser reads, such as a chart's template, told from its indentation.

What template actions bring is not there, and what stands around them is taken as it stands: a key
that is found is in its line, but it need not be the only one of its path that is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

ACTION = re.compile(r"\{\{(?:[^`}]|\}(?!\})|`[^`]*`)*\}\}")
"""An action of a template; what is quoted in it may have braces."""

FILLED = "\x01"
"""Stands for each character of an action; no YAML holds it."""

KEY = re.compile(
    r"""(?P<indent>[ ]*)(?P<dashes>(?:-[ ]+)*)
        (?P<key>"[^"\n]*"|'[^'\n]*'|[^\s"'#{\[\-&*!|>%@`][^\n]*?)
        [ ]*:(?=\s|\Z)[ ]*(?P<value>[^\n]*)""",
    re.VERBOSE,
)
ITEM = re.compile(r"(?P<indent>[ ]*)-(?:[ ]+(?P<value>[^\n]*)|\Z)")
BLOCK = re.compile(r"[|>][+\-0-9]*[ ]*(?:#.*)?\Z")


@dataclass(slots=True, eq=False)
class Entry:
    """A key, or an item of a list (`key` is None); `line` and `column` are those of the key.

    `value` is what follows on its line, actions and all; `document` counts from 0. `part` is True
    in a part that is rendered wherever it is included (`define`).
    """

    key: str | None
    line: int
    column: int
    indent: int
    document: int
    parent: Entry | None
    value: str = ""
    part: bool = False
    children: list[Entry] = field(default_factory=list)

    @property
    def name(self) -> str | None:
        """What a list calls this item, None where it has no `name`; with FILLED, it is not told."""
        return next((unquoted(c.value) for c in self.children if c.key == "name"), None)

    @property
    def path(self) -> list[Entry]:
        """From the top down to this entry."""
        return [*(self.parent.path if self.parent else ()), self]


def outline(text: str) -> list[Entry]:
    """The entries of a text, in the order of their lines."""
    masked = ACTION.sub(lambda action: _masked(action.group()), text)
    return _Walk(masked.split("\n"), text.split("\n"), _parts(text)).entries


WORD = re.compile(r"\{\{-?\s*(define|block|if|range|with|end)\b")


def _parts(text: str) -> frozenset[int]:
    """The numbers of the lines between a `define` and its `end`."""
    open_words: list[tuple[str, int]] = []
    lines: set[int] = set()
    line, at = 1, 0
    for found in WORD.finditer(text):
        line, at = line + text.count("\n", at, found.start()), found.start()
        if found[1] != "end":
            open_words.append((found[1], line))
        elif open_words:
            word, first = open_words.pop()
            lines.update(range(first + 1, line) if word == "define" else ())
    return frozenset(lines)


def _masked(action: str) -> str:
    return "".join("\n" if char == "\n" else FILLED for char in action)


class _Walk:
    """Goes through lines with the open maps and lists on a stack."""

    def __init__(self, masked: Sequence[str], lines: Sequence[str], parts: frozenset[int]) -> None:
        self.entries: list[Entry] = []
        self._stack: list[Entry] = []
        self._document = 0
        self._block: int | None = None
        self._lines, self._parts = lines, parts
        for number, line in enumerate(masked, 1):
            if (number in parts) != (number - 1 in parts):
                self._stack, self._block = [], None
            self._take(number, line.rstrip("\r"))

    def _take(self, number: int, line: str) -> None:
        bare = line.replace(FILLED, "").strip()
        if line.startswith("---"):
            self._document, self._stack, self._block = self._document + 1, [], None
        if not bare or bare.startswith(("#", "---")) or self._within(line):
            return
        found = KEY.match(line)
        if found:
            self._items(number, found["indent"] + found["dashes"])
            self._key(number, found)
        elif item := ITEM.match(line):
            self._items(number, line[: item.end("indent")] + "-")

    def _within(self, line: str) -> bool:
        """Whether a line belongs to the block scalar that is open."""
        if self._block is None:
            return False
        if len(line) - len(line.lstrip(" ")) > self._block:
            return True
        self._block = None
        return False

    def _items(self, number: int, head: str) -> None:
        """The items that dashes at the start of a line begin."""
        for column, char in enumerate(head):
            if char == "-":
                while self._stack and not self._holds(column):
                    self._stack.pop()
                self._open(Entry(None, number, column + 1, column, self._document, self._top))

    def _holds(self, column: int) -> bool:
        """Whether the innermost open entry may hold a list with its dashes at a column."""
        top = self._stack[-1]
        return top.indent < column or (top.indent == column and top.key is not None)

    def _key(self, number: int, found: re.Match[str]) -> None:
        column = found.start("key")
        while self._stack and self._stack[-1].indent >= column:
            self._stack.pop()
        raw = self._lines[number - 1]
        value = raw[found.start("value") :].rstrip()
        entry = Entry(
            unquoted(found["key"]), number, column + 1, column, self._document, self._top, value
        )
        self._open(entry)
        if BLOCK.match(found["value"].rstrip()):
            self._block = column

    @property
    def _top(self) -> Entry | None:
        return self._stack[-1] if self._stack else None

    def _open(self, entry: Entry) -> None:
        entry.part = entry.line in self._parts
        if entry.parent:
            entry.parent.children.append(entry)
        self._stack.append(entry)
        self.entries.append(entry)


def unquoted(text: str) -> str:
    """A scalar without its quotes, comment and the space around it."""
    plain = text.strip()
    if len(plain) > 1 and plain[0] in "\"'":
        return plain[1:].partition(plain[0])[0]
    return re.sub(r"[ \t]#.*", "", plain).strip()


def segments(pointer: str) -> list[str]:
    """The parts of a JSON pointer, decoded."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def at(entries: Sequence[Entry], wanted: Sequence[str]) -> Iterator[Entry]:
    """The entries whose path is one of these keys and items (by their name, else by number).

    In a part it is the end of the path: where the part is included is not known.
    """
    for entry in entries:
        path = entry.path
        length = len(wanted)
        fits = len(path) <= length if entry.part else len(path) == length
        if fits and all(map(_is, path, wanted[length - len(path) :])):
            yield entry


def _is(entry: Entry, wanted: str) -> bool:
    if entry.key is not None:
        return entry.key == wanted
    name = entry.name
    if name is None:
        return wanted.isdigit()
    return name == wanted or "{{" in name
