"""Names that objects have of others, which follow what kustomize renames or moves.

Which fields those are tells api/internal/konfig/builtinpluginconsts/namereference.go of kustomize,
and what its `namespace` does to subjects of bindings api/filters/namespace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from meshlint.finding import Field, Value
from meshlint.resources.istiod_account import DEFAULT, IstiodAccount
from meshlint.resources.rbac import Binding, Grantee, Role, ServiceAccount
from meshlint.resources.service import Service
from meshlint.resources.webhook import Client, Configuration
from meshlint.units.item import Item

Place = tuple[str, str]
"""Namespace and name."""

Moves = Mapping[tuple[str, Place], Place]
"""By kind, the place that an object had: the one it has now."""

NAMED = (Service, ServiceAccount, Role)


def referring(old: Sequence[Item], new: list[Item], namespace: Value | None) -> list[Item]:
    """The items with their references after a layer, which puts all into `namespace` if given."""
    moves = dict(_moves(old, new))
    if not moves and namespace is None:
        return new
    return [_followed(*pair, moves, namespace) for pair in zip(old, new, strict=True)]


def _moves(old: Sequence[Item], new: Sequence[Item]) -> Iterator[tuple[tuple[str, Place], Place]]:
    """Each name that an object has had means it, with its namespace of then or now.

    The newest comes last: it counts where two have had the same one.
    """
    aged = [
        (len(before.names) - position, subject.kind, was, after.names[-1])
        for before, after in zip(old, new, strict=True)
        if isinstance(before.fact, NAMED) and before.names != after.names
        if (subject := before.subject) is not None
        for position, was in enumerate(before.names)
    ]
    for _, kind, (namespace, name), place in sorted(aged, reverse=True):
        for was in {namespace, namespace or DEFAULT, place[0]}:
            yield (kind, (was, name)), place


def _followed(before: Item, after: Item, moves: Moves, namespace: Value | None) -> Item:
    fact, home = after.fact, before.names[-1][0] if before.names else ""
    changes: dict[str, Any] = {}
    if isinstance(fact, Configuration):
        changes["hooks"] = tuple(
            replace(hook, client=_client(hook.client, moves)) for hook in fact.hooks
        )
    elif isinstance(fact, Binding):
        changes["role"] = _renamed(fact.role, fact.role_kind, home, moves)
        changes["grantees"] = tuple(_grantee(one, moves, namespace) for one in fact.grantees)
    elif isinstance(fact, IstiodAccount) and not fact.old:
        changes["name"] = _renamed(fact.name, "ServiceAccount", home, moves)
    new = {key: value for key, value in changes.items() if value != getattr(fact, key)}
    return after.but(**new) if new else after


def _client(client: Client, moves: Moves) -> Client:
    name, namespace = client.service_name, client.service_namespace
    if name is None or namespace is None:
        return client
    place = moves.get(("Service", (namespace.value.text, name.value.text)))
    if place is None:
        return client
    return replace(
        client,
        service_namespace=_field(namespace, place[0]),
        service_name=_field(name, place[1]),
    )


def _field(field: Field, text: str) -> Field:
    return replace(field, value=replace(field.value, text=text))


def _renamed(name: Value | None, kind: str, home: str, moves: Moves) -> Value | None:
    """The name of something in the namespace of the object itself, or in none."""
    place = moves.get((kind, ("" if kind == "ClusterRole" else home, name.text))) if name else None
    return replace(name, text=place[1]) if name and place else name


def _grantee(one: Grantee, moves: Moves, namespace: Value | None) -> Grantee:
    """A subject: without a namespace it means the one account of its name, wherever that is."""
    if namespace is not None and one.name.text == DEFAULT:  # of whatever kind
        return replace(one, namespace=namespace)
    place = _place(one, moves)
    if place is None:
        return one
    space = replace(one.namespace or one.name, text=place[0]) if place[0] else one.namespace
    return replace(one, name=replace(one.name, text=place[1]), namespace=space)


def _place(one: Grantee, moves: Moves) -> Place | None:
    if one.namespace is not None:
        return moves.get((one.kind, (one.namespace.text, one.name.text)))
    wanted = (one.kind, one.name.text)
    found = {place for (kind, (_, name)), place in moves.items() if (kind, name) == wanted}
    return found.pop() if len(found) == 1 else None
