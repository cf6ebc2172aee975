"""Which of the known errors stand in a text."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from meshlint.diagnose.extract import Names, names_in
from meshlint.diagnose.messages import Message, Place
from meshlint.symptom.dialect import Pattern
from meshlint.symptom.model import Symptom

MOST = 2_000
"""Messages that one pattern is tried on, and places where one error is seen: enough is enough."""

MOST_IN_MESSAGE = 10
JOINTS = (" ", "")
"""How lines of one message are joined, first as mail and YAML wrap, then as terminals do."""


Try = tuple[Symptom, Pattern]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One error in one message: the line where it begins, its text unwrapped, what it names."""

    symptom: Symptom
    line: int
    text: str
    names: Names


@dataclass(frozen=True, slots=True)
class _Match:
    """Where a pattern matches, in places that do not depend on how lines were joined."""

    symptom: Symptom
    first: Place
    last: Place
    groups: tuple[tuple[str, str], ...]
    joint: str
    text: str


def recognise(messages: Sequence[Message], symptoms: Iterable[Symptom]) -> list[Sighting]:
    """All errors, in the order of the text."""
    index = _Index([message.squeezed for message in messages])
    tries: defaultdict[int, list[Try]] = defaultdict(list)
    for symptom in symptoms:
        for pattern in symptom.patterns:
            for number in islice(index.holders(pattern.anchors), MOST):
                tries[number].append((symptom, pattern))
    found: list[Sighting] = []
    counts: Counter[str] = Counter()
    for number in sorted(tries):
        rare = [pair for pair in tries[number] if counts[pair[0].name] < MOST]
        for sighting in _told(messages[number], rare):
            counts[sighting.symptom.name] += 1
            found.append(sighting)
    return found


class _Index:
    """Texts without line ends, to be searched as one."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._whole = "\n".join(texts)
        self._starts = [0, *accumulate(len(text) + 1 for text in texts)]
        self._known: dict[str, list[int]] = {}

    def holders(self, words: Sequence[str]) -> Iterator[int]:
        """The numbers of the texts that have all of some words."""
        first, *others = words
        if first not in self._known:
            self._known[first] = list(self._found(first))
        texts = self._texts
        return (n for n in self._known[first] if all(word in texts[n] for word in others))

    def _found(self, word: str) -> Iterator[int]:
        at = self._whole.find(word)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            yield number
            at = self._whole.find(word, self._starts[number + 1])


def _told(message: Message, tries: Iterable[Try]) -> Iterator[Sighting]:
    """The errors of one message."""
    patterns: defaultdict[str, list[Try]] = defaultdict(list)
    for symptom, pattern in tries:
        patterns[symptom.name].append((symptom, pattern))
    found = [match for pairs in patterns.values() for match in _matches(message, pairs)]
    for match in sorted(_settled(found), key=lambda match: (match.first, match.last)):
        lines = message.lines[match.first[0] : match.last[0] + 1]
        names = names_in(match.joint.join(line.text for line in lines), match.groups, message.about)
        yield Sighting(match.symptom, lines[0].number, match.text, names)


def _matches(message: Message, tries: Iterable[Try]) -> list[_Match]:
    """Where one symptom's patterns match; those that overlap count once."""
    pairs = list(tries)
    for joint in JOINTS if len(message.lines) > 1 else JOINTS[:1]:
        text = message.joined(joint)
        found = [
            m for symptom, pattern in pairs for m in _all(message, symptom, pattern, text, joint)
        ]
        if found:
            return _apart(sorted(found, key=lambda match: (match.first, match.last)))
    return []


def _all(
    message: Message, symptom: Symptom, pattern: Pattern, text: str, joint: str
) -> Iterator[_Match]:
    for match in islice(pattern.regex.finditer(text), MOST_IN_MESSAGE):
        first = message.place(match.start(), joint)
        last = message.place(max(match.end() - 1, match.start()), joint)
        groups = tuple((field, value) for field, value in match.groupdict().items() if value)
        yield _Match(symptom, first, last, groups, joint, match.group())


def _apart(found: Iterable[_Match]) -> list[_Match]:
    kept: list[_Match] = []
    for match in found:
        if not kept or match.first > kept[-1].last:
            kept.append(match)
    return kept


def _settled(found: list[_Match]) -> list[_Match]:
    """Without those that have taken the end of the next error for their own.

    They begin where another one does, and run on over further lines.
    """
    return [match for match in found if not any(_cuts(other, match) for other in found)]


def _cuts(other: _Match, match: _Match) -> bool:
    shorter = other.first == match.first and other.last[0] < match.last[0]
    return shorter and not other.symptom.general
