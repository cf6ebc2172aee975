"""Comments that suppress findings: `# meshlint: ignore[MESH104] reason`, and for more than a line.

| comment | is about |
|---|---|
| ignore | its own line; alone on a line, the next line that is no comment |
| ignore-document | all of its document |
| ignore-file | all of its file, at whose head it stands |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, quoted
from meshlint.resources.ignore import FORM, Flaw, Ignore, Rows, terms, words
from meshlint.resources.keys import MARK
from meshlint.source.comments import Comment, Runs, comments, without_actions
from meshlint.source.lines import Lines
from meshlint.source.split import Slice, split

HERE = re.compile(r"meshlint[ \t]*:")
"""What a text has in it that may have such a comment."""

COMMENT = re.compile(
    r"""(?:\#+|\{\{-?\s*/\*)\s*meshlint[ \t]*(?P<colon>:?)\s*(?P<word>[\w-]*)\s*
        (?P<list>\[[^\]]*\]?)?(?P<rest>.*?)\s*(?:\*/\s*-?\}\})?\Z""",
    re.VERBOSE | re.DOTALL,
)
LINE, DOCUMENT, FILE = "ignore", "ignore-document", "ignore-file"
MEANT = re.compile(
    r"(?:ign|ing|disab|enab|suppress|skip|noqa|nolint|allow|exclu|off\b|mute|silen)", re.IGNORECASE
)
"""How words begin that somebody may write in place of `ignore`."""

LEAD = re.compile(r"\s*(?:(?::|--?|–|—)\s+)?")
"""What people put between the list and the reason."""

CONTENT = re.compile(r"^(?!---|\.\.\.|%)[ \t]*[^\s#]", re.MULTILINE)
"""Where the head of a file ends: at a line that is no comment, marker or directive."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A file's text with its documents: each as its lines, with comments above its `---`."""

    path: str
    lines: Lines
    head: int
    runs: Runs

    def location(self, comment: Comment, start: int, end: int) -> Location:
        """A part of a comment, given by offsets in it, as far as its first line goes."""
        line, column = self.lines.place(comment.start + start)
        last, stop = self.lines.place(comment.start + end)
        if last != line:
            stop = len(self.lines.line(line)) + 1
        return Location(self.path, line, column, line, stop)


def ignores(path: str, text: str) -> Iterator[Ignore]:
    """The suppressions in the comments of a file."""
    if not HERE.search(text) and f"{MARK} ignore" not in text:
        return
    first = CONTENT.search(without_actions(text, " "))
    page = _Page(path, Lines(text), first.start() if first else len(text), Runs(text))
    for piece, start, end in _pieces(text):
        own = Rows(path, page.lines.place(start)[0], page.lines.place(max(end - 1, start))[0])
        for comment in comments(piece, MARK):
            placed = Comment(comment.text, comment.start + start, comment.alone)
            found = _ignore(page, placed, own)
            if found:
                yield found


def _pieces(text: str) -> Iterator[tuple[str, int, int]]:
    """The documents, each with what stands between it and the one before, which is comments."""
    begin = 0
    pieces: list[Slice] = list(split(text))
    for piece in pieces:
        end = piece.start + len(piece.text)
        if begin < piece.start:
            yield from _apart(text, begin, piece, end)
        else:
            yield piece.text, piece.start, end
        begin = end
    if begin < len(text):
        yield text[begin:], begin, len(text)


def _apart(text: str, begin: int, piece: Slice, end: int) -> Iterator[tuple[str, int, int]]:
    yield text[begin : piece.start], begin, end
    yield piece.text, piece.start, end


def _ignore(page: _Page, comment: Comment, document: Rows) -> Ignore | None:
    """The suppression that a comment is; None for one about something else."""
    found = COMMENT.match(comment.text)
    problem = _problem(found, page, comment) if found else ""
    if found is None or problem is None:
        return None
    where = page.location(comment, 0, len(comment.text))
    rows = _rows(page, comment, document, found["word"])
    around = rows if found["word"] == FILE else document
    if problem:
        start, end = found.span("word") if found["word"] else (0, len(comment.text))
        flaw = Flaw(page.location(comment, start, end), problem)
        return Ignore(where, (), rows, flaws=(flaw,), around=around)
    inner = found["list"][1:-1]
    place = page.location(comment, found.start("list"), found.end("list"))
    shift = 1 if "\n" not in found["list"] and "\r" not in found["list"] else None
    said = terms(tuple(words(inner, place, shift)), place)
    reason = " ".join(found["rest"][_lead(found["rest"]) :].split())
    return Ignore(where, said.rules, rows, reason, said.until, said.flaws, around)


def _lead(rest: str) -> int:
    lead = LEAD.match(rest)
    return lead.end() if lead else 0


def _problem(found: re.Match[str], page: _Page, comment: Comment) -> str | None:
    """What is wrong with the form of a comment; "" for nothing, None where it is no suppression."""
    word, told = found["word"], found["list"]
    if not found["colon"]:
        meant = word in (LINE, DOCUMENT, FILE) and told
        return f"it lacks a colon: write '{FORM}'" if meant else None
    if word not in (LINE, DOCUMENT, FILE):
        if not told and not MEANT.match(word):
            return None
        return f"{quoted(word)} is none of {LINE}, {DOCUMENT} and {FILE}"
    if not told:
        return f"it names no rule, and all at once cannot be suppressed: write '{FORM}'"
    if not told.endswith("]"):
        return f"its list of rules is not closed: write '{FORM}'"
    if word == FILE and comment.start > page.head:
        return f"{FILE} stands at the head of a file, above all that is no comment"
    return ""


def _rows(page: _Page, comment: Comment, document: Rows, word: str) -> Rows:
    """The lines that a comment is about."""
    lines = page.lines
    if word == FILE:
        return Rows(page.path, 1, max(lines.count, 1))
    if word == DOCUMENT:
        return document
    offset = comment.start
    if comment.alone:
        offset = page.runs.below(comment.start)
    line = lines.place(min(offset, len(lines.text)))[0]
    return Rows(page.path, line, line)
