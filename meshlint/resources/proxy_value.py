"""Whether a YAML value can be what a field of ProxyConfig asks for.

istiod turns the YAML into JSON (sigs.k8s.io/yaml) and reads that with jsonpb, which takes numbers
in quotes, and nothing else that is not of its type: no booleans in quotes, and no bare numbers or
booleans where a string is asked for.
Source: istio/istio pkg/util/protomarshal, and golang/protobuf jsonpb/decode.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, Type, Value, quoted
from meshlint.resources.proxy_kind import Choice, Form, Kind, Listing, Mapped, Scalar
from meshlint.source.node import Node

JSON = {
    Type.STRING: "string",
    Type.BOOL: "bool",
    Type.INT: "number",
    Type.FLOAT: "number",
    Type.MAP: "object",
    Type.LIST: "array",
}
RAW_LIST, RAW_MAP = "[]json.RawMessage", "map[string]json.RawMessage"
RANGES = {
    Scalar.INT32: (-(2**31), 2**31 - 1),
    Scalar.INT64: (-(2**63), 2**63 - 1),
    Scalar.UINT32: (0, 2**32 - 1),
}
QUOTED_INT = re.compile(r"\s*-?(?:0|[1-9][0-9]*)\s*\Z")
QUOTED_NUMBER = re.compile(r"\s*-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\s*\Z")
ENDLESS = frozenset({"NaN", "Infinity", "-Infinity"})
UNIT = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h)"
DURATION = re.compile(rf"[-+]?(?:0|(?:{UNIT})+)\Z")


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that istiod cannot read or take, by its path, and what it must be.

    `since` is Istio's first minor version that refuses it; 0 where that is long ago.
    """

    path: str
    text: str
    where: Location
    since: int = 0


def misfits(node: Node, kind: Kind, path: str = "", since: int = 0) -> Iterator[Fault]:
    """The parts of a value that are not what is asked for. What is null is as if it were absent."""
    value = node.value()
    if value.type is Type.NULL or not value.literal:
        return
    if isinstance(kind, Form):
        yield from _form(node, kind, path, since)
    elif isinstance(kind, Mapped):
        yield from _wrong(node, Type.MAP, RAW_MAP, path, since)
        for name, child in node.entries().items() if node.is_map else ():
            yield from misfits(child, kind.of, f"{path}.{name}", since)
    elif isinstance(kind, Listing):
        yield from _wrong(node, Type.LIST, RAW_LIST, path, since)
        for item in node.items():
            yield from misfits(item, kind.of, path, since)
    else:
        why = _named(value, kind) if isinstance(kind, Choice) else CHECKS[kind](value, kind)
        if why:
            yield Fault(path, why, node.where, since)


def _form(node: Node, kind: Form, path: str, since: int) -> Iterator[Fault]:
    yield from _wrong(node, Type.MAP, RAW_MAP, path, since)
    for name, field in kind.fields.items():
        child = given(node, name)
        if child is not None:
            inner = f"{path}.{name}" if path else name
            yield from misfits(child, field.kind, inner, max(since, field.since))


def given(node: Node, name: str) -> Node | None:
    """A field by its JSON name, or else by that in the proto file: `drain_duration`."""
    found = node.get(name)
    return found if found is not None else node.get(re.sub("[A-Z]", _lowered, name))


def _lowered(letter: re.Match[str]) -> str:
    return f"_{letter.group().lower()}"


def _wrong(node: Node, wanted: Type, go: str, path: str, since: int) -> Iterator[Fault]:
    if node.value().type is not wanted:
        yield Fault(path, f"must be a {wanted}: {_unmarshal(node.value(), go)}", node.where, since)


def _unmarshal(value: Value, go: str) -> str:
    """What istiod says of a value of another type."""
    return (
        f"istiod cannot read {_shown(value)} ('cannot unmarshal {JSON[value.type]} into Go value of"
        f" type {go}')"
    )


def _shown(value: Value) -> str:
    if value.type in (Type.MAP, Type.LIST):
        return f"a {value.type}"
    return f"the {value.type} {quoted(value.text)}"


def _string(value: Value, kind: Scalar) -> str | None:
    if value.type is Type.STRING:
        return None
    quotes = "" if value.type in (Type.MAP, Type.LIST) else ", so put it in quotes"
    return f"must be a string{quotes}: {_unmarshal(value, kind.value)}"


def _bool(value: Value, kind: Scalar) -> str | None:
    if value.type is Type.BOOL:
        return None
    return f"must be true or false without quotes: {_unmarshal(value, kind.value)}"


def _integer(value: Value, kind: Scalar) -> str | None:
    if value.type in (Type.INT, Type.FLOAT, Type.STRING):
        number = _number(value)
        low, high = RANGES[kind]
        if number is None or low <= number <= high:
            return None
    return f"must be a whole number of type {kind.value}, and is {_shown(value)}"


def _number(value: Value) -> float | None:
    """The number of a value, infinite for one that is none; None where that is not known."""
    text = value.text
    if value.type is Type.STRING:
        if text.strip() == "null" or len(text) > 40:
            return None
        return int(text) if QUOTED_INT.match(text) else float("inf")
    try:
        number = float(text) if value.type is Type.FLOAT else int(text, 10)
    except ValueError:  # an octal number, say
        return None
    return number if number == int(number) else float("inf")


def _double(value: Value, kind: Scalar) -> str | None:
    if value.type in (Type.INT, Type.FLOAT):
        return None
    text = value.text
    if value.type is Type.STRING and (QUOTED_NUMBER.match(text) or text in ENDLESS):
        return None
    if value.type is Type.STRING and text.strip() == "null":
        return None
    return f"must be a number, and is {_shown(value)}"


def _duration(value: Value, kind: Scalar) -> str | None:
    if value.type is not Type.STRING:
        return f"must be a duration with a unit such as 45s: {_unmarshal(value, 'string')}"
    if DURATION.match(value.text):
        return None
    return f"must be a duration such as 45s, and is {quoted(value.text)} ('bad Duration')"


def _named(value: Value, kind: Choice) -> str | None:
    if value.type in (Type.INT, Type.FLOAT) or value.text in kind.names:
        return None
    words = f" ('unknown value … for enum {kind.enum}')" if value.type is Type.STRING else ""
    return f"must be one of {', '.join(kind.names)}, and is {_shown(value)}{words}"


CHECKS = {
    Scalar.STRING: _string,
    Scalar.BOOL: _bool,
    Scalar.INT32: _integer,
    Scalar.INT64: _integer,
    Scalar.UINT32: _integer,
    Scalar.DOUBLE: _double,
    Scalar.DURATION: _duration,
}
