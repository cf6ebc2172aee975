"""Findings in rendered output, put where the rendered line comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from meshlint.finding import Finding, Level, Location, Origin, Related
from meshlint.origin.chart import NAME, SOURCE, Charts, rendered
from meshlint.origin.template import Template
from meshlint.render.note import built
from meshlint.report.model import Counts, Report
from meshlint.source.files import Source
from meshlint.unread import Skip

if TYPE_CHECKING:
    from meshlint.origin.overlay import Overlay


def traced(report: Report) -> Report:
    """The report with each finding in rendered output where that comes from, if that is known.

    Several rendered documents may come of one line: they are one finding, with several places.
    """
    trace = _Trace(report)
    found = [trace.finding(finding) for finding in report.findings]
    report = replace(report, skips=tuple(trace.skip(skip) for skip in report.skips))
    if all(finding.origin is None for finding in found):
        return report
    return replace(report, findings=tuple(_merged(sorted(found, key=lambda f: f.order))))


def places(sources: Iterable[Source]) -> Callable[[Location], Location]:
    """Tells of a place in any of the files of a run where it comes from, if it was rendered."""
    known = {source.path: source for source in sources}
    return _Trace(Report((), (), NONE, known, Path())).place


NONE = Counts(0, 0, 0, 0, 0, {})


class _Trace:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._charts: Charts | None = None
        self._templates: dict[str, Template] = {}
        self._overlay: Overlay | None = None

    def finding(self, finding: Finding) -> Finding:
        """The finding at its template; as it is where its file was rendered from none."""
        related = tuple(self._related(other) for other in finding.related)
        found = self._found(finding.where)
        if found is None:
            return replace(finding, related=related) if related != finding.related else finding
        place, origin = found
        if place != finding.where and not self._made(finding.where.path):
            related = (Related("rendered here", finding.where), *related)
        return replace(finding, where=place, related=related, origin=origin)

    def place(self, where: Location) -> Location:
        """Where a line comes from; itself where it was rendered from none."""
        found = self._found(where)
        return found[0] if found else where

    def skip(self, skip: Skip) -> Skip:
        """What was not looked at in output that is no file stands in what stands for that."""
        made = self._made(skip.path)
        detail = "; ".join(part for part in (skip.detail, f"in {basename(skip.path)}") if part)
        return replace(skip, path=made, line=0, detail=detail) if made else skip

    def _related(self, other: Related) -> Related:
        """What is in no file stands where it was rendered from."""
        found = self._found(other.where) if self._made(other.where.path) else None
        return replace(other, where=found[0]) if found else other

    def _found(self, where: Location) -> tuple[Location, Origin] | None:
        """Where a line comes from; None for what was not rendered."""
        if self._made(where.path) and built(where.path):
            return self._built(where)
        return self._templated(where)

    def _built(self, where: Location) -> tuple[Location, Origin]:
        """Where a line comes from that kustomize has built: maybe from rendered output, too."""
        source = f"kustomize build {dirname(where.path) or '.'}"
        if self._overlay is None:
            from meshlint.origin.overlay import Overlay  # most runs build nothing
            from meshlint.origin.walk import Files

            self._overlay = Overlay(Files(self._text))
        found = self._overlay.find(where)
        if found is None:
            return self._standing(where), Origin(Level.RENDERED, source)
        further = self._templated(found.where)
        if found.level is Level.EXACT and further is not None:
            return further
        return found.where, Origin(found.level, source)

    def _templated(self, where: Location) -> tuple[Location, Origin] | None:
        """Where a line comes from that a comment says to be rendered from a chart."""
        lines = self._report.lines(where.path)
        document = rendered(lines.line, lines.count, where.line) if SOURCE in lines.text else None
        if document is None:
            return None
        made = self._made(where.path)
        path = self._known().template(document.source, dirname(made) if made else None)
        if path is None:
            return self._standing(where), Origin(Level.RENDERED, document.source)
        found = self._template(path).find(where, document.kind, lines.line(where.line))
        return found.where, Origin(found.level, document.source)

    def _made(self, path: str) -> str:
        """The file that stands for what was rendered and is no file; else ""."""
        source = self._report.sources.get(path)
        return source.made if source else ""

    def _text(self, path: str) -> str | None:
        """The text of a file; None for one that is not in the scan."""
        return self._report.lines(path).text if path in self._report.sources else None

    def _standing(self, where: Location) -> Location:
        """Its own place; of what is no file, the chart's name, or the kustomization's beginning."""
        path = self._made(where.path)
        if not path:
            return where
        name = NAME.search(self._report.lines(path).text) if not built(where.path) else None
        line, column = self._report.lines(path).place(name.start(1) if name else 0)
        end = column + (len(name[1]) if name else 1)
        return Location(path, line, column, line, end, where.pointer)

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
