"""What was found and is not reported, as somebody wanted it so; and what a baseline has left."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Finding
from meshlint.report.entry import Entry
from meshlint.report.html.markup import NOTHING, Markup, folded, joined, tag, text
from meshlint.report.model import Report, count
from meshlint.report.names import from_root


def hidden(report: Report) -> Markup:
    """A part of the page, where there is anything of the kind."""
    parts = list(_parts(report))
    return (
        tag("section", tag("h2", text("Not reported")), *parts, id="hidden") if parts else NOTHING
    )


def number(report: Report) -> int:
    """How many findings were made, and are not among those of the report."""
    known = report.baseline.hidden if report.baseline else 0
    base = report.base.hidden if report.base else 0
    return len(report.suppressed) + len(report.unreported.findings) + known + base


def _parts(report: Report) -> Iterator[Markup]:
    base, known, off = report.base, report.baseline, report.unreported
    if report.suppressed:
        items = [_suppressed(report, finding) for finding in report.suppressed]
        yield folded(_head(len(items), "suppressed"), items)
    if base and base.hidden:
        yield folded(_head(base.hidden, f"that {base.words} has too"), [])
    if known and known.hidden:
        yield folded(_head(known.hidden, f"that the baseline {known.file} has"), [])
    if known and known.gone:
        words = f"that the baseline {known.file} has, and that {_are(len(known.gone))} gone"
        yield folded(_head(len(known.gone), words), [*map(_gone, known.gone)])
    if off.findings:
        items = [_plain(report, finding) for finding in off.findings]
        yield folded(_head(len(items), "by rules that are switched off"), items)
    if off.rules:
        yield tag("p", text(f"Switched off: {', '.join(off.rules)}."), class_="quiet")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _head(number: int, words: str) -> Markup:
    return joined(tag("strong", text(count(number, "finding"))), text(f" {words}"))


def _plain(report: Report, finding: Finding) -> Markup:
    place = f"{from_root(report, finding.where.path)}:{finding.where.line}"
    return joined(tag("code", text(place)), text(f" {finding.code} {finding.message}"))


def _suppressed(report: Report, finding: Finding) -> Markup:
    """With the reason, and where that stands."""
    told = finding.suppression
    if told is None:
        return _plain(report, finding)
    where = f"{from_root(report, told.where.path)}:{told.where.line}" if told.where.path else ""
    words = f"{told.reason or 'no reason is given'} ({where})" if where else told.reason
    return joined(_plain(report, finding), tag("div", text(words), class_="quiet"))


def _gone(entry: Entry) -> Markup:
    names = (entry.kind, entry.namespace, entry.name)
    about = "/".join(part for part in names if part)
    return joined(tag("code", text(entry.path)), text(f" {entry.code} {about}{entry.key}"))
