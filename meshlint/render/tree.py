"""The tree that charts and kustomizations stand in, from which programs get copies of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from threading import Lock
from typing import Protocol

from meshlint.source.files import Source
from meshlint.source.stored import LINK, Stored

MAX_FILES = 20_000
MAX_BYTES = 256 * 1024 * 1024

ASKING = Lock()
"""Git answers one question at a time, and charts are rendered some at a time."""


class TooLarge(Exception):
    """A folder holds more than any chart does."""


class Tree(Protocol):
    """Files by their paths as the scan names them."""

    @property
    def top(self) -> Path:
        """Where the tree ends: nothing outside of it is read."""

    def below(self, folder: str) -> Iterator[str]:
        """The files of a folder, by their paths in it; links that lead out of the tree are none."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none."""

    def link(self, path: str) -> str | None:
        """What a link says; None for what is none."""


@dataclass(frozen=True, slots=True)
class Files:
    """The tree on disk; `root` is where it ends: nothing outside of it is read."""

    root: Path

    @property
    def top(self) -> Path:
        """See `Tree`."""
        return self.root

    def below(self, folder: str) -> Iterator[str]:
        """See `Tree`."""
        for place, folders, files in os.walk(folder or "."):
            folders[:] = sorted(name for name in folders if name != ".git")
            for name in sorted(files):
                inside = Path(os.path.relpath(join(place, name), folder or ".")).as_posix()
                if self._inside(join(place, name)):
                    yield inside

    def read(self, path: str) -> bytes | None:
        """See `Tree`."""
        try:
            return Source(path).read() if self._inside(path) and Path(path).is_file() else None
        except (OSError, ValueError):  # a path may hold what no path can
            return None

    def link(self, path: str) -> str | None:
        """See `Tree`."""
        try:
            return os.readlink(path)  # noqa: PTH115
        except OSError:
            return None

    def _inside(self, path: str) -> bool:
        return Path(path).resolve().is_relative_to(self.root.resolve())


@dataclass(frozen=True, slots=True)
class Committed:
    """The tree of a commit, or the index."""

    stored: Stored

    @property
    def top(self) -> Path:
        """See `Tree`."""
        return self.stored.top

    def below(self, folder: str) -> Iterator[str]:
        """See `Tree`."""
        path = self.stored.path(folder or ".")
        head = f"{path}/" if path else ""
        if path is not None:
            yield from (n[len(head) :] for n in self.stored.entries if n.startswith(head))

    def read(self, path: str) -> bytes | None:
        """See `Tree`."""
        inside = self.stored.path(path)
        with ASKING:
            source = self.stored.source(inside, path) if inside else None
        try:
            with ASKING:
                return source.read() if source else None
        except OSError:
            return None

    def link(self, path: str) -> str | None:
        """See `Tree`."""
        entry = self.stored.entries.get(self.stored.path(path) or "")
        if entry is None or entry.mode != LINK:
            return None
        with ASKING:
            return os.fsdecode(self.stored.objects.read(entry.oid))


def gather(tree: Tree, folder: str) -> dict[str, bytes]:
    """The files of a folder with their bytes, by their paths in it.

    Raises:
        TooLarge: there is more of it than can be meant.
    """
    found: dict[str, bytes] = {}
    size = 0
    for name in tree.below(folder):
        data = tree.read(normpath(join(folder, name)))
        if data is None:
            continue
        size += len(data)
        if len(found) >= MAX_FILES or size > MAX_BYTES:
            raise TooLarge(
                f"{folder or '.'} holds more than {MAX_BYTES >> 20} MiB, or too many files"
            )
        found[name] = data
    return found


def write(files: dict[str, bytes], folder: Path) -> None:
    """Files into a folder, which they cannot leave."""
    for name, data in files.items():
        path = folder / normpath(f"/{name}").lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
