"""Findings for people: one line each, the place in the file underlined, and where else to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from meshlint.finding import Finding, Level, Location, Origin, Related, Severity, printable
from meshlint.report.model import Report, count

RESET, BOLD, DIM = "\x1b[0m", "\x1b[1m", "\x1b[2m"
COLORS = {Severity.ERROR: "\x1b[31m", Severity.WARNING: "\x1b[33m", Severity.NOTE: "\x1b[36m"}
WIDTH = 160
"""Longer source lines are cut: a certificate in base64 helps nobody."""

Paint: TypeAlias = Callable[..., str]
"""Text and terminal codes to text."""


def render(report: Report, *, color: bool = False) -> str:
    """All findings and a line that sums them up."""
    paint = _painted if color else _plain
    blocks = ["\n".join(_block(report, finding, paint)) for finding in report.findings]
    return "\n\n".join([*blocks, _total(report)]) + "\n"


def _plain(text: str, *_: str) -> str:
    return text


def _painted(text: str, *codes: str) -> str:
    return "".join(codes) + text + RESET


def _block(report: Report, finding: Finding, paint: Paint) -> Iterator[str]:
    yield headline(finding, paint)
    yield from _frame(report, finding.where, paint, COLORS[finding.severity])
    if finding.origin:
        yield f"  {paint('from', DIM)} {_origin(finding.origin)}"
    for related in finding.related:
        yield _also(related, paint)


ORIGINS = {
    Level.EXACT: "{}: rendered from this line",
    Level.TEMPLATE: "{}: rendered from here, or from below",
    Level.RENDERED: "{}: rendered output, and what it comes from is not in the scan",
}


def _origin(origin: Origin) -> str:
    """What it was rendered from, and how sure the place is."""
    return ORIGINS[origin.level].format(printable(origin.source))


def headline(finding: Finding, paint: Paint = _plain) -> str:
    """`path:line:col: severity CODE message`, always one line."""
    where = finding.where
    place = paint(f"{printable(where.path)}:{where.line}:{where.column}:", BOLD)
    severity = paint(finding.severity.value, COLORS[finding.severity], BOLD)
    return f"{place} {severity} {finding.code} {printable(finding.message)}"


def _frame(report: Report, where: Location, paint: Paint, color: str) -> Iterator[str]:
    """The line of the finding under its predecessor, and the key or value underlined."""
    from meshlint.report.frame import shown  # a clean run needs none

    lines = shown(report, where.path, where.line, where.line - 1)
    gutter = len(str(where.line))
    for number, text in lines:
        yield f"  {paint(f'{number:>{gutter}} |', DIM)} {_visible(text)}".rstrip()
    if lines and where.column <= WIDTH:
        before = lines[-1][1][: where.column - 1]
        marked = lines[-1][1][where.column - 1 : where.end_column - 1][: WIDTH - where.column + 1]
        pad = "".join(" " * len(_visible(char)) for char in before)
        marks = "^" * max(len(_visible(marked)), 1)
        yield f"  {paint(' ' * gutter + ' |', DIM)} {pad}{paint(marks, color, BOLD)}"


def _visible(text: str) -> str:
    """One source line: cut, tabs as one space, control characters spelled out."""
    cut = text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
    return printable(cut.replace("\t", " "))


def _also(related: Related, paint: Paint) -> str:
    where = related.where
    place = f"{printable(where.path)}:{where.line}:{where.column}"
    return f"  {paint('see', DIM)} {place} {paint(printable(related.text), DIM)}"


def _total(report: Report) -> str:
    """`2 errors, 1 warning, 0 notes in 14 files`."""
    parts = [count(report.number(severity), severity.value) for severity in Severity]
    return f"{', '.join(parts)} in {count(report.counts.files, 'file')}"
