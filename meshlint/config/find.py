"""Which file is the configuration of a run, and where its paths begin."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from meshlint.config.fault import whole
from meshlint.source.files import Source
from meshlint.source.git import root_of

NAMES = (".meshlint.yaml", ".meshlint.yml")
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration's file as the user would name it, "" for none; its globs begin at `root`."""

    file: str
    root: Path


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


def load(file: str) -> bytes:
    """The bytes of a configuration.

    Raises:
        Faulty: it cannot be read, or is no plain file of a plausible size.
    """
    try:
        status = os.stat(file)  # noqa: PTH116
        if not stat.S_ISREG(status.st_mode):
            raise whole(file, "is no plain file")
        if status.st_size > MAX_BYTES:
            raise whole(file, f"is larger than {MAX_BYTES // 1024} KiB")
        return Source(file).read()
    except OSError as error:
        raise whole(file, error.strerror or "cannot be read") from None
