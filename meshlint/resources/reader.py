"""Which kinds are read, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from meshlint.resources.document import Document

Resource: TypeAlias = object
"""A frozen dataclass of one of the modules here."""

Reader: TypeAlias = Callable[[Document], Iterator[Resource]]
READERS: dict[str, list[Reader]] = {}


R = TypeVar("R", bound=Reader)


def reads(*kinds: str) -> Callable[[R], R]:
    """Registers a reader for kinds; the reader itself looks at the API group."""

    def register(reader: R) -> R:
        for kind in kinds:
            READERS.setdefault(kind, []).append(reader)
        return reader

    return register


def read(document: Document) -> Iterator[Resource]:
    """The facts of one object."""
    for reader in READERS.get(document.kind, ()):
        yield from reader(document)
