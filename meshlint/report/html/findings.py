"""Findings by file: message, source line with the key marked, places, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from meshlint.finding import Finding, Location, Subject
from meshlint.report.frame import shown
from meshlint.report.html.markup import NOTHING, Markup, joined, tag, text
from meshlint.report.model import Report, count
from meshlint.report.names import from_root, marks
from meshlint.report.text import ORIGINS

WIDTH = 160
"""Longer source lines are cut around the key."""

LEAD = 40
"""How much of a cut line stands before the key."""

BEFORE, AFTER = 2, 1
"""Lines of context."""

FRAMES = 2000
"""Beyond so many findings the source is shown without context, and beyond ten times as many not
at all: a browser has to hold it."""


def findings(report: Report) -> Markup:
    """A part of the page for each file, findings in their order."""
    names = marks(report.findings, lambda path: from_root(report, path))
    files = {path: from_root(report, path) for path in {f.where.path for f in report.findings}}
    pairs = zip(report.findings, names, strict=True)
    groups = groupby(enumerate(pairs), key=lambda item: item[1][0].where.path)
    return joined(*(_file(report, files, path, [*inside]) for path, inside in groups))


Numbered = tuple[int, tuple[Finding, str]]
"""A finding's number, itself, and its mark."""


def _file(report: Report, files: dict[str, str], path: str, inside: list[Numbered]) -> Markup:
    head = tag(
        "summary",
        tag("h3", text(files[path])),
        tag("span", text(count(len(inside), "finding")), class_="n"),
    )
    return tag(
        "details",
        head,
        *(_finding(report, finding, mark[:12], number) for number, (finding, mark) in inside),
        class_="group",
        open=True,
    )


def _finding(report: Report, finding: Finding, mark: str, number: int) -> Markup:
    severity = finding.severity.value
    where = finding.where
    return tag(
        "article",
        tag(
            "h4",
            tag("span", text(severity), class_=f"sev {severity}"),
            tag("a", text(finding.code), class_="code", href=f"#rule-{finding.code}"),
            tag("span", text(finding.rule), class_="name"),
            tag(
                "a",
                text(f"{where.line}:{where.column}"),
                class_="at",
                href=f"#f-{mark}",
            ),
        ),
        tag("p", text(finding.message), class_="msg"),
        _frame(report, where, number),
        _more(report, finding),
        id=f"f-{mark}",
        class_=f"f {severity}",
        data_s=severity,
        data_r=finding.code,
        data_n=namespace_of(finding.subject) or None,
    )


def namespace_of(subject: Subject | None) -> str:
    """The namespace that a finding is about: that of its object, or the object itself."""
    if subject is None:
        return ""
    return subject.name if subject.kind == "Namespace" else subject.namespace


def _frame(report: Report, where: Location, number: int) -> Markup:
    """The line of the finding with some others of its document; none of a Secret."""
    many = len(report.findings)
    if many > FRAMES and number >= FRAMES * 10:
        return NOTHING
    before, after = (BEFORE, AFTER) if many <= FRAMES else (0, 0)
    above = shown(report, where.path, where.line, max(where.line - before, 1))
    if not above:
        return NOTHING
    below = shown(report, where.path, where.line, where.line + after)[1:]
    lines = [*(_line(n, text(_cut(line))) for n, line in above[:-1])]
    lines.append(_line(where.line, _marked(above[-1][1], where), hit=True))
    lines += [_line(n, text(_cut(line))) for n, line in below if line.strip()]
    return tag("pre", *lines, class_="src", tabindex=None)


def _line(number: int, words: Markup, hit: bool = False) -> Markup:
    return tag("code", tag("i", text(number)), words, Markup("\n"), class_="hit" if hit else None)


def _cut(line: str) -> str:
    plain = line.replace("\t", " ")
    return plain if len(plain) <= WIDTH else plain[: WIDTH - 1] + "…"


def _marked(line: str, where: Location) -> Markup:
    """The line with the key or value marked, cut on both sides if it is long."""
    plain, first = line.replace("\t", " "), where.column - 1
    start = 0 if where.end_column <= WIDTH else max(first - LEAD, 0)
    end = min(len(plain), start + WIDTH)
    last = min(where.end_column - 1 if where.end_line == where.line else end, end)
    return joined(
        text(("…" if start else "") + plain[start:first]),
        tag("mark", text(plain[first:last])) if last > first else NOTHING,
        text(plain[max(last, first) : end] + ("…" if end < len(plain) else "")),
    )


def _more(report: Report, finding: Finding) -> Markup:
    rows = [*_rows(report, finding)]
    items = (joined(tag("dt", text(name)), tag("dd", inside)) for name, inside in rows)
    return tag("dl", *items) if rows else NOTHING


def _rows(report: Report, finding: Finding) -> Iterator[tuple[str, Markup]]:
    if finding.fix:
        careful = "" if finding.fix.safe else " Look at it first: it changes what runs."
        yield "fix", joined(text(finding.fix.words), text(careful))
    if finding.subject:
        yield "object", text(finding.subject)
    if finding.origin:
        yield "from", text(ORIGINS[finding.origin.level].format(finding.origin.source))
    for other in finding.related:
        place = f"{from_root(report, other.where.path)}:{other.where.line}:{other.where.column}"
        yield "see", joined(tag("code", text(place)), text(f" {other.text}"))


def namespaces(found: Iterable[Finding]) -> list[str]:
    """All namespaces that findings are about."""
    return sorted({namespace_of(finding.subject) for finding in found} - {""})
