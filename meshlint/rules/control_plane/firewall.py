"""Firewall rules between the control plane of a private GKE cluster and its nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from meshlint.finding import Hit, Related, Value, printable, quoted
from meshlint.mesh.reach import either, numeral
from meshlint.mesh.selector import both
from meshlint.resources.control_plane import Origin
from meshlint.resources.document import Meta
from meshlint.resources.firewall import Cluster, Firewall, FirewallPolicy, Grant, Network
from meshlint.rules.control_plane.istiods import HTTPS, LISTENS, may_meet, near, place
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Range: TypeAlias = IPv4Network | IPv6Network

WEBHOOKS = LISTENS[HTTPS]
SHOWN = 5
INSTALLED = frozenset({Origin.DEPLOYMENT, Origin.OPERATOR, Origin.HELM, Origin.SAIL})
"""Evidence of an istiod that runs in the cluster."""

TCP = frozenset({"tcp", "6"})


@mesh_rule
def firewall_blocks_webhook(view: View) -> Iterator[Hit]:
    """Firewall rules for the control plane of a private cluster that lack istiod's port."""
    clusters = view.mesh.every(Cluster)
    found = {id(cluster): _fault(view, cluster) for cluster in clusters}
    for cluster in clusters:
        beside = (c for c in clusters if near(view, cluster.meta.at, c.meta.at))
        hit = found[id(cluster)]
        # of several clusters istiod may run in that one which admits it
        if hit and all(found[id(other)] for other in beside):
            there = tuple(_istiods(view, cluster))[:SHOWN]
            if there:
                yield replace(hit, related=(*hit.related, *there))


def _istiods(view: View, cluster: Cluster) -> Iterator[Related]:
    """What shows that there are istiods that Google does not manage."""
    for revision in view.mesh.revisions:
        if revision.origin in INSTALLED and near(view, cluster.meta.at, revision.at):
            yield see(revision.subject, revision.name.where)


def _fault(view: View, cluster: Cluster) -> Hit | None:
    """The rule for a cluster's control plane that should have the port, where none has it."""
    site, master = cluster.meta.at, cluster.master
    whole = cluster.private and cluster.partial is None
    if master is None or not whole or _range(master) is None:
        return None
    if any(may_meet(view, site, p.meta.at) for p in view.mesh.every(FirewallPolicy)):
        return None
    there = [f for f in view.mesh.every(Firewall) if may_meet(view, site, f.meta.at)]
    mine = [f for f in there if near(view, site, f.meta.at) and _applies(f, cluster)]
    meant = [f for f in mine if f.allow and _aims(f, master)]
    refused = [f for f in mine if not f.aimed and _grants(f.deny) and _covers(f, master)]
    admitting = [f for f in there if _may_admit(f, cluster)]
    if not meant or any(not _beaten(f, refused) for f in admitting):
        return None
    return _denied(cluster, admitting[0], refused) if admitting else _lacking(cluster, meant)


def _applies(firewall: Firewall, cluster: Cluster) -> bool | None:
    """Whether a rule is there, is for what comes in, and of the cluster's network."""
    whole = True if firewall.partial is None else None
    return both((whole, firewall.enabled, firewall.inwards, _same(firewall, cluster)))


def _same(firewall: Firewall, cluster: Cluster) -> bool | None:
    """Whether both refer to one network; objects of two namespaces are of two projects."""
    one, other = firewall.network, cluster.network
    if one is None or other is None or not (one.name.known and other.name.known):
        return None
    if one.external != other.external:
        return None
    if one.external:
        return _alike(one.name.text, other.name.text)
    spaces = {_space(one, firewall.meta), _space(other, cluster.meta)}
    known = None if None in spaces else len(spaces) == 1
    return both((known, one.name.text == other.name.text))


def _space(network: Network, own: Meta) -> str | None:
    return network.space.known if network.space else place(own)


def _alike(one: str, other: str) -> bool | None:
    """Whether two links are to one network; of a bare name the project is not known."""
    first, second = (link[max(link.find("projects/"), 0) :] for link in (one, other))
    if first == second:
        return True
    last = first.rpartition("/")[2] == second.rpartition("/")[2]
    return None if last and "/" not in min(first, second, key=len) else False


def _range(value: Value) -> Range | None:
    """A range of addresses, None for anything else."""
    from ipaddress import ip_network  # few trees have firewalls

    try:
        return ip_network(value.text, strict=False) if value.known else None
    except ValueError:
        return None


