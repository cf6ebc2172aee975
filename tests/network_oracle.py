"""What Kubernetes' documentation says of NetworkPolicies, in a world of which everything is known.

Written from https://kubernetes.io/docs/concepts/services-networking/network-policies/ and the
field comments of k8s.io/api/networking/v1, over plain maps and lists, sharing nothing with
meshlint. It answers yes or no, where meshlint may not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Yaml = Mapping[str, Any]


@dataclass(frozen=True)
class Machine:
    """A pod, or the API server where `namespace` is empty."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    space: Mapping[str, str] = field(default_factory=dict)
    address: str = "10.4.0.7"
    ports: Mapping[str, int] = field(default_factory=dict)


def allowed(policies: Sequence[Yaml], way: str, own: Machine, other: Machine, port: int) -> bool:
    """Whether TCP gets through the policies of a pod; `way` is Ingress or Egress."""
    isolating = [p["spec"] for p in policies if isolated(p, way, own)]
    if not isolating:
        return True
    target = own if way == "Ingress" else other
    rules = [rule or {} for spec in isolating for rule in spec.get(way.lower()) or []]
    key = "from" if way == "Ingress" else "to"
    return any(
        port_matches(r.get("ports"), target, port) and peers_match(r.get(key), own, other)
        for r in rules
    )


def isolated(policy: Yaml, way: str, own: Machine) -> bool:
    """Selected, in this direction: always inwards if no types are given, outwards if it has such
    rules."""
    spec = policy["spec"]
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    return way in types and selected(spec.get("podSelector"), own.labels)


def selected(selector: Yaml | None, labels: Mapping[str, str]) -> bool:
    selector = selector or {}
    exact = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in exact.items()):
        return False
    return all(holds(e, labels) for e in selector.get("matchExpressions") or [])


def holds(expression: Yaml, labels: Mapping[str, str]) -> bool:
    key, operator = expression["key"], expression["operator"]
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    inside = labels.get(key) in expression["values"]
    return inside if operator == "In" else not inside


def port_matches(ports: Sequence[Yaml] | None, target: Machine, port: int) -> bool:
    """An absent or empty list is every port; an entry without a port is all of its protocol."""
    if not ports:
        return True
    return any(
        entry.get("protocol", "TCP") == "TCP" and number_matches(entry, target, port)
        for entry in ports
    )


def number_matches(entry: Yaml, target: Machine, port: int) -> bool:
    number = entry.get("port")
    if number is None:
        return True
    if isinstance(number, str):
        return target.ports.get(number) == port
    return bool(number <= port <= entry.get("endPort", number))


def peers_match(peers: Sequence[Yaml] | None, own: Machine, other: Machine) -> bool:
    """An absent or empty list is everybody."""
    return not peers or any(peer_matches(peer, own, other) for peer in peers)


def peer_matches(peer: Yaml, own: Machine, other: Machine) -> bool:
    """Selectors select pods only; without a namespaceSelector those of the policy's namespace."""
    if "ipBlock" in peer:
        block, address = peer["ipBlock"], ip_address(other.address)
        outside = any(address in ip_network(part) for part in block.get("except", []))
        return address in ip_network(block["cidr"]) and not outside
    if not other.namespace:
        return False
    if "namespaceSelector" in peer:
        near = selected(peer["namespaceSelector"], other.space)
    else:
        near = other.namespace == own.namespace
    return near and selected(peer.get("podSelector"), other.labels)
