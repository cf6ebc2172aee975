"""Whether an istiod has any pods: what its Deployment asks for, and what scales it."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Related, Value, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.istiod import Istiod
from meshlint.resources.keys import REVISION, TAG
from meshlint.resources.number import whole
from meshlint.resources.replica_count import ReplicaCount
from meshlint.resources.scaling import ALWAYS, PAUSED, Scaler
from meshlint.rules.control_plane.standing import Standing, alive, asking, standing
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

STILL = "autoscaling.keda.sh/paused"
"""The annotation by which KEDA leaves its target as it is."""


@mesh_rule
def istiod_scaled_to_zero(view: View) -> Iterator[Hit]:
    """No pods of istiod: then nobody answers the webhooks, and no proxy gets configuration."""
    every = list(standing(view))
    scalers = [s for s in view.mesh.every(Scaler) if s.kind == "Deployment"]
    for one in every:
        if one.own.count == 0:
            yield from _empty(view, one, [s for s in scalers if may_scale(view, s, one.own)])
    for scaler in scalers:
        if scaler.partial is None:
            scaled = [one for one in every if scales(view, scaler, one.own)]
            if scaled or _by_name(view, scaler):
                yield from (_keda if scaler.keda else _autoscaler)(view, scaler, scaled)
    for asked in view.mesh.every(ReplicaCount):
        if asked.partial is None and asked.replicas.literal and asked.replicas.text == "0":
            yield _installed(asked)


def scales(view: View, scaler: Scaler, own: Istiod) -> bool:
    """Whether a scaler is for an istiod's Deployment."""
    name, subject = scaler.name, own.meta.subject
    named_so = name is not None and name.known == subject.name
    space = scaler.meta.subject.namespace == subject.namespace
    return named_so and space and scaler.kind == subject.kind and _one_cluster(view, scaler, own)


def may_scale(view: View, scaler: Scaler, own: Istiod) -> bool:
    """Whether it may be for one, under a name that a kustomization has changed."""
    if scales(view, scaler, own):
        return True
    name = scaler.name.known if scaler.name else None
    spaces = {scaler.meta.subject.namespace, own.meta.subject.namespace} - {""}
    close = name is None or name in own.meta.subject.name
    if not close or len(spaces) > 1 or not _one_cluster(view, scaler, own):
        return False
    return not any(scales(view, scaler, other) for other in view.mesh.every(Istiod))


def _one_cluster(view: View, scaler: Scaler, own: Istiod) -> bool:
    return view.mesh.together(scaler.meta.at, own.meta.at)


def _by_name(view: View, scaler: Scaler) -> bool:
    """Whether a target that stands nowhere in the tree is called as an istiod is."""
    name = (scaler.name.known if scaler.name else None) or ""
    plane = view.mesh.plane(scaler.meta.at)
    revision = name.removeprefix("istiod-")
    return name == "istiod" or (revision != name and revision in plane.revisions)


def _empty(view: View, one: Standing, scalers: list[Scaler]) -> Iterator[Hit]:
    """A Deployment with 0 replicas, which KEDA would change and Kubernetes' autoscaler does not."""
    replicas = one.own.replicas
    if replicas is None or any(s.keda for s in scalers):
        return
    idle = [
        Related("this autoscaler does nothing while replicas are 0", s.meta.where) for s in scalers
    ]
    yield from _gone(view, one, replicas, f"{named(one.subject)} has 'replicas: 0'", idle)


def _gone(view: View, one: Standing, value: Value, what: str, more: list[Related]) -> Iterator[Hit]:
    """No pods of a revision: how bad that is depends on who needs it."""
    plane, revision = view.mesh.plane(one.site), one.revision
    others = [r.name.text for r in alive(view, plane, one.subject)]
    if revision is None or revision in others:
        return
    asked = asking(view, one.site, revision)
    if others and asked is None:
        if _hooked(plane, revision):
            yield Hit(_retired(revision, what), value.where, one.subject, case="retired")
        return
    case = None if plane.closed else "open"
    related = [*([asked] if asked else []), *more]
    yield Hit(_missed(revision, what), value.where, one.subject, tuple(related), case=case)


