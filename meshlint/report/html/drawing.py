"""A cluster's picture as SVG: boxes and edges, coloured by verdict in the page's style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import log2
from unicodedata import east_asian_width

from meshlint.finding import printable
from meshlint.report.html.layout import TALL, UNNAMED, Box, Layout, leads
from meshlint.report.html.markup import NOTHING, Markup, joined, tag, text
from meshlint.report.model import count
from meshlint.report.picture import INJECTED, NOT_INJECTED, UNKNOWN, VERDICTS, Flow, Home, Revision

SIGNS = {INJECTED: "✓", NOT_INJECTED: "✕", UNKNOWN: "?", "": "±"}
"""What tells verdicts apart without colour; "" is a namespace whose workloads differ."""

NAMES = {INJECTED: "yes", NOT_INJECTED: "no", UNKNOWN: "maybe", "": "mixed"}
"""The classes of verdicts in the style sheet."""

LETTERS = {"head": 8.1, "small": 7.0, "mono": 6.7}
"""How wide a letter is, by the class of the text, in a font that is rather wide."""

PAD = 12
MARGIN, HEAD = 4, 26


def drawing(plan: Layout, title: str) -> Markup:
    """The picture; the table beside it says the same in words."""
    parts = joined(*_titles(plan), *_edges(plan), *_boxes(plan))
    top = HEAD if plan.columns else MARGIN
    width, height = plan.width + 2 * MARGIN, plan.height + top + MARGIN
    box = f"{-MARGIN} {-top} {_px(width)} {_px(height)}"
    return tag(
        "svg", parts, viewBox=box, width=_px(width), height=_px(height), role="img",
        aria_label=title, fill="none", stroke="currentColor",
    )  # fmt: skip


def _titles(plan: Layout) -> Iterator[Markup]:
    for title, x in plan.columns.items():
        yield tag("text", text(title), x=_px(x), y="-9", class_="title")
    if plan.columns and plan.loose:
        words = "namespaces that no revision injects into, as far as is known"
        yield tag("text", text(words), x="0", y=_px(plan.below - 9), class_="title")


def _px(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


def _edges(plan: Layout) -> Iterator[Markup]:
    for home, box in plan.homes:
        yield from _out_of(plan, home, box)
    for name, (one, box) in plan.tags.items():
        if one.revision in plan.revisions and one.revision:
            yield _edge(
                (box.right, box.middle),
                plan.revisions[one.revision][1],
                "way",
                f"tag {name} points to revision {one.revision}",
            )
    for name, (revision, box, plane) in plan.revisions.items():
        if name and revision.plane:
            kind = "way" if revision.proven else "way weak"
            yield _edge((box.right, box.middle), plane, kind, _told(revision))


def _out_of(plan: Layout, home: Home, box: Box) -> Iterator[Markup]:
    """The edges of a namespace, side by side, the thicker the more workloads."""
    flows = [flow for flow in home.flows if leads(flow)]
    for number, flow in enumerate(flows, 1):
        start = (box.right, box.y + box.height * number / (len(flows) + 1))
        found = plan.tags[flow.tag][1] if flow.tag else plan.revisions[flow.revision][1]
        kind = f"flow {NAMES[flow.verdict]}" + ("" if flow.workloads else " bare")
        by = None if flow.tag else plan.passing.get(flow.revision)
        words = f"{home.name}: {_flow(flow)}"
        yield _edge(start, found, kind, words, log2(flow.workloads + 1), by)


def _flow(flow: Flow) -> str:
    who = f"revision {flow.revision}" if flow.revision else "a revision that is not known"
    who += f", by tag {flow.tag}" if flow.tag else ""
    what = count(flow.workloads, "workload") if flow.workloads else "a pod without labels"
    verb = "injected by" if flow.verdict == INJECTED else f"{flow.verdict}: maybe"
    return f"{what} {verb} {who}"


def _edge(
    start: tuple[float, float],
    end: Box,
    kind: str,
    title: str,
    weight: float = 1,
    by: Box | None = None,
) -> Markup:
    """A curve to the left side of a box, if need be by way of a free place between others."""
    path = f"M{_px(start[0])} {_px(start[1])}"
    if by:
        path += f"{_curve(start, (by.x, by.middle))}H{_px(by.right)}"
        start = (by.right, by.middle)
    path += _curve(start, (end.x, end.middle))
    line = tag("path", d=path, stroke_width=_px(min(1.5 + weight * 0.6, 6)))
    return tag("g", tag("title", text(title)), line, class_=f"edge {kind}")


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    half = (start[0] + end[0]) / 2
    points = ((half, start[1]), (half, end[1]), end)
    return f"C{' '.join(f'{_px(x)} {_px(y)}' for x, y in points)}"


def _boxes(plan: Layout) -> Iterator[Markup]:
    yield from (_home(home, box) for home, box in (*plan.homes, *plan.loose))
    for name, (one, box) in plan.tags.items():
        target = f"→ {one.revision}" if one.revision else "→ not known"
        yield _box(box, "tag", f"tag {name}", target, f"tag {name} {target}")
    for revision, box, plane in plan.revisions.values():
        yield from _revision(plan, revision, box, plane)


def _revision(plan: Layout, revision: Revision, box: Box, plane: Box) -> Iterator[Markup]:
    if revision is UNNAMED:
        yield _box(
            box, "revision weak", "not known", "which revision", "which revision is not known"
        )
        return
    kind = "revision" if revision.proven else "revision weak"
    asking = sum(
        flow.workloads
        for home, _ in plan.homes
        for flow in home.flows
        if flow.revision == revision.name and flow.verdict == INJECTED
    )
    used = f"injects {count(asking, 'workload')}" if asking else "injects nothing here"
    yield _box(box, kind, revision.name, used, f"revision {revision.name}: {used}")
    head = f"{revision.plane} {revision.version}".strip() or "not in the scan"
    if not revision.proven and revision.plane:
        head = (
            f"only a {revision.plane}" if revision.plane[0].islower() else f"only {revision.plane}"
        )
    kind = kind.replace("revision", "plane")
    yield _box(plane, kind, head, revision.subject, _told(revision))


def _told(revision: Revision) -> str:
    """What proves a revision."""
    if not revision.plane:
        return f"revision {revision.name} is not in the scan"
    proof = f"{revision.plane} {revision.subject}".strip()
    weight = "" if revision.proven else ", which may be left over from it"
    return f"revision {revision.name} is known from {proof}{weight}"


def _box(box: Box, kind: str, first: str, second: str, title: str) -> Markup:
    lines = [_words(first, PAD, 19 if second else 27, box.width, "head")]
    lines += [_words(second, PAD, 36, box.width, "small")] if second else []
    return _node(box, kind, title, *lines)


def _node(box: Box, kind: str, title: str, *inside: Markup) -> Markup:
    """A rounded box, in which what is too long is cut off."""
    frame = tag(
        "rect", x="0.5", y="0.5", width=_px(box.width - 1), height=_px(box.height - 1), rx="7"
    )
    return tag(
        "svg", tag("title", text(title)), tag("g", frame, *inside, class_=f"node {kind}"),
        x=_px(box.x), y=_px(box.y), width=_px(box.width), height=_px(box.height),
    )  # fmt: skip


def _home(home: Home, box: Box) -> Markup:
    name = home.name or "(no namespace given)"
    label = ", ".join(home.labels) or "no injection label"
    sign = tag(
        "text",
        text(SIGNS[home.verdict]),
        x=_px(box.width - PAD),
        y="20",
        class_="sign",
        text_anchor="end",
    )
    lines = (
        _words(name, PAD, 20, box.width - 24, "head"),
        sign,
        _words(label, PAD, 37, box.width, "mono" if home.labels else "small"),
        _words(counted(home), PAD, 53, box.width, "small"),
    )  # fmt: skip
    title = f"{name}: {label}; {counted(home)}"
    kind = "no asks" if home.verdict == NOT_INJECTED and home.asks else NAMES[home.verdict]
    return _node(box, f"home {kind}", title, *lines, _bar(home, box.width))


def counted(home: Home) -> str:
    """`23 injected, 29 not, 18 unknown`; of a namespace without workloads what it would do."""
    if not home.workloads:
        verdicts = " or ".join(dict.fromkeys(flow.verdict for flow in home.flows))
        return f"no workloads; pods: {verdicts}"
    numbers = ((home.number(verdict), verdict) for verdict in VERDICTS)
    words = [f"{number} {verdict}" for number, verdict in numbers if number]
    return ", ".join(words) if len(words) < 3 else ", ".join(words).replace("not injected", "not")


def _bar(home: Home, width: float) -> Markup:
    """How the workloads are divided, along the lower edge."""
    total = sum(home.number(verdict) for verdict in VERDICTS)
    if not total:
        return NOTHING
    parts, x = [], float(PAD)
    for verdict in VERDICTS:
        part = (width - 2 * PAD) * home.number(verdict) / total
        if part:
            parts.append(
                tag(
                    "rect",
                    x=_px(x),
                    y=str(TALL - 9),
                    width=_px(part),
                    height="4",
                    class_=f"bar {NAMES[verdict]}",
                )
            )
        x += part
    return joined(*parts)


def _words(words: str, x: float, y: float, width: float, kind: str) -> Markup:
    room = int((width - 2 * PAD) / LETTERS[kind])
    return tag("text", text(cut(words, room)), x=_px(x), y=_px(y), class_=kind)


def cut(words: str, room: int) -> str:
    """Words that take at most so many columns; East Asian characters take two."""
    shown = printable(words)
    if sum(map(_wide, shown)) <= room:
        return shown
    return "".join(_fitting(shown, room - 1)) + "…"


def _fitting(words: Iterable[str], room: int) -> Iterator[str]:
    for char in words:
        room -= _wide(char)
        if room < 0:
            return
        yield char


def _wide(char: str) -> int:
    return 2 if east_asian_width(char) in "WF" else 1
