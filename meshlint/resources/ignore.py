"""What people write to have findings not reported: its words, and which lines it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from meshlint.finding import Finding, Location, Value, quoted

ABOUT = ("suppression-unused", "suppression-expired", "suppression-malformed")
"""The rules about suppressions themselves."""

CODES = ("mesh004", "mesh005", "mesh006")
"""Their codes, in the order of ABOUT."""

TOKEN = re.compile(r"[^\s,]+")
RULE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
UNTIL = re.compile(r"until=(.*)\Z", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
FORM = "meshlint: ignore[CODE] reason"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in a suppression, and its place."""

    where: Location
    text: str


class Reach(Protocol):
    """What a suppression is about."""

    def takes(self, finding: Finding) -> bool:
        """Whether a finding stands there."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The findings in some lines of a file."""

    path: str
    first: int
    last: int

    def takes(self, finding: Finding) -> bool:
        """Whether a finding stands there."""
        where = finding.where
        return where.path == self.path and self.first <= where.line <= self.last


@dataclass(frozen=True, slots=True)
class Own:
    """The findings about one object, in the document that it stands in."""

    rows: Rows
    kind: str
    name: str

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is about the object and stands in it."""
        subject = finding.subject
        same = subject is not None and (subject.kind, subject.name) == (self.kind, self.name)
        return same and self.rows.takes(finding)


@dataclass(frozen=True, slots=True)
class Ignore:
    """A suppression: of which rules (codes or names, as they were written), where, and why.

    `until` is the last day on which it holds, as 2027-01-31; "" for always. `around` are the lines
    that must have been looked at before anybody can say that it is of no use; None for one of the
    configuration, which is about the tree as a whole.
    """

    where: Location
    rules: tuple[Value, ...]
    reach: Reach
    reason: str = ""
    until: str = ""
    flaws: tuple[Flaw, ...] = ()
    around: Rows | None = None

    def named(self, finding: Finding) -> list[str]:
        """The words by which it names the rule of a finding."""
        names = (finding.code.lower(), finding.rule)
        return [v.text for v in self.rules if plain(v.text) in names]


@dataclass(frozen=True, slots=True)
class Terms:
    """The part of a suppression that says what: rules, the last day, and what is wrong with it."""

    rules: tuple[Value, ...] = ()
    until: str = ""
    flaws: tuple[Flaw, ...] = ()


def terms(words: Iterable[Value], where: Location, form: str = FORM) -> Terms:
    """Rules and a date out of words; a text without any is at `where`, and to be like `form`."""
    rules: list[Value] = []
    days: list[str] = []
    flaws: list[Flaw] = []
    for word in words:
        dated = UNTIL.match(word.text)
        problem = not_a_day(dated[1], days) if dated else not_a_rule(word.text)
        if problem:
            flaws.append(Flaw(word.where, f"{quoted(word.text)} is {problem}"))
        elif dated is None:
            rules.append(word)
        if dated:
            days.append("" if problem else dated[1])
    if not rules and not flaws:
        flaws.append(Flaw(where, f"it names no rule: write '{form}'"))
    sure = all(days)  # nobody knows how long it is to hold, otherwise
    return Terms(tuple(rules) if sure else (), days[0] if days else "", tuple(flaws))


def not_a_day(text: str, before: list[str]) -> str | None:
    """Why a text is not the last day of a suppression that may have one already."""
    if before:
        return "a second date"
    return None if is_day(text) else "no date: write until=2027-01-31"


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, as 2027-01-31."""
    from datetime import date  # few runs meet one

    try:
        return DATE.match(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def plain(word: str) -> str:
    """A code or a name as all compare it: in any case, with `_` as `-`."""
    return word.lower().replace("_", "-")


def not_a_rule(text: str) -> str | None:
    """Why a word cannot be that of a rule which may be suppressed where it is found."""
    if plain(text) in (*CODES, *ABOUT):
        return "about suppressions themselves, and the configuration alone can suppress it"
    return None if RULE.match(text) else "no code or name of a rule"


def words(text: str, where: Location, shift: int | None = None) -> Iterator[Value]:
    """The words of a list, each at its place; at that of the whole where `shift` is None.

    `shift` is how many columns behind the beginning of the whole the text begins.
    """
    for found in TOKEN.finditer(text):
        place = where
        if shift is not None:
            begin = where.column + shift + found.start()
            place = Location(
                where.path, where.line, begin, where.line, begin + len(found.group()), where.pointer
            )
        yield Value(found.group(), place)
