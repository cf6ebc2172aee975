"""The mesh: for each cluster a picture, and tables that say the same in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from meshlint.finding import Location
from meshlint.report.html.drawing import NAMES, SIGNS, drawing
from meshlint.report.html.findings import namespace_of
from meshlint.report.html.layout import layout
from meshlint.report.html.markup import NOTHING, Markup, joined, tag, text
from meshlint.report.model import Report, count
from meshlint.report.names import from_root
from meshlint.report.picture import (
    INJECTED,
    NOT_INJECTED,
    UNKNOWN,
    VERDICTS,
    Cluster,
    Ending,
    Flow,
    Home,
    Picture,
    Revision,
)

LEGEND = (
    (SIGNS[INJECTED], NAMES[INJECTED], "injected"),
    (SIGNS[NOT_INJECTED], NAMES[NOT_INJECTED], "not injected"),
    (SIGNS[NOT_INJECTED], "no asks", "not injected, although its label asks"),
    (SIGNS[UNKNOWN], NAMES[UNKNOWN], "unknown"),
    (SIGNS[""], NAMES[""], "differs from workload to workload"),
)
"""Sign, class and meaning of the colours."""

WORKLOADS = 1000
"""Workloads of a cluster that are listed one by one."""

OPEN = 2
"""So many clusters are shown unfolded, the largest first."""


def mesh(report: Report) -> Markup:
    """All clusters, and what would settle what is not known of them."""
    picture = report.picture()
    head = tag("h2", text("Mesh"))
    if not picture.clusters:
        words = "There is none: no namespace, workload or control plane was found."
        return tag("section", head, tag("p", text(words), class_="none"), id="mesh")
    found = Counter(namespace_of(finding.subject) for finding in report.findings)
    clusters = (_named(report, cluster) for cluster in picture.clusters)
    largest = sorted(clusters, key=lambda c: (-_weight(c), -len(c.homes), c.name))
    parts = (_cluster(report, each, number < OPEN, found) for number, each in enumerate(largest))
    return tag("section", head, _intro(picture), _legend(), *parts, _settle(picture), id="mesh")


def _named(report: Report, cluster: Cluster) -> Cluster:
    """By its folders from the root, as files are."""
    return replace(cluster, name=cluster.name.replace(f"{report.root.as_posix()}/", ""))


def _weight(cluster: Cluster) -> int:
    return sum(home.workloads for home in cluster.homes)


def _intro(picture: Picture) -> Markup:
    number = len(picture.clusters)
    words = (
        "Which pods get a sidecar, and from whom: namespaces at the left, then revision tags and"
        " revisions, then what runs them."
    )
    several = (
        f" The files are of {number} clusters, as far as their folders and control planes tell."
    )
    return tag("p", text(words + (several if number > 1 else "")), class_="quiet")


def _legend() -> Markup:
    items = [
        tag("li", tag("b", text(sign), class_=kind, aria_hidden="true"), text(f" {told}"))
        for sign, kind, told in LEGEND
    ]
    dashed = tag("li", tag("b", class_="dash", aria_hidden="true"), text(" not proven"))
    return tag("ul", *items, dashed, class_="legend", aria_label="Colours of the pictures")


def _cluster(report: Report, cluster: Cluster, unfolded: bool, found: Mapping[str, int]) -> Markup:
    head = tag(
        "summary", tag("h3", text(cluster.name)), tag("span", text(_summed(cluster)), class_="n")
    )
    table = tag(
        "details",
        tag("summary", text("The same as tables")),
        tag("div", _homes(report, cluster, found), _revisions(cluster), class_="wide"),
        class_="tables",
    )
    parts = (_picture(cluster), table, _endings(report, cluster))
    return tag("details", head, *parts, class_="cluster", open=unfolded)


def _summed(cluster: Cluster) -> str:
    total = _weight(cluster)
    parts = [count(len(cluster.homes), "namespace"), count(total, "workload")]
    for verdict in (INJECTED, UNKNOWN):
        number = sum(home.number(verdict) for home in cluster.homes)
        parts += [f"{number} {verdict}"] if number else []
    return ", ".join(parts)


def _picture(cluster: Cluster) -> Markup:
    plan = layout(cluster)
    title = f"Picture of {cluster.name}: {_summed(cluster)}. The tables below say the same."
    more = count(plan.left_out, "more namespace")
    rest = tag("p", text(f"{more} in the table."), class_="quiet") if plan.left_out else NOTHING
    box = tag(
        "div", drawing(plan, title), class_="wide", tabindex="0", role="group",
        aria_label=f"Picture of {cluster.name}, may be scrolled",
    )  # fmt: skip
    return joined(box, rest)


HOMES = (
    "namespace", "labels", "workloads", *VERDICTS, "injected by", "findings", "manifest"
)  # fmt: skip


def _homes(report: Report, cluster: Cluster, found: Mapping[str, int]) -> Markup:
    rows = (_row(_home(report, home, found)) for home in cluster.homes)
    return _table("Namespaces", HOMES, rows)


def _home(report: Report, home: Home, found: Mapping[str, int]) -> Iterator[Markup]:
    yield text(home.name or "(none given)")
    yield joined(*(tag("code", text(label)) for label in home.labels))
    if home.workloads:
        yield text(home.workloads)
        yield from (text(home.number(verdict) or "") for verdict in VERDICTS)
    else:
        yield text("none")
        would = {flow.verdict for flow in home.flows}
        yield from (text("any pod" if v in would else "") for v in VERDICTS)
    yield text("; ".join(dict.fromkeys(filter(None, map(_who, home.flows)))))
    number = found.get(home.name, 0) if home.name else 0
    address = f"#ns={quote(home.name, safe='', errors='backslashreplace')}"
    yield tag("a", text(number), href=address) if number else NOTHING
    yield _place(report, home.where)


def _who(flow: Flow) -> str:
    return f"{flow.revision} (tag {flow.tag})" if flow.tag else flow.revision


REVISIONS = ("revision", "tags", "known from", "version")


def _revisions(cluster: Cluster) -> Markup:
    if not cluster.revisions and not cluster.tags:
        return tag("p", text("No revision is known here."))
    astray = [one for one in cluster.tags if not one.revision]
    rows = [_row(_revision(cluster, revision)) for revision in cluster.revisions]
    rows += [_row([text("not known"), text(one.name), NOTHING, NOTHING]) for one in astray]
    return _table("Revisions", REVISIONS, rows)


def _revision(cluster: Cluster, revision: Revision) -> Iterator[Markup]:
    yield text(revision.name)
    yield text(", ".join(one.name for one in cluster.tags if one.revision == revision.name))
    proof = f"{revision.plane} {revision.subject}".strip() or "not in the scan"
    yield text(proof + ("" if revision.proven or not revision.plane else ", no proof that it runs"))
    yield text(revision.version)


ENDINGS = ("workload", "namespace", "verdict", "injected by", "because", "stands in")


def _endings(report: Report, cluster: Cluster) -> Markup:
    """Each workload, as `meshlint why --all` has it."""
    if not cluster.endings:
        return NOTHING
    rows = (_row(_ending(report, ending)) for ending in cluster.endings[:WORKLOADS])
    more = len(cluster.endings) - WORKLOADS
    words = f"and {more} more: meshlint why --all tells of all"
    rest = tag("p", text(words), class_="quiet") if more > 0 else NOTHING
    head = tag("summary", text("Each workload, and why"))
    inside = tag("div", _table("Workloads", ENDINGS, rows), rest, class_="wide")
    return tag("details", head, inside, class_="tables")


def _ending(report: Report, ending: Ending) -> Iterator[Markup]:
    yield text(ending.workload)
    yield text(ending.home or "(none given)")
    yield joined(
        tag("b", text(SIGNS[ending.verdict]), class_=NAMES[ending.verdict], aria_hidden="true"),
        text(f" {ending.verdict}"),
    )
    yield text(ending.by)
    yield text(ending.because)
    yield _place(report, ending.where)


def _place(report: Report, where: Location | None) -> Markup:
    return tag("code", text(f"{from_root(report, where.path)}:{where.line}")) if where else NOTHING


def _row(cells: Iterable[Markup]) -> Markup:
    first, *others = cells
    return tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in others))


def _table(caption: str, columns: Iterable[str], rows: Iterable[Markup]) -> Markup:
    heads = (tag("th", text(name), scope="col") for name in columns)
    return tag(
        "table",
        tag("caption", text(caption)),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *rows),
        class_=caption.lower(),
    )


def _settle(picture: Picture) -> Markup:
    if not picture.settle:
        return NOTHING
    items = (
        tag("li", tag("strong", text(count(number, "workload"))), text(f": {words}"))
        for words, number in picture.settle[:8]
    )
    return joined(tag("h3", text("What would settle the unknown")), tag("ul", *items))
