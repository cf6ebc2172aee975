"""Rules and error texts as JSON, in the form of schemas/rules.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from meshlint import __version__
from meshlint.diagnose.answer import commands
from meshlint.explain.entry import Entry
from meshlint.finding import Severity
from meshlint.policy import Policy
from meshlint.symptom.model import Symptom

VERSION = 1


def page(entry: Entry) -> str:
    """One rule, with the errors that lead to it and what is said of its example."""
    errors = [{"name": symptom.name, "error": symptom.error} for symptom in entry.errors]
    diff = entry.mending.diff if entry.mending else ""
    rule = {**described(entry.policy), "errors": errors, "output": entry.output, "diff": diff}
    rule["parameters"] = [asdict(parameter) for parameter in entry.parameters]
    return _text({"rules": [rule], "errors": []})


def table(rows: Iterable[tuple[Policy, Severity]]) -> str:
    """Rules, with the worst severity that a finding of each can have."""
    rules = [{**described(policy), "worst": worst.value} for policy, worst in rows]
    return _text({"rules": rules, "errors": []})


def error(symptom: Symptom) -> str:
    """One error text."""
    told = {
        "name": symptom.name,
        "summary": symptom.summary,
        "error": symptom.error,
        "causes": [{"text": c.text, "rules": list(c.rules)} for c in symptom.causes],
        "resolution": symptom.resolution,
        "elsewhere": [
            {"text": check.text, "commands": commands(check, {})} for check in symptom.elsewhere
        ],
        "references": list(symptom.references),
    }
    return _text({"rules": [], "errors": [told]})


def described(policy: Policy) -> dict[str, object]:
    """A policy: all that it says, and what follows from it."""
    told = asdict(policy)
    examples = {"fails": told.pop("fails"), "passes": told.pop("passes")}
    return {**told, "worst": policy.worst.value, "examples": examples, "page": policy.page}


def _text(body: dict[str, object]) -> str:
    tool = {"name": "meshlint", "version": __version__}
    shown = json.dumps({"version": VERSION, "tool": tool, **body}, ensure_ascii=False, indent=2)
    return shown.encode("utf-8", "backslashreplace").decode() + "\n"
