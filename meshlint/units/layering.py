"""A layer put around facts: patches, namespace, names, labels, annotations, images, in this order.

The order and the reach of each are those of kustomize (api/internal/target,
kusttarget_configplugin.go; api/internal/konfig/builtinpluginconsts).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from meshlint.finding import Fields, Subject, Value
from meshlint.resources.applier import Applier
from meshlint.resources.control_plane import PILOT_VERSION, Origin, Revision, Tag
from meshlint.resources.document import Meta
from meshlint.resources.injector import Settings
from meshlint.resources.keys import REVISION
from meshlint.resources.layer import Image, Labelling, Layer
from meshlint.resources.workload import Container, Workload
from meshlint.units.entries import relabelled, unknown, unsettled
from meshlint.units.item import CLUSTER_SCOPED, Item, made, place_of
from meshlint.units.patches import Patches
from meshlint.units.patching import doubted
from meshlint.units.references import referring
from meshlint.units.selecting import selected

TEMPLATED = frozenset(
    {("", "ReplicationController"), ("apps", "StatefulSet"), ("batch", "Job"), ("batch", "CronJob")}
)
TEMPLATED_KINDS = frozenset({"Deployment", "ReplicaSet", "DaemonSet"})
"""Kinds whose pod templates kustomize labels (metadatalabels.go), of one API group or of any."""

KEPT_NAMESPACE = ("openapi",)
"""What is opaque, but puts nothing into another namespace."""

VERSION = re.compile(r"(?::[\w.{}-]*)?(?:@sha256:\w*)?\Z")


def layered(layer: Layer, items: Sequence[Item], patches: Patches) -> list[Item]:
    """The items with the layer around them."""
    items = patches.put(layer.patches, items)
    if layer.namespace or layer.prefix or layer.suffix:
        renamed = [_renamed(layer, item) for item in items]
        items = referring(items, renamed, layer.namespace)
    for labelling in layer.labels:
        further = labelling.further or layer.further
        items = [new for item in items for new in _labelled(labelling, item, further)]
    if layer.annotations:
        items = [_annotated(layer, item) for item in items]
    items = patches.put(layer.late, items)
    for image in layer.images:
        items = [_imaged(image, item) for item in items]
    if layer.opaque:
        items = [new for item in items for new in _veiled(layer, item)]
    return list(items)


def settled(layer: Layer, items: Sequence[Item]) -> list[Item]:
    """The items with the layer's namespace for those that still have none."""
    if layer.fallback is None:
        return list(items)
    return [_fallen(layer.fallback, item) for item in items]


def _fallen(namespace: Value, item: Item) -> Item:
    meta, subject = item.meta, item.subject
    bare = subject is not None and not subject.namespace
    given = meta is not None and meta.namespace is not None
    return item.renamed(namespace=namespace) if bare and not given else item


def _renamed(layer: Layer, item: Item) -> Item:
    """In the layer's namespace, which is also the name of each Namespace, and with its affixes."""
    subject = item.subject
    if subject is None:
        return item
    if subject.kind == "Namespace":
        if layer.namespace is None:
            return item
        item = item.renamed(name=layer.namespace)
        return item if layer.namespace.known else item.unsure()
    if layer.namespace is not None:
        item = item.renamed(namespace=layer.namespace)
    if not layer.prefix and not layer.suffix:
        return item
    return _affixed(layer, item, subject.name)


def _affixed(layer: Layer, item: Item, name: str) -> Item:
    fact, place = item.fact, place_of(item.fact)
    assert place is not None
    own = item.meta.name if item.meta else None
    text = f"{layer.prefix}{name}{layer.suffix}"
    item = item.renamed(name=replace(own, text=text) if own else Value(text, place))
    if isinstance(fact, Revision | Tag) and fact.origin in (Origin.SAIL, Origin.MANAGED):
        # the object's name is that of the revision, which is not put together again here
        return item.but(name=replace(fact.name, literal=False))
    return item


def _templated(subject: Subject, *, labels: bool) -> bool:
    group = subject.api_version.rpartition("/")[0]
    if subject.kind == "StatefulSet" and not labels:
        return True
    return subject.kind in TEMPLATED_KINDS or (group, subject.kind) in TEMPLATED


