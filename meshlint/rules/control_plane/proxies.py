"""NetworkPolicies that stand between the proxies of injected pods and istiod."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from meshlint.finding import Hit, Location, Related, Value
from meshlint.mesh.decision import Verdict
from meshlint.mesh.pod import labels_of_pods
from meshlint.mesh.reach import Connection, Pods
from meshlint.mesh.selector import Labels
from meshlint.resources.discovery import FIELD, Discovery, Place
from meshlint.resources.keys import REVISION, TEMPLATES
from meshlint.resources.network_policy import Direction
from meshlint.resources.workload import Workload
from meshlint.rules.control_plane.istiods import (
    DISCOVERY,
    LISTENS,
    Istiod,
    free,
    istiods,
    may_meet,
    near,
    pods_of,
    reached,
)
from meshlint.rules.control_plane.policies import Around, Cause, Policies, blocking, cause, isolated
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

SHOWN = 5
DEAF = (
    "the proxies get no configuration ('Envoy proxy is NOT ready: config not received'), and the"
    " pods never become ready"
)

TLS_MODE = "security.istio.io/tlsMode"
ADDED = frozenset({"service.istio.io/canonical-name", "service.istio.io/canonical-revision"})
MAY_BE_ADDED = frozenset({"topology.istio.io/network", "networking.istio.io/tunnel", REVISION})
"""Labels that the injector puts on pods (files/injection-template.yaml of the istiod chart)."""

ANYONE = Pods("", Labels(open=True), Labels(open=True))
"""Pods of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Target:
    """An istiod as proxies call it: its pods, and their ports."""

    istiod: Istiod
    pods: Pods
    ports: tuple[int, ...]
    open: bool
    """Whether policies on its pods do not say everything."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A workload whose proxies do not reach istiod, the port that they call, and why.

    `istiod` is None where none that they could call is in the tree.
    """

    workload: Workload
    istiod: Istiod | None
    port: int
    cause: Cause


@mesh_rule
def network_policy_blocks_istiod(view: View) -> Iterator[Hit]:
    """NetworkPolicies keep injected pods from istiod, at its end or at theirs."""
    policies = Policies(view)
    targets = [_target(view, istiod) for istiod in istiods(view)]
    injected = [w for w in view.mesh.workloads if _proxied(view, w)]
    for target in targets:
        if not target.open and not policies.overruled(target.istiod.site):
            shut = _kept_out(view, policies, target, injected)
            for where, there in _by_place(view, shut).items():
                yield _unheard(target.istiod, where, there)
    for where, there in _by_place(view, _kept_in(view, policies, targets, injected)).items():
        yield _silenced(where, there)


def _target(view: View, istiod: Istiod) -> Target:
    ports = tuple(sorted(reached(view, istiod, DISCOVERY)))
    return Target(istiod, pods_of(view, istiod), ports, free(view, istiod))


def _proxied(view: View, workload: Workload) -> bool:
    """Whether pods surely get a proxy of a revision that Google does not manage."""
    decision = view.decide(workload)
    sure = decision.verdict is Verdict.INJECTED and decision.revision is not None
    return sure and not view.mesh.plane(workload.meta.at).managed


def _redirected(view: View, workload: Workload) -> bool:
    """Whether its proxies may be told to ask another host or port."""
    notes, revision = workload.pod.annotations, view.decide(workload).revision
    config = notes.get(Place.ANNOTATION)
    if Place.DEPRECATED in notes or (
        config and (not config.value.literal or FIELD in config.value.text)
    ):
        return True
    meshes = (
        mesh
        for mesh in view.mesh.every(Discovery)
        if mesh.of_mesh and mesh.owner in (None, revision)
        if may_meet(view, workload.meta.at, mesh.meta.at)
    )
    return any(mesh.remote or _elsewhere(mesh.address) for mesh in meshes)


def _elsewhere(address: Value | None) -> bool:
    return address is not None and not (address.known or "").endswith(f":{DISCOVERY}")


def _by_place(view: View, found: Iterable[Blocked]) -> dict[Location, list[Blocked]]:
    places: defaultdict[Location, list[Blocked]] = defaultdict(list)
    for one in found:
        if not _redirected(view, one.workload):
            places[one.cause.where].append(one)
    return places


