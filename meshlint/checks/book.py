"""All rules of a run, with the policies that a configuration names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from meshlint.checks.read import Entry, read
from meshlint.config.entries import gathered
from meshlint.config.fault import Fault, Faulty
from meshlint.finding import Value, quoted
from meshlint.policy import policies
from meshlint.rulebook import Rulebook

if TYPE_CHECKING:
    from meshlint.source.stored import Stored


def entries(names: Iterable[Value], stored: Stored | None = None) -> list[Entry]:
    """The policies in files and folders, named from the folder of the file that names them.

    `stored` is the tree that they are read from, where it is one of Git's.

    Raises:
        Faulty: one cannot be read, or says what it cannot say; all faults are told.
    """
    faults: list[Fault] = []
    found = gathered(names, read, faults, stored)
    faults += _again(found)
    if faults:
        raise Faulty(faults)
    return found


def of_entries(found: Iterable[Entry]) -> Rulebook:
    """All rules, with these."""
    found = list(found)
    return Rulebook(
        changed={entry.policy.name: entry.policy for entry in found},
        checks={entry.policy.name: entry.rule for entry in found if entry.rule},
        settings={entry.policy.name: entry.settings for entry in found if entry.settings},
    )


def _again(found: Iterable[Entry]) -> Iterator[Fault]:
    """Codes and names that are taken, and rules that are changed twice."""
    own = {word: "is one of meshlint's own" for p in policies() for word in (p.code, p.name)}
    taken: dict[str, str] = {}
    for entry in found:
        where, policy = entry.where, entry.policy
        for word in (policy.code, policy.name):
            said = taken.get(word) or (own.get(word) if entry.rule else None)
            if said:
                yield Fault(where, f"{quoted(word)} {said}: {_instead(entry)}")
                break
        place = f"stands in {where.path}:{where.line} already"
        taken.update(dict.fromkeys((policy.code, policy.name), place))


def _instead(entry: Entry) -> str:
    return "choose another" if entry.rule else "write both as one"
