"""A pasted text into messages: terminal codes, quotes, escapes and wraps undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from meshlint.source.text import legible

LONGEST = 2_000
"""Characters of a message that are looked at as a whole: longer ones are cut into pieces."""

MOST_LINES = 1_000_000

OVERLAP = 500
"""What two pieces share, so that an error on the border is in one of them."""

ESCAPED = re.compile(r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|([nrt\"'/]))")
TERMINAL = re.compile(r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)|.)")
ENTITY = re.compile(r"&(quot|#0*34|#x22|apos|#0*39|#x27|lt|gt|amp|nbsp);")
ENTITIES = {"quot": '"', "lt": "<", "gt": ">", "amp": "&", "nbsp": " ", "apos": "'"}
LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(https?://[^()\s]{1,300}\)")
QUOTED = re.compile(r"(?:\s{0,20}[>|│]){1,20}(?=\s|$)")
PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\x00\x08"),
    }
)
START = re.compile(
    r"""
    (?:\S{1,200}\ ){0,2}\[?\d{4}[-/]\d\d[-/]\d\d[T\ ]\d\d:   # a time, behind pod and container
  | (?:\[[^\]]{1,200}\]\ )?[IWEF]\d{4}\ \d\d:                # klog
  | [A-Z][a-z]{2}\ {1,2}\d{1,2}\ \d\d:\d\d:\d\d\            # syslog
  | \{\s*"                                                  # JSON
  | (?:ts|time|level|severity)=                             # logfmt
  | "?(?:textPayload|message|msg|insertId|timestamp|severity|level|reason)"?:\s
  | (?:\S{1,60}\ )?(?:<\w+>|\d+[smhd]\S{0,20})\ (?:Warning|Normal)\b   # kubectl get events
  | (?:Warning|Normal)\ {1,}[A-Z]
  | Error\ from\ server | Error\ creating: | (?:Error|error|ERROR|FATAL|Fatal):\s
  | (?:Error|Warning|Info)\ \[IST                             # istioctl analyze
  | (?:Name|Namespace|Labels|Annotations|Selector|Controlled\ By|Replicas|Pods\ Status|Status
      |Pod\ Template|Conditions|Events|Type|Reason|Node|IPs?|(?:Init\ )?Containers|Volumes|Message):
  | (?:NAME|NAMESPACE|LAST\ SEEN)\s
  | [$#]\s\S
  | ```
    """,
    re.VERBOSE,
)
ABOUT = re.compile(r"(Name|Namespace|Controlled By): (\S{1,260})$")
Place = tuple[int, int]
"""The index of a line in its message, and an offset in that line."""

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is looked at, and its number in the text."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """Lines that belong together: one of a log, a paragraph, or a piece of what is too long.

    `about` is what `kubectl describe` has said before: `Name`, `Namespace`, `Controlled By`.
    """

    lines: tuple[Line, ...]
    about: Mapping[str, str]

    @property
    def squeezed(self) -> str:
        """The text without blanks, in small letters."""
        return "".join(line.text for line in self.lines).replace(" ", "").lower()

    def joined(self, by: str) -> str:
        """The text in one line; mail and YAML break lines at a blank, terminals anywhere."""
        return by.join(line.text for line in self.lines)

    def place(self, offset: int, by: str) -> Place:
        """The place that an offset in the joined text has."""
        for index, line in enumerate(self.lines):
            if offset < len(line.text) + len(by):
                return index, offset
            offset -= len(line.text) + len(by)
        return len(self.lines) - 1, offset


def messages(data: bytes) -> tuple[list[Message], int]:
    """The messages of a text, and how many lines it has."""
    rows = legible(data).splitlines()
    lines = _lines(rows[:MOST_LINES])
    found = [piece for group, about in _groups(lines) for piece in _pieces(group, about)]
    return found, len(rows)


def _lines(rows: Iterable[str]) -> Iterator[Line]:
    """The lines as they are looked at; of blank ones, one is enough."""
    blank = False
    for number, row in enumerate(rows, 1):
        for text in plain(row) if row else ("",):
            if text or not blank:
                yield Line(number, text)
            blank = not text


def plain(row: str) -> Iterator[str]:
    """A line as somebody would read it: more than one where it has escaped line ends."""
    text = ESCAPED.sub(_unescaped, row) if "\\" in row else row
    for part in text.splitlines() or [""]:
        yield " ".join(_legible(part).split())


def _unescaped(match: re.Match[str]) -> str:
    code, letter = match.groups()
    if code:
        char = chr(int(code, 16))
        return char if not "\ud800" <= char <= "\udfff" else "\ufffd"
    return {"n": "\n", "r": "\n", "t": " "}.get(letter, letter)


def _legible(text: str) -> str:
    if "\x1b" in text:
        text = TERMINAL.sub("", text)
    if not text.isascii() or "\x00" in text:
        text = text.translate(PLAIN)
    if "&" in text:
        text = ENTITY.sub(lambda found: ENTITIES.get(found[1]) or _quote(found[1]), text)
    if "](" in text:
        text = LINK.sub(r"\1", text)
    quote = QUOTED.match(text)
    return text[quote.end() :] if quote else text


def _quote(entity: str) -> str:
    return '"' if entity.endswith(("34", "22")) else "'"


def _groups(lines: Iterable[Line]) -> Iterator[tuple[list[Line], Mapping[str, str]]]:
    """Lines up to a blank one, or to one that looks like a beginning, and what is known of them."""
    about: Mapping[str, str] = NOTHING
    group: list[Line] = []
    for line in lines:
        if group and (not line.text or START.match(line.text)):
            yield group, about
            group = []
        if line.text:
            about = _heard(about, line.text)
            group.append(line)
    if group:
        yield group, about


def _heard(about: Mapping[str, str], text: str) -> Mapping[str, str]:
    """What `kubectl describe` says of its object; another command ends it."""
    if text.startswith("$ "):
        return NOTHING
    told = ABOUT.match(text) if text[0] in "NC" else None
    if told is None:
        return about
    return {**(about if told[1] != "Name" else {}), told[1]: told[2]}


def _pieces(group: list[Line], about: Mapping[str, str]) -> Iterator[Message]:
    """The message, or pieces of it that each begin with the end of the one before."""
    piece: list[Line] = []
    size = 0
    for part in (part for line in group for part in _parts(line)):
        if size + len(part.text) > LONGEST:
            yield Message(tuple(piece), about)
            piece = _tail(piece)
            size = sum(len(line.text) for line in piece)
        piece.append(part)
        size += len(part.text)
    yield Message(tuple(piece), about)


def _tail(piece: list[Line]) -> list[Line]:
    """As many of the last lines as the next piece repeats."""
    sizes = accumulate(len(line.text) for line in reversed(piece))
    number = sum(size <= OVERLAP for size in sizes)
    return piece[len(piece) - number :]


def _parts(line: Line) -> Iterator[Line]:
    """The line, or parts of a long one that end at a blank where there is one."""
    text, start = line.text, 0
    while len(text) - start > OVERLAP:
        blank = text.rfind(" ", start + 1, start + OVERLAP)
        end = blank if blank > 0 else start + OVERLAP
        yield Line(line.number, text[start:end])
        start = end + (blank > 0)
    yield Line(line.number, text[start:]) if start else line
