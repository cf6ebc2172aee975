"""Diagnoses as text: for somebody who is on call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from meshlint.diagnose import words
from meshlint.diagnose.answer import Diagnosis, Scene, commands
from meshlint.diagnose.extract import Names
from meshlint.finding import Finding, printable
from meshlint.report.text import excuse, headline
from meshlint.symptom.model import Cause, Check, Symptom

WIDTH = 98
MOST = 10
MOST_OTHERS = 3


def text(told: Sequence[Diagnosis], scene: Scene) -> str:
    """All diagnoses, a blank line between them; or that there is none."""
    if not told:
        return "".join(f"{line}\n" for line in words.unknown(scene))
    return "\n".join("".join(f"{line}\n" for line in _block(each, scene)) for each in told)


def _block(told: Diagnosis, scene: Scene) -> Iterator[str]:
    symptom = told.symptom
    yield f"{printable(symptom.name)}: {printable(symptom.summary)}"
    yield from _wrapped(f"{words.place(told, scene)}: {told.excerpt}", "  ")
    named = words.names(told)
    width = max((len(field) for field, _ in named), default=0)
    yield from (f"  {field:<{width}}  {values}" for field, values in named)
    yield ""
    yield from _findings("What explains it", told.found.explains, MOST)
    yield from _findings("Of the same rules, about something else", told.found.others, MOST_OTHERS)
    silence = words.silence(told, scene)
    if silence:
        yield from (*_wrapped(silence, "  "), "")
    yield from _advice(symptom, told.names, words.elsewhere(told))


def entry(symptom: Symptom) -> str:
    """An entry of the catalogue by itself."""
    head = (f"{printable(symptom.name)}: {printable(symptom.summary)}", "")
    error = _wrapped(symptom.error, "  ")
    advice = _advice(symptom, {}, "If Git does not show the cause, check:")
    return "".join(f"{line}\n" for line in (*head, *error, "", *advice))


def _advice(symptom: Symptom, names: Names, elsewhere: str) -> Iterator[str]:
    """Causes, what to do, what else to check, and where to read on."""
    if symptom.causes:
        yield from ("  What causes it:", *_causes(symptom.causes), "")
    yield from ("  What to do:", *_wrapped(symptom.resolution, "    "))
    if symptom.elsewhere:
        yield from ("", f"  {elsewhere}", *_checks(symptom.elsewhere, names))
    if symptom.references:
        yield from ("", "  See:", *(f"    {printable(url)}" for url in symptom.references))


def _findings(title: str, findings: Sequence[Finding], most: int) -> Iterator[str]:
    if not findings:
        return
    yield f"  {title}:"
    for finding in findings[:most]:
        yield f"    {headline(finding)}"
        if finding.suppression:
            yield f"      {excuse(finding)}"
        for related in finding.related[:MOST_OTHERS]:
            where = related.where
            yield f"      see {printable(where.path)}:{where.line} {printable(related.text)}"
    if len(findings) > most:
        yield f"    and {len(findings) - most} more, which --format json lists"
    yield ""


def _causes(causes: Iterable[Cause]) -> Iterator[str]:
    for cause in causes:
        codes = words.codes(cause)
        yield from _item(f"{cause.text}{f' ({codes})' if codes else ''}")


def _checks(checks: Iterable[Check], names: Names) -> Iterator[str]:
    for check in checks:
        yield from _item(check.text)
        yield from (f"        {printable(command)}" for command in commands(check, names))


def _item(prose: str) -> Iterable[str]:
    first, *others = _wrapped(prose, "      ") or [""]
    return [f"    - {first.lstrip()}", *others]


def _wrapped(prose: str, indent: str) -> list[str]:
    """Paragraphs as lines of WIDTH; words are never cut, since a name may be copied."""
    paragraphs = (printable(part) for part in prose.split("\n\n"))
    return [
        line
        for part in paragraphs
        for line in wrap(
            part,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