def _labelled(labelling: Labelling, item: Item, further: bool) -> Iterator[Item]:
    meta, fact, pairs = item.meta, item.fact, labelling.pairs
    if isinstance(fact, Revision | Tag) and REVISION in pairs:
        yield from doubted(item, "a kustomization changes its label")
        return
    if meta is None:
        yield item
        return
    new = replace(meta, labels={**meta.labels, **pairs})
    if isinstance(fact, Workload):
        reached = labelling.templates and _templated(meta.subject, labels=True)
        inside = _inside(fact, pairs, fact.pod.labels, reached, further)
        yield relabelled(item, new, replace(fact.pod, labels=inside))
    else:
        yield item.but(meta=new, **selected(labelling, fact, further))


def _annotated(layer: Layer, item: Item) -> Item:
    meta, fact, pairs = item.meta, item.fact, layer.annotations
    if meta is None:
        return item
    new = replace(meta, annotations={**meta.annotations, **pairs})
    if not isinstance(fact, Workload):
        return item.but(meta=new)
    reached = _templated(meta.subject, labels=False)
    inside = _inside(fact, pairs, fact.pod.annotations, reached, layer.further)
    return relabelled(item, new, replace(fact.pod, annotations=inside))


def _inside(fact: Workload, pairs: Fields, own: Fields, reached: bool, further: bool) -> Fields:
    """What is in the pod template after pairs were put on the object, and maybe on its template."""
    if fact.is_pod or reached:
        return {**own, **pairs}
    return {**own, **unsettled(pairs, own)} if further else own


def _imaged(image: Image, item: Item) -> Item:
    fact = item.fact
    if isinstance(fact, Workload):
        if not any(one.image and _is(image, one.image.text) for one in fact.containers):
            return item
        return item.but(containers=tuple(_with(image, one) for one in fact.containers))
    deployed = isinstance(fact, Revision) and fact.origin is Origin.DEPLOYMENT
    own = fact.image if isinstance(fact, Revision) else None
    if not deployed or own is None or not _is(image, own.text):
        return item
    value = _new(image, own)
    match = PILOT_VERSION.search(value.text) if value.literal else None
    version = (int(match.group(1)), int(match.group(2))) if match else None
    return item.but(image=value, version=version)


def _with(image: Image, one: Container) -> Container:
    taken = one.image is not None and _is(image, one.image.text)
    return replace(one, image=_new(image, one.image)) if taken and one.image else one


def _is(image: Image, text: str) -> bool:
    """As IsImageMatched of api/image: the name, with any tag or digest."""
    rest = text.removeprefix(image.image)
    return text.startswith(image.image) and VERSION.match(rest) is not None


def _new(image: Image, value: Value) -> Value:
    rest = value.text.removeprefix(image.image)
    tag = rest if image.tag is None else image.tag
    return Value((image.name or image.image) + tag, image.where, value.type, image.literal)


def _veiled(layer: Layer, item: Item) -> Iterator[Item]:
    """What went through something that is not followed: it counts for nothing that it lacks.

    Its kind of doubt is that of a patch, because a patch is what such a thing comes to.
    """
    fact, meta = item.fact, item.meta
    if made(fact):
        yield item
    elif isinstance(fact, Revision | Tag):
        yield from doubted(item, f"{layer.opaque} may change it")
    elif isinstance(fact, Settings):
        yield item.but(complete=False)
    elif isinstance(fact, Applier):
        own = replace(fact.layer, opaque=fact.layer.opaque or layer.opaque)
        yield item.but(layer=own)
    elif meta is None:
        yield item
    else:
        yield _hidden(layer, item)


def _hidden(layer: Layer, item: Item) -> Item:
    meta, fact = item.meta, item.fact
    assert meta is not None
    if layer.opaque not in KEPT_NAMESPACE and meta.subject.kind not in CLUSTER_SCOPED:
        text = meta.namespace.text if meta.namespace else ""
        item = item.renamed(namespace=Value(text, meta.where, literal=False))
        meta = item.meta or meta
    item = item.but(meta=_shaded(meta))
    return (item.but(pod=_shaded(fact.pod)) if isinstance(fact, Workload) else item).unsure()


def _shaded(meta: Meta) -> Meta:
    return replace(meta, labels=unknown(meta.labels), annotations=unknown(meta.annotations))
