"""What a mesh knows, cluster by cluster, as the content of a snapshot."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from meshlint.mesh.model import Mesh
from meshlint.mesh.plane import Plane, plane
from meshlint.mesh.scope import NOWHERE
from meshlint.resources.control_plane import DEFAULT, Elsewhere, Origin, Revision, Tag
from meshlint.resources.declared import Declared
from meshlint.resources.injector import Settings
from meshlint.resources.maistra import Members, MeshPlane
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.resources.webhook import Configuration
from meshlint.snapshot import item
from meshlint.snapshot.form import SECTIONS, Json, title

MORE = "clusters have control planes of their own beside it"
Lists = dict[str, list[Json]]
"""The items of a cluster by the list that they stand in."""

Place = tuple[str, tuple[str, str]]
"""An environment, and the scope that its files share."""


def content(mesh: Mesh, complete: bool = False, name: str = "") -> list[Json]:
    """The clusters of a mesh by name, each with all that its files see.

    `complete` declares that the revisions and tags seen are all there are, and that each is there.
    `name` is that of the cluster, where there is just one.
    """
    groups = _groups(mesh)
    names = _names(groups)
    if name and len(groups) == 1:
        names = dict.fromkeys(groups, name)
    seen = {place: mesh.evidence(site) for place, site in groups.items()}
    asked = item.asked(fact for facts in seen.values() for fact in facts)
    found = [
        _cluster(names[place], _lists(facts, asked), mesh.plane(groups[place]), complete)
        for place, facts in seen.items()
    ]
    return sorted(found, key=lambda cluster: str(cluster["name"]))


def _groups(mesh: Mesh) -> Mapping[Place, Site]:
    """The clusters that the mesh tells apart, each with a site in it."""
    groups: dict[Place, Site] = {}
    for site in sorted(mesh.sites(), reverse=True):
        there = site if site.path else replace(site, path=NOWHERE)
        groups[mesh.environment(site), mesh.scope(there)] = there
    return groups


def _names(groups: Mapping[Place, Site]) -> Mapping[Place, str]:
    """For each cluster its name, or the end of its directory, as long as it must be to be its own.

    Servers and the like, which an Application names, are no directories.
    """
    scopes = Counter(environment for environment, _ in groups)
    paths = {
        place: place[0] if scopes[place[0]] == 1 else place[1][1] or place[0] for place in groups
    }
    ends = {
        place: [path] if path == groups[place].cluster else _ends(path)
        for place, path in paths.items()
    }
    uses = Counter(end for found in ends.values() for end in found)
    return {
        place: next((end for end in found if uses[end] == 1), paths[place])
        for place, found in ends.items()
    }


def _ends(path: str) -> list[str]:
    """`c`, `b/c`, `a/b/c` of `a/b/c`."""
    parts = path.split("/")
    return ["/".join(parts[-count:]) for count in range(1, len(parts) + 1)]


WRITERS: dict[type, tuple[str, Callable[[Any], Json]]] = {
    Declared: ("declared", item.declared),
    Revision: ("revisions", item.revision),
    Tag: ("tags", item.tag),
    Elsewhere: ("elsewhere", item.elsewhere),
    Settings: ("settings", item.settings),
    MeshPlane: ("meshes", item.mesh),
    Members: ("members", item.members),
    Configuration: ("webhooks", item.webhooks),
}
"""In which list a fact is written, and how. Namespaces depend on what webhooks ask for."""


def _lists(facts: Iterable[Resource], asked: frozenset[str]) -> Lists:
    """The lists of one cluster."""
    found: Lists = {section: [] for section in SECTIONS}
    for fact in facts:
        if isinstance(fact, Namespace):
            if fact.meta.name and fact.meta.name.known:  # no pod is in a placeholder
                found["namespaces"].append(item.namespace(fact, asked))
        elif not isinstance(fact, Configuration) or fact.mutating:
            section, written = WRITERS[type(fact)]
            found[section].append(written(fact))
    return found


def _cluster(name: str, lists: Lists, found: Plane, complete: bool) -> Json:
    """All that is known of one cluster."""
    if complete:
        lists["declared"].append(_complete(found))
        lists["revisions"].extend(_installed(found))
    if _seems_closed(found):
        lists["elsewhere"].append({"why": MORE})
    sections = {section: _sorted(items) for section, items in lists.items()}
    return {"name": name, "closed": found.closed or complete, **sections}


def _seems_closed(found: Plane) -> bool:
    """Whether what all clusters share would be taken for all there is, if one saw it alone."""
    revisions = [r for named in found.revisions.values() for r in named]
    alone = plane(found.configurations, revisions, (), (), declared=found.declared)
    return alone.closed and not found.closed and not found.vague


def _complete(found: Plane) -> Json:
    """That there is nothing but what is seen; so a default revision is seen, or there is none."""
    default = found.known(DEFAULT) if found.default is None else found.default
    return {"closed": True, "default": default, "flavour": None, "meant": True}


def _installed(found: Plane) -> Iterator[Json]:
    """The revisions of which only webhooks are seen; of a live cluster nothing else is."""
    for name in found.revisions:
        if name not in found.strong:
            yield {"name": name, "origin": Origin.DECLARED.value}


def _sorted(items: Iterable[Json]) -> list[Json]:
    """In an order that does not depend on files, copies left out."""
    unique = {(title(each), json.dumps(each, sort_keys=True)): each for each in items}
    return [unique[key] for key in sorted(unique)]
