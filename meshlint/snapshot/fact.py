"""The objects of a snapshot as facts, with their places in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from meshlint.finding import Field, Subject, Type, Value
from meshlint.resources.control_plane import Elsewhere, Origin, Revision, Tag
from meshlint.resources.declared import Declared, Flavour
from meshlint.resources.document import Document, meta
from meshlint.resources.injector import Settings
from meshlint.resources.maistra import GROUP, Members, MeshPlane
from meshlint.resources.namespace import namespace
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.resources.webhook import Selector, configuration, selector
from meshlint.source.node import Node
from meshlint.unread import Unread

ADMISSION = "admissionregistration.k8s.io/v1"
MAISTRA = f"{GROUP}/v2"
HIDDEN = "(not in the snapshot)"
NUMBERS = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")


def _declared(item: Node, site: Site) -> Iterator[Resource]:
    flavour = _string(item, "flavour")
    yield Declared(
        where=item.where,
        site=site,
        closed=_flag(item, "closed") is True,
        default=_flag(item, "default"),
        flavour=Flavour(flavour) if flavour in list(Flavour) else None,
        meant=_flag(item, "meant") is True,
    )


def _mesh(item: Node, site: Site) -> Iterator[Resource]:
    own = meta(item, MAISTRA, "ServiceMeshControlPlane")
    yield MeshPlane(replace(own, site=site), _partial(item))


def _members(item: Node, site: Site) -> Iterator[Resource]:
    yield Members(
        mesh=_given(item, "mesh"),
        plane=_given(item, "plane"),
        names=item.scalars("names"),
        selectors=tuple(_selectors(item, "selectors")),
        where=item.where,
        site=site,
    )


def _namespace(item: Node, site: Site) -> Iterator[Resource]:
    document = Document(item, "v1", "Namespace", _partial(item))
    hidden = {value.text: _hidden(value) for value in item.scalars("unknown")}
    for found in namespace(document):
        labels = {**hidden, **found.meta.labels}
        own = replace(found.meta, labels=labels, site=site)
        yield replace(found, meta=own, more=_flag(item, "more") is True)


def _hidden(key: Value) -> Field:
    """A label whose value is not told: as unknown as a placeholder."""
    return Field(key, Value(HIDDEN, key.where, Type.STRING, literal=False))


def _webhooks(item: Node, site: Site) -> Iterator[Resource]:
    document = Document(item, ADMISSION, "MutatingWebhookConfiguration", _partial(item))
    for found in configuration(document):
        yield replace(found, meta=replace(found.meta, site=site))


def _revision(item: Node, site: Site) -> Iterator[Resource]:
    yield Revision(
        name=_name(item, "name"),
        origin=_origin(item),
        subject=_subject(item),
        partial=_partial(item),
        explicit=_flag(item, "implied") is not True,
        version=_version(_string(item, "version")),
        label=_label(item),
        site=site,
    )


def _label(item: Node) -> Value | None:
    field = item.field("label")
    return field.value if field else None


def _tag(item: Node, site: Site) -> Iterator[Resource]:
    yield Tag(
        name=_name(item, "name"),
        target=_given(item, "target"),
        origin=_origin(item),
        subject=_subject(item),
        partial=_partial(item),
        site=site,
    )


def _elsewhere(item: Node, site: Site) -> Iterator[Resource]:
    yield Elsewhere(item.where, _string(item, "why"), site)


def _settings(item: Node, site: Site) -> Iterator[Resource]:
    templates = item.get("templates")
    known = templates is not None and templates.is_list
    yield Settings(
        revision=_given(item, "revision"),
        where=item.where,
        origin=_origin(item),
        policy=_set(item, "policy"),
        never=tuple(_selectors(item, "never")),
        always=tuple(_selectors(item, "always")),
        templates=frozenset(v.text for v in item.scalars("templates")) if known else None,
        by_default=_set(item, "byDefault"),
        complete=_flag(item, "incomplete") is not True,
        site=site,
        defaults=item.scalars("defaults"),
    )


def _selectors(item: Node, key: str) -> Iterator[Selector]:
    node = item.get(key)
    return (selector(each) for each in (node.items() if node else ()))


def _given(item: Node, key: str) -> Value | None:
    """A string; None where it is null or not there."""
    field = item.field(key)
    return field.value if field and field.value.known is not None else None


def _set(item: Node, key: str) -> Value | None:
    """A string, or one of which it is only known that it is there; None where it is not."""
    field = item.field(key)
    if field is None or field.value.known is not None:
        return field.value if field else None
    return Value("", field.value.where, Type.STRING, literal=False)


READERS: dict[str, Callable[[Node, Site], Iterator[Resource]]] = {
    "declared": _declared,
    "revisions": _revision,
    "tags": _tag,
    "elsewhere": _elsewhere,
    "settings": _settings,
    "meshes": _mesh,
    "members": _members,
    "webhooks": _webhooks,
    "namespaces": _namespace,
}
"""Who reads the items of which list of a cluster."""


def _name(item: Node, key: str) -> Value:
    """A name; one that is not known stays unknown."""
    field = item.field(key)
    return field.value if field else Value("", item.where, Type.NULL)


def _string(item: Node, key: str) -> str:
    field = item.field(key)
    return field.value.text if field and field.value.type is Type.STRING else ""


def _flag(item: Node, key: str) -> bool | None:
    """True or False where a field says so."""
    field = item.field(key)
    if field is None or field.value.type is not Type.BOOL:
        return None
    return field.value.text == "true"


def _partial(item: Node) -> Unread | None:
    return Unread.PATCH if _flag(item, "partial") else None


def _origin(item: Node) -> Origin:
    """The evidence; a kind that this version does not know counts for little."""
    word = _string(item, "origin")
    return Origin(word) if word in list(Origin) else Origin.WEBHOOK


def _subject(item: Node) -> Subject:
    node = item.get("object") or item
    kind, namespace, name = (_string(node, key) for key in ("kind", "namespace", "name"))
    return Subject("", kind, namespace, name)


def _version(text: str) -> tuple[int, int] | None:
    match = NUMBERS.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None
