"""`meshlint explain`: one rule, or one error text, in full."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from meshlint.cli import book
from meshlint.cli.help import formatter
from meshlint.cli.streams import CLEAN, Usage, put

if TYPE_CHECKING:
    from meshlint.policy import Policy
    from meshlint.rulebook import Rulebook

FORMATS = {"text": "text", "markdown": "markdown", "json": "as_json"}
"""The formats, and the modules of meshlint.explain that write them."""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint explain`."""
    made = argparse.ArgumentParser(
        prog="meshlint explain",
        usage="meshlint explain [options] RULE",
        description="One rule in full, or one error text that 'meshlint diagnose' knows.",
        formatter_class=formatter,
    )
    add = made.add_argument
    add("rule", metavar="RULE", help="a code (MESH104) or a name; or the name of an error text")
    add("--format", choices=FORMATS, default="text", help="default: text")
    book.options(made)
    return made


def explain(words: Sequence[str]) -> int:
    """Shows one rule, or one error text."""
    arguments = parser().parse_args(words)
    word = arguments.rule
    rules = book.book(arguments)
    policy = _policy(word, rules)
    text = _rule(policy, rules, arguments.format) if policy else _error(word, arguments.format)
    if not text:
        raise Usage(f"there is no rule {word!r}; 'meshlint rules' lists them{_near(word, rules)}")
    put(text)
    return CLEAN


def _policy(word: str, rules: Rulebook) -> Policy | None:
    """The policy with a code or name, in any case."""
    wanted = word.lower()
    found = (p for p in rules.policies() if wanted in (p.code.lower(), p.name))
    return next(found, None)


def _rule(policy: Policy, rules: Rulebook, form: str) -> str:
    from meshlint.explain.entry import entry

    return str(import_module(f"meshlint.explain.{FORMATS[form]}").page(entry(policy, rules)))


def _error(word: str, form: str) -> str:
    """An entry of the catalogue of error texts; "" where there is none."""
    from meshlint.symptom.catalogue import shipped

    found = next((symptom for symptom in shipped() if symptom.name == word), None)
    module = import_module(f"meshlint.explain.{FORMATS[form]}")
    return str(module.error(found)) if found else ""


def _near(word: str, rules: Rulebook) -> str:
    import difflib

    from meshlint.symptom.catalogue import shipped

    names = [name for policy in rules.policies() for name in (policy.name, policy.code)]
    names += [symptom.name for symptom in shipped()]
    folded = word.upper() if word.upper().startswith("MESH") else word.lower()
    near = difflib.get_close_matches(folded, names, 1)
    return f" (did you mean {near[0]}?)" if near else ""
