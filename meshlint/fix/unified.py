"""Changes of files as a unified diff that `git apply` takes."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def unified(name: str, before: bytes, after: bytes) -> str:
    """The diff of one file; `name` is its path from the repository's top, with slashes."""
    old, new = (_lines(data.decode()) for data in (before, after))
    own, other = _named(f"a/{name}"), _named(f"b/{name}")
    end = "\t" if " " in name and own[0] != '"' else ""  # as Git ends a name that has blanks
    lines = unified_diff(old, new, own + end, other + end, n=3)
    return f"diff --git {own} {other}\n" + "".join(_whole(lines))


def _lines(text: str) -> list[str]:
    """Lines as Git has them: only a line feed ends one."""
    parts = text.split("\n")
    return (
        [f"{part}\n" for part in parts[:-1]] + parts[-1:]
        if parts[-1]
        else [f"{part}\n" for part in parts[:-1]]
    )


def _whole(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"


def _named(path: str) -> str:
    """A path as Git writes it: in quotes, if it has something odd."""
    data = path.encode("utf-8", "surrogateescape")
    plain = path.isprintable() and path.isascii() and not set(path) & set('"\\')
    if plain:
        return path
    return '"' + "".join(_escaped(byte) for byte in data) + '"'


def _escaped(byte: int) -> str:
    char = chr(byte)
    if char in ESCAPES:
        return ESCAPES[char]
    return char if 32 <= byte < 127 else f"\\{byte:03o}"