def _within(inner: Range, outer: Range) -> bool:
    ends = (inner.network_address, inner.broadcast_address)
    return all(address in outer for address in ends)


def _aims(firewall: Firewall, master: Value) -> bool:
    """Whether the rule is about the control plane: from its range, and not from everywhere."""
    ranges = [r for r in map(_range, firewall.sources) if r is not None and r.prefixlen]
    own = _range(master)
    return own is not None and any(_within(own, r) for r in ranges) and _tcp(firewall.allow)


def _tcp(grants: Iterable[Grant]) -> bool:
    return any(g.protocol and g.protocol.text.lower() in TCP for g in grants)


def _covers(firewall: Firewall, master: Value) -> bool | None:
    """Whether a rule is for what comes from the control plane."""
    if not firewall.sources:
        return not firewall.tagged
    own = _range(master)
    return either(_holds(source, own) for source in firewall.sources)


def _holds(source: Value, own: Range | None) -> bool | None:
    """Whether a range has all of the control plane's; None where it has a part of it."""
    there = _range(source)
    if there is None or own is None:
        return None
    return True if _within(own, there) else None if there.overlaps(own) else False


def _may_admit(firewall: Firewall, cluster: Cluster) -> bool:
    """Whether the control plane may come in by a rule, as far as is known."""
    assert cluster.master is not None
    answers = (_applies(firewall, cluster), _covers(firewall, cluster.master))
    return both((*answers, _grants(firewall.allow))) is not False


def _grants(grants: Sequence[Grant]) -> bool | None:
    return either(both((_protocol(g), _port(g))) for g in grants)


def _protocol(grant: Grant) -> bool | None:
    value = grant.protocol
    return None if value is None or not value.literal else value.text.lower() in {"all", *TCP}


def _port(grant: Grant) -> bool | None:
    return either(map(_spans, grant.ports)) if grant.ports else True


def _spans(value: Value) -> bool | None:
    """Whether a port or a range, as `10250-15017`, has istiod's in it."""
    first, dash, last = value.text.partition("-")
    low, high = numeral(first.strip()), numeral(last.strip() if dash else first.strip())
    if not value.literal or low is None or high is None:
        return None
    return low <= WEBHOOKS <= high


def _beaten(firewall: Firewall, denying: Iterable[Firewall]) -> bool:
    """Whether a rule that denies comes first: the smaller number does, and of equals the denial."""
    return any(
        d.priority is not None and firewall.priority is not None and d.priority <= firewall.priority
        for d in denying
    )


def _lacking(cluster: Cluster, meant: Sequence[Firewall]) -> Hit:
    first = meant[0]
    grant = next(g for g in first.allow if _tcp((g,)))
    master = cluster.master.text if cluster.master else ""
    return Hit(
        f"{named(first.meta.subject)} lets the control plane of the private"
        f" {named(cluster.meta.subject)} ({quoted(master)}) in at {_shown(grant)}, and no rule at"
        f" port {WEBHOOKS}, where Istio's webhooks are served: calls hang until 'context deadline"
        f" exceeded'. Add '{WEBHOOKS}' to its ports.",
        grant.where,
        first.meta.subject,
        (
            see(cluster.meta.subject, cluster.meta.where),
            *(see(f.meta.subject, f.meta.where) for f in meant[1:SHOWN]),
        ),
    )


def _shown(grant: Grant) -> str:
    ports = ", ".join(printable(port.text)[:20] for port in grant.ports[:SHOWN])
    more = ", …" if len(grant.ports) > SHOWN else ""
    return f"tcp {ports}{more}"


def _denied(cluster: Cluster, admitting: Firewall, denying: Sequence[Firewall]) -> Hit:
    first = next(d for d in denying if _beaten(admitting, [d]))
    return Hit(
        f"{named(first.meta.subject)} denies port {WEBHOOKS} to the control plane of the private"
        f" {named(cluster.meta.subject)}, before {named(admitting.meta.subject)} admits it: calls"
        " of Istio's webhooks hang until 'context deadline exceeded'. Give the rule that admits"
        " it a smaller number as its priority.",
        first.deny[0].where,
        first.meta.subject,
        (
            see(admitting.meta.subject, admitting.meta.where),
            see(cluster.meta.subject, cluster.meta.where),
        ),
    )
