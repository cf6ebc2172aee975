"""A line on the terminal that tells how far a long run is, and is gone when it ends."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from meshlint.cli import streams
from meshlint.progress import heard

PATIENCE = 1.0
"""Seconds before anything is shown: most runs are over then."""

PAUSE = 0.1
QUIET = re.compile(r"-[a-z]*q[a-z]*\Z|--q(?:u(?:i(?:e(?:t)?)?)?)?\Z")
"""`-q`, also among others (`-vq`), and what argparse takes for `--quiet`."""


@contextmanager
def shown(words: Sequence[str]) -> Iterator[None]:
    """Shows how far the run is, where somebody may watch: not in CI, and not with `--quiet`."""
    plain = os.environ.get("CI") or os.environ.get("TERM") == "dumb"
    if plain or any(QUIET.match(word) for word in words):
        yield
        return
    line = Line()
    streams.before.append(line.clear)
    try:
        with heard(line):
            yield
    finally:
        line.clear()
        streams.before.remove(line.clear)


class Line:
    """The last line of the terminal, written over again and again."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PATIENCE
        self._there = False

    def __call__(self, what: str, number: int, total: int) -> None:
        """Tells what is done now, ten times a second at most."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + PAUSE
        self._there = True
        _write(f"\r{what.format(f'{number}/{total}')[: _width() - 1]}\x1b[K")

    def clear(self) -> None:
        """Takes it away, before something else is written."""
        if self._there:
            self._there = False
            _write("\r\x1b[K")


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
