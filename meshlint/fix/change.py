"""Fixes as changes of texts: which characters of which file become which others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Replacement:
    """Characters of a file that become others: offsets in its text without BOM, in code points.

    Nothing is replaced by itself: neither the first nor the last character stays what it was.
    """

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a fix does: `replacements` are sorted and do not overlap."""

    words: str
    safe: bool
    replacements: tuple[Replacement, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it changes."""
        return tuple(dict.fromkeys(replacement.path for replacement in self.replacements))


def clash(one: Replacement, other: Replacement) -> bool:
    """Whether two replacements cannot both be made. What touches may depend on each other."""
    return one.path == other.path and one.start <= other.end and other.start <= one.end
