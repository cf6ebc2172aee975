"""What is wrong with a configuration, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from meshlint.finding import Location, printable


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a configuration, and the key or value that is."""

    where: Location
    text: str

    def __str__(self) -> str:
        path = printable(self.where.path)
        return f"{path}:{self.where.line}:{self.where.column}: {self.text}"


class Faulty(Exception):
    """The configuration cannot be used; `faults` are all reasons, by their place.

    Each is there once, however many aliases lead to it.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        places = {(f.where.path, f.where.line, f.where.column, f.text): f for f in faults}
        self.faults = [places[place] for place in sorted(places)]
        super().__init__("\n".join(map(str, self.faults)))


def told(error: Faulty, what: str = "the configuration") -> str:
    """All faults, each on a line, below their number; `what` is what they are in."""
    number = len(error.faults)
    return f"{number} error{'s' if number != 1 else ''} in {what}\n{error}"


def whole(file: str, why: str) -> Faulty:
    """A fault of the file as a whole."""
    return Faulty([Fault(Location(file, 1, 1, 1, 1), why)])
