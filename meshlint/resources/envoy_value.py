"""What a patch of an EnvoyFilter puts into Envoy's configuration, as far as rules ask for it.

The value is a piece of Envoy's own API, of which only a little is known here: its name, the types
that it refers to, and which of its filters have no configuration with a type.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, Type, Value
from meshlint.source.node import Node

BUDGET = 20_000
"""So many nodes of one value are looked at; no hand writes more."""

ANY = ("typed_config", "typedConfig")
"""A field of type google.protobuf.Any in all of Envoy's API; istiod reads both spellings."""

ANYS = ("typed_per_filter_config", "typedPerFilterConfig")
"""Maps of such."""

ELSEWHERE = ("config_discovery", "configDiscovery")
TYPED_STRUCT = ("udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct")
"""Types that hold another type's configuration as it is, for Envoy and not for istiod to read."""

FREE = frozenset({"metadata", "filter_metadata", "filterMetadata"})
"""Fields whose values may be anything."""

LISTS = frozenset({"http_filters", "httpFilters", "access_log", "accessLog"})
"""Lists of filters and access loggers in values of whatever kind."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A type that a value refers to by `@type`, or by `type_url` where it is `inner`.

    `url` is None where there is no `@type`. `top` is True for the configuration of the value
    itself. `where` is the place of the field that holds it.
    """

    url: Value | None
    where: Location
    field: str
    top: bool = False
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Untyped:
    """A filter or access logger without typed configuration; `config` is its old field for it."""

    name: str
    where: Location
    top: bool
    config: bool


@dataclass(frozen=True, slots=True)
class PatchValue:
    """`patch.value`, a map. `digest` is equal for equal values, and "" where that is not known."""

    where: Location
    name: Value | None = None
    typed: tuple[Typed, ...] = ()
    untyped: tuple[Untyped, ...] = ()
    domains: tuple[Value, ...] = ()
    digest: str = ""


def patch_value(node: Node) -> PatchValue:
    """The value at a node that is a map."""
    name = node.field("name")
    walk = _Walk()
    walk.read(node)
    return PatchValue(
        where=node.key_where,
        name=name.value if name else None,
        typed=tuple(walk.typed),
        untyped=(*_bare(node, top=True), *walk.untyped),
        domains=node.scalars("domains"),
        digest=_digest(node),
    )


class _Walk:
    """Looks at all maps of a value, each once, however often it is aliased."""

    def __init__(self) -> None:
        self.typed: list[Typed] = []
        self.untyped: list[Untyped] = []

    def read(self, top: Node) -> None:
        stack: list[tuple[Node, bool]] = [(top, False)]
        seen: set[tuple[int, bool]] = set()
        while stack and len(seen) < BUDGET:
            node, inner = stack.pop()
            if (id(node.raw), inner) not in seen:
                seen.add((id(node.raw), inner))
                stack.extend((item, inner) for item in reversed(node.items()))
                stack.extend(reversed(list(self._entries(node, inner, node is top))))

    def _entries(self, node: Node, inner: bool, top: bool) -> Iterator[tuple[Node, bool]]:
        """What stands in a map, and whether it is configuration that istiod does not read."""
        for name, child in node.entries().items():
            if name in FREE:
                continue
            deeper = inner
            if name in ANY:
                self._typed(child, name, top, inner)
                deeper = inner or _struct(child)
            elif name in ANYS:
                for entry in child.entries().values():
                    self._typed(entry, entry.name, False, inner)
            elif "@type" in (entry.name for entry in child.children()):
                self._typed(child, name, False, inner)
            if name in LISTS and not inner:
                self.untyped.extend(u for item in child.items() for u in _bare(item))
            yield child, deeper

    def _typed(self, node: Node, field: str, top: bool, inner: bool) -> None:
        if not node.is_map or not node.value().literal:
            return
        url = _text(node, "@type")
        self.typed.append(Typed(url, node.key_where, field, top, inner))
        held = _text(node, "type_url") or _text(node, "typeUrl")
        if _struct(node) and held is not None:
            self.typed.append(Typed(held, node.key_where, field, top, True))


def _text(node: Node, key: str) -> Value | None:
    field = node.field(key)
    return None if field is None or field.value.type is Type.NULL else field.value


def _struct(node: Node) -> bool:
    """Whether a configuration is one that istiod hands on without reading it."""
    url = _text(node, "@type")
    return url is not None and url.text.endswith(TYPED_STRUCT)


def _bare(node: Node, top: bool = False) -> Iterator[Untyped]:
    """A named map without typed configuration, of which all entries are known."""
    entries = node.entries()
    if any(key in entries for key in (*ANY, *ELSEWHERE)) or "" in entries or not node.is_map:
        return
    name = _text(node, "name")
    where = name.where if name else node.key_where
    yield Untyped(name.text if name else "", where, top, "config" in entries)


def _digest(top: Node) -> str:
    """A hash of the value that does not depend on order, comments or style."""
    budget = [BUDGET]
    text = _canonical(top, budget, 0)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest() if budget[0] > 0 else ""


def _canonical(node: Node, budget: list[int], depth: int) -> str:
    budget[0] -= 1 if depth < 60 else BUDGET
    if budget[0] <= 0:
        return ""
    if node.is_map:
        entries = sorted(node.entries().items())
        parts = (f"{key!r}:{_canonical(child, budget, depth + 1)}" for key, child in entries)
        return "{" + ",".join(parts) + "}"
    if node.is_list:
        return "[" + ",".join(_canonical(item, budget, depth + 1) for item in node.items()) + "]"
    value = node.value()
    return f"{value.type.value}{value.text!r}"
