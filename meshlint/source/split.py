"""Text into document slices, each with its first line and, where it can be seen, its kind.

YAML forbids `---` at the start of a line inside a scalar, so the text can be cut there without a
parser, and documents whose kind nobody reads need never be parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MARKER = re.compile(r"(?:---|\.\.\.)(?=[ \t\n]|\Z)")
CONTENT = re.compile(
    r"^(?:(?:---|\.\.\.)[ \t]+[^\s#]|(?!---[ \t\n]|---\Z|\.\.\.|%)[ \t]*[^\s#])", re.MULTILINE
)
KIND = re.compile(r"""["']?kind["']?[ \t]*:[ \t]*(["']?)([^\s"'#]*)\1[ \t]*(?=#|\n|\Z)""")
KEYS = ("kind", '"kind', "'kind")
JSON_BREAK = re.compile(r"\}\s*\{")
NEWLINE = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Slice:
    """One document: `start` is its offset in the file's text, `first_line` its 1-based line."""

    text: str
    start: int
    first_line: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """The values of the top-level `kind:` keys that stand at the start of a line."""
        text = _plain(self.text)
        found = (KIND.match(text, at) for key in KEYS for at in _starts(text, key))
        return tuple(match.group(2) for match in found if match)

    @property
    def flat(self) -> bool:
        """True where the root is a block map at column 0: then every top-level key can be seen."""
        first = CONTENT.search(_plain(self.text))
        plain = first is not None and re.match(r"[\w\"'$.]", first.group()) is not None
        return plain and "\n<<" not in self.text


def _plain(text: str) -> str:
    """The same text with every line end a line feed, all offsets kept."""
    return text.replace("\r", "\n") if "\r" in text else text


def _starts(text: str, word: str) -> Iterator[int]:
    """Where lines begin with a word."""
    if text.startswith(word):
        yield 0
    at = text.find("\n" + word)
    while at >= 0:
        yield at + 1
        at = text.find("\n" + word, at + 1)


def split(text: str) -> Iterator[Slice]:
    """The documents of a file's text (without BOM); what is only comments is left out."""
    line, at = 1, 0
    for start, end in _bounds(text):
        line += breaks(text, at, start)
        at = start
        body = text[start:end]
        if CONTENT.search(_plain(body)):
            yield Slice(body, start, line)


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    """Where documents begin and end; directives (`%YAML`) stay with the document they precede."""
    if text.lstrip()[:1] == "{" and JSON_BREAK.search(text):
        yield from _json_bounds(text)
        return
    plain, start = _plain(text), 0
    for at in sorted((*_starts(plain, "---"), *_starts(plain, "..."))):
        if at > start and MARKER.match(plain, at):
            head = plain[start:at]
            if not (_directive(head) and not CONTENT.search(head)):
                yield start, at
                start = at
    yield start, len(text)


def _directive(head: str) -> bool:
    return head.startswith("%") or "\n%" in head


def _json_bounds(text: str) -> Iterator[tuple[int, int]]:
    """JSON objects one after the other, as kubectl reads them; from a fault on, the rest."""
    import json  # few files need it

    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        begin = at
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        try:
            _, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = len(text)
        yield begin, at


def breaks(text: str, start: int, end: int) -> int:
    """How many line ends there are between two offsets."""
    if "\r" not in text:
        return text.count("\n", start, end)
    return sum(1 for _ in NEWLINE.finditer(text, start, end))
