"""Entries of maps on their way: set, deleted, or no longer known."""

from __future__ import annotations

from dataclasses import replace

from meshlint.finding import Field, Fields
from meshlint.resources.document import Meta
from meshlint.resources.layer import Change
from meshlint.resources.workload import Workload
from meshlint.units.item import Item


def applied(change: Change, fields: Fields, sure: bool) -> tuple[Fields, bool]:
    """The entries of a map after a change, and whether there may be others."""
    if not change:
        return fields, False
    if change.torn:
        return {**unknown(fields), **unknown(change.set)}, True
    if sure:
        gone = fields if change.replaced else change.deleted
        kept = {key: field for key, field in fields.items() if key not in gone}
        return {**kept, **change.set}, False
    lost = fields if change.replaced else change.deleted
    doubtful = {key: fields[key] for key in lost if key in fields}
    return {**fields, **unknown(doubtful), **unsettled(change.set, fields)}, False


def unsettled(pairs: Fields, fields: Fields) -> Fields:
    """Entries that may or may not be set: known only where they change nothing."""
    return unknown({key: f for key, f in pairs.items() if not same(f, fields.get(key))})


def same(one: Field, other: Field | None) -> bool:
    known = one.value.known
    return other is not None and known is not None and known == other.value.known


def unknown(fields: Fields) -> Fields:
    """The same entries with values that are not known."""
    return {k: Field(f.key, replace(f.value, literal=False)) for k, f in fields.items()}


def relabelled(item: Item, meta: Meta, pod: Meta) -> Item:
    """A workload with other labels and annotations, of its own and of its pods.

    What a kustomization once put on both is one node to kustomize, so that a later one may write
    to both again where it means one (seen in 5.7): where they differ now, neither is known.
    """
    fact = item.fact
    assert isinstance(fact, Workload)
    if not fact.is_pod:
        labels = _parted(fact.meta.labels, fact.pod.labels, meta.labels, pod.labels)
        notes = _parted(
            fact.meta.annotations, fact.pod.annotations, meta.annotations, pod.annotations
        )
        meta = replace(meta, labels=labels[0], annotations=notes[0])
        pod = replace(pod, labels=labels[1], annotations=notes[1])
    return item.but(meta=meta, pod=pod)


def _parted(own: Fields, pods: Fields, new: Fields, inner: Fields) -> tuple[Fields, Fields]:
    """Both maps, without the values of what was one and differs now."""
    ones = [key for key, field in own.items() if pods.get(key) is field]
    odd = [k for k in ones if k in new and k in inner and not same(new[k], inner[k])]
    if not odd:
        return new, inner
    doubtful = ({key: fields[key] for key in odd} for fields in (new, inner))
    first, second = (unknown(fields) for fields in doubtful)
    return {**new, **first}, {**inner, **second}
