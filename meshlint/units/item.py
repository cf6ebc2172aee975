"""A fact on its way to a cluster: what it is called on the way, and how that changes.

Facts are told apart by what they have, not by their type: an object has `meta`, a statement about
an object `subject`, and anything else stays what it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from meshlint.finding import Location, Subject, Value
from meshlint.resources.document import Meta
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.unread import Unread

CLUSTER_SCOPED = frozenset(
    {
        "Namespace",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "ClusterRole",
        "ClusterRoleBinding",
    }
)
"""Of the kinds that are read, those without a namespace; of a resource of anyone's own, kustomize
takes none for such (kyaml/openapi, IsCertainlyClusterScoped)."""


class TooWide(Exception):
    """A unit has more in it than any hand wrote, and is not followed."""


@dataclass(frozen=True, slots=True)
class Item:
    """`past` are the namespaces and names that it had before, that of its file first."""

    fact: Resource
    past: tuple[tuple[str, str], ...] = ()

    @property
    def meta(self) -> Meta | None:
        """The metadata of an object that passes here; None for any other fact."""
        return meta_of(self.fact) if not made(self.fact) else None

    @property
    def subject(self) -> Subject | None:
        """The object that the fact is, or tells of."""
        if made(self.fact):
            return None
        meta = meta_of(self.fact)
        subject = meta.subject if meta else getattr(self.fact, "subject", None)
        return subject if isinstance(subject, Subject) else None

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Namespaces and names, the first first and the present ones last."""
        subject = self.subject
        return (*self.past, (subject.namespace, subject.name)) if subject else self.past

    def but(self, **changes: Any) -> Item:
        """The same with other fields of the fact."""
        return replace(self, fact=changed(self.fact, **changes))

    def renamed(self, *, namespace: Value | None = None, name: Value | None = None) -> Item:
        """The same in another namespace, or under another name; its old ones are remembered."""
        subject = self.subject
        if subject is None:
            return self
        new = subject
        if namespace is not None and subject.kind not in CLUSTER_SCOPED:
            new = replace(new, namespace=namespace.text if namespace.literal else new.namespace)
        else:
            namespace = None
        if name is not None and name.literal:
            new = replace(new, name=name.text)
        past = self.names if new != subject else self.past
        meta = meta_of(self.fact)
        if meta is None:
            return Item(changed(self.fact, subject=new), past)
        given = {"namespace": namespace, "name": name}
        values = {key: value for key, value in given.items() if value is not None}
        return Item(changed(self.fact, meta=changed(meta, subject=new, **values)), past)

    def unsure(self) -> Item:
        """The same, but counting only for what it says, and not for what it lacks."""
        partial = getattr(self.fact, "partial", Unread.PATCH)
        return self.but(partial=Unread.PATCH) if partial is None else self


def changed(fact: Any, **changes: Any) -> Any:
    """A dataclass with other fields; the facts are of many types."""
    return replace(fact, **changes)


def made(fact: Resource) -> bool:
    """Whether an object comes to be in the cluster, and does not pass through any layer."""
    return isinstance(fact, Namespace) and fact.more


def meta_of(fact: Resource) -> Meta | None:
    meta = getattr(fact, "meta", None)
    return meta if isinstance(meta, Meta) else None


def place_of(fact: Resource) -> Location | None:
    """Where the fact stands; None for what stands in no file."""
    for holder in (meta_of(fact), fact, getattr(fact, "name", None)):
        where = getattr(holder, "where", None)
        if isinstance(where, Location):
            return where
    return None


def site_of(fact: Resource) -> Site | None:
    """The site that the fact has been given already."""
    meta = meta_of(fact)
    site = getattr(meta if meta else fact, "site", None)
    return site if isinstance(site, Site) else None


def sited(fact: Resource, site: Site) -> Resource:
    """The fact at a site. What it says of the cluster itself, as a Namespace made there, stays."""
    own = site_of(fact)
    if own is not None:
        site = Site(site.path, site.by or own.by, own.cluster or site.cluster)
    meta = meta_of(fact)
    if meta:
        return changed(fact, meta=replace(meta, site=site))
    return changed(fact, site=site) if hasattr(fact, "site") else fact
