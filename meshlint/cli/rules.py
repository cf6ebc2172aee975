"""`meshlint explain` and `meshlint rules`: what the rules say, in words."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from meshlint.cli.streams import CLEAN, Usage, put

if TYPE_CHECKING:
    from meshlint.policy import Policy


def explain(words: Sequence[str]) -> int:
    """Shows one rule, or one error text."""
    about = "One rule in full, or one error text that 'meshlint diagnose' knows."
    parser = argparse.ArgumentParser(prog="meshlint explain", description=about)
    parser.add_argument("rule", metavar="RULE", help="a code (MESH104) or a name")
    word = parser.parse_args(words).rule
    from meshlint.policy import find

    policy = find(word)
    text = _explained(policy) if policy else _symptom(word)
    if not text:
        raise Usage(f"there is no rule {word!r}; 'meshlint rules' lists them{_nearby(word)}")
    put(text)
    return CLEAN


def _symptom(word: str) -> str:
    """An entry of the catalogue of error texts; "" where there is none."""
    from meshlint.diagnose.show import entry
    from meshlint.symptom.catalogue import shipped

    return next((entry(symptom) for symptom in shipped() if symptom.name == word), "")


def _nearby(word: str) -> str:
    import difflib

    from meshlint.policy import policies

    names = [name for policy in policies() for name in (policy.name, policy.code)]
    near = difflib.get_close_matches(word, names, 1)
    return f" (did you mean {near[0]}?)" if near else ""


def _explained(policy: Policy) -> str:
    cases = "".join(f", {severity.value} ({case})" for case, severity in policy.cases.items())
    parts = (
        f"{policy.code} {policy.name}: {policy.severity.value}{cases}",
        policy.summary,
        f"What you see: {policy.symptom}",
        "Error texts that lead here:\n" + "\n".join(f"  {line}" for line in _errors(policy)),
        f"Why: {policy.why}",
        f"Fix: {policy.fix}",
        f"Fails:\n\n{_indented(policy.fails)}",
        f"Passes:\n\n{_indented(policy.passes)}",
        "See:\n" + "\n".join(f"  {reference}" for reference in policy.references),
    )
    return "\n\n".join(parts) + "\n"


def _errors(policy: Policy) -> list[str]:
    """The errors of which a finding of the rule is a cause, the general ones last."""
    from meshlint.symptom.catalogue import leading_to

    found = sorted(leading_to(policy.name), key=lambda symptom: symptom.general)
    return [f"{symptom.name}: {symptom.error}" for symptom in found] or ["none"]


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines())


def rules(words: Sequence[str]) -> int:
    """Lists all rules, a line each."""
    argparse.ArgumentParser(prog="meshlint rules", description="All rules.").parse_args(words)
    from meshlint.policy import policies

    for policy in policies():
        head = f"{policy.code}  {policy.name:<32}  {policy.worst.value:<8}"
        put(f"{head} {policy.summary}\n")
    return CLEAN
