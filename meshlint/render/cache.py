"""What was rendered before: the same program, arguments and files give the same bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

MOST = 1000
"""How many outputs are kept; the oldest go first."""


def folder() -> Path:
    """`meshlint/renders` in the user's folder for caches."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "meshlint" / "renders"


def key(words: Iterable[str], files: dict[str, bytes]) -> str:
    """The name of an output, told from all that goes into it."""
    whole = hashlib.sha256()
    for word in words:
        whole.update(f"{len(word)}:{word}".encode())
    for name in sorted(files):
        data = files[name]
        head = f"\0{name}\0{len(data)}\0".encode("utf-8", "surrogateescape")
        whole.update(head + hashlib.sha256(data).digest())
    return whole.hexdigest()


def load(name: str) -> bytes | None:
    """An output that was kept."""
    try:
        return (folder() / name).read_bytes()
    except OSError:
        return None


def keep(name: str, data: bytes) -> None:
    """Keeps an output, if that is possible: a cache that cannot be written is none."""
    place = folder()
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = place / f".{name}.{os.getpid()}.tmp"
        temporary.write_bytes(data)
        temporary.replace(place / name)
        _prune(place)


def _prune(place: Path) -> None:
    kept = sorted(place.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in kept[:-MOST]:
        path.unlink(missing_ok=True)
