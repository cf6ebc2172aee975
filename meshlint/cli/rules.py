"""`meshlint explain` and `meshlint rules`: what the rules say, in words."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from meshlint.cli.streams import CLEAN, Usage, put

if TYPE_CHECKING:
    from meshlint.policy import Policy


def explain(words: Sequence[str]) -> int:
    """Shows one rule."""
    parser = argparse.ArgumentParser(prog="meshlint explain", description="One rule in full.")
    parser.add_argument("rule", metavar="RULE", help="a code (MESH104) or a name")
    word = parser.parse_args(words).rule
    from meshlint.policy import find

    policy = find(word)
    if policy is None:
        raise Usage(f"there is no rule {word!r}; 'meshlint rules' lists them{_nearby(word)}")
    put(_explained(policy))
    return CLEAN


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
        f"Why: {policy.why}",
        f"Fix: {policy.fix}",
        f"Fails:\n\n{_indented(policy.fails)}",
        f"Passes:\n\n{_indented(policy.passes)}",
        "See:\n" + "\n".join(f"  {reference}" for reference in policy.references),
    )
    return "\n\n".join(parts) + "\n"


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
