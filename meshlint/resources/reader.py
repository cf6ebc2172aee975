"""Which kinds are read, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from meshlint.resources.document import Document

Resource: TypeAlias = object
"""A frozen dataclass of one of the modules here."""

Reader: TypeAlias = Callable[[Document], Iterator[Resource]]
READERS: dict[str, list[Reader]] = {}
HINTS: dict[str, set[str]] = {}
"""By kind, in lower case, the texts of which a document must have one to be parsed."""


R = TypeVar("R", bound=Reader)


def reads(*kinds: str, hints: tuple[str, ...] = ("",)) -> Callable[[R], R]:
    """Registers a reader for kinds; the reader itself looks at the API group.

    `hints` are texts, in lower case, of which a document must have one for the reader to want it
    parsed: every text has "". Without any, it sees what others want, and what has injection keys.
    """

    def register(reader: R) -> R:
        for kind in kinds:
            READERS.setdefault(kind, []).append(reader)
            HINTS.setdefault(kind, set()).update(hints)
        return reader

    return register


def asked_for(kind: str, text: str) -> bool:
    """Whether a reader wants a document of this kind with this text."""
    hints = HINTS.get(kind, set())
    if not hints or "" in hints:
        return bool(hints)
    lower = text.lower()
    return any(hint in lower for hint in hints)


def read(document: Document) -> Iterator[Resource]:
    """The facts of one object."""
    for reader in READERS.get(document.kind, ()):
        yield from reader(document)
