"""From a fix, in terms of keys and values, to the characters that change."""

from __future__ import annotations

import json
from collections.abc import Callable

from meshlint.finding import Add, Append, Edit, Fix, Location
from meshlint.fix.change import Change, Replacement
from meshlint.fix.draft import Splice, spliced
from meshlint.fix.inset import Inset
from meshlint.fix.layout import Impossible, newline
from meshlint.fix.sheet import Sheet
from meshlint.fix.tree import Entry
from meshlint.source.loader import NotYaml
from meshlint.source.node import Page
from meshlint.source.placeholder import marked
from meshlint.source.split import Slice, split

Text = Callable[[str], str]
"""The path of a file to its text."""


def resolved(fix: Fix, text_of: Text) -> Change | None:
    """What a fix changes; None where an edit cannot be made, or not surely.

    Each document with its edits is read again: it must say what it said before, with just the
    edits' change. All other documents of its file must be the same text.
    """
    try:
        return _change(fix, text_of)
    except (Impossible, NotYaml):
        return None


def _change(fix: Fix, text_of: Text) -> Change:
    files: dict[str, _File] = {}
    steps = []
    for edit in fix.edits:
        path = place(edit).path
        file = files.setdefault(path, _File(text_of(path)))
        steps.append((edit, *file.entry(place(edit))))
    for edit, sheet, entry in steps:
        sheet.make(edit, entry)
    replacements = tuple(
        Replacement(path, *splice) for path in sorted(files) for splice in files[path].splices()
    )
    if not replacements:
        raise Impossible("nothing changes")
    return Change(fix.words, fix.safe, replacements)


def place(edit: Edit) -> Location:
    """The place that an edit is about."""
    return edit.holder if isinstance(edit, Add | Append) else edit.entry


class _File:
    """A file with those of its documents that take edits."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces = list(split(text))
        self._sheets: dict[int, Sheet | Inset] = {}

    def entry(self, where: Location) -> tuple[Sheet | Inset, Entry]:
        """The document that a place is in, and the entry there."""
        number = sum(piece.first_line <= where.line for piece in self._pieces) - 1
        if number < 0:
            raise Impossible("no document is there")
        if number not in self._sheets:
            self._sheets[number] = self._sheet(self._pieces[number], where)
        sheet = self._sheets[number]
        return sheet, sheet.entry(where)

    def _sheet(self, piece: Slice, where: Location) -> Sheet | Inset:
        """A document that takes edits, or the one in a block scalar of it."""
        if _templated(piece):
            raise Impossible("a template decides what is there")
        end = newline(self._text)
        try:
            return Inset(piece, where, end)
        except Impossible:
            return Sheet(piece, end)

    def splices(self) -> list[Splice]:
        """All changes in the order of the file, if they leave its other documents alone."""
        made = []
        for number in sorted(self._sheets):
            start = self._pieces[number].start
            splices = self._sheets[number].splices()
            made += [(start + a, start + b, new) for a, b, new in splices]
        after = [piece.text for piece in split(spliced(self._text, made))]
        if after != [self._after(number) for number in range(len(self._pieces))]:
            raise Impossible("another document would change")
        return made

    def _after(self, number: int) -> str:
        sheet, before = self._sheets.get(number), self._pieces[number].text
        text = sheet.text if sheet else before
        if _json(before) and not _json(text):
            raise Impossible("it would be no JSON any more")
        return text


def _templated(piece: Slice) -> bool:
    """Whether directives in comments, or marks of templates, decide what a document says."""
    return Page("", piece).directed or marked(piece.text)


def _json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
