"""Which findings of a report can be mended, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from meshlint.finding import Finding
from meshlint.fix.change import Change
from meshlint.fix.refusal import Refusals
from meshlint.fix.resolve import place, resolved
from meshlint.report.model import Report
from meshlint.source.files import Source

Offers = Mapping[Finding, Change]


def offers(report: Report, findings: Iterable[Finding], linted: Iterable[Source]) -> Offers:
    """The changes that mend findings, in their order; not those of rendered output.

    `linted` are the files that may be changed, as far as meshlint.fix.refusal lets them.
    """
    refusals = Refusals(report, linted)
    found = {}
    for finding in findings:
        if finding.fix is None or finding.origin is not None:
            continue
        places = [place(edit) for edit in finding.fix.edits]
        if any(refusals.of(where.path, where.line) for where in places):
            continue
        change = resolved(finding.fix, lambda path: report.lines(path).text)
        if change is not None:
            found[finding] = change
    return found
