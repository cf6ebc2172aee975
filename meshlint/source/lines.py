"""Offsets in a text to lines and columns, counting lines as Git, GitHub and editors do.

libyaml also breaks lines at NEL, LS and PS, which nobody else does, so its marks are not used.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

NEWLINE = re.compile(r"\r\n|\n|\r")


class Lines:
    """Line starts of a text whose first line has the number `first_line`."""

    __slots__ = ("first_line", "starts", "text")

    def __init__(self, text: str, first_line: int = 1) -> None:
        self.text = text
        self.first_line = first_line
        self.starts = _starts(text)

    def place(self, offset: int) -> tuple[int, int]:
        """1-based line and column (code points) of an offset."""
        row = bisect_right(self.starts, offset) - 1
        return row + self.first_line, offset - self.starts[row] + 1

    def line(self, number: int) -> str:
        """The text of a line without its line end; "" outside the text."""
        row = number - self.first_line
        if not 0 <= row < len(self.starts):
            return ""
        end = self.starts[row + 1] if row + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[row] : end].rstrip("\r\n")

    @property
    def count(self) -> int:
        """Lines in the text; what follows the last line end counts only when it is not empty."""
        return len(self.starts) - (self.starts[-1] == len(self.text))


def _starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(match.end() for match in NEWLINE.finditer(text))]
    lengths = (len(line) + 1 for line in text.split("\n")[:-1])
    return [0, *accumulate(lengths)]
