"""Comments of a YAML text, and of a template that is none: not what looks like one in a string."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from meshlint.source.lines import NEWLINE
from meshlint.source.loader import MappingNode, NotYaml, RawNode, ScalarNode, compose
from meshlint.source.outline import ACTION, BLOCK, FILLED, KEY

HELM = re.compile(r"\{\{-?\s*/\*")
HELM_END = re.compile(r"\*/\s*-?\}\}")

RUN = re.compile(
    rf"(?<![^\r\n])(?:[ \t]*(?=[{FILLED}#])[ \t{FILLED}]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z))+"
)
"""Lines that hold nothing but comments, those of a template filled."""

HASH = re.compile(r"(?<!\S)#")
TOKEN = r"(?<![^\s\[{(,:])"
QUOTED = re.compile(rf"""{TOKEN}(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""")
OPEN = re.compile(rf"""{TOKEN}["']""")
ITEM = re.compile(r"[ ]*-[ ]+(?P<value>[|>].*)")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment from its mark to its end, as offsets; `alone` where nothing stands before it."""

    text: str
    start: int
    alone: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def comments(text: str, word: str) -> Iterator[Comment]:
    """Those comments of one document that hold a word."""
    try:
        spans = _scalars(compose(text), text)
    except NotYaml:
        yield from _in_template(text, word)
        return
    starts = [start for start, _ in spans]
    for start, end in _lines_with(text, word):
        for mark in HASH.finditer(text, start, end):
            at = bisect_right(starts, mark.start()) - 1
            if at < 0 or spans[at][1] <= mark.start():
                yield from _comment(text, (start, mark.start(), end), word)
                break


class Runs:
    """The runs of lines with nothing but comments in a text."""

    def __init__(self, text: str) -> None:
        self._spans = [run.span() for run in RUN.finditer(_hidden(text, _helm(text)))]
        self._starts = [start for start, _ in self._spans]

    def below(self, offset: int) -> int:
        """Where the first line begins that follows a comment's and is none itself."""
        at = bisect_right(self._starts, offset) - 1
        end = self._spans[at][1] if at >= 0 else 0
        return max(offset, end)


def _helm(text: str) -> Iterator[tuple[int, int]]:
    """Where comments of Go's templates begin and end; they may have several lines."""
    opened = HELM.search(text)
    while opened:
        closed = text.find("*/", opened.end())
        if closed < 0:
            return
        end = HELM_END.match(text, closed)
        if end:
            yield opened.start(), end.end()
        opened = HELM.search(text, end.end() if end else closed + 2)


def without_actions(text: str, fill: str = FILLED) -> str:
    """The text with something else in place of a template's actions, line ends kept."""
    return _hidden(text, _actions(text), fill)


def _actions(text: str) -> Iterator[tuple[int, int]]:
    """Where actions begin and end; one that is not closed ends the text."""
    start = text.find("{{")
    while start >= 0:
        action = ACTION.match(text, start)
        end = action.end() if action else len(text)
        yield start, end
        start = text.find("{{", end)


def _hidden(text: str, spans: Iterable[tuple[int, int]], fill: str = FILLED) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], re.sub(r"[^\r\n]", fill, text[start:end])]
        done = end
    return "".join([*parts, text[done:]])


def _comment(text: str, place: tuple[int, int, int], word: str) -> Iterator[Comment]:
    start, mark, end = place
    found = text[mark:end]
    if word in found:
        yield Comment(found.rstrip(), mark, not text[start:mark].strip())


def _lines_with(text: str, word: str) -> Iterator[tuple[int, int]]:
    """The bounds of the lines that hold a word."""
    at = text.find(word)
    while at >= 0:
        start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        found = NEWLINE.search(text, at)
        end = found.start() if found else len(text)
        yield start, end
        at = text.find(word, end)


def _scalars(root: RawNode, text: str) -> list[tuple[int, int]]:
    """Where scalars begin and end, by their places."""
    stack, seen, spans = [root], set(), []
    while stack:
        raw = stack.pop()
        if id(raw) in seen:
            continue
        seen.add(id(raw))
        if isinstance(raw, ScalarNode):
            spans.append((_content(raw, text), raw.end_mark.index))
        elif isinstance(raw, MappingNode):
            stack.extend(part for pair in raw.value for part in pair)
        else:
            stack.extend(raw.value)
    return sorted(spans)


def _content(raw: ScalarNode, text: str) -> int:
    """Where a scalar begins; of a block the line end behind its mark: a comment may stand there."""
    start = int(raw.start_mark.index)
    end = NEWLINE.search(text, start) if raw.style in ("|", ">") else None
    return end.start() if end else start


def _in_template(text: str, word: str) -> Iterator[Comment]:
    """Of a text that no parser reads: told from its lines, as far as indentation tells."""
    for begin, end in _helm(text):
        if word in text[begin:end]:
            start = max(text.rfind("\n", 0, begin), text.rfind("\r", 0, begin)) + 1
            yield Comment(text[begin:end], begin, not text[start:begin].strip())
    block: int | None = None
    start = 0
    for line in without_actions(text).splitlines(keepends=True):
        inside = block is not None and _deeper(line, block)
        if not inside:
            block, mark = _plain(line)
            end = start + len(line.rstrip("\r\n"))
            if mark is not None:
                yield from _comment(text, (start, start + mark, end), word)
        start += len(line)


def _deeper(line: str, column: int) -> bool:
    """Whether a line belongs to the block scalar of a key at a column."""
    bare = line.replace(FILLED, "").strip()
    return not bare or len(line) - len(line.lstrip(" ")) > column


def _plain(line: str) -> tuple[int | None, int | None]:
    """Of a line outside of block scalars: the column of one that it opens, and its comment's."""
    hidden = QUOTED.sub(lambda quoted: FILLED * len(quoted.group()), line.rstrip("\r\n"))
    mark = HASH.search(hidden)
    at = mark.start() if mark and not OPEN.search(hidden, 0, mark.start()) else None
    content = line[:at].rstrip()
    key, item = KEY.match(content), ITEM.match(content)
    if key and BLOCK.match(key["value"].rstrip()):
        return key.start("key"), at
    if item and BLOCK.match(item["value"].rstrip()):
        return content.index("-"), at
    return None, at