def _kept_out(
    view: View, policies: Policies, target: Target, injected: Sequence[Workload]
) -> Iterator[Blocked]:
    """The workloads whose proxies the policies on istiod's pods do not admit."""
    istiod, own = target.istiod, target.pods
    around = policies.around(istiod.workload)
    for workload in injected if isolated(around, Direction.INGRESS, own) else ():
        asks = view.decide(workload).revision == istiod.revision
        if asks and near(view, istiod.site, workload.meta.at):
            other = _proxies(view, workload)
            wanted = [Connection(Direction.INGRESS, own, other, port) for port in target.ports]
            yield from _blocked(around, workload, istiod, wanted)


def _kept_in(
    view: View, policies: Policies, targets: Sequence[Target], injected: Sequence[Workload]
) -> Iterator[Blocked]:
    """The workloads whose proxies the policies on their own pods do not let out."""
    for workload in injected:
        around, own = policies.around(workload), _proxies(view, workload)
        alone = isolated(around, Direction.EGRESS, own)
        if alone and not policies.overruled(workload.meta.at):
            there = _asked(view, targets, workload)
            called = there[0].istiod if there else None
            yield from _blocked(around, workload, called, list(_calls(there, own)))


def _blocked(
    around: Around, workload: Workload, istiod: Istiod | None, wanted: Sequence[Connection]
) -> Iterator[Blocked]:
    """The workload, if none of the connections is admitted."""
    found = [blocking(around, one) for one in wanted]
    if found and all(found):
        yield Blocked(workload, istiod, wanted[0].port, cause(found[0], wanted[0]))


def _asked(view: View, targets: Sequence[Target], workload: Workload) -> list[Target]:
    """The istiods that the proxies of a workload may ask."""
    revision, site = view.decide(workload).revision, workload.meta.at
    asked = (target for target in targets if target.istiod.revision == revision)
    return [target for target in asked if may_meet(view, site, target.istiod.site)]


def _calls(targets: Sequence[Target], own: Pods) -> Iterator[Connection]:
    """Calls of each istiod, or of any pod if none is in the tree."""
    for target in targets:
        known = target.ports and not target.open
        for port in target.ports if known else (LISTENS[DISCOVERY],):
            yield Connection(Direction.EGRESS, own, target.pods if known else ANYONE, port)
    if not targets:
        yield Connection(Direction.EGRESS, own, ANYONE, LISTENS[DISCOVERY])


def _proxies(view: View, workload: Workload) -> Pods:
    """The pods with the labels that the injector adds to them."""
    home, own = view.mesh.home(workload), labels_of_pods(workload)
    vague = own.open or TEMPLATES in workload.pod.annotations
    maybe = MAY_BE_ADDED.difference(own.given) | ({TLS_MODE} if vague else set())
    labels = Labels(
        {TLS_MODE: "istio", **own.given},
        own.unknown | maybe,
        own.open,
        own.present | ADDED.difference(own.given),
    )
    return Pods(home.name, home.labels, labels)


def _unheard(istiod: Istiod, where: Location, found: Sequence[Blocked]) -> Hit:
    port = found[0].port
    return Hit(
        f"No NetworkPolicy on the pods of {named(istiod.workload.meta.subject)} admits port {port}"
        f" from those of {_count(found)}, which are injected: {DEAF}. Admit port {port} from all"
        " namespaces that are injected.",
        where,
        found[0].cause.policy.meta.subject,
        tuple(_related(found)),
    )


def _silenced(where: Location, found: Sequence[Blocked]) -> Hit:
    port = found[0].port
    return Hit(
        f"No NetworkPolicy on the pods of {_count(found)}, which are injected, admits their calls"
        f" to istiod at port {port}: {DEAF}. Admit egress to port {port} of istiod, and to port 53,"
        " by which its name is found.",
        where,
        found[0].cause.policy.meta.subject,
        tuple(_related(found)),
    )


def _related(found: Sequence[Blocked]) -> Iterator[Related]:
    """The istiod, and the first of the workloads."""
    istiod = found[0].istiod
    for workload in (*([istiod.workload] if istiod else ()), *(f.workload for f in found[:SHOWN])):
        yield see(workload.meta.subject, workload.meta.where)


def _count(found: Sequence[Blocked]) -> str:
    """`Deployment shop/cart and 2 more`."""
    more = len(found) - 1
    return named(found[0].workload.meta.subject) + (f" and {more} more" if more else "")
