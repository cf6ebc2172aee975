"""What a tree shows of its mesh, each with its evidence: where, and how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from meshlint.config import names
from meshlint.finding import Location, Value
from meshlint.mesh.flavour import CHANNELS
from meshlint.mesh.model import Mesh
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT, Origin, Revision, Tag
from meshlint.resources.declared import Flavour
from meshlint.resources.document import Meta
from meshlint.resources.keys import INJECTION, REVISION

Name = Callable[[str], str]
"""A path of the scan, from the top of the tree."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The first place that shows something, how many there are, and what kind of document it is."""

    place: str
    number: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The names in a tree that the configuration is about.

    `revisions` and `tags` are those that something installs; a tag leads to None where the tree
    has it lead to several revisions, or to none that is known. `asked` are those that labels ask
    for, and nothing installs. `default` is who takes istio-injection=enabled, `wanting` who asks
    for that.
    """

    revisions: Mapping[str, Sight] = field(default_factory=dict)
    tags: Mapping[str, tuple[str | None, Sight]] = field(default_factory=dict)
    asked: Mapping[str, Sight] = field(default_factory=dict)
    default: str | None = None
    wanting: Sight | None = None
    flavours: Mapping[Flavour, str] = field(default_factory=dict)
    whole: bool = False
    """Whether a control plane of some kind stands in the tree."""


def seen(mesh: Mesh, name: Name) -> Seen:
    """All that a mesh shows of revisions, tags and flavours."""
    planes = list({mesh.scope(site): mesh.plane(site) for site in sorted(mesh.sites())}.values())
    revisions = dict(_revisions(planes, name))
    tags = {tag: told for tag, told in _tags(planes, name) if tag not in revisions}
    asked = {
        wanted: sight
        for wanted, sight in _sights(_asking(mesh), name)
        if wanted not in revisions and wanted not in tags and wanted != DEFAULT
    }
    target = tags.pop(DEFAULT, (None, None))[0]
    enabled = [(INJECTION, m.labels[INJECTION].value) for m in _enabled(mesh)]
    return Seen(
        revisions=revisions,
        tags=tags,
        asked=asked,
        default=target or (DEFAULT if DEFAULT in revisions else None),
        wanting=dict(_sights(enabled, name)).get(INJECTION),
        flavours=dict(_flavours(planes, {**revisions, **asked}, name)),
        whole=any(p.strong or p.injectors or p.meshes for p in planes),
    )


def _revisions(planes: Iterable[Plane], name: Name) -> Iterator[tuple[str, Sight]]:
    """What shows a revision best: an istiod before a webhook, which may be left over."""
    found: defaultdict[str, dict[Location, Revision]] = defaultdict(dict)
    for plane in planes:
        for known, evidence in plane.revisions.items():
            found[known].update({revision.name.where: revision for revision in evidence})
    for known in sorted(found):
        every = sorted(found[known].values(), key=lambda r: (not r.strong, _spot(r.name.where)))
        if names.revision(known) is None:
            best = every[0]
            sight = Sight(_shown(best.name.where, name), len(every), best.origin.value)
            yield known, sight


def _tags(planes: Iterable[Plane], name: Name) -> Iterator[tuple[str, tuple[str | None, Sight]]]:
    """Tags, with the one revision that each leads to."""
    found: defaultdict[str, list[Tag]] = defaultdict(list)
    for plane in planes:
        for known, evidence in plane.tags.items():
            found[known] += evidence
    for known in sorted(found):
        every = sorted(found[known], key=lambda tag: _spot(tag.name.where))
        targets = {tag.target.known if tag.target else None for tag in every}
        target = targets.pop() if len(targets) == 1 else None
        sight = Sight(_shown(every[0].name.where, name), len(every), every[0].origin.value)
        if names.tag(known) is None:
            sound = target is not None and names.revision(target) is None
            yield known, (target if sound else None, sight)


def _asking(mesh: Mesh) -> Iterator[tuple[str, Value]]:
    """The revisions that labels of namespaces and pods name."""
    owners: Iterable[Meta] = (
        *(namespace.meta for namespace in mesh.namespaces),
        *(workload.pod for workload in mesh.workloads),
    )
    for owner in owners:
        label = owner.labels.get(REVISION)
        known = label.value.known if label else None
        if label and known and label.value.where.path and names.tag(known) is None:
            yield known, label.value


def _enabled(mesh: Mesh) -> Iterator[Meta]:
    metas = (namespace.meta for namespace in mesh.namespaces)
    return (meta for meta in metas if meta.label(INJECTION) == "enabled" and meta.where.path)


def _sights(pairs: Iterable[tuple[str, Value]], name: Name) -> Iterator[tuple[str, Sight]]:
    """For each name the first of its places, and their number."""
    found: defaultdict[str, set[Location]] = defaultdict(set)
    for known, value in pairs:
        found[known].add(value.where)
    for known in sorted(found):
        first = min(found[known], key=_spot)
        yield known, Sight(_shown(first, name), len(found[known]))


def _flavours(
    planes: Iterable[Plane], named: Mapping[str, Sight], name: Name
) -> Iterator[tuple[Flavour, str]]:
    """Whose meshes show in documents, or in the names of revisions, each with its evidence."""
    for plane in planes:
        yield from ((flavour, "documents of it stand in the tree") for flavour in plane.flavours)
        wheres = [*(mesh.meta.where for mesh in plane.meshes), *(m.where for m in plane.members)]
        if wheres:
            yield Flavour.OSSM2, _shown(min(wheres, key=_spot), name)
        for revision in (r for found in plane.revisions.values() for r in found):
            if revision.origin is Origin.SAIL:
                yield Flavour.SAIL, f"{revision.subject.kind}, {_shown(revision.name.where, name)}"
    for known, sight in named.items():
        if known in CHANNELS:
            yield Flavour.CSM_MANAGED, f"'{known}', {sight.place}"


def _spot(where: Location) -> tuple[str, int, int]:
    return where.path, where.line, where.column


def _shown(where: Location, name: Name) -> str:
    return f"{name(where.path) or where.path}:{where.line}"
