"""Exit codes and streams: who prints, where, and how a file is written whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

CLEAN: Final = 0
FOUND: Final = 1
USAGE: Final = 2
UNREAD: Final = 3
UNRENDERED: Final = 4


class Usage(Exception):
    """Wrong arguments, and what to do instead."""


def say(text: str) -> None:
    """Writes to standard error; standard output carries reports alone."""
    sys.stderr.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stderr.buffer.flush()


def put(text: str) -> None:
    """Writes a report to standard output."""
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def stdin_for(paths: list[str]) -> bytes | None:
    """Standard input, if `-` is among the paths."""
    return sys.stdin.buffer.read() if "-" in paths else None


def replace(path: Path, text: str) -> None:
    """Writes a file whole or not at all; what is no plain file, such as a pipe, as it comes."""
    if path.exists() and not path.is_file():
        _pour(path, text)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise Usage(f"cannot write {path}: {error.strerror}") from None


def _pour(path: Path, text: str) -> None:
    try:
        path.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise Usage(f"cannot write {path}: {error.strerror}") from None


def colored(choice: str) -> bool:
    """Whether to colour, by --color, the terminal and NO_COLOR."""
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return choice == "always"


def linked() -> bool:
    """Whether standard output is a terminal that takes links; FORCE_HYPERLINK=1 or 0 has its way.

    What terminals do not know they leave out; those that are named here show it.
    """
    forced = os.environ.get("FORCE_HYPERLINK", "")
    if forced:
        return forced != "0"
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "linux")
