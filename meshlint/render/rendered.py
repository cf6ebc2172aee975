"""A collection with charts in it, and with what they render to in place of their templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from posixpath import join

from meshlint.finding import Value
from meshlint.render import cache
from meshlint.render.chart import CHART, Release, contents
from meshlint.render.confined import Failed
from meshlint.render.helm import UNKNOWN, Helm, arguments, helm, template
from meshlint.render.parallel import parallel
from meshlint.render.tree import TooLarge, Tree
from meshlint.resources.document import Meta
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.source.files import Collection, Source
from meshlint.units.item import CLUSTER_SCOPED, changed, meta_of, place_of, sited
from meshlint.unread import Skip, Unread


@dataclass(frozen=True, slots=True)
class Rendered:
    """What releases of charts give: sources, and where those that were not rendered went wrong.

    `releases` are by the path of the source.
    """

    sources: tuple[Source, ...]
    skips: tuple[Skip, ...]
    releases: dict[str, Release]

    def instead(self, collection: Collection) -> tuple[Collection, tuple[Source, ...]]:
        """The collection with the output in place of the templates that made it, and these."""
        heads = tuple(join(r.chart, "templates", "") for r in self.releases.values())
        kept = [source for source in collection.sources if not source.path.startswith(heads)]
        templates = (source for source in collection.sources if source.path.startswith(heads))
        sources = sorted((*kept, *self.sources), key=lambda source: source.path)
        return Collection(sources, [*collection.skips, *self.skips]), tuple(templates)

    def adjust(self, resources: Iterable[Resource]) -> Iterable[Resource]:
        """Objects of a release with its namespace, where they name none, and in its cluster."""
        return [self._adjusted(item) for item in resources]

    def _adjusted(self, item: Resource) -> Resource:
        path = _path(item)
        release = self.releases.get(path)
        if release is None:
            return item
        if release.cluster:
            item = sited(item, Site(path, cluster=release.cluster))
        meta = meta_of(item)
        return changed(item, meta=_housed(meta, release.namespace)) if meta else item


def _housed(meta: Meta, namespace: str | None) -> Meta:
    """In the namespace of its release, unless it names another; in none, where nobody knows it."""
    told = meta.namespace.text if meta.namespace else ""
    if told not in ("", UNKNOWN) or meta.subject.kind in CLUSTER_SCOPED:
        return meta
    where = meta.namespace.where if meta.namespace else meta.where
    value = Value(namespace, where) if namespace else None
    subject = replace(meta.subject, namespace=namespace or "")
    return replace(meta, namespace=value, subject=subject)


def _path(item: Resource) -> str:
    where = place_of(item)
    return where.path if where else ""


def render(releases: Sequence[Release], tree: Tree, *, cached: bool) -> Rendered:
    """Renders releases, some at a time."""
    try:
        found = helm() if releases else Helm("", "")
    except Failed as fault:
        names = ", ".join(sorted({release.chart or "." for release in releases}))
        return Rendered((), (Skip(Unread.UNRENDERED, names, 0, str(fault)),), {})

    def one(release: Release) -> Source | Skip:
        try:
            data = _output(found, release, tree, cached)
            return Source(name(release), data, made=_file(release))
        except (Failed, TooLarge) as fault:
            return _skip(release, str(fault))

    items = parallel(one, releases, "charts")
    sources = tuple(item for item in items if isinstance(item, Source))
    skips = tuple(item for item in items if isinstance(item, Skip))
    by_path = {name(release): release for release in releases}
    return Rendered(sources, skips, {s.path: by_path[s.path] for s in sources})


def _output(found: Helm, release: Release, tree: Tree, cached: bool) -> bytes:
    files = contents(tree, release.chart)
    values = {f"values/{number}": data for number, data in enumerate(release.values)}
    words = (found.version, release.name, *arguments(release))
    mark = cache.key(words, {**{f"chart/{n}": d for n, d in files.items()}, **values})
    known = cache.load(mark) if cached else None
    if known is not None:
        return known
    data = template(found, release, files)
    if cached:
        cache.keep(mark, data)
    return data


def name(release: Release) -> str:
    """How the output of a release is called: no file has this name."""
    where = f" in {release.cluster}" if release.cluster else ""
    return join(release.chart, f"<helm template {release.name}{where}>")


def _file(release: Release) -> str:
    return join(release.chart, CHART)


def _skip(release: Release, why: str) -> Skip:
    return Skip(Unread.UNRENDERED, release.chart or ".", 0, why)
