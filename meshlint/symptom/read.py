"""Entries of the catalogue out of YAML, or all that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from meshlint.config.entries import maps
from meshlint.config.fault import Faulty, whole
from meshlint.config.form import Endless, Form, Test, blank, place
from meshlint.finding import Value, quoted
from meshlint.source.node import Node
from meshlint.symptom.dialect import BadPattern, Pattern, compiled, pattern
from meshlint.symptom.model import FIELDS, Cause, Check, Symptom

KEYS = (
    "name",
    "summary",
    "error",
    "patterns",
    "causes",
    "resolution",
    "elsewhere",
    "references",
    "samples",
    "strangers",
    "general",
)
NEEDED = ("name", "summary", "error", "patterns", "resolution")
NAME = re.compile(r"(?=.{1,40}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
URL = re.compile(r"https://[^\s<>\"]+\Z")
MOST_TEXT = 8_000


def read(path: str, data: bytes, rules: Test | None = None) -> list[Symptom]:
    """The entries in a file's documents.

    `rules` tells what is wrong with the name of a rule. Without it the entries are taken for
    right, which saves the time to try their patterns.

    Raises:
        Faulty: it is no YAML, or says what it cannot say.
    """
    form = Form()
    try:
        roots = maps(form, path, data, "an error text")
        found = [_symptom(form, root, rules) for root in roots]
    except Endless:
        raise whole(path, "more values than anybody writes") from None
    if form.faults:
        raise Faulty(form.faults)
    return found


def _symptom(form: Form, root: Node, rules: Test | None) -> Symptom:
    found = form.entries(root, KEYS)
    for key in NEEDED:
        if key not in found or blank(found[key]):
            form.wrong(root.where, f"an error text has no {key!r}")
    name = form.text(found.get("name"), _name)
    return Symptom(
        name=name.text if name else "",
        summary=_prose(form.text(found.get("summary"), _words)),
        error=_prose(form.text(found.get("error"), _words)),
        patterns=tuple(_patterns(form, found.get("patterns"), rules is not None)),
        resolution=_prose(form.text(found.get("resolution"), _words)),
        causes=tuple(_causes(form, found.get("causes"), rules or _any)),
        elsewhere=tuple(_checks(form, found.get("elsewhere"))),
        references=_plain(form.texts(found.get("references"), _url)),
        samples=_plain(form.texts(found.get("samples"), _words)),
        strangers=_plain(form.texts(found.get("strangers"), _words)),
        general=_flag(form, found.get("general")),
        where=name.where if name else root.where,
    )


def _any(_: str) -> None:
    return None


def _patterns(form: Form, node: Node | None, strict: bool) -> Iterator[Pattern]:
    if node is not None and node.is_list and not node.items():
        form.wrong(node.key_where, "no pattern: how is the error recognised?")
    for value in form.texts(node, _words):
        try:
            found = pattern(value.text)
            named = compiled(found).regex.groupindex if strict else ()
        except BadPattern as error:
            form.wrong(value.where, f"the pattern {error}")
            continue
        for group in named:
            if group not in FIELDS:
                form.wrong(value.where, f"the group {quoted(group)} is none of {', '.join(FIELDS)}")
        yield found


def _causes(form: Form, node: Node | None, rules: Test) -> Iterator[Cause]:
    for found in _maps(form, node, ("because", "rules"), "because"):
        text = form.text(found["because"], _words)
        names = form.texts(found.get("rules"), rules)
        if text is not None:
            yield Cause(_prose(text), _plain(names))


def _checks(form: Form, node: Node | None) -> Iterator[Check]:
    for found in _maps(form, node, ("check", "commands"), "check"):
        text = form.text(found["check"], _words)
        commands = form.texts(found.get("commands"), _words)
        if text is not None:
            yield Check(_prose(text), tuple(_prose(command) for command in commands))


def _maps(
    form: Form, node: Node | None, keys: tuple[str, ...], needed: str
) -> Iterator[dict[str, Node]]:
    for item in form.items(node):
        found = form.entries(item, keys)
        if needed not in found or blank(found[needed]):
            form.wrong(place(item), f"an entry has no {needed!r}")
        else:
            yield found


def _flag(form: Form, node: Node | None) -> bool:
    if node is None or blank(node):
        return False
    word = node.value().text
    if word not in ("true", "false"):
        form.wrong(node.where, f"{quoted(word)} is neither true nor false")
    return word == "true"


def _prose(value: Value | None) -> str:
    """Paragraphs, each on one line."""
    text = value.text if value else ""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _plain(values: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(value.text for value in values)


def _words(text: str) -> str | None:
    if not text.strip():
        return "has no words"
    return f"is longer than {MOST_TEXT} characters" if len(text) > MOST_TEXT else None


def _matching(regex: re.Pattern[str], words: str) -> Callable[[str], str | None]:
    return lambda text: None if regex.match(text) else words


_name = _matching(NAME, "cannot be a name: up to 40 small letters, digits and dashes can")
_url = _matching(URL, "is no https:// address")
