"""`meshlint rules`: all rules, a line each."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from meshlint.cli import book
from meshlint.cli.help import formatter
from meshlint.cli.streams import CLEAN, Usage, put

if TYPE_CHECKING:
    from meshlint.finding import Severity
    from meshlint.policy import Policy
    from meshlint.rulebook import Rulebook

FORMATS = {"text": "text", "markdown": "markdown", "json": "as_json"}
"""The formats, and the modules of meshlint.explain that write them."""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint rules`."""
    made = argparse.ArgumentParser(
        prog="meshlint rules",
        usage="meshlint rules [options]",
        description="All rules: code, name, the worst severity of a finding, and what it finds.",
        formatter_class=formatter,
    )
    add = made.add_argument
    add("--format", choices=FORMATS, default="text", help="default: text")
    add("--family", metavar="FAMILY", help="only those of one family, such as labels")
    add("--profile", metavar="NAME", help="with the severities of a profile, without what is off")
    book.options(made)
    return made


def rules(words: Sequence[str]) -> int:
    """Lists all rules, those of a family, or those that a profile leaves on."""
    arguments = parser().parse_args(words)
    every = book.book(arguments)
    found = _of_family(every.policies(), arguments.family)
    rows = _rows(found, arguments.profile, every)
    put(import_module(f"meshlint.explain.{FORMATS[arguments.format]}").table(rows))
    return CLEAN


def _of_family(policies: tuple[Policy, ...], family: str | None) -> list[Policy]:
    found = [policy for policy in policies if family in (None, policy.family)]
    if not found:
        known = ", ".join(sorted({policy.family for policy in policies}))
        raise Usage(f"there is no family {family!r}: use one of {known}")
    return found


def _rows(
    policies: list[Policy], profile: str | None, every: Rulebook
) -> list[tuple[Policy, Severity]]:
    """Each with the worst severity that a finding can have; without those that are off."""
    if profile is None:
        return [(policy, policy.worst) for policy in policies]
    from meshlint.config.severities import profile_names
    from meshlint.triage.severity import profiled

    try:
        levels = profiled(profile, every)
    except KeyError:
        known = ", ".join(profile_names())
        raise Usage(f"there is no profile {profile!r}: use one of {known}") from None
    pairs = ((policy, levels[policy.name]) for policy in policies)
    return [(policy, level) for policy, level in pairs if level is not None]
