"""What was looked at and what was not, for standard error."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import printable
from meshlint.report.model import Report, count
from meshlint.unread import LISTED, Unread

QUIET = frozenset({Unread.OTHER_KIND, Unread.KINDLESS, Unread.IGNORED})
"""Left out by design; everything else not read is listed one by one with -v."""

FEW = 10
"""Entries of a baseline that are listed without -v."""


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
    if report.suppressed:
        hint = "" if report.show_suppressed else "; --show-suppressed shows them"
        yield f"  suppressed: {count(len(report.suppressed), 'finding')}{hint}"
    yield from _off(report)
    yield from _known(report, verbose)
    if report.empty:
        yield "  nothing was checked: no Kubernetes object was found"


def _off(report: Report) -> Iterator[str]:
    """What users have switched off, and what is not told for it."""
    rules, findings = report.unreported.rules, report.unreported.findings
    hidden = f"{count(len(findings), 'finding')} not shown" if findings else ""
    number = count(len(rules), "rule") if rules else "rules in some places" if findings else ""
    if number:
        yield f"  switched off: {number}{'; ' if hidden else ''}{hidden}"


def _known(report: Report, verbose: bool) -> Iterator[str]:
    """What a baseline has hidden, and what of it is gone."""
    if report.baseline is None:
        return
    file, gone = printable(report.baseline.file), report.baseline.gone
    if report.baseline.hidden:
        yield f"  not shown: {count(report.baseline.hidden, 'finding')} that {file} has"
    if gone:
        yield f"  gone: {count(len(gone), 'finding')} of {file}; --prune-baseline takes them out"
    for entry in gone if verbose else gone[:FEW]:
        names = (entry.kind, entry.namespace, entry.name)
        about = "/".join(part for part in names if part)
        yield printable(f"    {entry.path}: {entry.code} {about}{entry.key}".rstrip())
    if len(gone) > FEW and not verbose:
        yield f"    and {len(gone) - FEW} more: -v lists all"


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
