"""Whether NetworkPolicies let a connection through: True, False or None (unknown).

Policies add up: pods that no policy isolates take everything, others what any of them admits
(https://kubernetes.io/docs/concepts/services-networking/network-policies/). They see the pods'
own ports, not those of the Service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meshlint.finding import Field, Type
from meshlint.mesh.selector import Labels, both, matches, reverse
from meshlint.resources.network_policy import Direction, NetworkPolicy, Peer, Port, Rule

HOST_NETWORK = ("policy-group.network.openshift.io/", "network.openshift.io/policy-group")
"""Labels of no real namespace, by which OpenShift means the network of the nodes."""

PLAIN = re.compile(r"[1-9][0-9]{0,8}\Z")
PROTOCOLS = frozenset({"TCP", "UDP", "SCTP"})


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods at one end of a connection.

    `namespace` is "" where it is not known. `ports` are the numbers of the TCP ports that their
    containers have names for, None where there may be others.
    """

    namespace: str
    space: Labels
    pod: Labels
    ports: Mapping[str, frozenset[int]] | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """What is asked for: from or to the pods that a policy is put on, at which port, with whom.

    `other` is None for what is no pod: the API server, which uses the network of its node.
    """

    direction: Direction
    own: Pods
    other: Pods | None
    port: int

    @property
    def target(self) -> Pods:
        """The end that is called: its containers give names of ports their numbers."""
        outwards = self.direction is Direction.EGRESS and self.other is not None
        return self.other if outwards and self.other else self.own


def either(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued `or`."""
    return reverse(both(map(reverse, answers)))


def isolates(policy: NetworkPolicy, direction: Direction, own: Pods) -> bool | None:
    """Whether a policy of the pods' own namespace is put on them, in this direction."""
    if policy.partial is not None:
        return None
    return both((matches(policy.selector, own.pod), policy.governs(direction)))


def admits(policy: NetworkPolicy, wanted: Connection) -> bool | None:
    """Whether one of a policy's rules lets the connection through."""
    if policy.partial is not None:
        return None
    return either(passes(rule, wanted) for rule in policy.section(wanted.direction).rules)


def passes(rule: Rule, wanted: Connection) -> bool | None:
    """Whether a rule does: both by its ports and by its peers."""
    return both((by_port(rule, wanted), by_peer(rule, wanted)))


def by_port(rule: Rule, wanted: Connection) -> bool | None:
    """Whether a rule admits the port, whoever the peer is."""
    if not rule.legal:
        return None
    named = wanted.target.ports
    return either(_is(port, wanted.port, named) for port in rule.ports) if rule.ports else True


def by_peer(rule: Rule, wanted: Connection) -> bool | None:
    """Whether a rule admits the peer, whatever the port is."""
    if not rule.legal:
        return None
    if not rule.peers:
        return True
    return either(_peer(peer, wanted.own, wanted.other) for peer in rule.peers)


def _is(port: Port, number: int, named: Mapping[str, frozenset[int]] | None) -> bool | None:
    """Whether an entry of `ports` means a TCP port."""
    return both((_tcp(port.protocol), _covers(port, number, named)))


def _tcp(protocol: Field | None) -> bool | None:
    if protocol is None:
        return True
    known = protocol.value.known
    return None if known not in PROTOCOLS else known == "TCP"


def _covers(port: Port, number: int, named: Mapping[str, frozenset[int]] | None) -> bool | None:
    if port.number is None:
        return True if port.end is None else None
    value = port.number.value
    if not value.literal:
        return None
    if value.type is not Type.INT:
        return _named(port, number, named)
    first, last = numeral(value.text), number_of(port.end) if port.end else None
    if first is None or (port.end and last is None):
        return None
    return first <= number <= (first if last is None else last)


def _named(port: Port, number: int, named: Mapping[str, frozenset[int]] | None) -> bool | None:
    """A name is that of a container's port; one of digits alone is refused, as is a range of it."""
    name = port.number.value.known if port.number else None
    if name is None or name.isdecimal() or port.end is not None:
        return None
    if named is None:
        return None
    return number in named.get(name, frozenset())


def number_of(field: Field) -> int | None:
    """The number that a field holds; None for anything else."""
    value = field.value
    return numeral(value.text) if value.type is Type.INT and value.literal else None


def numeral(text: str) -> int | None:
    """A number as people write ports: no sign, no other base, not too long to be one."""
    return int(text) if PLAIN.match(text) else None


def _peer(peer: Peer, own: Pods, other: Pods | None) -> bool | None:
    """Whether a peer of a policy is the other end; an ipBlock may be anybody's."""
    if not peer.legal or peer.block:
        return None
    if other is None:
        return None if _host_network(peer) else False
    pods = matches(peer.pods, other.pod) if peer.pods else True
    return both((_space(peer, own, other), pods))


def _space(peer: Peer, own: Pods, other: Pods) -> bool | None:
    """Without a namespaceSelector, the pods are those of the policy's own namespace."""
    if peer.spaces is not None:
        return matches(peer.spaces, other.space)
    if not own.namespace or not other.namespace:
        return None
    return own.namespace == other.namespace


def _host_network(peer: Peer) -> bool:
    expressions = peer.spaces.expressions if peer.spaces else ()
    return any(expression.key.startswith(HOST_NETWORK) for expression in expressions)
