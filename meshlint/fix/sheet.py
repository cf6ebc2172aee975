"""One document under change: its text, and what its data must be after each edit."""

from __future__ import annotations

import re

from meshlint.finding import Add, Append, Assign, Edit, Location, Move, Remove, Rename
from meshlint.fix import meant
from meshlint.fix.draft import Draft, Splice
from meshlint.fix.form import anchored, form
from meshlint.fix.layout import Impossible
from meshlint.fix.locate import address, at, found
from meshlint.fix.moving import moved
from meshlint.fix.putting import Page, appended, entered, json_like, listed, nested, pair
from meshlint.fix.taking import taken
from meshlint.fix.tree import Entry, Map, Scalar, draft, tree
from meshlint.fix.written import written
from meshlint.source.node import COMMENT
from meshlint.source.placeholder import placeholder
from meshlint.source.split import Slice

SHOUTED = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z")


class Sheet:
    """A document that takes edits. What an edit does to the data is said by `meant`, what it does
    to the text by the other modules here; the two must agree after each.

    Raises:
        NotYaml: the document cannot be read.
        Impossible: an edit cannot be made, or its text would say something else than is meant.
    """

    def __init__(self, piece: Slice, newline: str) -> None:
        self.piece = piece
        self.draft = Draft(piece.text)
        self._newline = newline
        self._meant, self._now = tree(piece.text), tree(piece.text)

    @property
    def text(self) -> str:
        return self.draft.text

    def splices(self) -> list[Splice]:
        """The changes of the first text."""
        return list(self.draft.splices())

    def entry(self, place: Location) -> Entry:
        """The entry that a place in the first text is of; it keeps its identity when it changes."""
        return found(self._meant, self.piece, place)

    def make(self, edit: Edit, entry: Entry) -> None:
        """Makes an edit of an entry, or of what it holds."""
        used = anchored(self._meant)
        meant.own(entry.holder, used)
        match edit:
            case Rename():
                self._splice(self._rename(edit, self._there(entry)))
                meant.renamed(entry, edit.key)
            case Assign():
                self._splice(self._assign(edit, self._there(entry)))
                meant.assigned(entry, edit.value, edit.plain, used)
            case Remove():
                self._splice(taken(self.draft.text, self._there(entry)))
                meant.removed(entry)
            case Add():
                self._add(edit, entry, used)
            case Append():
                self._append(edit, entry, used)
            case Move():
                self._move(edit, entry, used)
        if form(self._meant) != form(self._now):
            raise Impossible("the text would say something else")

    def _there(self, entry: Entry) -> Entry:
        """The entry as it is written now."""
        return at(self._now, address(entry))

    @property
    def _page(self) -> Page:
        return Page(self.draft.text, self._now, self._newline)

    def _splice(self, splice: Splice) -> None:
        self.draft.splice(*splice)
        self._now = tree(self.draft.text)

    def _rename(self, edit: Rename, there: Entry) -> Splice:
        key = there.key
        if not isinstance(key, Scalar) or key.block:
            raise Impossible("no plain key")
        return key.start, key.end, written(edit.key, key.style, flow=there.holder.flow)

    def _assign(self, edit: Assign, there: Entry) -> Splice:
        old = there.value
        if not isinstance(old, Scalar) or "\n" in old.text or self._blank(old):
            raise Impossible("no known scalar")
        style = old.style or ('"' if there.holder.flow and json_like(there) else "")
        words = edit.value if edit.plain else written(edit.value, style, flow=there.holder.flow)
        if old.empty:
            if self.draft.text[old.start - 1 : old.start] != ":":
                raise Impossible("an entry without a colon")
            words = f" {words}"
        return old.start, old.end, words

    def _blank(self, scalar: Scalar) -> bool:
        """Whether something else fills a scalar in; words as INSERT_AFTER are values, too."""
        comment = COMMENT.match(self.draft.text, scalar.end)
        words = comment.group(1) if comment else ""
        return placeholder("" if SHOUTED.match(scalar.text) else scalar.text, words, scalar.style)

    def _add(self, edit: Add, entry: Entry, used: set[int]) -> None:
        page, start = self._page, _start(self._there(entry))
        where, rest = meant.reached(start, edit.path)
        body = nested(page, where, rest, pair(where, edit.key, edit.value))
        goal, way = meant.reached(_start(entry), edit.path)
        meant.own(goal.holder if isinstance(goal, Entry) else goal, used)
        self._splice(entered(page, where, body))
        new = Entry(Scalar(edit.key, '"'), Scalar(edit.value, '"'), entry.holder)
        meant.put(goal, way, new)

    def _append(self, edit: Append, entry: Entry, used: set[int]) -> None:
        page, (*path, key) = self._page, edit.path
        where, rest = meant.reached(_start(self._there(entry)), tuple(path))
        goal, way = meant.reached(_start(entry), tuple(path))
        meant.own(goal.holder if isinstance(goal, Entry) else goal, used)
        items, list_ = (None if rest else meant.listing(w, key) for w in (where, goal))
        if items is None or list_ is None:
            self._splice(
                entered(page, where, nested(page, where, rest, listed(page, where, key, edit.item)))
            )
            meant.put(goal, way, meant.with_list(key, edit.item, entry.holder))
        else:
            self._splice(appended(page, items, edit.item))
            meant.extended(list_, edit.item, used)

    def _move(self, edit: Move, entry: Entry, used: set[int]) -> None:
        page, there = self._page, self._there(entry)
        where, rest = meant.reached(meant.root(there), edit.to)
        goal, way = meant.reached(meant.root(entry), edit.to)
        if goal is entry.holder and not way:
            raise Impossible("it is there already")
        meant.own(goal.holder if isinstance(goal, Entry) else goal, used)
        body = nested(page, where, rest, moved(page.text, there))
        self.draft.splice(*entered(page, where, body))
        self._now = draft(self.draft.text)  # the entry is there twice, with its anchors
        self._splice(taken(self.draft.text, self._there(entry), comments=True))
        meant.moved(entry, goal, way)


def _start(entry: Entry) -> Map:
    """Where the path of an addition begins: the map that an entry holds, else its object's root."""
    if isinstance(entry.value, Map):
        return entry.value
    if isinstance(entry.value, Scalar):
        return meant.root(entry)
    raise Impossible("neither a map nor a scalar")
