"""HTML from text: the one place that escapes. What mypy knows as Markup is safe to write."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NewType

from meshlint.finding import printable

Markup = NewType("Markup", str)
"""HTML that may be written as it is: made by the functions here and by nothing else."""

NOTHING = Markup("")
VOID = frozenset({"meta", "link", "input", "br", "col"})


def text(words: object) -> Markup:
    """Text as a browser shows it; what it could obey or hide is spelled out (`\\x1b`)."""
    return Markup(escape(printable(str(words)), quote=True))


def joined(*parts: Markup) -> Markup:
    """One after the other."""
    return Markup("".join(parts))


def tag(element: str, /, *inside: Markup, **attributes: object) -> Markup:
    """An element. Of attributes, True is one without a value, None and False are left out.

    An underscore at the end is dropped (`class_`), others are dashes (`aria_label`).
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if element in VOID:
        return Markup(f"<{element}{given}>")
    return Markup(f"<{element}{given}>{''.join(inside)}</{element}>")


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(value)}"'


def link(words: Markup, address: str) -> Markup:
    """A link that leads out, to the web and nowhere else; the words alone for other addresses."""
    if not address.startswith(("https://", "http://")):
        return words
    return tag("a", words, href=address, rel="noopener noreferrer")


MOST = 500
"""Longer lists are cut, and say so."""


def listed(items: Sequence[Markup]) -> Markup:
    """A list."""
    lines = [tag("li", item) for item in items[:MOST]]
    if len(items) > MOST:
        lines.append(tag("li", text(f"and {len(items) - MOST} more")))
    return tag("ul", *lines)


def folded(head: Markup, items: Sequence[Markup]) -> Markup:
    """A line that unfolds to a list; without items, the line."""
    if not items:
        return tag("p", head, class_="reason")
    return tag("details", tag("summary", head), listed(items), class_="reason")


def paragraphs(prose: str) -> Markup:
    """Prose with blank lines between paragraphs; words in backquotes are code."""
    return joined(*(tag("p", _inline(part)) for part in prose.split("\n\n") if part.strip()))


def _inline(prose: str) -> Markup:
    parts = prose.split("`")
    if len(parts) % 2 == 0:
        return text(prose)
    return joined(*(tag("code", text(p)) if i % 2 else text(p) for i, p in enumerate(parts)))
