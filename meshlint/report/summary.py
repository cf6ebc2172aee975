"""What was looked at and what was not, for standard error."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import printable
from meshlint.report.model import Report, count
from meshlint.unread import LISTED, Unread

QUIET = frozenset({Unread.OTHER_KIND, Unread.KINDLESS, Unread.IGNORED})
"""Left out by design; everything else not read is listed one by one with -v."""


def summary(report: Report, *, verbose: bool = False) -> str:
    """Counts of the run, then a line for each reason not to look at something."""
    return "\n".join(_lines(report, verbose)) + "\n"


def _lines(report: Report, verbose: bool) -> Iterator[str]:
    counts = report.counts
    yield (
        f"meshlint: looked at {count(counts.files, 'file')} with {count(counts.objects, 'object')}:"
        f" {count(counts.namespaces, 'namespace')}, {count(counts.workloads, 'workload')},"
        f" {count(counts.webhooks, 'Istio webhook configuration')}"
    )
    for reason, number in counts.unread.items():
        yield f"  not checked: {reason.value} ({number}){_hint(report, reason)}"
    for skip in report.skips:
        if skip.reason in LISTED or (verbose and skip.reason not in QUIET):
            place = f"{printable(skip.path)}:{skip.line}" if skip.line else printable(skip.path)
            detail = f" ({printable(skip.detail)})" if skip.detail else ""
            yield f"  {place}: {skip.reason.value}{detail}"
    for failure in report.failures:
        yield f"  {printable(failure)}. Please report this; the other files were checked."
    if report.base and report.base.hidden:
        hidden = count(report.base.hidden, "finding")
        yield f"  not shown: {hidden} that {printable(report.base.words)} has too"
    if report.empty:
        yield "  nothing was checked: no Kubernetes object was found"


def _hint(report: Report, reason: Unread) -> str:
    if reason is not Unread.TEMPLATE:
        return ""
    number = len({s.path for s in report.skips if s.reason is reason and _charted(report, s.path)})
    charted = f"; {count(number, 'file')} of charts: use --helm" if number else ""
    return f": render them, and lint the result{charted}"


def _charted(report: Report, path: str) -> bool:
    """Whether a file is a template of a chart that is there too."""
    head, part, _ = path.rpartition("/templates/")
    return bool(part) and f"{head}/Chart.yaml" in report.sources
