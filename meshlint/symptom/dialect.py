"""The patterns of the catalogue: regular expressions that do not care how a text was wrapped.

They are those of Python's `re`, in any case of letters, with two marks of their own: a blank stands
for white space or none, since a terminal may break a line in the middle of a word; and `…` for some
text of the same error. A pattern has a literal part that is always there, by which the few messages
that it is tried on are found; so texts of any size take time that grows with their size alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

LONGEST = 600
SHORTEST_ANCHOR = 5
MOST_STRETCHES = 3
REACH = 400
"""How many characters `…` can stand for."""

HEADS = "failed calling (?:admission )?webhook|Error from server|Error creating:|denied the request"
"""Where an error begins: `…` does not reach into the next one."""

PIECE = re.compile(
    r"""
    (?P<blank>\s+)
  | (?P<gap>…)
  | (?P<set>\[\^?\]?(?:[^\]\\]|\\.)*\])
  | (?P<escape>\\.)
  | (?P<open>\((?:\?(?:P<\w+>|P=\w+|<?[=!]|[:>]))?)
  | (?P<close>\))
  | (?P<bar>\|)
  | (?P<times>[*+?]|\{\d*,?\d*\})[?+]?
  | (?P<any>[.^$])
  | (?P<plain>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class BadPattern(Exception):
    """A pattern that cannot be used, and why, as the end of a sentence about it."""


@dataclass(frozen=True)
class Pattern:
    """`text` as it was written.

    `anchors` are its literal parts, without blanks and in small letters, the longest one first: a
    text that lacks one of them is not tried.
    """

    text: str
    source: str
    anchors: tuple[str, ...]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.source, re.IGNORECASE)


def pattern(text: str) -> Pattern:
    """A pattern out of its text.

    Raises:
        BadPattern: it is no regular expression, or one that could take forever.
    """
    if len(text) > LONGEST:
        raise BadPattern(f"is longer than {LONGEST} characters")
    reader = _Reader()
    for piece in PIECE.finditer(text.strip()):
        reader.take(piece)
    anchors = sorted({run for run in reader.runs() if len(run) >= SHORTEST_ANCHOR}, key=len)
    if not anchors:
        need = f"has no {SHORTEST_ANCHOR} letters in a row that always stand in the text"
        raise BadPattern(f"{need}: outside of groups and sets")
    if reader.stretches > MOST_STRETCHES:
        raise BadPattern(f"has more than {MOST_STRETCHES} of …, .* and .+")
    return Pattern(text, "".join(reader.source), tuple(reversed(anchors)))


def compiled(found: Pattern) -> Pattern:
    """The pattern, tried out.

    Raises:
        BadPattern: it is no regular expression.
    """
    try:
        found.regex  # noqa: B018 (compiles it)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern(f"is no regular expression: {error}") from None
    return found


_HEADS = HEADS.replace(" ", " ?")
_GAP = rf"(?:(?!{_HEADS}).){{0,{REACH}}}?"


class _Reader:
    """Reads a pattern piece by piece."""

    def __init__(self) -> None:
        self.source: list[str] = []
        self.stretches = 0
        self._runs = [""]
        self._repeats = [False]
        self._closed: bool | None = None  # of the group that just ended: whether it repeats
        self._last = ""

    def runs(self) -> list[str]:
        """The literal parts so far."""
        return self._runs

    def take(self, piece: re.Match[str]) -> None:
        kind, text = piece.lastgroup or "", piece.group()
        closed, self._closed = self._closed, None
        self.source.append({"blank": " ?", "gap": _GAP}.get(kind, text))
        if kind == "times":
            self._times(text, closed)
        elif kind in ("plain", "escape") and len(self._repeats) == 1:
            self._letter(text)
        elif kind == "bar" and len(self._repeats) == 1:
            raise BadPattern("has a bar outside of a group: write two patterns")
        elif kind != "blank":
            self._other(kind)
        self._last = kind

    def _letter(self, text: str) -> None:
        """Something that stands for itself; `\\d` and the like do not, and `\\b` takes no room."""
        letter = text[-1]
        if len(text) == 1 or not letter.isalnum():
            self._runs[-1] += letter.lower()
        elif letter != "b":
            self._end()

    def _other(self, kind: str) -> None:
        self._end()
        self.stretches += kind == "gap"
        if kind == "gap":
            self._repeats[-1] = True
        elif kind == "open":
            self._repeats.append(False)
        elif kind == "close" and len(self._repeats) > 1:
            self._closed = self._repeats.pop()
            self._repeats[-1] |= self._closed

    def _times(self, text: str, closed: bool | None) -> None:
        """A number of times: what repeats must not be repeated, or the time taken explodes."""
        many = text[0] in "*+" or (text[0] == "{" and text.strip("{}?+") not in ("0,1", "1"))
        if many and closed:
            raise BadPattern("repeats a group in which something repeats")
        if many:
            self._repeats[-1] = True
            self.stretches += self._last == "any"
        if self._last in ("plain", "escape") and len(self._repeats) == 1:
            if text[0] != "+":  # the last letter may be left out
                self._runs[-1] = self._runs[-1][:-1]
            self._end()

    def _end(self) -> None:
        self._runs.append("")
