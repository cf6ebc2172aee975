"""The words of a policy in YAML: what each key may hold, and what is wrong with the rest."""

from __future__ import annotations

import re
from typing import Any

from meshlint.checks.registry import CHECKS, Check, Given
from meshlint.config.form import Form, Test, blank, choice, pattern, place
from meshlint.finding import Severity, Type, Value, quoted
from meshlint.rules.parameter import Parameter
from meshlint.source.node import Node

CODE = re.compile(r"[A-Z]{2,8}-?[0-9]{1,6}\Z", re.ASCII)
"""Those among the codes of SARIF's validators (SARIF2009) that can be told from words."""

RESERVED = "MESH"
NAME = re.compile(r"(?=.{3,60}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)+\Z", re.ASCII)
URL = re.compile(r"https://[^\s<>\"]+\Z")
MOST_TEXT = 8_000
SEVERITIES = tuple(severity.value for severity in Severity)

name = pattern(
    NAME, "cannot be a name: two words or more, of small letters and digits, with dashes"
)
url = pattern(URL, "is no https:// address")
code = pattern(
    CODE, "cannot be a code: two to eight capital letters, maybe a dash, one to six digits"
)


def words(text: str) -> str | None:
    """Anything that says something."""
    if not text.strip():
        return "has no words"
    return f"is longer than {MOST_TEXT} characters" if len(text) > MOST_TEXT else None


def prose(value: Value | None) -> str:
    """Paragraphs, each on one line."""
    text = value.text if value else ""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def severities(form: Form, node: Node | None, cases: Test) -> dict[str, Severity]:
    """Severities by the names of cases."""
    found = {}
    for case, child in form.entries(node).items():
        own = form.tested(Value(case, child.key_where), cases)
        level = form.text(child, choice(SEVERITIES))
        if blank(child):
            form.wrong(child.key_where, f"{quoted(case)} has no severity")
        if own is not None and level is not None:
            found[case] = Severity(level.text)
    return found


def examples(form: Form, node: Node | None, needed: bool) -> dict[str, str]:
    """Manifests in which the rule finds something, and in which it does not."""
    found = form.entries(node, ("fails", "passes"))
    for key in ("fails", "passes"):
        there = key in found and not blank(found[key])
        if needed and node is not None and node.is_map and not there:
            form.wrong(node.key_where, f"'examples' has no {quoted(key)}")
    texts = {key: form.text(child, words) for key, child in found.items()}
    return {key: value.text for key, value in texts.items() if value is not None}


def settings(form: Form, node: Node | None, known: dict[str, Parameter]) -> dict[str, int]:
    """Parameters of a shipped rule."""
    found = {}
    for key, child in form.entries(node, tuple(known)).items():
        value, one = child.value(), known[key]
        number = _number(value)
        if number is None or not one.least <= number <= one.most:
            text = f"{quoted(key)} must be a number from {one.least} to {one.most}"
            form.wrong(place(child), text)
        else:
            found[key] = number
    return found


def _number(value: Value) -> int | None:
    plain = value.type is Type.INT and re.fullmatch(r"[0-9]{1,9}", value.text)
    return int(value.text) if plain else None


def check(form: Form, node: Node) -> tuple[Check, Given] | None:
    """The one check of a policy, with what it is told."""
    found = form.entries(node, tuple(CHECKS))
    if node.is_map and len(node.entries()) != 1:
        form.wrong(node.key_where, "'check' must name one check")
        return None
    for own, child in found.items():
        return CHECKS[own], Given(_values(form, CHECKS[own], child))
    return None


def _values(form: Form, one: Check, node: Node) -> dict[str, Any]:
    told = {k: v for k, v in form.entries(node, tuple(one.parameters)).items() if not blank(v)}
    if node.is_map or blank(node):
        for key in (key for key, p in one.parameters.items() if p.needed and key not in told):
            form.wrong(node.key_where, f"{quoted(one.name)} has no {quoted(key)}")
    values = {key: one.parameters[key].kind(form, child) for key, child in told.items()}
    for key, problem in one.clash(values):
        form.wrong(told[key].key_where, f"{quoted(key)} {problem}")
    return values


def lacking(form: Form, root: Node, found: dict[str, Node], needed: tuple[str, ...]) -> None:
    """Tells which keys are not there, or empty."""
    for key in needed:
        if key not in found or blank(found[key]):
            form.wrong(root.where, f"a rule of your own has no {quoted(key)}")
