"""All that is told of one rule: its policy, the errors that lead to it, and its example at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meshlint.finding import Severity
from meshlint.policy import Policy

if TYPE_CHECKING:
    from meshlint.explain.leaving_out import LeavingOut
    from meshlint.explain.mending import Mending
    from meshlint.rulebook import Rulebook
    from meshlint.rules.parameter import Parameter
    from meshlint.symptom.model import Symptom

EXAMPLE = "example.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """`errors` are texts of which a finding of the rule is a cause, the general ones last.

    `output` is what meshlint says of the failing example, "" where it says nothing. `leaving` is
    None for rules that no comment can silence, and `mending` where --fix leaves the example as it
    is.
    """

    policy: Policy
    errors: tuple[Symptom, ...]
    output: str
    leaving: LeavingOut | None
    mending: Mending | None
    parameters: tuple[Parameter, ...] = ()
    """Numbers that a policy of a user's own can set."""


def entry(policy: Policy, book: Rulebook) -> Entry:
    """The entry of one rule of a rulebook."""
    from meshlint.explain.leaving_out import leaving_out
    from meshlint.explain.mending import Example
    from meshlint.report.text import render
    from meshlint.rules.parameter import PARAMETERS
    from meshlint.symptom.catalogue import leading_to

    found = sorted(leading_to(policy.name), key=lambda symptom: symptom.general)
    example = Example(EXAMPLE, policy.fails, book)
    findings = example.report.findings
    return Entry(
        policy,
        tuple(found),
        render(example.report) if findings else "",
        leaving_out((f for f in findings if f.rule == policy.name), policy, book),
        example.mending() if policy.fixable else None,
        tuple(PARAMETERS.get(policy.name, {}).values()),
    )


def severities(policy: Policy) -> Iterator[tuple[str, Severity]]:
    """When a finding has which severity: "" is the usual case."""
    yield "", policy.severity
    yield from policy.cases.items()


def grade(policy: Policy) -> str:
    """All severities in one line: `warning, error (certain)`."""
    said = (f"{s.value} ({case})" if case else s.value for case, s in severities(policy))
    return ", ".join(said)


MENDED = {
    "safe": "'meshlint --fix' does this where what was meant is certain.",
    "unsafe": "'meshlint --fix=unsafe' does this where it can; look at what it changes.",
    "": "",
}


def mended(policy: Policy) -> str:
    """Whether meshlint itself can mend findings, as a sentence; "" where it cannot."""
    return MENDED[policy.fixable]
