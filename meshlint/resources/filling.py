"""The placeholders of an ApplicationSet's template, and what is filled in for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from meshlint.finding import Field, Fields, Value
from meshlint.resources.applier import IN_CLUSTER, Applier, Made, made_namespace
from meshlint.resources.layer import Layer
from meshlint.source.placeholder import placeholder

Lookup = Callable[[str], Value | None]
"""The value for the words between `{{` and `}}`, spaces made single; None where it is not known."""

TAG = re.compile(r"\{\{([^{}]*)\}\}")


def filled(item: Made, lookup: Lookup) -> Made:
    """The same with every placeholder replaced of which the value is known."""
    if isinstance(item, Applier):
        folder = _value(item.folder, lookup)
        cluster = _cluster(item.cluster, item.folder, lookup)
        return replace(item, folder=folder, cluster=cluster, layer=_layer(item.layer, lookup))
    meta = item.meta
    assert meta.name is not None
    return made_namespace(
        _value(meta.name, lookup),
        _cluster(meta.at.cluster, meta.name, lookup),
        item.partial,
        _fields(meta.labels, lookup),
        _fields(meta.annotations, lookup),
    )


def _layer(layer: Layer, lookup: Lookup) -> Layer:
    labels = (replace(one, pairs=_fields(one.pairs, lookup)) for one in layer.labels)
    return replace(
        layer,
        namespace=_value(layer.namespace, lookup) if layer.namespace else None,
        fallback=_value(layer.fallback, lookup) if layer.fallback else None,
        labels=tuple(labels),
        annotations=_fields(layer.annotations, lookup),
    )


def _fields(fields: Fields, lookup: Lookup) -> Fields:
    """Entries with their values filled in; a key that is a placeholder stays one."""
    return {name: Field(field.key, _value(field.value, lookup)) for name, field in fields.items()}


def _cluster(cluster: str, near: Value, lookup: Lookup) -> str:
    text = _value(replace(near, text=cluster), lookup).text
    return "" if text in IN_CLUSTER else text


def _value(value: Value, lookup: Lookup) -> Value:
    """A value that is one placeholder becomes what stands for it, and where that stands."""
    if "{{" not in value.text:
        return value
    whole = TAG.fullmatch(value.text)
    if whole:
        return _known(whole, lookup) or replace(value, literal=False)
    tags = [_known(tag, lookup) for tag in TAG.finditer(value.text)]
    if None in tags:
        return replace(value, literal=False)
    texts = iter(tag.text for tag in tags if tag)
    text = TAG.sub(lambda _: next(texts), value.text)
    return replace(value, text=text, literal=not placeholder(text, "", None))


def _known(tag: re.Match[str], lookup: Lookup) -> Value | None:
    value = lookup(" ".join(tag.group(1).split()))
    return value if value is not None and value.known is not None else None
