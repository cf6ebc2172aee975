"""Patterns for paths, as Argo CD matches them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

MAX_CHOICES = 4
ODD = ("\\", "{{", "${")


def admits(pattern: str, path: str) -> bool | None:
    """Whether a gobwas/glob pattern takes a path, `*` crossing slashes; None if it is not known.

    `{a,b}` is a choice. Choices inside of choices, many of them, and escapes are not decided here.
    """
    if any(mark in pattern for mark in ODD) or pattern.count("{") > MAX_CHOICES:
        return None
    patterns = list(_choices(pattern))
    if any("{" in one or "}" in one for one in patterns):
        return None
    return any(fnmatchcase(path, one) for one in patterns)


def _choices(pattern: str) -> Iterator[str]:
    """All patterns without choices that the given one stands for; one with odd braces as it is."""
    head, opened, rest = pattern.partition("{")
    inner, closed, tail = rest.partition("}")
    if not opened or not closed or "{" in inner:
        yield pattern
        return
    for choice in inner.split(","):
        for end in _choices(tail):
            yield head + choice + end


def names(pattern: str, folder: str) -> bool:
    """Whether Go's path.Match takes a folder: each `*` stays inside of one part of the path."""
    parts, wanted = folder.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(
        fnmatchcase(part, one.replace("[^", "[!")) for part, one in zip(parts, wanted, strict=True)
    )
