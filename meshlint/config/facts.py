"""What a configuration declares, as the facts that manifests would have brought."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.config.model import NOBODY, Cluster, Config, Declaration
from meshlint.finding import Subject, Value
from meshlint.resources.control_plane import DEFAULT, Origin, Revision, Tag
from meshlint.resources.declared import Declared, Flavour
from meshlint.resources.document import Meta
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site


def facts(config: Config) -> Iterator[Resource]:
    """All that is declared, each at the site of its cluster, or of all."""
    for own, view in zip((config.everywhere, *config.clusters), config.views, strict=True):
        yield from _facts(own, view)


def _facts(own: Cluster, view: Cluster) -> Iterator[Resource]:
    """`own` is what the cluster itself declares, `view` that and what holds everywhere."""
    site = Site("", cluster=own.name)
    for name in own.revisions or ():
        yield _revision(name, site)
    for tag in own.tags.values():
        yield _tag(tag.key, tag.value, site)
    yield from _default(own, view, site)
    for namespace in own.namespaces.values():
        yield _namespace(namespace, site)
    if own.revisions is not None or own.default or own.flavour or DEFAULT in own.tags:
        yield _declared(view, site)


def _revision(name: Value, site: Site) -> Revision:
    """The revision `default` is one that was installed without a name."""
    subject = Subject("", "Revision", "", name.text)
    return Revision(name, Origin.DECLARED, subject, explicit=name.text != DEFAULT, site=site)


def _tag(name: Value, target: Value, site: Site) -> Tag:
    return Tag(name, target, Origin.DECLARED, Subject("", "Tag", "", name.text), site=site)


def _default(own: Cluster, view: Cluster, site: Site) -> Iterator[Resource]:
    """`defaultRevision` is a tag `default` for a revision, given by its name or by a tag."""
    chosen = own.default
    if chosen is None or chosen.text == NOBODY:
        return
    if chosen.text != DEFAULT:
        led = view.tags.get(chosen.text)
        target = Value(led.value.text if led else chosen.text, chosen.where)
        yield _tag(Value(DEFAULT, chosen.where), target, site)
    elif DEFAULT not in {name.text for name in view.revisions or ()}:
        yield _revision(chosen, site)


def _namespace(declared: Declaration, site: Site) -> Namespace:
    name = declared.name
    subject = Subject("v1", "Namespace", "", name.text)
    meta = Meta(subject, name, None, declared.labels, {}, name.where, site=site)
    return Namespace(meta, partial=None)


def _declared(view: Cluster, site: Site) -> Declared:
    return Declared(
        where=view.where,
        site=site,
        closed=view.revisions is not None,
        default=_has_default(view),
        flavour=Flavour(view.flavour.text) if view.flavour else None,
    )


def _has_default(view: Cluster) -> bool | None:
    """Whether somebody takes istio-injection=enabled; None where nothing tells."""
    named = {name.text for name in view.revisions or ()} | view.tags.keys()
    if view.default is not None:
        return view.default.text != NOBODY
    return True if DEFAULT in named else None
