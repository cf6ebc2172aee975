"""What a snapshot is, in a line: how old, from where, and how much it knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from meshlint.finding import printable
from meshlint.report.model import count
from meshlint.snapshot.form import Header, Json, title
from meshlint.snapshot.read import Snapshot

UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))
MOST = 3


def summary(snapshot: Snapshot, now: datetime) -> str:
    """`written 3 days ago from commit abc1234 (1-29-1; 2 clusters, 41 namespaces)`."""
    header = snapshot.header
    commit = f" from commit {printable(header.commit[:7])}" if header.commit else ""
    changed = " and uncommitted changes" if commit and header.dirty else ""
    contents = [cluster.content for cluster in snapshot.clusters]
    return f"written {_age(header, now)}{commit}{changed} ({known(contents)})"


def _age(header: Header, now: datetime) -> str:
    if header.created is None:
        return "at an unknown time"
    seconds = (now - header.created).total_seconds()
    for unit, length in UNITS:
        if seconds >= length:
            return f"{count(int(seconds // length), unit)} ago"
    return "just now" if seconds > -60 else f"in the future ({header.created:%Y-%m-%d})"


def known(clusters: Iterable[Json]) -> str:
    """`1-29-1; 2 clusters, 41 namespaces`: a few revisions, and how much there is."""
    every = list(clusters)
    names = list(dict.fromkeys(name for cluster in every for name in _revisions(cluster)))
    more = ["…"] if len(names) > MOST else []
    shown = ", ".join(printable(name) for name in [*names[:MOST], *more]) or "no revision"
    spaces = {title(item) for cluster in every for item in _list(cluster, "namespaces")}
    return f"{shown}; {count(len(every), 'cluster')}, {count(len(spaces), 'namespace')}"


def hidden(clusters: Iterable[Json]) -> int:
    """How many labels of namespaces have no value in the snapshot."""
    items = (item for cluster in clusters for item in _list(cluster, "namespaces"))
    return sum(len(item.get("unknown", ())) for item in items if isinstance(item, dict))


def _revisions(cluster: Json) -> Iterator[str]:
    """The names of revisions; those of webhooks where there is no other evidence."""
    found = [title(item) for item in _list(cluster, "revisions")]
    if found:
        yield from filter(None, found)
        return
    for item in _list(cluster, "webhooks"):
        metadata = item.get("metadata") if isinstance(item, dict) else None
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        name = labels.get("istio.io/rev") if isinstance(labels, Mapping) else None
        if isinstance(name, str):
            yield name


def _list(cluster: Json, section: str) -> list[object]:
    items = cluster.get(section)
    return items if isinstance(items, list) else []
