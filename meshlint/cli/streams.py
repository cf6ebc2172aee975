"""Exit codes and streams: who prints, where, and how a file is written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

CLEAN: Final = 0
FOUND: Final = 1
USAGE: Final = 2
UNREAD: Final = 3
UNRENDERED: Final = 4


class Usage(Exception):
    """Wrong arguments, and what to do instead."""


before: list[Callable[[], None]] = []
"""What is done before anything is written: to clear a line that tells how far the run is."""


def say(text: str) -> None:
    """Writes to standard error; standard output carries reports alone."""
    _clear()
    sys.stderr.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stderr.buffer.flush()


def put(text: str) -> None:
    """Writes a report to standard output."""
    _clear()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _clear() -> None:
    for act in before:
        act()


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
    """Whether to colour standard output: by --color, the environment, and the terminal.

    NO_COLOR counts where it is not empty (https://no-color.org), before FORCE_COLOR
    (https://force-color.org), where that is neither empty nor 0; both give way to --color.
    """
    if choice != "auto":
        return choice == "always"
    given = os.environ.get
    if given("NO_COLOR"):
        return False
    if given("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and given("TERM") != "dumb"


def linked() -> bool:
    """Whether standard output is a terminal that takes links; FORCE_HYPERLINK=1 or 0 has its way.

    What terminals do not know they leave out; those that are named here show it.
    """
    forced = os.environ.get("FORCE_HYPERLINK", "")
    if forced:
        return forced != "0"
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "linux")
