"""Kubernetes label selectors over labels that may be unknown: True, False or None (unknown)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from meshlint.finding import Fields, Type
from meshlint.resources.keys import DEACTIVATED
from meshlint.resources.webhook import LEGAL_VALUE, Expression, Selector


class Absent(Enum):
    """A label that is certainly not there."""

    ABSENT = 0


class Unknown(Enum):
    """A label of which nothing is known."""

    UNKNOWN = 0


ABSENT, UNKNOWN = Absent.ABSENT, Unknown.UNKNOWN
State = str | Absent | Unknown


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of an object's labels.

    `given` are certain; `unknown` keys may have any value or be absent; where `open`, so may
    every key that is not in `given`. Those of the unknown that are `present` have some value.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    open: bool = False
    present: frozenset[str] = frozenset()

    def state(self, key: str) -> State:
        """A label's value, ABSENT, or UNKNOWN."""
        if key in self.unknown or key in self.present:
            return UNKNOWN
        # nothing has the label by which istioctl switches webhooks off
        missing: State = UNKNOWN if self.open and key != DEACTIVATED else ABSENT
        return self.given.get(key, missing)

    def has(self, key: str) -> bool | None:
        """Whether the label is there, with whatever value."""
        if key in self.present:
            return True
        state = self.state(key)
        return None if state is UNKNOWN else state is not ABSENT


def labels_of(fields: Fields, *, partial: bool = False) -> Labels:
    """The labels of a document; placeholders and what is no string are unknown.

    A null is the empty string for the API server: the key is there. So is that of a placeholder;
    a legal value that is not known may be one that some patch brings, or takes away.
    """
    given, unknown, present = {}, set(), set()
    for key, entry in fields.items():
        value = "" if entry.value.type is Type.NULL else entry.value.known
        if value is None or not entry.value.literal:
            unknown.add(key)
            if entry.value.literal or not LEGAL_VALUE.match(entry.value.text):
                present.add(key)
        else:
            given[key] = value
    return Labels(given, frozenset(unknown), partial, frozenset(present))


def both(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued `and`."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def reverse(answer: bool | None) -> bool | None:
    """Three-valued `not`."""
    return None if answer is None else not answer


def matches(selector: Selector, labels: Labels) -> bool | None:
    """Whether a selector takes an object with these labels; an empty one takes all."""
    return both(holds(expression, labels) for expression in selector.expressions)


def holds(expression: Expression, labels: Labels) -> bool | None:
    """One requirement (apimachinery/pkg/labels: NotIn and DoesNotExist hold for absent keys).

    None too for one that Kubernetes refuses, and with it the object that holds it.
    """
    return OPERATORS[expression.operator](expression, labels) if expression.usable else None


def _among(expression: Expression, labels: Labels) -> bool | None:
    """Whether the label has one of the values, of which some may be placeholders."""
    state = labels.state(expression.key)
    if state is ABSENT or not expression.values:
        return False
    values = {value.known for value in expression.values}
    if state in values:
        return True
    return None if state is UNKNOWN or None in values else False


OPERATORS: dict[str, Callable[[Expression, Labels], bool | None]] = {
    "In": _among,
    "NotIn": lambda expression, labels: reverse(_among(expression, labels)),
    "Exists": lambda expression, labels: labels.has(expression.key),
    "DoesNotExist": lambda expression, labels: reverse(labels.has(expression.key)),
}
