"""Whether YAML fits the types that a program in Go reads it into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from meshlint.finding import Location, Type
from meshlint.source.node import Node

SCALARS = frozenset({Type.STRING, Type.BOOL, Type.INT, Type.FLOAT})


@dataclass(frozen=True, slots=True)
class Shape:
    """What a node may be; null is always taken. `words` say it: `a list of maps`.

    `each` is the shape of all items of a list, and of all entries of a map but those of `fields`.
    """

    words: str
    types: frozenset[Type]
    each: Shape | None = None
    fields: Mapping[str, Shape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A node of another type: the path to it, what it must be, and what it is."""

    name: str
    words: str
    type: Type
    where: Location


TEXT = Shape("a text", SCALARS)
"""A string of sigs.k8s.io/yaml, which makes one of every scalar where it knows the type."""

STRING = Shape("a string", frozenset({Type.STRING}))
BOOLEAN = Shape("true or false", frozenset({Type.BOOL}))
ANYTHING = Shape("a map", frozenset({Type.MAP}))


def listed(each: Shape, words: str) -> Shape:
    return Shape(words, frozenset({Type.LIST}), each)


def mapped(each: Shape, words: str) -> Shape:
    return Shape(words, frozenset({Type.MAP}), each)


def struct(fields: Mapping[str, Shape], words: str = "a map") -> Shape:
    """A map of which only some entries are looked at."""
    return Shape(words, frozenset({Type.MAP}), None, fields)


def misfits(node: Node, shape: Shape, name: str = "") -> Iterator[Misfit]:
    """Everything in a node that does not fit. What is a placeholder may become anything."""
    value = node.value()
    if not value.literal or value.type is Type.NULL:
        return
    if value.type not in shape.types:
        yield Misfit(name, shape.words, value.type, node.where)
        return
    for key, child, expected in _below(node, shape):
        path = f"{name}[{key}]" if node.is_list else f"{name}.{key}".lstrip(".")
        yield from misfits(child, expected, path)


def _below(node: Node, shape: Shape) -> Iterator[tuple[str, Node, Shape]]:
    if node.is_list:
        below = ((str(number), item) for number, item in enumerate(node.items()))
    else:
        below = ((key, child) for key, child in node.entries().items())
    for key, child in below:
        expected = shape.fields.get(key, shape.each)
        if expected is not None:
            yield key, child, expected
