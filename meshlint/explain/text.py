"""Rules for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from meshlint.explain.entry import EXAMPLE, Entry, grade, mended
from meshlint.finding import Severity
from meshlint.policy import Policy

if TYPE_CHECKING:
    from meshlint.symptom.model import Symptom


def page(entry: Entry) -> str:
    """One rule in full."""
    return "\n\n".join(_parts(entry)) + "\n"


def _parts(entry: Entry) -> Iterator[str]:
    policy = entry.policy
    yield f"{policy.code} {policy.name}: {grade(policy)}"
    yield policy.summary
    if policy.symptom:
        yield f"What you see: {policy.symptom}"
    errors = [f"{symptom.name}: {symptom.error}" for symptom in entry.errors]
    yield "Error texts that lead here:\n" + _lines(errors or ["none"])
    yield from (f"{title}: {prose}" for title, prose in _prose(policy) if prose)
    if entry.parameters:
        told = (
            f"{p.name}: {p.default} ({p.least} to {p.most}), {p.words}" for p in entry.parameters
        )
        yield f"Parameters:\n{_lines(told)}"
    if policy.fails:
        yield f"Fails:\n\n{_indented(policy.fails)}"
    if entry.output:
        yield f"meshlint says of it, as {EXAMPLE}:\n\n{_indented(entry.output)}"
    if entry.mending:
        yield f"With {entry.mending.option}:\n\n{_indented(entry.mending.diff)}"
    if policy.passes:
        yield f"Passes:\n\n{_indented(policy.passes)}"
    if entry.leaving:
        yield f"To leave it out, {entry.leaving.where}:\n\n{_indented(entry.leaving.lines)}"
    links = dict.fromkeys(filter(None, (policy.page, *policy.references)))
    if links:
        yield "See:\n" + _lines(links)


def _prose(policy: Policy) -> tuple[tuple[str, str], ...]:
    return ("Why", policy.why), ("Fix", f"{policy.fix} {mended(policy)}".strip())


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines())


def error(symptom: Symptom) -> str:
    """One error text, as `meshlint diagnose` would tell of it."""
    from meshlint.diagnose.show import entry  # lists need none

    return entry(symptom)


def table(rows: Iterable[tuple[Policy, Severity]]) -> str:
    """Rules, a line each, with the worst severity that a finding of each can have."""
    cells = [(policy.code, policy.name, worst.value, policy.summary) for policy, worst in rows]
    widths = [max((len(row[i]) for row in cells), default=0) for i in range(3)]
    lines = (
        "  ".join((*(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=False)), row[-1]))
        for row in cells
    )
    return "".join(f"{line}\n" for line in lines)
