"""What is different between two contents of snapshots, in a few words."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from meshlint.finding import printable
from meshlint.snapshot.form import SECTIONS, Json, title

NOUNS = {
    "declared": "declaration",
    "revisions": "revision",
    "tags": "tag",
    "elsewhere": "control plane elsewhere",
    "settings": "injector settings",
    "meshes": "ServiceMeshControlPlane",
    "members": "mesh members",
    "webhooks": "webhook configuration",
    "namespaces": "namespace",
}
MOST = 5

Items = Mapping[tuple[str, str], list[str]]
"""The items of a cluster by their list and name: those of the same name, as JSON."""


def changes(old: Iterable[Json], new: Iterable[Json]) -> list[str]:
    """Each difference from the old content to the new one."""
    before, after = ({str(c.get("name")): c for c in clusters} for clusters in (old, new))
    every = sorted(before.keys() | after.keys())
    return [line for name in every for line in _cluster(name, before, after, len(every) > 1)]


def few(words: list[str]) -> str:
    """At most five of the differences, and how many more there are."""
    more = len(words) - MOST
    return ", ".join(words[:MOST]) + (f", and {more} more" if more > 0 else "")


def _cluster(
    name: str, before: Mapping[str, Json], after: Mapping[str, Json], several: bool
) -> Iterator[str]:
    shown = printable(name) or "(shared)"
    if name not in before or name not in after:
        yield f"cluster {shown} {'removed' if name in before else 'added'}"
        return
    place = f" in {shown}" if several else ""
    for line in _items(before[name], after[name]):
        yield line + place


def _items(before: Json, after: Json) -> Iterator[str]:
    old, new = _by_name(before), _by_name(after)
    for section in SECTIONS:
        for key in sorted(k for k in {*old, *new} if k[0] == section):
            if old.get(key) != new.get(key):
                fate = "added" if key not in old else "changed" if key in new else "removed"
                yield f"{NOUNS[section]} {printable(key[1])} {fate}".replace("  ", " ")
    if before.get("closed") != after.get("closed"):
        yield f"the revisions are {'' if after.get('closed') else 'no longer '}known to be all"


def _by_name(cluster: Json) -> Items:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for section in SECTIONS:
        items = cluster.get(section)
        for item in items if isinstance(items, list) else ():
            found[section, title(item)].append(json.dumps(item, sort_keys=True))
    return {key: sorted(texts) for key, texts in found.items()}
