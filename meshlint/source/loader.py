"""libyaml behind a guard: text to raw nodes, or the offset where it is no YAML.

The one place that imports yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, ScalarNode, SequenceNode
from yaml.nodes import Node as RawNode

try:
    from yaml import CBaseLoader as BaseLoader
except ImportError:  # a PyYAML built without libyaml: the same nodes, ten times slower
    from yaml import BaseLoader  # type: ignore[assignment]

__all__ = [
    "MappingNode",
    "NotYaml",
    "Part",
    "RawNode",
    "ScalarNode",
    "SequenceNode",
    "TooDeep",
    "compose",
    "parts",
]

MAX_DEPTH = 200
SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
INDENTED = re.compile(r"(?m)^[ \t\-?]{100,}")


class NotYaml(Exception):
    """The text is not valid YAML; `offset` is where the parser gave up."""

    def __init__(self, why: str, offset: int) -> None:
        super().__init__(why)
        self.offset = offset


class TooDeep(NotYaml):
    """Nested deeper than MAX_DEPTH: composing it could exhaust the C stack."""


def compose(text: str) -> RawNode:
    """The root node of a text with one document. Scalars keep their text; nothing is resolved.

    Raises:
        NotYaml: where libyaml gives up; TooDeep before it is asked.
    """
    if "\\u" in text:  # libyaml refuses the surrogate pairs by which JSON writes other planes
        text = SURROGATE.sub(r"\\ufffd", text)
    try:
        if _maybe_deep(text):
            _measure(text)
        root = BaseLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise NotYaml(_words(error), _offset(error)) from None
    except yaml.reader.ReaderError as error:
        code = error.character if isinstance(error.character, int) else ord(error.character)
        raise NotYaml(f"the character U+{code:04X} is not allowed", _unprintable(text)) from None
    if root is None:
        raise NotYaml("the document is empty", 0)
    return root


@dataclass(frozen=True, slots=True)
class Part:
    """What a text with one document consists of: unlike nodes, it tells aliases and anchors.

    `what` is scalar, alias, map, list or end (of a map or list); `start` and `end` are offsets, of
    a map and list those of their beginning. `name` is that of an anchor or alias, `style` that of a
    scalar (a quote, or the mark of a block), `flow` is True for a map or list in brackets.
    """

    what: str
    start: int
    end: int
    name: str | None = None
    tag: str | None = None
    text: str = ""
    style: str = ""
    flow: bool = False


def parts(text: str) -> Iterator[Part]:
    """The parts of a text, in their order; one that `compose` refuses may have some.

    Raises:
        NotYaml: where libyaml gives up.
    """
    for event in _events(SURROGATE.sub(r"\\ufffd", text)):
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            continue
        span = start.index, end.index
        if isinstance(event, yaml.ScalarEvent):
            yield Part("scalar", *span, event.anchor, event.tag, event.value, event.style or "")
        elif isinstance(event, yaml.AliasEvent):
            yield Part("alias", *span, event.anchor)
        elif isinstance(event, yaml.CollectionStartEvent):
            what = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
            yield Part(what, *span, event.anchor, event.tag, flow=bool(event.flow_style))
        elif isinstance(event, yaml.CollectionEndEvent):
            yield Part("end", *span)


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=BaseLoader)
    except yaml.MarkedYAMLError as error:
        raise NotYaml(_words(error), _offset(error)) from None


ENDLESS = {
    "while scanning a simple key": "this key has no ':'",
    "while scanning a quoted scalar": "this quote is never closed",
}
"""Faults that the parser meets at the end of the file: better told where they begin."""


def _offset(error: yaml.MarkedYAMLError) -> int:
    marks = (error.problem_mark, error.context_mark)
    order = marks[::-1] if error.context in ENDLESS else marks
    mark = next((mark for mark in order if mark), None)
    return mark.index if mark else 0


def _words(error: yaml.MarkedYAMLError) -> str:
    """The parser's words, without the braces that message templates give a meaning."""
    words = ENDLESS.get(error.context or "") or error.problem or "not valid YAML"
    return words.replace("'{'", "an opening brace").replace("'}'", "a closing brace")


def _unprintable(text: str) -> int:
    match = yaml.reader.Reader.NON_PRINTABLE.search(text)
    return match.start() if match else 0


def _maybe_deep(text: str) -> bool:
    """A cheap upper bound: each level of nesting costs a bracket or a column."""
    brackets = text.count("[") + text.count("{")
    return brackets > MAX_DEPTH or INDENTED.search(text) is not None


def _measure(text: str) -> None:
    """Counts the real depth with the event parser, which needs no stack."""
    depth = 0
    for event in yaml.parse(text, Loader=BaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            mark = event.start_mark
            raise TooDeep(f"nested deeper than {MAX_DEPTH} levels", mark.index if mark else 0)
