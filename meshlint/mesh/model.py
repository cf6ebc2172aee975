"""The mesh: every fact of the tree, indexed, with what each place in the tree can see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from posixpath import dirname
from typing import TypeVar

from meshlint.mesh.plane import Plane, content, plane
from meshlint.mesh.scope import Scopes, Sighting
from meshlint.mesh.selector import Labels, labels_of
from meshlint.resources.control_plane import Elsewhere, Injector, Origin, Revision, Tag
from meshlint.resources.gateway import Gateway
from meshlint.resources.keys import NAMESPACE_KEYS, NAMESPACE_NAME, REVISION
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.service import Service
from meshlint.resources.site import Site
from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Workload

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Home:
    """The namespace of a workload: its name ("" if not given), labels, and the objects behind."""

    name: str
    labels: Labels
    copies: tuple[Namespace, ...]


class Mesh:
    """All facts of a scan. Everything is sorted by place; nothing depends on the order of files."""

    def __init__(self, resources: Iterable[Resource], root: str = "") -> None:
        """`root` is the tree's root, by which absolute paths begin; relative ones do not."""
        found = _by_type(resources)
        self.namespaces = tuple(_of(found, Namespace))
        self.workloads = tuple(_of(found, Workload))
        self.gateways = tuple(_of(found, Gateway))
        self.services = tuple(_of(found, Service))
        self.configurations = tuple(_of(found, Configuration))
        self.revisions = tuple(_of(found, Revision))
        self.tags = tuple(_of(found, Tag))
        self._elsewhere = tuple(_of(found, Elsewhere))
        self._injectors = tuple(_of(found, Injector))
        self._proofs: defaultdict[Site, list[Resource]] = defaultdict(list)
        for kind in (Configuration, Revision, Tag, Elsewhere, Injector):
            for proof in found.get(kind, ()):
                self._proofs[_site(proof)].append(proof)
        self._known = {r.name.text for r in self.revisions} | {t.name.text for t in self.tags}
        self._scopes = Scopes(self._sightings(), root)
        self._planes: dict[tuple[str, str], Plane] = {}
        self._homes: dict[tuple[str, Site], Home] = {}
        self._named: defaultdict[str, list[Namespace]] = defaultdict(list)
        self._asking: defaultdict[str, list[Namespace]] = defaultdict(list)
        for namespace in self.namespaces:
            self._named[namespace.meta.subject.name].append(namespace)
            self._asking[namespace.meta.label(REVISION) or ""].append(namespace)
        self._services: defaultdict[str, list[Service]] = defaultdict(list)
        for service in self.services:
            self._services[service.meta.subject.namespace].append(service)

    def plane(self, site: Site) -> Plane:
        """The control planes that a site's cluster has."""
        scope = self._scopes.scope(site)
        if scope not in self._planes:
            self._planes[scope] = self._plane(scope)
        return self._planes[scope]

    def visible(self, site: Site, other: Site) -> bool:
        """Whether what stands at `other` is there for `site`: its own environment's, or shared."""
        return self._scopes.visible(site, other)

    def scope(self, site: Site) -> tuple[str, str]:
        """Environment and directory that a site shares its control planes with."""
        return self._scopes.scope(site)

    def services_in(self, namespace: str) -> tuple[Service, ...]:
        """The Services of a namespace, of whatever cluster; "" for those that name none."""
        return tuple(self._services[namespace])

    def asking(self, revision: str) -> tuple[Namespace, ...]:
        """The namespaces that are labelled for a revision or tag."""
        return tuple(self._asking[revision])

    def everywhere(self, name: str) -> bool:
        """Whether any part of the tree knows a revision or tag of this name."""
        return name in self._known

    def home(self, workload: Workload) -> Home:
        """The namespace that a workload's pods come to."""
        field = workload.meta.namespace
        name = field.known if field else None
        if name is None:
            return Home("", Labels(open=True), ())
        key = (name, workload.meta.at)
        if key not in self._homes:
            self._homes[key] = self._home(*key)
        return self._homes[key]

    def _home(self, name: str, site: Site) -> Home:
        """The nearest copies decide: of the same unit or file, else directory, else in sight."""
        there = [n for n in self._named[name] if self._scopes.together(site, n.meta.at)]
        whole = [n for n in there if not n.partial and not n.more]
        for near in (
            [n for n in whole if n.meta.at == site],
            [n for n in whole if dirname(n.meta.at.path) == dirname(site.path)],
            whole,
        ):
            if near:
                patches = [n for n in there if n.partial]
                labels = _agreed(name, near, [n for n in there if n.more], patches)
                return Home(name, labels, tuple(near))
        added = [n for n in there if n.more]
        labels = replace(_agreed(name, added, [], [n for n in there if n.partial]), open=True)
        return Home(name, labels, tuple(added))

    def _plane(self, scope: tuple[str, str]) -> Plane:
        seen = [self._proofs[site] for site in sorted(self._scopes.members(scope))]
        every = [proof for proofs in seen for proof in proofs]
        found = plane(
            [p for p in every if isinstance(p, Configuration)],
            [p for p in every if isinstance(p, Revision)],
            [p for p in every if isinstance(p, Tag)],
            [p for p in every if isinstance(p, Elsewhere)],
            selective=any(isinstance(p, Injector) for p in every),
        )
        return replace(found, closed=found.closed and not self._scopes.shared_only(scope))

    def _sightings(self) -> Iterator[Sighting]:
        for c in self.configurations:
            key: Hashable = (c.meta.subject.kind, c.meta.subject.name)
            same: Hashable = None if c.partial else content(c)
            yield Sighting(c.meta.at, key if same else object(), same)
        for r in self.revisions:
            deployed = r.origin is Origin.DEPLOYMENT and not r.partial
            yield Sighting(r.at, r.subject if deployed else object(), r.name.text)
        for t in self.tags:
            yield Sighting(t.at, object(), t.name.text)
        for e in self._elsewhere:
            yield Sighting(e.at, object(), None)
        for i in self._injectors:
            yield Sighting(i.at, object(), None)


