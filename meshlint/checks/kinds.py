"""What the parameters of checks can be: readers that tell what is wrong at its place.

Names and values are matched by globs, never by regular expressions: no policy can make a run slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.checks.choosing import Choice
from meshlint.checks.registry import Parameter
from meshlint.config import names
from meshlint.config.form import Form, blank, choice, pattern, place
from meshlint.finding import Value
from meshlint.resources.webhook import Expression, Selector
from meshlint.source.node import Node

GLOB = re.compile(r"[A-Za-z0-9*?][-\w.*?]{0,252}\Z", re.ASCII)
KIND = re.compile(r"[A-Z][A-Za-z0-9]{0,62}\Z")
MOST_TEXT = 1_000
OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
LISTED = ("In", "NotIn")

glob = pattern(GLOB, "cannot be a name: letters, digits, - . _ can, and * and ? stand for parts")
kind = pattern(KIND, "cannot be the kind of an object")


def key(form: Form, node: Node) -> str | None:
    """The key of a label or annotation."""
    return _text(form.text(node, names.label_key))


def text(form: Form, node: Node) -> str | None:
    """A value as it must stand there."""
    return _text(form.text(node, _short))


def texts(form: Form, node: Node) -> tuple[str, ...] | None:
    """Some values."""
    return _filled(form, node, form.texts(node, _short))


def value_glob(form: Form, node: Node) -> str | None:
    """A value with * and ? for its parts; nothing else has a meaning of its own."""
    found = _text(form.text(node, _short))
    return found.replace("[", "[[]") if found is not None else None


def globs(form: Form, node: Node) -> tuple[str, ...] | None:
    """Names, with * and ? for their parts."""
    return _filled(form, node, form.texts(node, glob))


class Word:
    """One of some words."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self, form: Form, node: Node) -> str | None:
        return _text(form.text(node, choice(self.words)))


class Words(Word):
    """Some of some words."""

    def __call__(self, form: Form, node: Node) -> tuple[str, ...] | None:  # type: ignore[override]
        return _filled(form, node, form.texts(node, choice(self.words)))


def namespaces(form: Form, node: Node) -> Choice:
    """Namespaces, by their labels and names."""
    found = form.entries(node, ("names", "except", "matchLabels", "matchExpressions"))
    return _choice(form, node, found)


def pods(form: Form, node: Node) -> Choice:
    """Pods, by their labels, and by kind and name of what makes them."""
    found = form.entries(node, ("kinds", "names", "except", "matchLabels", "matchExpressions"))
    return _choice(form, node, found)


def _choice(form: Form, node: Node, found: dict[str, Node]) -> Choice:
    if node.is_map and not any(not blank(child) for child in found.values()):
        form.wrong(place(node), f"'{node.name}' chooses nothing: leave it out, if all are meant")
    return Choice(
        labels=Selector(tuple(_expressions(form, found))),
        names=_globs(form, found.get("names")),
        without=_globs(form, found.get("except")),
        kinds=_plain(form.texts(found.get("kinds"), kind)),
    )


def _globs(form: Form, node: Node | None) -> tuple[str, ...]:
    return () if node is None or blank(node) else globs(form, node) or ()


def _expressions(form: Form, found: dict[str, Node]) -> Iterator[Expression]:
    """Requirements as Kubernetes has them, meant as they stand: no part is a placeholder."""
    for name, child in form.entries(found.get("matchLabels")).items():
        own = form.tested(Value(name, child.key_where), names.label_key)
        value = form.text(child, names.label_value)
        if blank(child):
            form.wrong(child.key_where, f"'{name}' has no value")
        if own is not None and value is not None:
            yield Expression(own.text, "In", (value,), own.where)
    for item in form.items(found.get("matchExpressions")):
        yield from _expression(form, item)


def _expression(form: Form, item: Node) -> Iterator[Expression]:
    found = form.entries(item, ("key", "operator", "values"))
    own = form.text(found.get("key"), names.label_key)
    operator = form.text(found.get("operator"), choice(OPERATORS))
    values = form.texts(found.get("values"), names.label_value)
    for name in ("key", "operator"):
        if item.is_map and (name not in found or blank(found[name])):
            form.wrong(place(item), f"an expression has no '{name}'")
    given = found.get("values")
    some = given is not None and given.is_list and bool(given.items())
    if operator is not None and some != (operator.text in LISTED):
        needs = "needs 'values'" if operator.text in LISTED else "has no 'values'"
        form.wrong(operator.where, f"'{operator.text}' {needs}")
    elif own is not None and operator is not None:
        yield Expression(own.text, operator.text, values, own.where)


def _filled(form: Form, node: Node, found: tuple[Value, ...]) -> tuple[str, ...] | None:
    if node.is_list and not node.items():
        form.wrong(node.key_where, f"'{node.name}' is empty: name some, or leave it out")
    return _plain(found) or None


def _plain(values: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(value.text for value in values)


def _text(value: Value | None) -> str | None:
    return None if value is None else value.text


def _short(words: str) -> str | None:
    if not words.isprintable():
        return "has characters that do not print"
    return f"is longer than {MOST_TEXT} characters" if len(words) > MOST_TEXT else None


NAMESPACES = Parameter(namespaces, "which namespaces, by names, except, and a label selector")
PODS = Parameter(pods, "which pods, by kinds, names, except, and a label selector")
