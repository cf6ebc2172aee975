"""The NetworkPolicies around pods: whether all of them together keep a connection out, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from meshlint.finding import Location
from meshlint.mesh.reach import Connection, Pods, admits, by_peer, by_port, isolates
from meshlint.resources.network_policy import Direction, ForeignPolicy, NetworkPolicy, Rule
from meshlint.resources.site import Site
from meshlint.resources.workload import Workload
from meshlint.rules.control_plane.istiods import may_meet, near, place
from meshlint.rules.registry import View


class Lack(IntEnum):
    """What of a connection a rule does not admit, the nearest miss first."""

    PEER = 0
    """It names the port, and admits it from or to others."""
    PORT = 1
    """It admits the peer, at other ports."""
    ALL_PORTS = 2
    """It admits every port, from or to others."""
    BOTH = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """The policy, and the key in it, that comes nearest to admitting a connection."""

    policy: NetworkPolicy
    lack: Lack
    where: Location
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """The policies of a workload's namespace: those surely there, and those that may be."""

    sure: tuple[NetworkPolicy, ...]
    possible: tuple[NetworkPolicy, ...]


class Policies:
    """All policies of the tree, by namespace."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._foreign = {policy.meta.at for policy in view.mesh.every(ForeignPolicy)}
        self._by_place: defaultdict[str | None, list[NetworkPolicy]] = defaultdict(list)
        for policy in view.mesh.every(NetworkPolicy):
            self._by_place[place(policy.meta)].append(policy)

    def overruled(self, site: Site) -> bool:
        """Whether policies of other kinds may admit what these do not."""
        return any(may_meet(self._view, site, other) for other in self._foreign)

    def around(self, workload: Workload) -> Around:
        """The policies that share a workload's namespace, and those that may do so."""
        own, site = place(workload.meta), workload.meta.at
        named = self._by_place.get(own, []) if own is not None else []
        sure = [p for p in named if self._beside(own, site, p)]
        loose = [p for p in named if not self._beside(own, site, p)]
        there = (*loose, *self._nameless(own))
        possible = [p for p in there if may_meet(self._view, site, p.meta.at)]
        return Around(tuple(sure), tuple(possible))

    def _beside(self, own: str | None, site: Site, policy: NetworkPolicy) -> bool:
        """Where neither says a namespace, they share one if they are applied together."""
        return near(self._view, site, policy.meta.at) if own else policy.meta.at == site

    def _nameless(self, own: str | None) -> Iterator[NetworkPolicy]:
        """Policies that may be in a namespace of which they do not say the name."""
        for name, found in self._by_place.items():
            if name != own and (not name or not own):
                yield from found


def isolated(around: Around, direction: Direction, own: Pods) -> bool:
    """Whether some policy is surely put on pods, so that not everything is admitted."""
    return any(isolates(policy, direction, own) for policy in around.sure)


def blocking(around: Around, wanted: Connection) -> tuple[NetworkPolicy, ...]:
    """The policies that isolate the pods, if all together they keep the connection out."""
    isolating = [(p, isolates(p, wanted.direction, wanted.own)) for p in around.sure]
    maybe = [(p, isolates(p, wanted.direction, wanted.own)) for p in around.possible]
    surely = tuple(policy for policy, answer in isolating if answer)
    if not surely:
        return ()
    there = (policy for policy, answer in (*isolating, *maybe) if answer is not False)
    return () if any(admits(policy, wanted) is not False for policy in there) else surely


def cause(policies: Sequence[NetworkPolicy], wanted: Connection) -> Cause:
    """The nearest miss of policies that admit nothing of a connection."""
    found = [one for policy in policies for one in _misses(policy, wanted)]
    return min(found, key=lambda one: (one.lack, not one.policy.selector.expressions))


def _misses(policy: NetworkPolicy, wanted: Connection) -> Iterator[Cause]:
    section = policy.section(wanted.direction)
    yield Cause(policy, Lack.BOTH, section.where or policy.selector_where)
    for rule in section.rules:
        if by_peer(rule, wanted):
            yield Cause(policy, Lack.PORT, rule.ports_where, rule)
        elif by_port(rule, wanted):
            lack = Lack.PEER if rule.ports else Lack.ALL_PORTS
            yield Cause(policy, lack, rule.peers_where, rule)
