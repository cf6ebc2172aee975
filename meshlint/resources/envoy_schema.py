"""The fields of an EnvoyFilter, as the schema of its CustomResourceDefinition has them.

Source: istio/api kubernetes/customresourcedefinitions.gen.yaml. The API server refuses a value of
another type than a field's, or none of its choices, and drops a field that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from meshlint.finding import Type, Value
from meshlint.source.node import Node


class Leaf(StrEnum):
    """What a field may hold that has no fields of its own; `FREE` maps may have any."""

    STRING = "string"
    INTEGER = "whole number"
    FREE = "map"
    STRINGS = "map of strings"


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    of: Shape


Choice = tuple[str, ...]
Shape = Leaf | Many | Choice | Mapping[str, "Shape"]

NOTHING = "INVALID"
"""The first choice of applyTo and operation, which stands for none."""

APPLY_TO: Choice = (
    NOTHING, "LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER", "ROUTE_CONFIGURATION",
    "VIRTUAL_HOST", "HTTP_ROUTE", "CLUSTER", "EXTENSION_CONFIG", "BOOTSTRAP", "LISTENER_FILTER",
)  # fmt: skip
OPERATIONS: Choice = (
    NOTHING, "MERGE", "ADD", "REMOVE", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST", "REPLACE",
    "MERGE_AND_REPLACE_LIST",
)  # fmt: skip
CONTEXTS: Choice = ("ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND", "GATEWAY", "WAYPOINT")
OBJECTS = ("listener", "routeConfiguration", "cluster", "waypoint")
"""What a match may be made on; the API server takes one of them at most."""

_S, _I = Leaf.STRING, Leaf.INTEGER
_FILTER: Shape = {"name": _S, "subFilter": {"name": _S}}
_CHAIN: Shape = {
    "name": _S,
    "sni": _S,
    "transportProtocol": _S,
    "applicationProtocols": _S,
    "destinationPort": _I,
    "filter": _FILTER,
}
_ROUTE: Shape = {"name": _S, "action": ("ANY", "ROUTE", "REDIRECT", "DIRECT_RESPONSE")}
_MATCH: Shape = {
    "context": CONTEXTS,
    "proxy": {"proxyVersion": _S, "metadata": Leaf.STRINGS},
    "listener": {
        "name": _S,
        "portNumber": _I,
        "portName": _S,
        "filterChain": _CHAIN,
        "listenerFilter": _S,
    },
    "routeConfiguration": {
        "name": _S,
        "portNumber": _I,
        "portName": _S,
        "gateway": _S,
        "vhost": {"name": _S, "domainName": _S, "route": _ROUTE},
    },
    "cluster": {"name": _S, "portNumber": _I, "service": _S, "subset": _S},
    "waypoint": {"portNumber": _I, "route": {"name": _S}, "filter": _FILTER},
}
_PATCH: Shape = {
    "operation": OPERATIONS,
    "value": Leaf.FREE,
    "filterClass": ("UNSPECIFIED", "AUTHN", "AUTHZ", "STATS"),
}
SPEC: Mapping[str, Shape] = {
    "workloadSelector": {"labels": Leaf.STRINGS},
    "targetRefs": Many({"group": _S, "kind": _S, "name": _S, "namespace": _S}),
    "priority": _I,
    "configPatches": Many({"applyTo": APPLY_TO, "match": _MATCH, "patch": _PATCH}),
}
OBJECT: Mapping[str, Shape] = {
    "apiVersion": _S,
    "kind": _S,
    "metadata": Leaf.FREE,
    "spec": SPEC,
    "status": Leaf.FREE,
}

SHOUTED = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z")
"""The form of most choices, and of placeholders such as APPLY_TO: only a known one is a value."""


def choice(node: Node, choices: Choice) -> Value:
    """The value of a field that has choices."""
    value = node.value()
    return replace(value, literal=True) if value.text in choices else value


@dataclass(frozen=True, slots=True)
class Stray:
    """A key that the schema does not have; `holder` are the names on the way to its map."""

    key: Value
    holder: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that the schema refuses: none of `choices`, or where these are empty no `wanted`.

    Where the value is no literal, it may be a placeholder as well as a slip of a choice.
    """

    value: Value
    field: str
    wanted: str
    choices: Choice = ()


SCALARS = {Leaf.STRING: (Type.STRING,), Leaf.INTEGER: (Type.INT, Type.FLOAT)}


def faults(root: Node) -> Iterator[Stray | Misfit]:
    """What the API server drops of an object, or refuses it for."""
    yield from _map(root, OBJECT, ())


def _check(node: Node, shape: Shape, path: tuple[str, ...]) -> Iterator[Stray | Misfit]:
    value = choice(node, shape) if isinstance(shape, tuple) else node.value()
    if not value.literal and not (isinstance(shape, tuple) and SHOUTED.match(value.text)):
        return
    if isinstance(shape, Mapping):
        yield from _map(node, shape, path)
    elif isinstance(shape, Many):
        yield from _list(node, shape, path)
    elif isinstance(shape, Leaf):
        yield from _leaf(node, value, shape, path)
    elif value.type is not Type.STRING or value.text not in shape:
        yield Misfit(value, path[-1], "string", shape)


def _map(node: Node, shape: Mapping[str, Shape], path: tuple[str, ...]) -> Iterator[Stray | Misfit]:
    if not node.is_map:
        yield Misfit(node.value(), path[-1] if path else "", "map")
        return
    for name, child in node.entries().items():
        if name not in shape:
            yield Stray(Value(name, child.key_where), path)
        elif child.value().type is not Type.NULL:  # the API server drops it
            yield from _check(child, shape[name], (*path, name))


def _list(node: Node, shape: Many, path: tuple[str, ...]) -> Iterator[Stray | Misfit]:
    if not node.is_list:
        yield Misfit(node.value(), path[-1], "list")
    for item in node.items():
        if item.value().type is not Type.NULL:  # an item that is null is said to be incomplete
            yield from _check(item, shape.of, path)


def _leaf(node: Node, value: Value, leaf: Leaf, path: tuple[str, ...]) -> Iterator[Misfit]:
    if leaf is Leaf.FREE or leaf is Leaf.STRINGS:
        if not node.is_map:
            yield Misfit(value, path[-1], "map")
        elif leaf is Leaf.STRINGS:
            yield from _strings(node)
    elif value.type not in SCALARS[leaf]:
        yield Misfit(value, path[-1], leaf.value)


def _strings(node: Node) -> Iterator[Misfit]:
    for name, child in node.entries().items():
        value = child.value()
        if value.literal and value.type not in (Type.STRING, Type.NULL):
            yield Misfit(value, name, Leaf.STRING.value)


def homes(field: str) -> tuple[tuple[str, ...], ...]:
    """The paths below `spec` to the maps that have a field of this name."""
    return tuple(_homes(SPEC, field, ()))


def _homes(shape: Shape, field: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(shape, Many):
        yield from _homes(shape.of, field, path)
    elif isinstance(shape, Mapping):
        if field in shape:
            yield path
        for name, inner in shape.items():
            yield from _homes(inner, field, (*path, name))


def fields_at(path: tuple[str, ...]) -> tuple[str, ...]:
    """The fields of the map that a path of names leads to, from the object's root."""
    shape: Shape = OBJECT
    for name in path:
        shape = shape.of if isinstance(shape, Many) else shape
        assert isinstance(shape, Mapping)
        shape = shape[name]
    shape = shape.of if isinstance(shape, Many) else shape
    return tuple(shape) if isinstance(shape, Mapping) else ()
