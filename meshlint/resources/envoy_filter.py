"""EnvoyFilters: patches that istiod puts on the configuration it generates for its proxies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Fields, Location, Type, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.envoy_schema import (
    APPLY_TO,
    CONTEXTS,
    NOTHING,
    OBJECTS,
    OPERATIONS,
    Choice,
    Misfit,
    Stray,
    choice,
    faults,
)
from meshlint.resources.envoy_value import PatchValue, patch_value
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

GROUP = "networking.istio.io"


@dataclass(frozen=True, slots=True)
class Named:
    """A match of a filter by its name, which is None where it is left out."""

    where: Location
    name: Value | None

    @property
    def text(self) -> str | None:
        """The name, where it is known."""
        return self.name.known if self.name else None


@dataclass(frozen=True, slots=True)
class Match:
    """What a patch applies to; `objects` are the keys of what it matches on (listener, cluster).

    `narrow` has every scalar below these with its path: equal ones choose the same. `metadata`
    is True where proxies are chosen by their metadata too.
    """

    context: Value | None = None
    version: Value | None = None
    metadata: bool = False
    objects: tuple[Value, ...] = ()
    filter: Named | None = None
    sub: Named | None = None
    listener_filter: Value | None = None
    narrow: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ConfigPatch:
    """One of `configPatches`. What is left out, or null, is None.

    `patch` is the place of the key. `empty` is True for a null in place of a patch, `vague` where
    something stands for a map that only a tool fills in: then nothing is known to be missing.
    """

    where: Location
    apply_to: Value | None = None
    match: Match = Match()
    patch: Location | None = None
    operation: Value | None = None
    value: PatchValue | None = None
    given: bool = False
    """Whether there is a value, be it none that can be read."""
    empty: bool = False
    vague: bool = False

    @property
    def kind(self) -> str:
        """applyTo as far as it is known, else ""."""
        return _chosen(self.apply_to)

    @property
    def does(self) -> str:
        """The operation as far as it is known, else ""."""
        return _chosen(self.operation)

    @property
    def context(self) -> str:
        """The context; ANY where none is given, "" where it is not known."""
        value = self.match.context
        return "ANY" if value is None else (value.known or "")


@dataclass(frozen=True, slots=True)
class EnvoyFilter:
    """An EnvoyFilter. `labels` are those of its workloadSelector, whose place is `selector`.

    `selector` is None where there is none. `wanted` are the labels that pods must have, None where
    not all of them are known.
    """

    meta: Meta
    partial: Unread | None
    patches: tuple[ConfigPatch, ...] = ()
    selector: Location | None = None
    labels: Fields | None = None
    wanted: frozenset[tuple[str, str]] | None = frozenset()
    targets: Location | None = None
    priority: Value | None = None
    faults: tuple[Stray | Misfit, ...] = ()


def _chosen(value: Value | None) -> str:
    known = value.known if value else None
    return "" if known is None or known == NOTHING else known


@reads("EnvoyFilter")
def envoy_filter(document: Document) -> Iterator[EnvoyFilter]:
    """networking.istio.io, of whatever version."""
    if document.group != GROUP:
        return
    root = document.root
    spec = _given(root.get("spec"))
    selector = _given(spec.get("workloadSelector")) if spec else None
    targets = _given(spec.get("targetRefs")) if spec else None
    priority = spec.field("priority") if spec else None
    patches = spec.get("configPatches") if spec else None
    labels = _labels(selector) if selector else None
    yield EnvoyFilter(
        meta=document.meta,
        partial=document.partial,
        patches=tuple(_patch(item) for item in patches.items()) if patches else (),
        selector=selector.key_where if selector and selector.is_map else None,
        labels=labels,
        wanted=_wanted(labels) if selector else frozenset(),
        targets=targets.key_where if targets and targets.items() else None,
        priority=priority.value if priority else None,
        faults=tuple(faults(root)),
    )


def _given(node: Node | None) -> Node | None:
    """A node that is there for the API server, which drops nulls."""
    return None if node is None or node.value().type is Type.NULL else node


def _labels(selector: Node) -> Fields | None:
    """The labels that are chosen; None where something else will fill them in."""
    labels = _given(selector.get("labels"))
    if labels is None:
        return {}
    return selector.fields("labels") if labels.is_map and labels.value().literal else None


def _wanted(labels: Fields | None) -> frozenset[tuple[str, str]] | None:
    if labels is None or any(field.value.known is None for field in labels.values()):
        return None
    return frozenset((key, field.value.text) for key, field in labels.items())


def _patch(item: Node) -> ConfigPatch:
    if not item.is_map:
        null = item.value()
        return ConfigPatch(item.where, empty=null.literal, vague=not null.literal)
    match, patch = _given(item.get("match")), _given(item.get("patch"))
    value = _given(patch.get("value")) if patch else None
    return ConfigPatch(
        where=_grip(item),
        apply_to=_choice(item, "applyTo", APPLY_TO),
        match=_match(match) if match else Match(),
        patch=patch.key_where if patch else None,
        operation=_choice(patch, "operation", OPERATIONS) if patch else None,
        value=patch_value(value) if value and value.is_map else None,
        given=value is not None,
        vague=any(_blank(node) for node in (item, match, patch, value)),
    )


def _grip(item: Node) -> Location:
    """The place of the first key in a map."""
    return next((child.key_where for child in item.children()), item.where)


def _blank(node: Node | None) -> bool:
    """Whether a node is filled in by a tool, or has a key that is."""
    if node is None:
        return False
    odd = any(name == "" or "{{" in name or "$" in name for name in node.entries())
    return odd or not node.value().literal


def _scalar(node: Node, key: str) -> Value | None:
    found = _given(node.get(key))
    return found.value() if found else None


def _choice(node: Node, key: str, choices: Choice) -> Value | None:
    found = _given(node.get(key))
    return choice(found, choices) if found else None


def _match(match: Node) -> Match:
    listener = _given(match.get("listener"))
    chain = _given(listener.get("filterChain")) if listener else None
    outer = _given(chain.get("filter")) if chain else None
    inner = _given(outer.get("subFilter")) if outer else None
    proxy = _given(match.get("proxy"))
    objects = [node for key in OBJECTS if (node := _given(match.get(key)))]
    return Match(
        context=_choice(match, "context", CONTEXTS),
        version=_scalar(proxy, "proxyVersion") if proxy else None,
        metadata=proxy is not None and _given(proxy.get("metadata")) is not None,
        objects=tuple(Value(node.name, node.key_where, Type.MAP) for node in objects),
        filter=_named(outer),
        sub=_named(inner),
        listener_filter=_scalar(listener, "listenerFilter") if listener else None,
        narrow=tuple(pair for node in objects for pair in _narrow(node, node.name, 0)),
    )


def _named(node: Node | None) -> Named | None:
    return Named(node.key_where, _scalar(node, "name")) if node and node.is_map else None


def _narrow(node: Node, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every scalar below a node with its path; the match's own fields are never this deep."""
    if node.is_map and depth < 6:
        for name, child in node.entries().items():
            yield from _narrow(child, f"{path}.{name}", depth + 1)
    elif not node.is_list and node.value().type is not Type.NULL:
        yield path, node.value().text
