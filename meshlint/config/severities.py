"""`rules`, `overrides` and `profile` of a configuration: how bad what is, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.config import glob
from meshlint.config.form import Form, Test, blank, choice, pattern, place
from meshlint.config.model import OFF, Override, Setting
from meshlint.data import directory
from meshlint.finding import Severity, Type, Value, quoted
from meshlint.policy import PROFILES
from meshlint.source.node import Node

LEVELS = (*(severity.value for severity in Severity), OFF)
WORD = re.compile(r"[A-Za-z*?][\w*?-]{0,99}\Z", re.ASCII)
"""A code, a name, a family, the beginning of a code, or a glob; which rules it means, only the book
of a run knows."""

rule = pattern(WORD, "names no rules: a code, a name or a family does, and * and ? stand for parts")


def settings(form: Form, node: Node | None) -> tuple[Setting, ...]:
    """A map of rules to severities."""
    return tuple(_settings(form, node))


def _settings(form: Form, node: Node | None) -> Iterator[Setting]:
    for word, child in form.entries(node).items():
        rules = form.tested(Value(word, child.key_where), rule)
        level = _level(form, child)
        if blank(child):
            form.wrong(child.key_where, f"{quoted(word)} has no severity")
        if rules is not None and level is not None:
            yield Setting(rules, None if level.text == OFF else Severity(level.text))


def _level(form: Form, node: Node) -> Value | None:
    """A severity or OFF, which without quotes is false in YAML 1.1."""
    value = node.value()
    if value.type is Type.BOOL and value.text.lower() in {OFF, "false", "no"}:
        return Value(OFF, value.where)
    if value.type is Type.BOOL:
        form.wrong(value.where, f"{quoted(value.text)} is none of {', '.join(LEVELS)}")
        return None
    return form.text(node, choice(LEVELS))


def overrides(form: Form, node: Node | None) -> Iterator[Override]:
    """A list of paths with rules."""
    for item in form.items(node):
        found = form.entries(item, ("paths", "rules"))
        if not item.is_map and not blank(item):
            continue
        for key, question in (("paths", "which files are meant?"), ("rules", "what of them?")):
            child = found.get(key)
            if child is None or blank(child) or _empty(child):
                form.wrong(place(item), f"an entry has no {key}: {question}")
        paths = form.texts(found.get("paths"), glob.fault)
        yield Override(paths, settings(form, found.get("rules")))


def _empty(node: Node) -> bool:
    return (node.is_list or node.is_map) and not node.raw.value


def profile(form: Form, node: Node | None) -> Value | None:
    """The name of a profile that meshlint brings."""
    return form.text(node, profile_test()) if node is not None else None


def profile_test() -> Test:
    """Only the names of profiles."""
    return choice(profile_names())


def profile_names() -> list[str]:
    """The names of all profiles: those of their files."""
    return sorted(path.stem for path in (directory("policies") / PROFILES).glob("*.yaml"))
