"""Changed files on the disk: each whole or not at all, and only if nobody else changed it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class Stale(Exception):
    """The file is not any more what was read."""


def store(path: str, before: bytes, after: bytes) -> None:
    """Writes a file in place of one with the bytes `before`; a link stays one.

    Mode, owner and extended attributes stay.

    Raises:
        Stale: it has other bytes by now.
        OSError: it cannot be written.
    """
    target = Path(path).resolve(strict=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "xb", opener=_private) as file:
            file.write(after)
        _like(target, temporary)
        if target.read_bytes() != before:
            raise Stale(path)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    """A file that nobody else can read, as long as it has not the mode of the one it replaces."""
    return os.open(path, flags, 0o600)


def _like(target: Path, temporary: Path) -> None:
    """Gives a new file what the old one has, except for its time."""
    status = target.stat()
    shutil.copystat(target, temporary)
    os.utime(temporary)
    own = temporary.stat()
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        os.chown(temporary, status.st_uid, status.st_gid)
        temporary.chmod(status.st_mode & 0o7777)  # which a new owner may have narrowed
