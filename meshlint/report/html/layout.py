"""Where the boxes of a cluster's picture stand: columns from left to right, no two overlapping.

Namespaces that somebody injects stand at the left, with the tags and revisions that they lead to
beside them; the others stand in rows below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from meshlint.report.picture import INJECTED, NOT_INJECTED, Cluster, Flow, Home, Revision, Tag

HOME, TAG, REVISION, PLANE = 256, 150, 176, 264
"""Widths of the columns."""

TALL, SHORT, THIN = 68, 46, 12
"""Heights: of namespaces, of what else there is, of an edge that passes between tags."""

GAP, LANE = 14, 92
"""Between boxes of a column; between columns, where the edges are."""

ACROSS = 4
"""Namespaces in a row, of those that lead nowhere."""

MOST, RESTING = 60, 32
"""Namespaces that are drawn: of those that lead somewhere, and of the others. The table has all."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place of the picture, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes of what is drawn, and how much is not: quiet ones stand for `resting` namespaces.

    `homes` lead to tags or revisions, `loose` to none. `left_out` is how many are in the table
    alone.
    """

    homes: tuple[tuple[Home, Box], ...]
    loose: tuple[tuple[Home, Box], ...]
    tags: Mapping[str, tuple[Tag, Box]]
    passing: Mapping[str, Box]
    """Where edges to revisions run through the column of tags, by the revision."""
    revisions: Mapping[str, tuple[Revision, Box, Box]]
    """By name: the revision's box, and that of its control plane."""
    columns: Mapping[str, float]
    """The columns that there are, by their titles."""
    left_out: int
    below: float
    """Where the rows begin; 0 if there are none."""
    width: float
    height: float


UNNAMED = Revision("", "", "", "", proven=False)
"""Stands for a revision that injects, and of which the name is not known."""


def leads(flow: Flow) -> bool:
    """Whether a flow is drawn as an edge."""
    return bool(flow.revision or flow.tag) or flow.verdict == INJECTED


def layout(cluster: Cluster) -> Layout:
    """The picture of a cluster, in the same place whatever else is in the report."""
    leading = [home for home in cluster.homes if any(map(leads, home.flows))]
    loose = [home for home in cluster.homes if home not in leading]
    ends = _ends(cluster, leading)
    leading.sort(key=lambda home: (_first(home, ends), home.name))
    loose.sort(key=lambda home: (not home.labels, home.verdict == NOT_INJECTED, home.name))
    drawn, rest = leading[:MOST], loose[:RESTING]
    columns = _columns(bool(drawn), bool(cluster.tags))
    homes = tuple((home, Box(columns[0], y, HOME, TALL)) for home, y in _stacked(drawn))
    tags, passing = _tags(cluster, homes, columns[1])
    revisions = _revisions(cluster, homes, tags, passing, columns[2:])
    placed = [box for _, box in homes] + [box for _, box in tags.values()]
    placed += [*passing.values(), *(box for _, box, _ in revisions.values())]
    bottom = max((box.y + box.height for box in placed), default=0.0)
    below = bottom + (GAP * 3 if bottom else GAP) if rest else 0.0
    rows = tuple((home, _cell(number, below)) for number, home in enumerate(rest))
    right = columns[3] + PLANE if placed else 0.0
    return Layout(
        homes=homes,
        loose=rows,
        tags=tags,
        passing=passing,
        revisions=revisions,
        columns=_titles(homes, tags, columns) if placed else {},
        left_out=len(cluster.homes) - len(drawn) - len(rest),
        below=below,
        width=max([right, *(box.right for _, box in rows)]),
        height=max([bottom, *(box.y + box.height for _, box in rows)]),
    )


def _columns(homes: bool, tagged: bool) -> tuple[float, float, float, float]:
    """Where columns begin: namespaces, tags, revisions, control planes; no place for empty ones."""
    tags = HOME + LANE if homes else 0
    revisions = tags + (TAG + LANE / 2 if tagged else 0)
    return 0, tags, revisions, revisions + REVISION + LANE / 2


