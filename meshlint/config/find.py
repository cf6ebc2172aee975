"""Which file is the configuration of a run, and where its paths begin."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.config.fault import whole
from meshlint.source.files import Source
from meshlint.source.git import root_of

if TYPE_CHECKING:
    from meshlint.source.stored import Stored

NAMES = (".meshlint.yaml", ".meshlint.yml")
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration's file as the user would name it, "" for none; its globs begin at `root`."""

    file: str
    root: Path
    stored: Source | None = None
    """What to read instead of the file, where Git has it stored."""


def find(paths: Sequence[str]) -> Place:
    """The configuration at the top of the work tree of the first path.

    Outside of one it is that in the folder of the path, else that in the current folder.

    Raises:
        Faulty: there are two, or it is a link out of the tree.
    """
    first = next((path for path in paths if path != "-"), ".")
    for root in _roots(first):
        found = [root / name for name in NAMES if os.path.lexists(root / name)]
        if found:
            return Place(_checked(found, first), root)
    return Place("", _roots(first)[-1])


def find_in(tree: Stored) -> Place:
    """The configuration at the top of a tree that Git has stored.

    Raises:
        Faulty: there are two, or it is a link out of the tree.
    """
    found = [name for name in NAMES if name in tree.entries]
    if not found:
        return Place("", tree.top)
    shown = Path(os.path.relpath(tree.top / found[0])).as_posix()
    if len(found) > 1:
        raise whole(shown, f"there is also {found[1]}: keep one of the two")
    source = tree.source(found[0], shown)
    if source is None:
        raise whole(shown, "is a link out of the tree")
    return Place(shown, tree.top, source)


def named(file: str, paths: Sequence[str]) -> Place:
    """The configuration that the user names; its globs are still those of the scanned tree."""
    return Place(Path(os.path.normpath(file)).as_posix(), _roots(next(iter(paths), "."))[-1])


def _roots(path: str) -> list[Path]:
    """The top of the work tree around a path; else its folder, and the current one around that."""
    here = Path.cwd()
    asked = Path(os.path.normpath(here / path)) if path != "-" else here
    folder = asked if asked.is_dir() else asked.parent
    top = root_of(folder)
    if top:
        return [top]
    return [folder, here] if folder.is_relative_to(here) and folder != here else [folder]


def _checked(found: list[Path], first: str) -> str:
    """The name of the one file, relative to where the user stands, if that is how they speak."""
    file = found[0]
    name = file.as_posix() if Path(first).is_absolute() else Path(os.path.relpath(file)).as_posix()
    if len(found) > 1:
        raise whole(name, f"there is also {found[1].name}: keep one of the two")
    if file.is_symlink() and not file.resolve().is_relative_to(file.parent.resolve()):
        raise whole(name, "is a link out of the tree")
    return name


def load(place: Place) -> bytes:
    """The bytes of a configuration.

    Raises:
        Faulty: it cannot be read, or is no plain file of a plausible size.
    """
    file = place.file
    try:
        data = place.stored.read() if place.stored else _plain(file)
    except OSError as error:
        raise whole(file, error.strerror or "cannot be read") from None
    if len(data) > MAX_BYTES:
        raise whole(file, f"is larger than {MAX_BYTES // 1024} KiB")
    return data


def _plain(file: str) -> bytes:
    """At most a little more than is allowed."""
    if not stat.S_ISREG(os.stat(file).st_mode):  # noqa: PTH116
        raise whole(file, "is no plain file")
    with open(file, "rb") as opened:  # noqa: PTH123 (as for all files)
        return opened.read(MAX_BYTES + 1)
