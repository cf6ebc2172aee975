"""Label selectors as manifests have them, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, Type, Value
from meshlint.resources.branch import Part
from meshlint.source.placeholder import placeholder


@dataclass(frozen=True, slots=True)
class Expression:
    """One line of matchExpressions, or one entry of matchLabels (as `In` with one value).

    `usable` is False where Kubernetes makes no requirement of it, and None where a key or an
    operator is a placeholder.
    """

    key: str
    operator: str
    values: tuple[Value, ...]
    where: Location
    usable: bool | None = True


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector; without expressions it matches everything."""

    expressions: tuple[Expression, ...] = ()
    where: Location | None = None

    def values_of(self, key: str) -> tuple[Value, ...]:
        """The values that `In` asks of a key."""
        return tuple(
            v for e in self.expressions if e.key == key and e.operator == "In" for v in e.values
        )

    def mentions(self, key: str) -> bool:
        return any(expression.key == key for expression in self.expressions)


EVERYTHING = Selector()

NAME = r"[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?"
LEGAL_VALUE = re.compile(rf"(?:{NAME})?\Z", re.ASCII)
LEGAL_KEY = re.compile(rf"(?:[a-z0-9](?:[-.a-z0-9]{{0,251}}[a-z0-9])?/)?{NAME}\Z", re.ASCII)
"""Labels as Kubernetes allows them (apimachinery pkg/util/validation)."""

PARTS = frozenset({"matchLabels", "matchExpressions"})
"""All fields of a selector: kubectl refuses others, and an API server that is not asked to drops
them, so that what is selected is not told by what is left."""


def selector(node: Part | None) -> Selector:
    """A label selector from YAML; an absent or empty one matches everything."""
    if node is None or node.value().type is Type.NULL:
        return EVERYTHING
    labels, listed = node.get("matchLabels"), node.get("matchExpressions")
    exact = [_exact(child) for child in labels.entries().values()] if labels else []
    more = [_expression(item) for item in listed.items()] if listed else []
    odd = [part for part, right in ((node, node.is_map), *_parts(labels, listed)) if not right]
    odd += [child for child in node.children() if child.name not in PARTS]
    return Selector((*exact, *more, *(_refused(part) for part in odd)), node.where)


def _parts(labels: Part | None, listed: Part | None) -> Iterator[tuple[Part, bool]]:
    """The parts of a selector, and whether each is what it must be."""
    for part, right in ((labels, labels and labels.is_map), (listed, listed and listed.is_list)):
        if part is not None and part.value().type is not Type.NULL:
            yield part, bool(right)


def _refused(part: Part) -> Expression:
    """What is no selector: the API server refuses it, or a tool fills it in."""
    value = part.value()
    return Expression("", "", (), part.where, False if value.literal else None)


def _exact(child: Part) -> Expression:
    found = child.as_field
    return _checked(found.key, "In", (found.value,), not placeholder(child.name, "", None))


def _expression(item: Part) -> Expression:
    key, operator = item.field("key"), item.field("operator")
    literal = all(field is None or field.value.literal for field in (key, operator))
    name = key.value if key else Value("", item.where)
    return _checked(name, operator.value.text if operator else "", item.scalars("values"), literal)


def _checked(key: Value, operator: str, values: tuple[Value, ...], literal: bool) -> Expression:
    """A requirement, if it is one (apimachinery pkg/labels, NewRequirement)."""
    listed = operator in ("In", "NotIn")
    known = listed or operator in ("Exists", "DoesNotExist")
    legal = all(v.known is None or LEGAL_VALUE.match(v.known) for v in values)
    usable = known and legal and bool(values) == listed and LEGAL_KEY.match(key.text) is not None
    return Expression(key.text, operator, values, key.where, usable if literal else None)