def _titles(
    homes: Sequence[object], tags: Mapping[str, object], columns: Sequence[float]
) -> dict[str, float]:
    titles = dict(zip(("namespaces", "tags", "revisions", "control planes"), columns, strict=True))
    there = {"namespaces": homes, "tags": tags}
    return {title: x for title, x in titles.items() if there.get(title, True)}


def _ends(cluster: Cluster, leading: Iterable[Home]) -> dict[tuple[str, str], int]:
    """What namespaces lead to, in the order in which it is to stand: by revision, then by tag."""
    flows = {flow for home in leading for flow in home.flows if leads(flow)}
    found = sorted({(flow.revision, flow.tag) for flow in flows})
    return {end: number for number, end in enumerate(found)}


def _first(home: Home, ends: Mapping[tuple[str, str], int]) -> int:
    return min(ends[flow.revision, flow.tag] for flow in home.flows if leads(flow))


def _stacked(homes: Sequence[Home]) -> Iterable[tuple[Home, float]]:
    return ((home, number * (TALL + GAP)) for number, home in enumerate(homes))


def _tags(
    cluster: Cluster, homes: Sequence[tuple[Home, Box]], x: float
) -> tuple[dict[str, tuple[Tag, Box]], dict[str, Box]]:
    """Each tag in the middle of what leads to it, and between them the edges that pass them by."""
    if not cluster.tags:
        return {}, {}
    tags = {("tag", tag.name): tag for tag in cluster.tags}
    wanted = {
        key: _mean(box.middle for home, box in homes if _by_tag(home, tag.name))
        for key, tag in tags.items()
    }
    for name in sorted({f.revision for home, _ in homes for f in home.flows if leads(f)}):
        straight = _mean(box.middle for home, box in homes if _straight(home, name))
        if straight is not None:
            wanted["", name] = straight
    heights = {key: SHORT if key in tags else THIN for key in wanted}
    spread = _spread(wanted, heights)
    found = {
        name: (tags[kind, name], Box(x, y, TAG, SHORT))
        for (kind, name), y in spread.items()
        if kind
    }
    return found, {name: Box(x, y, TAG, THIN) for (kind, name), y in spread.items() if not kind}


def _straight(home: Home, revision: str) -> bool:
    """Whether a namespace leads to a revision by no tag."""
    return any(f.revision == revision and not f.tag for f in home.flows if leads(f))


def _by_tag(home: Home, tag: str) -> bool:
    return any(flow.tag == tag for flow in home.flows if leads(flow))


def _revisions(
    cluster: Cluster,
    homes: Sequence[tuple[Home, Box]],
    tags: Mapping[str, tuple[Tag, Box]],
    passing: Mapping[str, Box],
    columns: Sequence[float],
) -> dict[str, tuple[Revision, Box, Box]]:
    """Each revision in the middle of what leads to it, its control plane beside it."""
    known = {("", revision.name): revision for revision in cluster.revisions}
    if any(_straight(home, "") for home, _ in homes):
        known["", ""] = UNNAMED
    wanted: dict[tuple[str, str], float | None] = {}
    for kind, name in known:
        before = [box.middle for tag, box in tags.values() if tag.revision == name and name]
        own = [box.middle for home, box in homes if _straight(home, name)]
        before += [passing[name].middle] if name in passing else own
        wanted[kind, name] = _mean(before)
    spread = _spread(wanted, dict.fromkeys(wanted, SHORT))
    return {
        key[1]: (known[key], Box(columns[0], y, REVISION, SHORT), Box(columns[1], y, PLANE, SHORT))
        for key, y in spread.items()
    }


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


Key = tuple[str, str]


def _spread(wanted: Mapping[Key, float | None], heights: Mapping[Key, int]) -> dict[Key, float]:
    """Tops of boxes near the middles that are wanted, in their order; the others at the end."""
    order = sorted(wanted, key=lambda key: (wanted[key] is None, wanted[key] or 0.0, key[::-1]))
    free, tops = 0.0, {}
    for key in order:
        middle, height = wanted[key], heights[key]
        tops[key] = free if middle is None else max(free, middle - height / 2)
        free = tops[key] + height + GAP
    return tops


def _cell(number: int, below: float) -> Box:
    row, column = divmod(number, ACROSS)
    return Box(column * (HOME + GAP), below + row * (TALL + GAP), HOME, TALL)
