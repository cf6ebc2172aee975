"""Putting an entry into a map, or an item into a list, and making the maps that lead there."""

from __future__ import annotations

from dataclasses import dataclass

from meshlint.fix.draft import Splice
from meshlint.fix.layout import Impossible, column, dash, dashed, ended, head, line_start, step
from meshlint.fix.taking import above
from meshlint.fix.tree import Entry, List, Map, Scalar, Tree
from meshlint.fix.written import written


@dataclass(frozen=True, slots=True)
class Page:
    """A document as it is written: its text, its tree, and the line end of its file."""

    text: str
    top: Tree
    newline: str


@dataclass(frozen=True, slots=True)
class Body:
    """What is put there, in both styles; `lines` are relative to the indentation they get.

    `inline` is None for what has several lines, and cannot be put between braces. `name` is the key
    of a map that is made for it.
    """

    lines: tuple[str, ...]
    inline: str | None
    name: str | None = None


def entered(page: Page, where: Map | Entry, body: Body) -> Splice:
    """With an entry at the end of a map, or of the map that an empty value becomes."""
    if isinstance(where, Map):
        return _in_braces(page, where, body) if where.flow else _below(page, where, body)
    if where.holder.flow:
        raise Impossible("an empty value in braces")
    stop = ended(page.text, where.value.end)
    return stop, stop, _lines(page, column(page.text, where) + step(page.text, page.top), body)


def appended(page: Page, items: List, item: str) -> Splice:
    """With a string at the end of a list."""
    text, words = page.text, text_of(items, item)
    if items.flow:
        if items.items:
            end = items.items[-1].end
            return end, end, f", {words}"
        return items.start + 1, items.start + 1, words
    mark = dash(text, items)
    before = text[line_start(text, mark) : mark]
    if before.strip(" -"):
        raise Impossible("the list does not begin its line")
    stop = ended(text, items.items[-1].end)
    return stop, stop, f"{page.newline}{' ' * len(before)}- {words}"


def _below(page: Page, where: Map, body: Body) -> Splice:
    indent = column(page.text, where.entries[0])
    following = where.after(body.name)
    if following and not head(page.text, following).strip():
        start = above(page.text, following)
        return start, start, _lines(page, indent, body).removeprefix(page.newline) + page.newline
    stop = ended(page.text, where.end)
    return stop, stop, _lines(page, indent, body)


def _lines(page: Page, indent: int, body: Body) -> str:
    return "".join(page.newline + (" " * indent + line if line else "") for line in body.lines)


def _in_braces(page: Page, where: Map, body: Body) -> Splice:
    text = page.text
    if text[where.start] != "{" or body.inline is None:
        raise Impossible("not to be written between braces")
    if not where.entries:
        return where.start + 1, where.start + 1, body.inline
    last = where.entries[-1]
    own = head(text, last)
    gap = f",{page.newline}{own}" if not own.strip() else ", "
    return last.value.end, last.value.end, gap + body.inline


def nested(page: Page, where: Map | Entry, path: tuple[str, ...], leaf: Body) -> Body:
    """What is put in, below maps that have to be made; written as what is around it."""
    for name in reversed(path):
        key = text_of(where, name, key=True)
        indent = " " * step(page.text, page.top)
        lines = (f"{key}:", *(indent + line if line else "" for line in leaf.lines))
        leaf = Body(lines, leaf.inline and f"{key}: {{{leaf.inline}}}", name)
    return leaf


def pair(where: Map | Entry, key: str, value: str) -> Body:
    """An entry with a string."""
    words = f"{text_of(where, key, key=True)}: {text_of(where, value)}"
    return Body((words,), words)


def listed(page: Page, where: Map | Entry, key: str, item: str) -> Body:
    """An entry with a list of one string."""
    name, value = text_of(where, key, key=True), text_of(where, item)
    indent = " " * dashed(page.text, page.top)
    return Body((f"{name}:", f"{indent}- {value}"), f"{name}: [{value}]")


def text_of(where: Map | List | Entry, text: str, *, key: bool = False) -> str:
    """A string as it is written at a place: with double quotes in what may be JSON."""
    flow = where.holder.flow if isinstance(where, Entry) else where.flow
    style = '"' if flow and json_like(where) else ""
    return written(text, style, flow=flow)


def json_like(where: Map | List | Entry) -> bool:
    """Whether keys around a place are in double quotes."""
    keys = [entry.key for entry in where.entries] if isinstance(where, Map) else []
    if isinstance(where, Entry):
        keys = [where.key]
    elif not keys and isinstance(where.parent, Entry):
        keys = [where.parent.key]
    return bool(keys) and all(isinstance(key, Scalar) and key.style == '"' for key in keys)
