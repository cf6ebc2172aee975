"""Findings for people: one line each, the place in the file underlined, and where else to look.

Equal findings are told once, with all their places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from meshlint.finding import Finding, Level, Location, Origin, Related, Severity, printable
from meshlint.policy import page
from meshlint.report.mended import hint
from meshlint.report.model import Report, count

RESET, BOLD, DIM = "\x1b[0m", "\x1b[1m", "\x1b[2m"
COLORS = {Severity.ERROR: "\x1b[31m", Severity.WARNING: "\x1b[33m", Severity.NOTE: "\x1b[36m"}
WIDTH = 160
"""Longer source lines are cut: a certificate in base64 helps nobody."""

Paint: TypeAlias = Callable[..., str]
"""Text and terminal codes to text."""

LINK = "\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\"
"""An address and the words that lead there, as terminals take them (OSC 8):
https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda"""


def render(report: Report, *, color: bool = False, links: bool = False) -> str:
    """All findings and a line that sums them up; with `links`, codes lead to the rules' pages."""
    paint = _painted if color else _plain
    blocks = ["\n".join(_block(report, group, paint, links)) for group in _groups(report)]
    hidden = report.suppressed if report.show_suppressed else ()
    blocks += ["\n".join(_hidden(finding, paint)) for finding in hidden]
    return "\n\n".join([*blocks, _total(report)]) + "\n"


def _plain(text: str, *_: str) -> str:
    return text


def _painted(text: str, *codes: str) -> str:
    return "".join(codes) + text + RESET


def _groups(report: Report) -> Iterable[list[Finding]]:
    """Findings that differ in their place alone, in the order of the first of each."""
    groups: dict[object, list[Finding]] = {}
    for finding in report.findings:
        said = (finding.code, finding.severity, finding.message, finding.related, finding.origin)
        groups.setdefault(said, []).append(finding)
    return groups.values()


def _block(report: Report, group: list[Finding], paint: Paint, links: bool) -> Iterator[str]:
    finding, *others = group
    yield headline(finding, paint, links=links)
    yield from _frame(report, finding.where, paint, COLORS[finding.severity])
    if finding.origin:
        yield f"  {paint('from', DIM)} {_origin(finding.origin)}"
    for related in finding.related:
        yield _also(related, paint)
    mended = next((words for one in group if (words := hint(report, one))), "")
    if mended:
        yield f"  {paint('fix', DIM)} {mended}"
    for other in others:
        about = f" {paint(printable(str(other.subject)), DIM)}" if other.subject else ""
        yield f"  {paint('and', DIM)} {place(other.where)}{about}"


def _hidden(finding: Finding, paint: Paint) -> Iterator[str]:
    """What is suppressed, without its frame."""
    said = f"{place(finding.where)}: suppressed {finding.code} {printable(finding.message)}"
    yield paint(said, DIM)
    yield paint(f"  {excuse(finding)}", DIM)


def excuse(finding: Finding) -> str:
    """Why a finding is suppressed, and where that is said; "" for one that is not."""
    told = finding.suppression
    if told is None:
        return ""
    return f"suppressed by {place(told.where)}: {printable(told.reason) or 'no reason is given'}"


ORIGINS = {
    Level.EXACT: "{}: rendered from this line",
    Level.TEMPLATE: "{}: rendered from here, or from below",
    Level.RENDERED: "{}: rendered output, and what it comes from is not in the scan",
}


def _origin(origin: Origin) -> str:
    """What it was rendered from, and how sure the place is."""
    return ORIGINS[origin.level].format(printable(origin.source))


def headline(finding: Finding, paint: Paint = _plain, *, links: bool = False) -> str:
    """`path:line:col: severity CODE message`, always one line."""
    severity = paint(finding.severity.value, COLORS[finding.severity], BOLD)
    address = page(finding.code) if links else ""
    code = LINK.format(address, finding.code) if address else finding.code
    return (
        f"{paint(f'{place(finding.where)}:', BOLD)} {severity} {code} {printable(finding.message)}"
    )


def place(where: Location) -> str:
    """`path:line:col`, one line whatever the path."""
    return f"{printable(where.path)}:{where.line}:{where.column}"


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
    return f"  {paint('see', DIM)} {place(related.where)} {paint(printable(related.text), DIM)}"


def _total(report: Report) -> str:
    """`2 errors, 1 warning, 0 notes in 14 files`."""
    parts = [count(report.number(severity), severity.value) for severity in Severity]
    return f"{', '.join(parts)} in {count(report.counts.files, 'file')}"
