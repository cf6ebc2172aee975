"""Patterns of paths from the repository's root: `*`, `?`, and `**` for any number of folders."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 500
ANY = "**"
FOREIGN = re.compile(r"[\[\]{}!\\\x00-\x1f\x7f]")
"""Marks that other tools give a meaning, and control characters."""


def fault(glob: str) -> str | None:
    """Why a text is no glob of ours; None where it is one."""
    if not 0 < len(glob) <= LONGEST:
        return f"must have 1 to {LONGEST} characters"
    if glob.startswith("/"):
        return "is an absolute path: write it from the repository's root"
    if FOREIGN.search(glob):
        return "has a mark without a meaning here: only *, ** and ? have one"
    parts = _parts(glob)
    if ".." in parts:
        return "leads out of the repository"
    if "." in parts or "" in parts:
        return "must be written from the repository's root, without './' and '//'"
    return None


def matcher(globs: Iterable[str]) -> re.Pattern[str]:
    """Matches paths that one of the globs takes, and all below a folder that one takes.

    Its atomic groups keep it linear: behind a star, the first match of what follows is as good as
    any other.
    """
    return re.compile("|".join(rf"(?:{_pattern(glob)})(?=/|\Z)" for glob in globs) or r"(?!)")


def _parts(glob: str) -> list[str]:
    return glob.removesuffix("/").split("/")


def _pattern(glob: str) -> str:
    """The runs of names between `**`: the first stands at the root, the others anywhere below."""
    runs: list[list[str]] = [[]]
    for part in _parts(glob):
        if part != ANY:
            runs[-1].append(part)
        elif runs[-1] or len(runs) == 1:
            runs.append([])
    pattern = "/".join(map(_name, runs[0]))
    for run in runs[1:]:
        slash = "/" if pattern else ""
        body = "/".join(map(_name, run)) or "[^/]+"
        pattern += rf"(?>{slash}(?:[^/]+/)*?{body}(?=/|\Z))"
    return pattern


def _name(part: str) -> str:
    """One name: each star but the last takes as little as it can."""
    first, *others = re.split(r"\*+", part)
    if not others:
        return _literal(first)
    *middle, last = others
    shortest = "".join(f"(?>[^/]*?{_literal(text)})" for text in middle)
    return f"{_literal(first)}{shortest}[^/]*{_literal(last)}"


def _literal(text: str) -> str:
    return "".join("[^/]" if c == "?" else re.escape(c) for c in text)