def _missed(revision: str, what: str) -> str:
    service = "istiod" if revision == DEFAULT else f"istiod-{revision}"
    return (
        f"{what}, so that no istiod of revision {quoted(revision)} runs: every webhook call fails"
        f" with 'no endpoints available for service \"{service}\"', pods that it should inject"
        " cannot be created, and their proxies get no configuration. Ask for at least 1."
    )


def _retired(revision: str, what: str) -> str:
    return (
        f"{what}, and nothing here asks for revision {quoted(revision)} any more, while its"
        " webhooks are still there: what is labelled for it elsewhere cannot create pods. Remove"
        " its webhook configurations with it."
    )


def _hooked(plane: Plane, revision: str) -> bool:
    """Whether webhooks of a revision, not of its tags, are in the tree."""
    own = (c for c in plane.configurations if TAG not in c.meta.labels and c.live_hooks)
    return any(c.meta.label(REVISION) == revision for c in own)


def _keda(view: View, scaler: Scaler, scaled: list[Standing]) -> Iterator[Hit]:
    """A ScaledObject that is paused at 0, or goes there when none of its triggers is active."""
    paused, still = (scaler.meta.annotations.get(key) for key in (PAUSED, STILL))
    own = named(scaler.meta.subject)
    if paused:
        for one in scaled if paused.value.known == "0" else ():
            yield from _gone(view, one, paused.value, f"{own} is paused at 0 pods", [])
        return
    low = scaler.idle if whole(scaler.idle) == 0 else scaler.minimum
    if still or (scaler.least != 0 and low is not scaler.idle):
        return
    if scaler.sources <= ALWAYS:  # or none is known
        return
    said = f"{quoted(_key(scaler, low))}" if low else "no 'minReplicaCount', which is 0 to KEDA"
    yield Hit(
        f"{own} has {said}: whenever none of its triggers is active, it takes istiod away, and"
        " every webhook call fails with 'no endpoints available for service"
        f" \"{scaler.name.text if scaler.name else ''}\"'. Set 'minReplicaCount' to at least 1"
        " and leave 'idleReplicaCount' out.",
        low.where if low else scaler.meta.where,
        scaler.meta.subject,
        tuple(see(one.subject, one.own.meta.where) for one in scaled),
        case="open",
    )


def _key(scaler: Scaler, low: Value) -> str:
    return "idleReplicaCount: 0" if low is scaler.idle else f"minReplicaCount: {low.text}"


def _autoscaler(view: View, scaler: Scaler, scaled: list[Standing]) -> Iterator[Hit]:
    """`minReplicas: 0`, which Kubernetes takes for Object and External metrics only."""
    low = scaler.minimum
    if scaler.least != 0 or low is None:
        return
    outer = scaler.vague or not scaler.sources.isdisjoint(("object", "external"))
    effect = (
        "the API server refuses that, or, with the feature HPAScaleToZero, no istiod is left when"
        " its metric is 0, and webhook calls fail with 'no endpoints available for service"
        f' "{scaler.name.text if scaler.name else ""}"\''
        if outer
        else "the API server refuses that without an Object or External metric, and istiod has no"
        " autoscaler"
    )
    yield Hit(
        f"{named(scaler.meta.subject)} has 'minReplicas: 0': {effect}. Ask for at least 1.",
        low.where,
        scaler.meta.subject,
        tuple(see(one.subject, one.own.meta.where) for one in scaled),
        case="open" if outer else None,
    )


def _installed(asked: ReplicaCount) -> Hit:
    return Hit(
        f"{named(asked.meta.subject)} asks for 0 pods of istiod, by {asked.key}: every webhook call"
        " fails with 'no endpoints available', pods that it should inject cannot be created, and"
        " their proxies get no configuration. Ask for at least 1.",
        asked.replicas.where,
        asked.meta.subject,
        case="open",
    )
