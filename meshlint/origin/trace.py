"""Findings in rendered output, put where the rendered line comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from meshlint.finding import Finding, Level, Origin, Related
from meshlint.origin.chart import SOURCE, Charts, rendered
from meshlint.origin.template import Template
from meshlint.report.model import Report


def traced(report: Report) -> Report:
    """The report with each finding in rendered output at its template, if that is in the scan.

    Several rendered documents may come of one line: they are one finding, with several places.
    """
    trace = _Trace(report)
    found = [trace.finding(finding) for finding in report.findings]
    if all(finding.origin is None for finding in found):
        return report
    return replace(report, findings=tuple(_merged(sorted(found, key=lambda f: f.order))))


class _Trace:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._charts: Charts | None = None
        self._templates: dict[str, Template] = {}

    def finding(self, finding: Finding) -> Finding:
        """The finding at its template; as it is where its file was rendered from none."""
        lines = self._report.lines(finding.where.path)
        line = finding.where.line
        document = rendered(lines.line, lines.count, line) if SOURCE in lines.text else None
        if document is None:
            return finding
        source = document.source
        path = self._known().template(source)
        if path is None:
            return replace(finding, origin=Origin(Level.RENDERED, source))
        found = self._template(path).find(finding.where, document.kind, lines.line(line))
        place = Related("rendered here", finding.where)
        return replace(
            finding,
            where=found.where,
            related=(place, *finding.related),
            origin=Origin(found.level, source),
        )

    def _known(self) -> Charts:
        if self._charts is None:
            self._charts = Charts(self._report.sources, lambda p: self._report.lines(p).text)
        return self._charts

    def _template(self, path: str) -> Template:
        if path not in self._templates:
            self._templates[path] = Template(path, self._report.lines(path).text)
        return self._templates[path]


def _merged(findings: Iterable[Finding]) -> Iterable[Finding]:
    """One finding for each rule and line, with the places of all."""
    kept: dict[tuple[str, str, int], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.where.path, finding.where.line)
        first = kept.get(key)
        if first is None:
            kept[key] = finding
        elif finding.origin:
            more = [related for related in finding.related if related not in first.related]
            kept[key] = replace(first, related=(*first.related, *more))
    return kept.values()
