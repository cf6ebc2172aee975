"""Config Connector: private GKE clusters, and the firewall rules of their networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, Type, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

COMPUTE, CONTAINER = "compute.cnrm.cloud.google.com", "container.cnrm.cloud.google.com"
POLICIES = (
    "ComputeFirewallPolicy ComputeFirewallPolicyRule ComputeNetworkFirewallPolicyRule"
    " ComputeNetworkFirewallPolicy ComputeRegionNetworkFirewallPolicy"
).split()
"""Kinds that may admit what no ComputeFirewall does."""


@dataclass(frozen=True, slots=True)
class Network:
    """A reference to a network: to an object, in its own namespace if `space` is None, or to the
    network itself."""

    name: Value
    external: bool
    space: Value | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A ContainerCluster; `master` is the range of its control plane, None where none is given.

    `private` is True where its nodes have no addresses of their own to the outside.
    """

    meta: Meta
    partial: Unread | None
    private: bool
    master: Value | None
    network: Network | None


@dataclass(frozen=True, slots=True)
class Grant:
    """An entry of `allow` or `deny`; without ports it means all of them."""

    protocol: Value | None
    ports: tuple[Value, ...]
    where: Location


@dataclass(frozen=True, slots=True)
class Firewall:
    """A ComputeFirewall. `sources` are ranges; `tagged` is True where tags or accounts are sources.

    `enabled`, `inwards` and `priority` are None where they are placeholders or odd. `aimed` is True
    where it is for some instances only.
    """

    meta: Meta
    partial: Unread | None
    network: Network | None
    enabled: bool | None
    inwards: bool | None
    priority: int | None
    sources: tuple[Value, ...]
    tagged: bool
    aimed: bool
    allow: tuple[Grant, ...]
    deny: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class FirewallPolicy:
    """A firewall policy or a rule of one, of which is known only that it is there."""

    meta: Meta
    partial: Unread | None


@reads("ContainerCluster")
def cluster(document: Document) -> Iterator[Cluster]:
    """container.cnrm.cloud.google.com: private where its nodes are."""
    root = document.root
    private = root.field("spec", "privateClusterConfig", "enablePrivateNodes")
    master = root.field("spec", "privateClusterConfig", "masterIpv4CidrBlock")
    if document.group == CONTAINER:
        yield Cluster(
            meta=document.meta,
            partial=document.partial,
            private=private is not None and _truth(private.value) is True,
            master=master.value if master else None,
            network=_network(root),
        )


@reads("ComputeFirewall")
def firewall(document: Document) -> Iterator[Firewall]:
    """compute.cnrm.cloud.google.com: INGRESS, of priority 1000 and enabled, if nothing is said."""
    root = document.root
    if document.group == COMPUTE:
        given = {key: root.field("spec", key) for key in ("disabled", "direction", "priority")}
        disabled, direction, priority = (f.value if f else None for f in given.values())
        off = False if disabled is None else _truth(disabled)
        yield Firewall(
            meta=document.meta,
            partial=document.partial,
            network=_network(root),
            enabled=None if off is None else not off,
            inwards=_is(direction, "INGRESS") if direction else True,
            priority=_number(priority) if priority else 1000,
            sources=root.scalars("spec", "sourceRanges"),
            tagged=_some(root, "sourceTags", "sourceServiceAccounts"),
            aimed=_some(root, "targetTags", "targetServiceAccounts"),
            allow=tuple(_grants(root.get("spec", "allow"))),
            deny=tuple(_grants(root.get("spec", "deny"))),
        )


@reads(*POLICIES)
def firewall_policy(document: Document) -> Iterator[FirewallPolicy]:
    """Hierarchical and network firewall policies."""
    if document.group == COMPUTE:
        yield FirewallPolicy(document.meta, document.partial)


def _grants(node: Node | None) -> Iterator[Grant]:
    for item in node.items() if node else ():
        protocol, ports = item.field("protocol"), item.get("ports")
        where = ports.key_where if ports else protocol.value.where if protocol else item.where
        yield Grant(protocol.value if protocol else None, item.scalars("ports"), where)


def _network(root: Node) -> Network | None:
    space = root.field("spec", "networkRef", "namespace")
    for key in ("external", "name"):
        field = root.field("spec", "networkRef", key)
        if field is not None:
            return Network(field.value, key == "external", space.value if space else None)
    return None


def _some(root: Node, *keys: str) -> bool:
    return any(root.get("spec", key) is not None for key in keys)


def _truth(value: Value) -> bool | None:
    if value.type is not Type.BOOL or not value.literal:
        return None
    return value.text.lower() in ("true", "yes", "y", "on")


def _is(value: Value, word: str) -> bool | None:
    return None if value.known is None else value.known == word


def _number(value: Value) -> int | None:
    plain = value.type is Type.INT and value.literal and value.text.isdecimal()
    return int(value.text) if plain and len(value.text) < 6 else None
