"""The two texts in an injector's ConfigMap, `config` and `values`, and the templates in them.

istiod reads both as YAML (istio/istio pkg/kube/inject, UnmarshalConfig and NewValuesConfig).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, Type, Value
from meshlint.resources.document import Document
from meshlint.resources.injector import MAP_NAME
from meshlint.resources.nested import nested, unrendered
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable

KEYS = ("config", "values")
SENTINEL = "Template_Version_And_Istio_Version_Mismatched_Check_Installation"
"""What charts since 1.9 write as `template`, at which an older istiod fails."""

SEVERAL = re.compile(r"(?m)^(?:---|\.\.\.)(?:\s|\Z)")
"""Marks between documents, of which Go reads the first."""

BEHIND = "did not find expected <document start>"
"""The fault of what stands behind the first document without such a mark."""

BLANKS = ("${", "{%", "<%", "(@")
"""Marks of what is filled in later; `{{` is in every injector's own templates."""

FLOW = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|#[^\n]*|[\[\]{}]", re.DOTALL)
"""What begins and ends maps and lists that are written in brackets, or hides such."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a text is no YAML, and where."""

    why: str
    where: Location


@dataclass(frozen=True, slots=True)
class Text:
    """A text under a key of the ConfigMap: the scalar that holds it, and the root of what it says.

    `root` is None where there is nothing in it, or it is `broken`.
    """

    key: str
    holder: Node
    root: Node | None
    broken: Broken | None = None

    @property
    def whole(self) -> Location | None:
        """The one place of a text that has no lines of its own; None for a block."""
        return None if self.holder.block is not None else self.holder.where

    def place(self, where: Location) -> Location:
        return self.whole or where


def is_injector_map(document: Document) -> bool:
    """Whether a ConfigMap is one that istiod may look for: it finds it by its name."""
    name = document.meta.name
    core = document.kind == "ConfigMap" and document.group == ""
    return core and name is not None and MAP_NAME.match(name.text) is not None


def text(document: Document, key: str) -> Text | None:
    """The text under a key; None where there is none, or it is yet to be filled in."""
    node = document.root.get("data", key)
    if node is None or node.value().type is not Type.STRING:
        return None
    content = node.value().text
    # in a text without lines of its own the injector's templates look like a chart's
    partial = document.partial is not None and node.block is not None
    if partial or unrendered(content) or _placeholder(node.value()) or SEVERAL.search(content):
        return None
    try:
        return Text(key, node, nested(node) if content.strip() else None)
    except Unparsable as fault:
        return _faulty(key, node, fault)


def _placeholder(value: Value) -> bool:
    """Whether it is one as a whole, and not a text that has some in it."""
    return not value.literal and ":" not in value.text


def _faulty(key: str, node: Node, fault: Unparsable) -> Text | None:
    """What is no YAML; comments alone are an empty document."""
    why, content = str(fault), node.value().text
    blank = any(mark in content for mark in BLANKS) or (key == "values" and "{{" in content)
    if fault.deep or blank or why == BEHIND or _ended(content):
        return None
    if why == "the document is empty":
        return Text(key, node, None)
    where = node.where
    if node.block is not None:
        last = fault.column + 1
        where = Location(where.path, fault.line, fault.column, fault.line, last, node.pointer)
    return Text(key, node, None, Broken(why, where))


def _ended(content: str) -> bool:
    """Whether the first document is in brackets and ends before the text does.

    Go takes it then, whatever stands behind it, such as one brace too many.
    """
    depth = 0
    for match in FLOW.finditer(content) if content.lstrip()[:1] in ("{", "[") else ():
        depth += (match.group() in "{[") - (match.group() in "}]")
        if depth == 0:
            return bool(content[match.end() :].strip())
    return False


def templates(config: Text) -> Iterator[tuple[str, Node]]:
    """The templates of a configuration by name; the one of the form before 1.9 has none.

    Beside templates with names the one without is read by nobody.
    """
    root = config.root
    if root is None or not root.is_map:
        return
    named, single = root.get("templates"), root.get("template")
    entries = named.entries() if named is not None else {}
    if not entries and single is not None:
        entries = {} if sentinel(single) else {"": single}
    yield from ((n, node) for n, node in entries.items() if node.value().type is Type.STRING)


def sentinel(template: Node) -> bool:
    """Whether a template is there just to fail in an istiod that reads it."""
    return SENTINEL in template.value().text
