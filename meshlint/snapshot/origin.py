"""From which commit files are, and whether they are as the commit has them.

`git status` would run the filters that a repository's configuration names. So the files are
compared here, by the hashes under which Git keeps them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from meshlint.snapshot.form import KIND
from meshlint.source.files import Source, readable
from meshlint.source.git import root_of, run

COMMITTER = re.compile(rb"(?m)^committer [^\n]*> (\d{1,11}) [+-]\d{4}$")
LINE = re.compile(rb"\d{6} blob ([0-9a-f]{40,64})\t(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Origin:
    """A commit and its time; `dirty` where the files read are not all its own."""

    commit: str
    created: datetime
    dirty: bool


def origin(paths: Iterable[str], sources: Iterable[Source]) -> Origin | None:
    """The commit of the work tree around all paths; None where there is no one such commit."""
    wholes = [Path(os.path.normpath(Path.cwd() / path)) for path in paths]
    tops = {root_of(whole if whole.is_dir() else whole.parent) for whole in wholes}
    top = tops.pop() if len(tops) == 1 else None
    answer = run(top, "rev-parse", "--verify", "--quiet", "HEAD") if top else None
    if top is None or not answer:
        return None
    commit = answer.decode("ascii", "replace").strip()
    created = _time(top, commit)
    return Origin(commit, created, _dirty(top, commit, wholes, sources)) if created else None


def _time(top: Path, commit: str) -> datetime | None:
    """When it was committed. `git log` could be told to run a program that checks signatures."""
    match = COMMITTER.search(run(top, "cat-file", "commit", commit) or b"")
    return datetime.fromtimestamp(int(match.group(1)), UTC) if match else None


def _dirty(top: Path, commit: str, wholes: list[Path], sources: Iterable[Source]) -> bool:
    """Whether a file that was read differs from the commit's, or one of the commit's is gone."""
    kept = dict(_kept(top, commit))
    if any(_changed(source, top, kept) for source in sources if not source.made):
        return True
    inside = (top / name for name in kept if readable(name))
    gone = (path for path in inside if any(path.is_relative_to(whole) for whole in wholes))
    return any(not os.path.lexists(path) for path in gone)


def _kept(top: Path, commit: str) -> Iterator[tuple[str, str]]:
    """The files of a commit by their names from the top, and the hashes of their contents."""
    answer = run(top, "ls-tree", "-r", "-z", "--full-tree", commit) or b""
    for match in map(LINE.fullmatch, answer.split(b"\0")):
        if match:
            yield os.fsdecode(match.group(2)), match.group(1).decode()


def _changed(source: Source, top: Path, kept: dict[str, str]) -> bool:
    whole = Path(os.path.normpath(Path.cwd() / source.path))
    name = whole.relative_to(top).as_posix() if whole.is_relative_to(top) else ""
    try:
        data = source.read()
    except OSError:
        return True
    return not _own(data) and kept.get(name) != _hash(data, len(kept.get(name, "")))


def _own(data: bytes) -> bool:
    """Whether a file is a snapshot, or one that the shell has just emptied for it."""
    return not data.strip() or f'"kind": "{KIND}"'.encode() in data[:1000]


def _hash(data: bytes, digits: int) -> str:
    """The name of a blob, in a repository with names of so many digits."""
    make = hashlib.sha256 if digits == 64 else hashlib.sha1
    return make(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
