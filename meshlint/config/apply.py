"""What a configuration says of places: which files are read, whose they are, in which namespace."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from meshlint.config.fault import Fault
from meshlint.config.glob import matcher
from meshlint.config.model import Config
from meshlint.finding import Value, quoted
from meshlint.resources.control_plane import Revision, Tag
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.source.files import Collection, Source
from meshlint.units.item import CLUSTER_SCOPED, meta_of
from meshlint.unread import Skip, Unread


class Ground:
    """A configuration laid over the tree below a root, from which its globs are written."""

    def __init__(self, config: Config, root: Path, fallback: Value | None = None) -> None:
        """`fallback` is the namespace of what gets none from elsewhere."""
        self.config = config
        self._fallback = fallback
        self._root = f"{root.as_posix().rstrip('/')}/"
        self._here = Path.cwd()
        self._names: dict[str, str] = {}
        self._clusters = [(c, matcher(p.text for p in c.paths)) for c in config.clusters]
        self._placed = [
            (p.namespace, matcher(glob.text for glob in p.paths)) for p in reversed(config.placed)
        ]

    def name(self, path: str) -> str:
        """A path of the scan from the root; "" for one outside of it."""
        if path not in self._names:
            whole = os.path.normpath(self._here / path)
            self._names[path] = whole.removeprefix(self._root) if self._holds(whole) else ""
        return self._names[path]

    def _holds(self, whole: str) -> bool:
        return whole.startswith(self._root)

    def covered(self, paths: Iterable[str]) -> bool:
        """Whether the paths take in all of the tree, so that a glob must match something."""
        wholes = (f"{os.path.normpath(self._here / path)}/" for path in paths if path != "-")
        return any(self._root.startswith(whole) for whole in wholes)

    def leave_out(self, collection: Collection, named: Iterable[str]) -> Collection:
        """Without the configuration itself, and without the files that are excluded.

        What the user has `named` file by file is read all the same.
        """
        kept: list[Source] = []
        skips = list(collection.skips)
        excluded = matcher(glob.text for glob in self.config.exclude)
        asked = {self.name(path) for path in named}
        for source in collection.sources:
            name = self.name(source.path)
            if excluded.match(name) and name not in asked:
                skips.append(Skip(Unread.EXCLUDED, source.path))
            elif source.path != self.config.path:
                kept.append(source)
        return Collection(kept, skips)

    def contested(self, collection: Collection) -> Iterator[Fault]:
        """Files that two clusters claim, once for each two."""
        done: set[tuple[str, ...]] = set()
        for source in collection.sources:
            claims = [c for c, claimed in self._clusters if claimed.match(self.name(source.path))]
            pair = tuple(c.name for c in claims[:2])
            if len(pair) == 2 and pair not in done:
                done.add(pair)
                first, second = claims[:2]
                line = first.where.line
                text = f"clusters {quoted(first.name)} (line {line}) and {quoted(second.name)} both"
                yield Fault(second.where, f"{text} have the file {quoted(source.path)}")

    def idle(self, collection: Collection) -> Iterator[Fault]:
        """Globs that take no file of a scan."""
        names = [self.name(source.path) for source in collection.sources]
        for glob in self.config.globs:
            takes = matcher([glob.text]).match
            if not any(map(takes, names)):
                yield Fault(glob.where, f"{quoted(glob.text)} matches no file of this scan")

    def adjust(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        """The facts with the clusters and namespaces that the configuration gives them."""
        for item in resources:
            site = _site(item)
            if site is None or not site.path:
                yield item  # not applied at all, or known of a cluster and in no file
            else:
                yield self._housed(_moved(item, replace(site, cluster=self._cluster(item, site))))

    def _cluster(self, item: Resource, site: Site) -> str:
        """The cluster of an object.

        Where its unit stands tells, then the destination of who applies it, then where that or
        the object's own file stands.
        """
        stands = self._claimed(site.path)
        if stands or site.cluster:
            return stands or site.cluster
        return self._claimed(site.by) or self._claimed(_file(item))

    def _claimed(self, path: str) -> str:
        name = self.name(path) if path else ""
        return next((c.name for c, claimed in self._clusters if claimed.match(name)), "")

    def _housed(self, item: Resource) -> Resource:
        """With a namespace, where nothing else has given it one; of several entries the last."""
        meta = meta_of(item)
        if meta is None or meta.namespace is not None or meta.subject.kind in CLUSTER_SCOPED:
            return item
        name = self.name(meta.where.path)
        chosen = next((ns for ns, placed in self._placed if placed.match(name)), self._fallback)
        if chosen is None:
            return item
        subject = replace(meta.subject, namespace=chosen.text)
        return replace(cast("Any", item), meta=replace(meta, namespace=chosen, subject=subject))


def _site(item: Resource) -> Site | None:
    """From where a fact reaches a cluster; None for those that only place others."""
    found = (getattr(part, "at", None) for part in (item, meta_of(item)))
    return next((at for at in found if isinstance(at, Site)), None)


def _moved(item: Resource, site: Site) -> Resource:
    if site == _site(item):
        return item
    meta, changed = meta_of(item), cast("Any", item)  # a frozen dataclass, as all facts are
    if meta is not None:
        changed = replace(changed, meta=replace(meta, site=site))
    return replace(changed, site=site) if hasattr(item, "site") else changed


def _file(item: Resource) -> str:
    """The file that holds a fact."""
    meta = meta_of(item)
    if meta is not None:
        return meta.where.path
    fact = cast("Any", item)
    return str((fact.name if isinstance(item, Revision | Tag) else fact).where.path)
