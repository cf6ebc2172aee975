"""NetworkPolicies as Kubernetes reads them, and the policies of other kinds that may overrule them.

What is left out means what k8s.io/api/networking/v1 says of it: no `from` is every source, no
`ports` every port, and `{}` as a selector everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from meshlint.finding import Field, Location, Type, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.resources.webhook import Selector, selector
from meshlint.source.node import Node
from meshlint.unread import Unread

GROUPS = frozenset({"networking.k8s.io", "extensions"})

NAMED_ALIKE = "NetworkPolicy"
"""Calico and Antrea have kinds of this name too, in groups of their own."""

OTHERS = (
    "CiliumNetworkPolicy CiliumClusterwideNetworkPolicy GlobalNetworkPolicy AdminNetworkPolicy"
    " ClusterNetworkPolicy ApplicationNetworkPolicy"
).split()
"""Kinds of Cilium, Calico, Antrea, EKS and the API for administrators, which may admit more."""


class Direction(StrEnum):
    """The entries of `policyTypes`."""

    INGRESS = "Ingress"
    EGRESS = "Egress"


@dataclass(frozen=True, slots=True)
class Port:
    """An entry of `ports`: of TCP if no protocol is given, every port if none is.

    `number` may be the name of a container's port; `end` is the last one of a range.
    """

    protocol: Field | None
    number: Field | None
    end: Field | None


@dataclass(frozen=True, slots=True)
class Peer:
    """An entry of `from` or `to`. `block` is True for an ipBlock; None for what is not there.

    `legal` is False for what the API server refuses, or a tool fills in.
    """

    spaces: Selector | None
    pods: Selector | None
    block: bool
    legal: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """An entry of `ingress` or `egress`; `peers` and `ports` are empty where all are admitted.

    `legal` is False for what the API server refuses, or a tool fills in.
    """

    peers: tuple[Peer, ...]
    ports: tuple[Port, ...]
    where: Location
    peers_where: Location
    ports_where: Location
    legal: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """`ingress` or `egress` of a policy: its rules, and its key where it is written."""

    rules: tuple[Rule, ...] = ()
    where: Location | None = None


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """A NetworkPolicy; `types` are the directions as written, `types_where` their key."""

    meta: Meta
    partial: Unread | None
    selector: Selector
    selector_where: Location
    types: tuple[Value, ...]
    types_where: Location | None
    ingress: Section
    egress: Section

    def section(self, direction: Direction) -> Section:
        return self.ingress if direction is Direction.INGRESS else self.egress

    def governs(self, direction: Direction) -> bool | None:
        """Whether the policy isolates its pods in a direction.

        Where no types are given it does so inwards, and outwards only where it has egress rules
        (kubernetes pkg/apis/networking/v1/defaults.go).
        """
        if not self.types:
            return direction is Direction.INGRESS or bool(self.egress.rules)
        if any(value.known == direction for value in self.types):
            return True
        return None if any(value.known is None for value in self.types) else False


@dataclass(frozen=True, slots=True)
class ForeignPolicy:
    """A policy of another kind, of which is known only that it is there."""

    meta: Meta
    partial: Unread | None


@reads(NAMED_ALIKE, *OTHERS)
def network_policy(document: Document) -> Iterator[NetworkPolicy | ForeignPolicy]:
    """Kubernetes' own by its content; others by their presence."""
    if document.kind != NAMED_ALIKE or document.group not in GROUPS:
        yield ForeignPolicy(document.meta, document.partial)
        return
    spec = document.root.get("spec")
    chosen, types = (spec.get(key) if spec else None for key in ("podSelector", "policyTypes"))
    yield NetworkPolicy(
        meta=document.meta,
        partial=document.partial or (None if chosen else Unread.PATCH),
        selector=selector(chosen),
        selector_where=chosen.key_where if chosen else document.meta.where,
        types=tuple(_types(types)),
        types_where=types.key_where if types else None,
        ingress=_section(spec.get("ingress") if spec else None, "from"),
        egress=_section(spec.get("egress") if spec else None, "to"),
    )


def _types(node: Node | None) -> Iterator[Value]:
    """The entries of `policyTypes`; what is no list is one entry that is not known."""
    if node is not None and not _null(node):
        items = [item.value() for item in node.items()] if node.is_list else None
        yield from items if items is not None else (Value("", node.where, literal=False),)


def _section(node: Node | None, peers: str) -> Section:
    if node is None:
        return Section()
    if not node.is_list and not _null(node):
        where = node.key_where
        return Section((Rule((), (), where, where, where, legal=False),), where)
    return Section(tuple(_rule(item, peers) for item in node.items()), node.key_where)


def _rule(item: Node, key: str) -> Rule:
    peers, ports = item.get(key), item.get("ports")
    right = (item.is_map or _null(item), _listed(peers), _listed(ports))
    return Rule(
        peers=tuple(map(_peer, peers.items())) if peers else (),
        ports=tuple(map(_port, ports.items())) if ports else (),
        where=item.where,
        peers_where=peers.key_where if peers else item.where,
        ports_where=ports.key_where if ports else item.where,
        legal=all(right),
    )


def _listed(node: Node | None) -> bool:
    return node is None or node.is_list or _null(node)


def _null(node: Node) -> bool:
    return node.value().type is Type.NULL


def _peer(item: Node) -> Peer:
    """A peer has an ipBlock, or one selector, or two (ValidateNetworkPolicyPeer)."""
    spaces, pods, block = (_given(item, k) for k in ("namespaceSelector", "podSelector", "ipBlock"))
    return Peer(
        spaces=selector(spaces) if spaces else None,
        pods=selector(pods) if pods else None,
        block=block is not None,
        legal=(block is None) == (spaces is not None or pods is not None),
    )


def _given(item: Node, key: str) -> Node | None:
    node = item.get(key)
    return None if node is None or _null(node) else node


def _port(item: Node) -> Port:
    given = (_given(item, key) for key in ("protocol", "port", "endPort"))
    protocol, number, end = (node.as_field if node else None for node in given)
    return Port(protocol, number, end)
