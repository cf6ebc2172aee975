"""What was not looked at, and what went wrong."""

from __future__ import annotations

from meshlint.report.html.markup import NOTHING, Markup, folded, joined, listed, tag, text
from meshlint.report.model import Report
from meshlint.report.names import from_root
from meshlint.report.summary import QUIET
from meshlint.unread import FATAL, Skip, Unread


def unread(report: Report) -> Markup:
    """Everything that silence in this report does not vouch for."""
    parts = [part for part in (_counts(report), _by_design(report)) if part]
    if not parts:
        parts = [tag("p", text("Everything that was found was looked at."))]
    return tag("section", tag("h2", text("Not looked at")), *parts, id="unread")


def warnings(report: Report) -> Markup:
    """What makes the run worth less than it seems; above everything else."""
    words = [*report.failures]
    words += [
        f"{skip.path}: {skip.reason.value}{_detail(skip)}"
        for skip in report.skips
        if skip.reason in FATAL
    ]
    if report.empty:
        words.append("Nothing was checked: no Kubernetes object was found.")
    if not words:
        return NOTHING
    head = tag("p", tag("strong", text("This run is not complete.")))
    return tag("div", head, listed([text(each) for each in words]), class_="alert")


def gaps(report: Report) -> dict[Unread, int]:
    """What was not looked at by reason, without what no rule wants to see."""
    return {r: number for r, number in report.counts.unread.items() if r not in QUIET}


def _counts(report: Report) -> Markup:
    return joined(*(_reason(report, r, n) for r, n in gaps(report).items()))


def _by_design(report: Report) -> Markup:
    """What no rule wants to see; it takes nothing from what the report says."""
    left = [f"{n} {r.value}" for r, n in report.counts.unread.items() if r in QUIET]
    if not left:
        return NOTHING
    return tag("p", text(f"Left out by design: {', '.join(left)}."), class_="quiet")


def _reason(report: Report, reason: Unread, number: int) -> Markup:
    """One reason with its number, and the places, where they are known one by one."""
    skips = [s for s in report.skips if s.reason is reason] if reason not in QUIET else []
    head = joined(tag("strong", text(number)), text(f" {reason.value}"))
    if not skips:
        return tag("p", head, class_="reason")
    return folded(head, [_skip(report, skip) for skip in skips])


def _skip(report: Report, skip: Skip) -> Markup:
    line = f":{skip.line}" if skip.line else ""
    place = tag("code", text(f"{from_root(report, skip.path)}{line}"))
    return joined(place, text(_detail(skip)))


def _detail(skip: Skip) -> str:
    return f" ({skip.detail})" if skip.detail else ""
