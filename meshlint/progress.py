"""How far a run is: told to whoever listens, and by default nobody does.

The listener is not handed down, as reading, rendering and judging lie deep below the command that
has a terminal. It must not change anything: whether somebody listens makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Listener = Callable[[str, int, int], None]
"""Is told what is done (`reading {} files`), which of them it is at, from 1, and how many."""

Item = TypeVar("Item")
_listeners: list[Listener] = []


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Somebody listens, until this ends."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def steps(what: str, items: Sequence[Item]) -> Iterable[Item]:
    """The items, each of them told before it is handed on; without a listener just the items."""
    return _told(what, items) if _listeners else items


def _told(what: str, items: Sequence[Item]) -> Iterator[Item]:
    for number, item in enumerate(items, 1):
        for listener in _listeners:
            listener(what, number, len(items))
        yield item
