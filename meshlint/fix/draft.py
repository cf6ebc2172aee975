"""A text that is being changed, and what of the first text is still in it."""

from __future__ import annotations

from collections.abc import Iterator

Splice = tuple[int, int, str]
"""Two offsets, and the text that comes between them instead."""


class Draft:
    """Takes splices of the text as it is by then; tells them as splices of the first one."""

    def __init__(self, text: str) -> None:
        self.first = text
        self._parts: list[tuple[int, int] | str] = [(0, len(text))]

    @property
    def text(self) -> str:
        return "".join(self._words(part) for part in self._parts)

    def _words(self, part: tuple[int, int] | str) -> str:
        return part if isinstance(part, str) else self.first[part[0] : part[1]]

    def splice(self, start: int, end: int, text: str) -> None:
        """Puts a text between two offsets instead of what is there."""
        whole = len(self.text)
        before, after = self._cut(0, start), self._cut(end, whole)
        self._parts = [*before, *([text] if text else ()), *after]

    def _cut(self, start: int, end: int) -> list[tuple[int, int] | str]:
        kept: list[tuple[int, int] | str] = []
        at = 0
        for part in self._parts:
            size = len(self._words(part))
            first, last = max(start - at, 0), min(end - at, size)
            at += size
            if first >= last:
                continue
            if isinstance(part, str):
                kept.append(part[first:last])
            else:
                kept.append((part[0] + first, part[0] + last))
        return kept

    def splices(self) -> Iterator[Splice]:
        """The changes of the first text in its order, none longer than it must be."""
        at, new = 0, ""
        for part in (*self._parts, (len(self.first), len(self.first))):
            if isinstance(part, str):
                new += part
                continue
            if new or part[0] > at:
                yield from _trimmed(self.first, at, part[0], new)
            at, new = part[1], ""


def _trimmed(text: str, start: int, end: int, new: str) -> Iterator[Splice]:
    """Without what the new text has in common with the old at both ends."""
    while start < end and new and text[start] == new[0]:
        start, new = start + 1, new[1:]
    while start < end and new and text[end - 1] == new[-1]:
        end, new = end - 1, new[:-1]
    if new or start < end:
        yield start, end, new


def spliced(text: str, splices: list[Splice]) -> str:
    """The text with changes made that are in its order and do not overlap."""
    parts, at = [], 0
    for start, end, new in splices:
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])
