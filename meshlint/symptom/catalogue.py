"""The entries that meshlint brings, and those that a user adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache, partial

from meshlint.config.entries import gathered
from meshlint.config.fault import Fault, Faulty
from meshlint.data import directory
from meshlint.finding import Value, quoted
from meshlint.policy import SYMPTOMS, policies
from meshlint.symptom.model import Symptom
from meshlint.symptom.read import read


@cache
def shipped() -> tuple[Symptom, ...]:
    """All that meshlint brings, by name; tests hold them to schemas/symptom.schema.json."""
    files = sorted(directory("policies").glob(f"{SYMPTOMS}/*.yaml"))
    found = (entry for path in files for entry in read(str(path), path.read_bytes()))
    return tuple(sorted(found, key=lambda entry: entry.name))


def leading_to(rule: str) -> list[Symptom]:
    """The shipped ones of which a finding of a rule is a cause."""
    return [symptom for symptom in shipped() if symptom.cause_of(rule) is not None]


def added(names: Iterable[Value], rules: Iterable[str] | None = None) -> tuple[Symptom, ...]:
    """The entries in files and folders, named from the folder of the file that names them.

    `rules` are the names of all rules; by default of those that meshlint brings.

    Raises:
        Faulty: one cannot be read, or says what it cannot say; all faults are told.
    """
    every = [policy.name for policy in policies()] if rules is None else list(rules)
    faults: list[Fault] = []
    found = gathered(names, partial(read, rules=partial(_rule, every)), faults)
    faults += _again(found)
    if faults:
        raise Faulty(faults)
    return tuple(found)


def _again(found: Iterable[Symptom]) -> Iterator[Fault]:
    """Names that are taken."""
    taken = {symptom.name: "is one of meshlint's own" for symptom in shipped()}
    for symptom in found:
        name, where = symptom.name, symptom.where
        if name in taken:
            yield Fault(where, f"the name {quoted(name)} {taken[name]}: choose another")
        taken.setdefault(name, f"stands in {where.path}:{where.line} already")


def _rule(rules: list[str], name: str) -> str | None:
    """What is wrong with the name of a rule, or with a glob of such names."""
    if any(fnmatchcase(rule, name) for rule in rules):
        return None
    import difflib

    near = difflib.get_close_matches(name, rules, 1)
    return f"is no rule{f', did you mean {quoted(near[0])}?' if near else ''}"
