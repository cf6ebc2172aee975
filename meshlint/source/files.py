"""Paths into sources: which files are read, in which order, and what was left out and why."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from meshlint.source import git
from meshlint.source.text import MAX_BYTES
from meshlint.unread import Skip, Unread

SUFFIXES = (".yaml", ".yml", ".json")
BARE = "Kustomization"
"""The one name without a suffix that kustomize takes for a kustomization."""
STDIN = "<stdin>"
NEVER = frozenset({".git", ".hg", ".svn", "node_modules"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, or what came on standard input. `path` is how users name it.

    `blob` is what to read instead where the file is stored in Git: `stored.Blob`. What was
    rendered is no file: `made` is the one that stands for it, such as a chart's Chart.yaml.
    """

    path: str
    data: bytes | None = None
    blob: Readable | None = None
    made: str = ""

    def read(self) -> bytes:
        """The bytes.

        Raises:
            OSError: the file cannot be read.
        """
        if self.data is not None:
            return self.data
        return self.blob.read() if self.blob is not None else _bytes(self.path)


class Readable(Protocol):
    """Bytes that are somewhere else than in a file of their own."""

    def read(self) -> bytes:
        """The bytes.

        Raises:
            OSError: they cannot be read.
        """


def _bytes(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (pathlib doubles the cost)
        return file.read()


@dataclass(slots=True)
class Collection:
    """The sources of a run, sorted by path, and what was skipped on the way."""

    sources: list[Source] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)


def collect(
    paths: Iterable[str], stdin: bytes | None = None, *, untracked: bool = True
) -> Collection:
    """The files under the paths; `-` stands for standard input.

    A file named by the user is read whatever its name is. Folders are walked; inside of a Git
    work tree, what Git ignores is left out, and what it does not track unless `untracked`.
    """
    found: dict[str, Source] = {}
    collection = Collection()
    for path in paths:
        if path == "-":
            found[STDIN] = Source(STDIN, stdin or b"")
        elif Path(path).is_dir():
            for name in _folder(clean(path), collection.skips, untracked):
                found.setdefault(name, Source(name))
        elif Path(path).exists():
            name = clean(path)
            found.setdefault(name, Source(name))
        else:
            collection.skips.append(Skip(Unread.UNREADABLE, path, 0, "no such file or folder"))
    collection.sources = [found[name] for name in sorted(found)]
    return collection


def readable(path: str) -> bool:
    """Whether a file in a folder is one to read, by its name."""
    return path.endswith(SUFFIXES) or path.rpartition("/")[2] == BARE


def clean(path: str) -> str:
    """The path with forward slashes and without `./` and doubled slashes."""
    return Path(os.path.normpath(path)).as_posix()


def _folder(top: str, skips: list[Skip], untracked: bool) -> Iterator[str]:
    root = Path(top).resolve()
    listed = git.files(root, untracked=untracked)
    names = _walk(top, skips) if listed is None else _tracked(top, listed, skips)
    if listed is not None:
        left_out = (name for name in git.ignored(root) if name.endswith("/") or readable(name))
        skips.extend(Skip(Unread.IGNORED, name) for name in _there(top, left_out))
    for name in names:
        reason = _refused(name, root)
        if reason:
            skips.append(Skip(reason, name))
        else:
            yield name


TRACKED = re.compile(rb"(?P<state>[A-Z]) (?P<mode>\d{6}) [0-9a-f]+ \d\t(?P<name>.+)", re.S)
GITLINK = b"160000"


def _tracked(top: str, lines: Iterable[bytes], skips: list[Skip]) -> Iterator[str]:
    """Files that Git lists, as paths from where the user stands; what is no file is skipped."""
    names: dict[str, Unread | None] = {}
    for line in lines:
        known = TRACKED.fullmatch(line)
        name = os.fsdecode(known["name"] if known else line[2:])
        if known and known["mode"] == GITLINK:
            names[name] = Unread.SUBMODULE
        elif readable(name):
            left = known is not None and known["state"] == b"S"
            absent = left and not os.path.lexists(_under(top, name))
            names[name] = Unread.SPARSE if absent else None
    gone = {name: reason for name, reason in names.items() if reason}
    skips.extend(Skip(reason, _under(top, name)) for name, reason in gone.items())
    yield from _there(top, (name for name in names if name not in gone))


def _there(top: str, names: Iterable[str]) -> Iterator[str]:
    """Those names in a folder that are there."""
    paths = (_under(top, name) for name in names)
    return (path for path in paths if os.path.lexists(path))


def _under(top: str, name: str) -> str:
    return name if top == "." else f"{top}/{name}"


def _walk(top: str, skips: list[Skip]) -> Iterator[str]:
    """Names of files in a folder, without following links to folders."""
    stack = [top]
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            skips.append(Skip(Unread.UNREADABLE, folder, 0, error.strerror or "cannot be read"))
            continue
        for entry in entries:
            path = entry.name if folder == "." else f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in NEVER:
                    stack.append(path)
                elif entry.name == "node_modules":
                    skips.append(Skip(Unread.IGNORED, path))
            elif readable(entry.name):
                yield path


def _refused(path: str, root: Path) -> Unread | None:
    """Why a file found in a folder is not read: a link out of it, no plain file, or its size."""
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            target = Path(path).resolve()
            if not target.is_relative_to(root) or not target.exists():
                return Unread.LINK
            status = os.stat(path)  # noqa: PTH116
    except OSError:
        return Unread.UNREADABLE
    if not stat.S_ISREG(status.st_mode):
        return Unread.UNREADABLE
    return Unread.LARGE if status.st_size > MAX_BYTES else None
