"""Patches put on objects, as far as they touch what decides on injection.

A patch of which it is not known whether it changes an object makes unknown what it would change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from meshlint.finding import Fields, Type, Value
from meshlint.resources.applier import Applier
from meshlint.resources.control_plane import Elsewhere, Origin, Revision, Tag
from meshlint.resources.document import Meta
from meshlint.resources.injector import Settings
from meshlint.resources.istiod import Istiod
from meshlint.resources.keys import REVISION
from meshlint.resources.layer import Change, Patch
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.webhook import Configuration, edited
from meshlint.resources.workload import Container, Workload
from meshlint.units.entries import applied, relabelled
from meshlint.units.hooks import patched_list
from meshlint.units.item import Item

HARMLESS = frozenset(
    f"spec.{name}"
    for name in (
        "decryption deletionPolicy dependsOn force healthCheckExprs healthChecks ignoreDifferences"
        " info interval postBuild project prune retryInterval revisionHistoryLimit"
        " serviceAccountName suspend syncPolicy timeout wait"
    ).split()
)
"""Fields of appliers that change nothing of what they apply but placeholders."""

SETTINGS_KINDS = {
    Origin.CONFIG_MAP: ("ConfigMap",),
    Origin.OPERATOR: ("IstioOperator",),
    Origin.SAIL: ("Istio", "IstioRevision"),
    Origin.HELM: ("HelmRelease", "HelmChart", "Application", "ApplicationSet"),
}


def patched(patch: Patch, item: Item, sure: bool) -> Iterator[Item]:
    """What becomes of an item at which a patch aims; nothing is left of what it deletes."""
    fact = item.fact
    if patch.deletes:
        yield from () if sure else (item.unsure(),)
    elif isinstance(fact, Revision | Tag):
        yield from _evidence(patch, item)
    elif isinstance(fact, Applier):
        follows = not patch.other <= HARMLESS
        layer = replace(fact.layer, opaque=fact.layer.opaque or "a patch")
        yield item.but(layer=layer) if follows else item
    elif item.meta is not None:
        yield _object(patch, item, sure)
    elif not patch.other:  # else the fact, which cannot say that it may be untrue, is given up
        yield item


def _evidence(patch: Patch, item: Item) -> Iterator[Item]:
    """A patch of the revision itself leaves the name of what was there, and room for another."""
    fact = item.fact
    assert isinstance(fact, Revision | Tag)
    label = any(_touches(change, REVISION) for change in (patch.labels, patch.pod_labels))
    deployed = fact.origin is Origin.DEPLOYMENT
    containers = patch.containers is None or "discovery" in patch.containers
    if label or patch.name or (containers if deployed else patch.other):
        yield from doubted(item, "a patch changes it")
    else:
        yield item


def doubted(item: Item, why: str) -> Iterator[Item]:
    """Evidence that something changes on the way: it may tell of another revision in the end."""
    fact = item.fact
    assert isinstance(fact, Revision | Tag)
    yield item.unsure()
    yield Item(Elsewhere(fact.name.where, why))


def _touches(change: Change, key: str) -> bool:
    return change.torn or change.replaced or key in change.set or key in change.deleted


def _object(patch: Patch, item: Item, sure: bool) -> Item:
    """Name, namespace, labels and annotations; then what the type of object has beside them."""
    item = _moved(patch, item, sure)
    meta, fact = item.meta, item.fact
    assert meta is not None
    meta, torn = _changed(meta, patch.labels, patch.annotations, sure)
    if isinstance(fact, Workload):
        item, inside = _workload(patch, item, meta, sure)
        torn = torn or inside
    elif isinstance(fact, Istiod):
        item = item.but(meta=meta, replicas=_replicas(patch, fact, sure))
        torn = torn or not patch.other.isdisjoint(("*", "spec.selector"))
    elif isinstance(fact, Configuration):
        item, unclear = _hooked(patch, item.but(meta=meta), sure)
        torn = torn or unclear
    else:
        item = item.but(meta=meta)
        torn = torn or (bool(patch.other) and not isinstance(fact, Namespace))
    return item.unsure() if torn else item


def _changed(meta: Meta, labels: Change, annotations: Change, sure: bool) -> tuple[Meta, bool]:
    """Metadata after changes of both of its maps, and whether there may be other entries."""
    new, first = applied(labels, meta.labels, sure)
    notes, second = applied(annotations, meta.annotations, sure)
    return replace(meta, labels=new, annotations=notes), first or second


def _moved(patch: Patch, item: Item, sure: bool) -> Item:
    """The object under its new name, and in its new namespace; an object without is no whole."""
    given = {"name": patch.name, "namespace": patch.namespace}
    values = {
        key: value if sure else replace(value, literal=False)
        for key, value in given.items()
        if value is not None
    }
    item = item.renamed(**values) if values else item
    lost = "name" in values and values["name"].known is None
    return item.unsure() if lost else item


def _workload(patch: Patch, item: Item, meta: Meta, sure: bool) -> tuple[Item, bool]:
    """The workload with the patch, and whether the labels of its pods are not all known."""
    fact = item.fact
    assert isinstance(fact, Workload)
    own = fact.is_pod
    labels = patch.labels if own else patch.pod_labels
    annotations = patch.annotations if own else patch.pod_annotations
    pod, torn = _changed(fact.pod, labels, annotations, sure)
    wanted = patch.own_host_network if own else patch.host_network
    host, vague = _host(wanted, fact.host_network, sure)
    item = relabelled(item, meta, pod)
    containers = tuple(_contained(patch, fact.containers))
    return item.but(host_network=host, containers=containers), torn or vague


def _host(patch: Value | None, own: Value | None, sure: bool) -> tuple[Value | None, bool]:
    """`spec.hostNetwork` where it is true, and whether it may be so or not."""
    if patch is None:
        return own, False
    true = patch.type is Type.BOOL and patch.text.lower() in ("true", "yes", "y", "on")
    if sure and patch.literal:
        return (patch if true else None), False
    return (own, False) if true and own else (None, True)


def _replicas(patch: Patch, fact: Istiod, sure: bool) -> Value | None:
    """`spec.replicas` with the patch, which may set the whole of `spec` to something unknown."""
    if patch.replicas is None:
        return Value("", patch.where, literal=False) if "*" in patch.other else fact.replicas
    return patch.replicas if sure else replace(patch.replicas, literal=False)


def _hooked(patch: Patch, item: Item, sure: bool) -> tuple[Item, bool]:
    """The configuration with the patch of its hooks, and whether they are not all known."""
    fact = item.fact
    assert isinstance(fact, Configuration)
    if not patch.webhooks or not patch.other <= {"webhooks"}:
        return item, bool(patch.other)
    source = patched_list(fact.source, patch.webhooks) if fact.source and sure else None
    return (Item(edited(fact, source), item.past), False) if source else (item, True)


def _contained(patch: Patch, containers: Iterable[Container]) -> Iterator[Container]:
    """The containers, without image and environment where the patch may change them."""
    for one in containers:
        if patch.containers is not None and one.name not in patch.containers:
            yield one
        else:
            image = replace(one.image, literal=False) if one.image else None
            yield replace(one, image=image, env=())


def settings(patch: Patch, item: Item) -> Item:
    """An injector's settings after a patch of a kind of object that may hold them."""
    fact = item.fact
    assert isinstance(fact, Settings)
    kind = patch.target.kind if patch.target else ""
    kinds = SETTINGS_KINDS.get(fact.origin)
    held = not kind or kinds is None or any(one in kind for one in kinds)
    if not held or not (patch.other or patch.deletes):
        return item
    return Item(Settings(fact.revision, fact.where, fact.origin, complete=False, site=fact.site))


def derived(fact: Resource) -> Patch | None:
    """What an object of a patch file does as a patch, told from its facts; None for other facts.

    Of these no Patch is among the facts: they are whole objects, or look so (see `fragment`).
    An istiod is a Workload too, which tells all of it.
    """
    item = Item(fact)
    meta, subject = item.meta, item.subject
    if meta is None or subject is None or isinstance(fact, Istiod):
        return None
    pods = fact.pod if isinstance(fact, Workload) else None
    containers = fact.containers if isinstance(fact, Workload) else ()
    whole: dict[str, Any] = {} if isinstance(fact, Namespace) else {"other": frozenset("*")}
    return Patch(
        target=subject,
        where=meta.where,
        labels=_set(meta.labels),
        annotations=_set(meta.annotations),
        pod_labels=_set(pods.labels) if pods else Change(),
        pod_annotations=_set(pods.annotations) if pods else Change(),
        containers=frozenset(c.name for c in containers),
        **whole,
    )


def _set(fields: Fields) -> Change:
    deleted = {key: f for key, f in fields.items() if f.value.type is Type.NULL}
    return Change({k: f for k, f in fields.items() if k not in deleted}, deleted)
