"""Fixes in reports: what of which file is to be replaced, in lines and columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Finding, Location, printable
from meshlint.fix.draft import spliced
from meshlint.report.frame import shown
from meshlint.report.model import Report


@dataclass(frozen=True, slots=True)
class Edit:
    """Text that comes in place of a region, which is empty where text is only put in.

    The region may have several lines; one that takes a whole line ends where the next one begins.
    """

    where: Location
    text: str


def edits(report: Report, finding: Finding) -> Iterator[Edit]:
    """What mends a finding, in the order of the files; nothing where it cannot be mended."""
    change = report.changes.get(finding)
    for one in change.replacements if change else ():
        lines = report.lines(one.path)
        yield Edit(Location(one.path, *lines.place(one.start), *lines.place(one.end)), one.text)


def whole(report: Report, finding: Finding) -> Edit | None:
    """What mends a finding as one edit of one document, with what stays between its parts."""
    made = list(edits(report, finding))
    paths = {edit.where.path for edit in made}
    if len(paths) != 1:
        return None
    path, first, last = paths.pop(), made[0].where, made[-1].where
    if len(shown(report, path, first.line, last.end_line)) <= last.line - first.line:
        return None
    change = report.changes[finding]
    start, end = change.replacements[0].start, change.replacements[-1].end
    splices = [(one.start - start, one.end - start, one.text) for one in change.replacements]
    text = spliced(report.lines(path).text[start:end], splices)
    where = Location(path, first.line, first.column, last.end_line, last.end_column)
    return Edit(where, text)


def safe(report: Report, finding: Finding) -> bool:
    """Whether `--fix` mends a finding."""
    change = report.changes.get(finding)
    return change is not None and change.safe


def hint(report: Report, finding: Finding) -> str:
    """How a finding can be mended, in one line; "" where it cannot be.

    It is not proven that no other finding comes then: `--fix` does that.
    """
    change = report.offers.get(finding)
    if change is None:
        return ""
    return f"{printable(change.words)} ({'--fix' if change.safe else '--fix=unsafe'})"
