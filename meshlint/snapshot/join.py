"""Clusters of snapshots into the facts of one mesh: what all share, and what only one has.

What all clusters have is there for every file of the tree. What they do not share is there for the
files of that cluster alone: those that the configuration assigns to it, and those in a directory
of its name. So a file of which nothing tells the cluster sees nothing on which clusters disagree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from meshlint.resources.declared import Declared
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.snapshot.fact import READERS
from meshlint.snapshot.form import title
from meshlint.snapshot.read import Cluster, Snapshot
from meshlint.source.node import Node


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a cluster: the list that it is from, its name there, and its node."""

    section: str
    title: str
    node: Node

    @property
    def group(self) -> tuple[str, str]:
        """What clusters must have alike, so that they agree on this item."""
        return self.section, self.title if self.section in NAMED else ""


NAMED = ("tags", "webhooks", "namespaces")
"""The lists whose items decide by their names; items of one name belong together."""

RULING = ("declared", "settings", "meshes", "members")
"""The lists that bear on all that webhooks and revisions do."""

Known = dict[str, Item]
"""The items of a cluster by what they say."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What snapshots know. `clusters` have facts of their own, which is so where there are several.

    Such a cluster is told by the name of a directory, or by the configuration.
    """

    facts: tuple[Resource, ...]
    clusters: frozenset[str]


class NoCluster(Exception):
    """A cluster of this name is in no snapshot; the text says which are."""


def joined(snapshots: Iterable[Snapshot], chosen: str | None = None) -> Joined:
    """The facts of snapshots; of one cluster alone where one is `chosen`.

    A snapshot with a single cluster that has no name adds to all the others.

    Raises:
        NoCluster: none of them has the chosen cluster.
    """
    clusters = _clusters(snapshots)
    if chosen is not None:
        if chosen not in clusters:
            names = ", ".join(name or '""' for name in sorted(clusters)) or "none"
            raise NoCluster(f"no snapshot has a cluster {chosen!r}; there are: {names}")
        clusters = {chosen: clusters[chosen]}
    known = frozenset(name for name in clusters if name and len(clusters) > 1)
    return Joined(tuple(_facts(clusters)), known)


def _clusters(snapshots: Iterable[Snapshot]) -> Mapping[str, Known]:
    """What each cluster has, by its name."""
    common: Known = {}
    named: dict[str, Known] = {}
    for snapshot in snapshots:
        for cluster in snapshot.clusters:
            alone = not cluster.name and len(snapshot.clusters) == 1
            known = common if alone else named.setdefault(cluster.name, {})
            known.update(_items(cluster))
    return {name: {**common, **own} for name, own in named.items()} or {"": common}


def _items(cluster: Cluster) -> Known:
    """Equal items have equal keys, in whichever cluster or snapshot they stand."""
    found: Known = {}
    for section in READERS:
        contents, nodes = cluster.content.get(section, []), cluster.node.get(section)
        assert isinstance(contents, list)
        for content, node in zip(contents, nodes.items() if nodes else (), strict=True):
            key = section + json.dumps(content, sort_keys=True)
            found[key] = Item(section, title(content), node)
    return found


def _facts(clusters: Mapping[str, Known]) -> Iterator[Resource]:
    """What all have, once; then what only some have, for each of them.

    What stands outside of all environments ("") and is not seen by each of them is none's.
    """
    shared = _shared(clusters)
    for key in sorted(shared):
        yield from _read(next(iter(clusters.values()))[key], Site(""))
    own = {name: sorted(known.keys() - shared) for name, known in clusters.items() if name}
    for name, keys in own.items():
        for key in keys:
            yield from _read(clusters[name][key], Site("", cluster=name))
    yield from _plain(clusters, own)


def _plain(clusters: Mapping[str, Known], own: Mapping[str, list[str]]) -> Iterator[Declared]:
    """A mark for clusters that add nothing to what all share, where others do.

    It says nothing, and tells such a cluster apart from files of which the cluster is not known.
    """
    adding = {
        name
        for name, keys in own.items()
        if any(clusters[name][key].section != "namespaces" for key in keys)
    }
    for name in own.keys() - adding if adding else ():
        where = next((item.node.where for item in clusters[name].values()), None)
        if where is not None:
            yield Declared(where, Site("", cluster=name), closed=False)


def _shared(clusters: Mapping[str, Known]) -> set[str]:
    """The items that hold for files of no cluster.

    What stands outside of all environments does, as in a scan of the files. Where nothing does,
    clusters must agree: on all items of a name, and for webhooks on what rules them.
    """
    common = set.intersection(*map(set, clusters.values()))
    if "" in clusters:
        return common
    disputed = {
        item.group
        for known in clusters.values()
        for key, item in known.items()
        if key not in common
    }
    ruled = any(section in RULING for section, _ in disputed)
    every = next(iter(clusters.values()))
    return {key for key in common if _agreed(every[key], disputed, ruled)}


def _agreed(item: Item, disputed: set[tuple[str, str]], ruled: bool) -> bool:
    if item.section == "namespaces":
        return item.group not in disputed
    return not ruled and (item.section == "revisions" or item.group not in disputed)


def _read(item: Item, site: Site) -> Iterator[Resource]:
    return READERS[item.section](item.node, site)
