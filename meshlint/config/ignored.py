"""`ignore` and `requireReasons` of a configuration: findings that are not to be reported."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.config import glob
from meshlint.config.form import Form, blank, pattern, place
from meshlint.config.model import Ignored
from meshlint.finding import Type, Value, quoted
from meshlint.resources.ignore import RULE, is_day
from meshlint.source.node import Node

KEYS = ("rules", "paths", "objects", "reason", "until")
PART = r"[^/\s\[\]]{1,253}"
OBJECT = re.compile(rf"[A-Za-z*?][A-Za-z0-9*?]*(?:/{PART}){{1,2}}\Z")
"""As the report names objects: Kind/name, or Kind/namespace/name."""

YES = frozenset({"true", "yes", "on", "y"})

rule = pattern(RULE, "is no code or name of a rule")
an_object = pattern(OBJECT, "is no object: write Kind/name or Kind/namespace/name")
reason = pattern(re.compile(r"(?=[\s\S]*\S)"), "says nothing")


def until(text: str) -> str | None:
    """The last day on which something holds."""
    return None if is_day(text) else "is no day of the calendar: write 2027-01-31"


def ignored(form: Form, node: Node | None) -> Iterator[Ignored]:
    """The entries of a list, each with its rules, and with files or objects."""
    for item in form.items(node):
        found = form.entries(item, KEYS)
        rules = form.texts(found.get("rules"), rule)
        paths = form.texts(found.get("paths"), glob.fault)
        objects = form.texts(found.get("objects"), an_object)
        why, day = form.text(found.get("reason"), reason), form.text(found.get("until"), until)
        if not (item.is_map or blank(item)):
            continue
        for problem in _lacking(found):
            form.wrong(place(item), problem)
        if rules:
            where = found["rules"].key_where
            said = (" ".join(why.text.split()) if why else "", day.text if day else "")
            yield Ignored(where, rules, paths, objects, *said)


def _lacking(found: dict[str, Node]) -> Iterator[str]:
    told = {key for key, node in found.items() if not blank(node)}
    if "rules" not in told:
        yield "an entry has no rules: which findings are meant?"
    if not told & {"paths", "objects"}:
        yield "an entry has neither paths nor objects: 'rules' can switch a rule off everywhere"
    for key in ("rules", "paths", "objects"):
        if key in told and found[key].is_list and not found[key].raw.value:
            yield f"an entry has no {key}: leave the key out, or name some"


def flag(form: Form, node: Node | None) -> bool:
    """A boolean; False where it is left out."""
    if node is None or blank(node):
        return False
    value: Value = node.value()
    if value.type is not Type.BOOL:
        form.wrong(value.where, f"{quoted(node.name)} is true or false")
    return value.type is Type.BOOL and value.text.lower() in YES
