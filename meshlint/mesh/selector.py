"""Kubernetes label selectors over labels that may be unknown: True, False or None (unknown)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from meshlint.finding import Fields, Type
from meshlint.resources.webhook import Expression, Selector


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
    every key that is not in `given`.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    open: bool = False

    def state(self, key: str) -> State:
        """A label's value, ABSENT, or UNKNOWN."""
        if key in self.unknown:
            return UNKNOWN
        missing: State = UNKNOWN if self.open else ABSENT
        return self.given.get(key, missing)


def labels_of(fields: Fields, *, partial: bool = False) -> Labels:
    """The labels of a document; placeholders and what is no string are unknown.

    A null is the empty string for the API server: the key is there.
    """
    given, unknown = {}, set()
    for key, entry in fields.items():
        value = "" if entry.value.type is Type.NULL else entry.value.known
        if value is None or not entry.value.literal:
            unknown.add(key)
        else:
            given[key] = value
    return Labels(given, frozenset(unknown), partial)


def both(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued `and`."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def matches(selector: Selector, labels: Labels) -> bool | None:
    """Whether a selector takes an object with these labels; an empty one takes all."""
    return both(holds(expression, labels) for expression in selector.expressions)


def holds(expression: Expression, labels: Labels) -> bool | None:
    """One requirement (apimachinery/pkg/labels: NotIn and DoesNotExist hold for absent keys)."""
    test = OPERATORS.get(expression.operator)
    state = labels.state(expression.key)
    if test is None or not _literal(expression) or state is UNKNOWN:
        return None
    return test(state, {value.text for value in expression.values})


def _literal(expression: Expression) -> bool:
    return all(value.known is not None for value in expression.values)


OPERATORS: dict[str, Callable[[State, set[str]], bool]] = {
    "In": lambda state, values: state in values,
    "NotIn": lambda state, values: state not in values,
    "Exists": lambda state, _: state is not ABSENT,
    "DoesNotExist": lambda state, _: state is ABSENT,
}
