"""Diagnoses as Markdown: for an issue, or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from meshlint.diagnose import words
from meshlint.diagnose.answer import Diagnosis, Scene, commands
from meshlint.finding import Finding, printable
from meshlint.report.text import excuse

MARKS = re.compile(r"([\\`*_\[\]|#~])")


def markdown(told: Sequence[Diagnosis], scene: Scene) -> str:
    """A section for each diagnosis; or that there is none."""
    if not told:
        return "".join(f"{plain(line)}\n\n" for line in words.unknown(scene))
    return "\n".join("\n".join(_section(each, scene)) + "\n" for each in told)


def plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    shown = printable(text).replace("&", "&amp;").replace("<", "&lt;")
    return MARKS.sub(r"\\\1", shown)


def code(text: str) -> str:
    """Text as code, between more backticks than it has."""
    shown = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence} {shown} {fence}" if "`" in shown else f"`{shown}`"


def _section(told: Diagnosis, scene: Scene) -> Iterator[str]:
    symptom = told.symptom
    yield f"### {plain(symptom.summary)}\n"
    yield f"{code(told.excerpt)} ({plain(words.place(told, scene))})\n"
    yield from (f"- {field}: {code(values)}" for field, values in words.names(told))
    yield ""
    yield from _findings("What explains it", told.found.explains)
    yield from _findings("Of the same rules, about something else", told.found.others)
    silence = words.silence(told, scene)
    if silence:
        yield f"{plain(silence)}\n"
    if symptom.causes:
        yield "**What causes it**\n"
        yield from (f"- {plain(c.text)}{_codes(words.codes(c))}" for c in symptom.causes)
        yield ""
    yield f"**What to do**\n\n{plain_paragraphs(symptom.resolution)}"
    yield from _checks(told)
    yield from (f"- <{url}>" for url in symptom.references)


def plain_paragraphs(text: str) -> str:
    """Prose, its paragraphs kept apart."""
    return "".join(f"{plain(part)}\n\n" for part in text.split("\n\n")).rstrip("\n") + "\n"


def _codes(codes: str) -> str:
    return f" ({codes})" if codes else ""


def _findings(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield f"**{title}**\n"
    for finding in findings:
        where = f"{finding.where.path}:{finding.where.line}"
        told = f" ({plain(excuse(finding))})" if finding.suppression else ""
        yield f"- {code(where)} {finding.severity} {finding.code} {plain(finding.message)}{told}"
    yield ""


def _checks(told: Diagnosis) -> Iterator[str]:
    if not told.symptom.elsewhere:
        return
    yield f"**{words.elsewhere(told)}**\n"
    for check in told.symptom.elsewhere:
        yield f"- {plain(check.text)}"
        yield from (f"  - {code(command)}" for command in commands(check, told.names))
    yield ""
