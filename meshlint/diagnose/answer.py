"""What is known of the errors in a text, as every format shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from meshlint.config.fault import Fault
from meshlint.diagnose.extract import Names, pairs_of, together
from meshlint.diagnose.messages import messages
from meshlint.diagnose.rank import Ranked, ranked
from meshlint.diagnose.recognise import Sighting, recognise
from meshlint.finding import Finding
from meshlint.report.model import Report
from meshlint.symptom.model import Check, Symptom

LONGEST = 300
"""Characters of an error that are shown."""

BLANK = re.compile(r"\{(\w+)\|([^{}|]*)\}")
HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*\Z")
"""What may be put into a command that somebody will run."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One error of a text: where and how often it stands there, what it names and what explains it.

    `excerpt` is the error as it stands on `line`, unwrapped.
    """

    symptom: Symptom
    line: int
    count: int
    excerpt: str
    names: Names
    found: Ranked


@dataclass(frozen=True, slots=True)
class Recognised:
    """The errors of a text, by their first place, and how many lines it has."""

    sightings: Mapping[str, Sequence[Sighting]]
    lines: int

    @property
    def symptoms(self) -> list[Symptom]:
        return [seen[0].symptom for seen in self.sightings.values()]


def read(data: bytes, symptoms: Iterable[Symptom]) -> Recognised:
    """The known errors in the bytes of a text; a general one only where no other is in it."""
    found, lines = messages(data)
    seen = recognise(found, symptoms)
    exact = [sighting for sighting in seen if not sighting.symptom.general]
    groups: dict[str, list[Sighting]] = {}
    for sighting in exact or seen:
        groups.setdefault(sighting.symptom.name, []).append(sighting)
    return Recognised(groups, lines)


def untold(symptom: Symptom) -> Iterator[Fault]:
    """Samples in which a symptom is not recognised, and strangers in which it is."""
    for number, sample in enumerate(symptom.samples, 1):
        if not read(sample.encode(), [symptom]).sightings:
            yield Fault(symptom.where, f"sample {number} is not recognised by the patterns")
    for number, stranger in enumerate(symptom.strangers, 1):
        if read(stranger.encode(), [symptom]).sightings:
            yield Fault(symptom.where, f"stranger {number} is recognised by the patterns")


def rules_of(symptoms: Iterable[Symptom], known: Iterable[str]) -> frozenset[str]:
    """Those of the known rules that are a cause of one of the symptoms."""
    asked = list(symptoms)
    return frozenset(r for r in known if any(s.cause_of(r) is not None for s in asked))


def diagnoses(text: Recognised, report: Report) -> list[Diagnosis]:
    """Each error once, with the findings of a run."""
    return [_diagnosis(seen, report.findings) for seen in text.sightings.values()]


def _diagnosis(seen: Sequence[Sighting], findings: Sequence[Finding]) -> Diagnosis:
    first = seen[0]
    names = together(pair for sighting in seen for pair in pairs_of(sighting.names))
    return Diagnosis(
        symptom=first.symptom,
        line=first.line,
        count=len(seen),
        excerpt=first.text if len(first.text) <= LONGEST else first.text[: LONGEST - 1] + "…",
        names=names,
        found=ranked(first.symptom, names, findings),
    )


def commands(check: Check, names: Names) -> list[str]:
    """The commands of a check, with what the error names where that is a plain name."""

    def chosen(match: re.Match[str]) -> str:
        value = next(iter(names.get(match[1], ())), "")
        return value if HARMLESS.match(value) else match[2]

    return [BLANK.sub(chosen, command) for command in check.commands]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the text comes from, and what was searched for its cause.

    `text` is a file's name, "" for standard input; `files` and `objects` are those of the tree.
    """

    text: str
    lines: int
    paths: tuple[str, ...]
    files: int = 0
    objects: int = 0
    complete: bool = True