def _agreed(
    name: str, copies: list[Namespace], added: list[Namespace], patches: list[Namespace]
) -> Labels:
    """The labels that all copies agree on; a key in dispute, or in a patch, is unknown.

    `added` set labels from outside (Argo CD): those that the copies lack are in dispute too.
    """
    views = [labels_of(copy.meta.labels) for copy in copies] or [Labels()]
    unknown = {key for patch in patches for key in patch.meta.labels}
    for addition in (labels_of(n.meta.labels) for n in added):
        differs = (key for key in addition.given if addition.state(key) != views[0].state(key))
        unknown.update(differs, addition.unknown)
    for key in NAMESPACE_KEYS.union(*(view.given for view in views)):
        if len({view.state(key) for view in views}) > 1:
            unknown.add(key)
    unknown.update(*(view.unknown for view in views))
    return Labels({**views[0].given, NAMESPACE_NAME: name}, frozenset(unknown))


LABELLED = (Namespace, Workload, Configuration, Gateway, Service)
PLACED = (*LABELLED, Revision, Tag, Elsewhere, Injector)
"""The facts that the mesh keeps; others are there to place these."""


def _by_type(resources: Iterable[Resource]) -> Mapping[type, list[Resource]]:
    """Facts by type in the order of their places."""
    found: defaultdict[type, list[Resource]] = defaultdict(list)
    for resource in sorted((r for r in resources if isinstance(r, PLACED)), key=_place):
        found[type(resource)].append(resource)
    return found


def _of(found: Mapping[type, list[Resource]], kind: type[T]) -> Iterator[T]:
    for item in found.get(kind, ()):
        assert isinstance(item, kind)
        yield item


def _site(proof: Resource) -> Site:
    if isinstance(proof, Revision | Tag | Elsewhere | Injector):
        return proof.at
    assert isinstance(proof, Configuration)
    return proof.meta.at


def _place(resource: Resource) -> tuple[str, int, int, str, Site]:
    if isinstance(resource, Revision | Tag):
        where, site = resource.name.where, resource.at
    elif isinstance(resource, Elsewhere | Injector):
        where, site = resource.where, resource.at
    else:
        assert isinstance(resource, LABELLED)
        where, site = resource.meta.where, resource.meta.at
    return where.path, where.line, where.column, type(resource).__name__, site
