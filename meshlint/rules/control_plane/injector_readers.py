"""Which istiods of the tree read an injector's ConfigMap, and of which version they are."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from meshlint.finding import Related, Value
from meshlint.resources.control_plane import Origin
from meshlint.resources.document import Meta
from meshlint.resources.istiod_sources import IstiodSources, Purpose
from meshlint.rules.registry import View
from meshlint.rules.words import named


@dataclass(frozen=True, slots=True)
class Reader:
    """An istiod whose Deployment is whole; `minor` and `image` are None where not known."""

    sources: IstiodSources
    minor: int | None
    image: Value | None

    @property
    def related(self) -> Related:
        """Its image, as another place to look at."""
        where = self.image.where if self.image else self.sources.meta.where
        return Related(named(self.sources.meta.subject), where)


def place(meta: Meta) -> str | None:
    """The namespace of an object, "" where none is given, None where it is not known."""
    return meta.namespace.known if meta.namespace else ""


class Readers:
    """The istiods of the tree. What is in one cluster has the same of them, found once."""

    def __init__(self, view: View) -> None:
        self.mesh = view.mesh
        self._every = view.mesh.every(IstiodSources)
        self._near: dict[Hashable, tuple[IstiodSources, ...]] = {}
        self._of: dict[Hashable, tuple[Reader, ...]] = {}
        self._revisions = {
            (revision.subject, revision.at): revision
            for revision in view.mesh.revisions
            if revision.origin is Origin.DEPLOYMENT and revision.partial is None
        }

    def near(self, meta: Meta) -> tuple[IstiodSources, ...]:
        """The istiods in the cluster of an object."""
        cluster = self._cluster(meta)
        if cluster not in self._near:
            there = (s for s in self._every if self.mesh.together(meta.at, s.meta.at))
            self._near[cluster] = tuple(there)
        return self._near[cluster]

    def of(self, meta: Meta, purpose: Purpose = Purpose.INJECTOR) -> tuple[Reader, ...]:
        """The istiods that are sure to read a ConfigMap."""
        name = meta.name.known if meta.name else None
        key = (self._cluster(meta), purpose, name, place(meta))
        if key not in self._of:
            found = (s for s in self.near(meta) if name is not None and s.reads(purpose) == name)
            self._of[key] = tuple(self._reader(s) for s in found if _sure(s, meta))
        return self._of[key]

    def _cluster(self, meta: Meta) -> Hashable:
        return self.mesh.scope(meta.at), self.mesh.environment(meta.at)

    def _reader(self, sources: IstiodSources) -> Reader:
        """With the image that a kustomization gives to it."""
        own = sources.meta
        revision = self._revisions.get((own.subject, own.at))
        version = revision.version if revision else None
        return Reader(
            sources, version[1] if version else None, revision.image if revision else None
        )


def _sure(sources: IstiodSources, meta: Meta) -> bool:
    """Whether a whole istiod is in the namespace of the ConfigMap, where it looks for it."""
    return sources.partial is None and place(sources.meta) == place(meta) is not None


def minors(found: tuple[Reader, ...]) -> tuple[int, ...]:
    """The minor versions of all readers; empty where one of them is not known."""
    known = tuple(reader.minor for reader in found if reader.minor is not None)
    return known if len(known) == len(found) else ()
