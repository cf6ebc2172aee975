"""The mesh: every fact of the tree, indexed, with what each place in the tree can see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from meshlint.finding import Location
from meshlint.mesh.home import NOWHERE, Home, home_at
from meshlint.mesh.membership import marked
from meshlint.mesh.plane import Plane, content, plane
from meshlint.mesh.scope import Scopes, Sighting
from meshlint.resources.control_plane import Elsewhere, Origin, Revision, Tag
from meshlint.resources.declared import Declared
from meshlint.resources.gateway import Gateway
from meshlint.resources.injector import Settings
from meshlint.resources.istio_resource import IstioResource
from meshlint.resources.keys import REVISION
from meshlint.resources.maistra import Members, MeshPlane
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.root import Root
from meshlint.resources.service import Service
from meshlint.resources.site import Site
from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Workload
from meshlint.units.item import meta_of

T = TypeVar("T")


class Mesh:
    """All facts of a scan. Everything is sorted by place; nothing depends on the order of files."""

    def __init__(
        self, resources: Iterable[Resource], root: str = "", clusters: Iterable[str] = ()
    ) -> None:
        """`root` is the tree's root, by which absolute paths begin; relative ones do not.

        `clusters` are those of which something is known, and directories may have their names.
        `pilots` are the workloads that run an istiod.
        """
        found = _by_type(resources)
        self._found = found
        self.namespaces = tuple(_of(found, Namespace))
        self.workloads = tuple(_of(found, Workload))
        self.pilots = tuple(w for w in self.workloads if w.discovers)
        self.gateways = tuple(_of(found, Gateway))
        self.istio_resources = tuple(_of(found, IstioResource))
        self.services = tuple(_of(found, Service))
        self.configurations = tuple(_of(found, Configuration))
        self.revisions = tuple(_of(found, Revision))
        self.tags = tuple(_of(found, Tag))
        self.roots = tuple(_of(found, Root))
        self._proofs: defaultdict[Site, list[Resource]] = defaultdict(list)
        for kind in (Configuration, *PROOFS):
            for proof in found.get(kind, ()):
                self._proofs[_where(proof)[1]].append(proof)
        self._known = {r.name.text for r in self.revisions} | {t.name.text for t in self.tags}
        self._scopes = Scopes(self._sightings(), root, clusters)
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

    def every(self, kind: type[T]) -> tuple[T, ...]:
        """All facts of a type, by place."""
        return tuple(_of(self._found, kind))

    def plane(self, site: Site) -> Plane:
        """The control planes that a site's cluster has."""
        scope = self._scopes.scope(site)
        if scope not in self._planes:
            self._planes[scope] = self._plane(scope)
        return self._planes[scope]

    def visible(self, site: Site, other: Site) -> bool:
        """Whether what stands at `other` is there for `site`: its own environment's, or shared."""
        return self._scopes.visible(site, other)

    def together(self, site: Site, other: Site) -> bool:
        """Whether what stands at `other` is in the cluster of `site`."""
        return self._scopes.together(site, other)

    def scope(self, site: Site) -> tuple[str, str]:
        """Environment and directory that a site shares its control planes with."""
        return self._scopes.scope(site)

    def environment(self, site: Site) -> str:
        """The cluster of a site by name or directory; "" for what all share."""
        return self._scopes.environment(site)

    def sites(self) -> set[Site]:
        """From where namespaces and evidence of control planes come."""
        return {*self._proofs, *(namespace.meta.at for namespace in self.namespaces)}

    def evidence(self, site: Site) -> tuple[Resource, ...]:
        """What is known in the cluster of a site: evidence of control planes, and namespaces."""
        there = sorted(self._scopes.members(self._scopes.scope(site)))
        homes = (n for n in self.namespaces if self._scopes.together(site, n.meta.at))
        return (*(proof for place in there for proof in self._proofs[place]), *homes)

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
        return NOWHERE if name is None else self.space(name, workload.meta.at)

    def called(self, name: str) -> tuple[Namespace, ...]:
        """All Namespaces of a name, of whatever cluster."""
        return tuple(self._named.get(name, ()))

    def space(self, name: str, site: Site) -> Home:
        """The namespace of a name, as a site sees it."""
        key = (name, site)
        if key not in self._homes:
            self._homes[key] = self._home(*key)
        return self._homes[key]

    def _home(self, name: str, site: Site) -> Home:
        there = [n for n in self._named[name] if self._scopes.together(site, n.meta.at)]
        found = home_at(name, site, there)
        return replace(found, labels=marked(self.plane(site), name, found.labels))

    def _plane(self, scope: tuple[str, str]) -> Plane:
        found: defaultdict[type, list[Resource]] = defaultdict(list)
        for site in sorted(self._scopes.members(scope)):
            for proof in self._proofs[site]:
                found[type(proof)].append(proof)
        built = plane(
            _of(found, Configuration),
            _of(found, Revision),
            _of(found, Tag),
            _of(found, Elsewhere),
            settings=_of(found, Settings),
            declared=_of(found, Declared),
            meshes=_of(found, MeshPlane),
            members=_of(found, Members),
        )
        return replace(built, closed=built.closed and not self._scopes.shared_only(scope))

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
        for site, proofs in self._proofs.items():
            if any(isinstance(proof, LOOSE) for proof in proofs):
                yield Sighting(site, object(), None)


LOOSE = (Elsewhere, Settings, Declared, MeshPlane, Members)
"""What may stand twice in one cluster, and says something of its control planes."""

PROOFS = (Revision, Tag, *LOOSE)
BARE = (*PROOFS, Root)


def kept(resource: Resource) -> bool:
    """Whether the mesh keeps a fact: an object, or of BARE. Others are there to place these."""
    return meta_of(resource) is not None or isinstance(resource, BARE)


def _by_type(resources: Iterable[Resource]) -> Mapping[type, list[Resource]]:
    """Facts by type in the order of their places."""
    found: defaultdict[type, list[Resource]] = defaultdict(list)
    for resource in sorted(filter(kept, resources), key=_place):
        found[type(resource)].append(resource)
    return found


def _of(found: Mapping[type, list[Resource]], kind: type[T]) -> Iterator[T]:
    for item in found.get(kind, ()):
        assert isinstance(item, kind)
        yield item


def _place(resource: Resource) -> tuple[str, int, int, str, Site]:
    where, site = _where(resource)
    return where.path, where.line, where.column, type(resource).__name__, site


def _where(resource: Resource) -> tuple[Location, Site]:
    """Where a fact stands, and from where it reaches a cluster."""
    if isinstance(resource, Revision | Tag):
        return resource.name.where, resource.at
    if isinstance(resource, Elsewhere | Settings | Declared | Members | Root):
        return resource.where, resource.at
    meta = meta_of(resource)
    assert meta is not None
    return meta.where, meta.at


__all__ = ["Home", "Mesh"]
