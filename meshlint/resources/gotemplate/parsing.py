"""Whether Go's parser takes a template (text/template/parse, parse.go): its steps, and no tree.

Go stops at the first fault. Functions that are not defined are gathered here, as if each were, so
that a template for another version of a program is still looked at to its end.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from functools import lru_cache

from meshlint.resources.gotemplate.cursor import Cursor, Fault, Stop, quoted, stop
from meshlint.resources.gotemplate.lexing import Kind, Token, tokens
from meshlint.resources.gotemplate.pipelines import Pipelines, Use, checked


@dataclass(frozen=True, slots=True)
class Parsed:
    """The fault at which Go gives a template up, None if it takes it; and the functions it uses."""

    fault: Fault | None
    uses: tuple[Use, ...]

    def undefined(self, functions: Container[str]) -> tuple[Use, ...]:
        """The first use of each function that is none of the given ones."""
        found: dict[str, Use] = {}
        for use in self.uses:
            if use.name not in functions:
                found.setdefault(use.name, use)
        return tuple(found.values())


@lru_cache(maxsize=64)
def parsed(text: str, name: str = "inject") -> Parsed:
    """What becomes of a template; `name` is the one under which the program parses it."""
    parser = _Parser(text)
    fault = None
    try:
        parser.whole(name)
    except Stop as given_up:
        given = given_up.fault
        fault = replace(given, action=parser.cursor.action) if given else None
    return Parsed(fault, tuple(parser.inside.uses))


@dataclass(frozen=True, slots=True)
class _Node:
    """Text or an action; `ending` is `end` or `else` where it ends a list, else "".

    `empty` is True for what has nothing but space in it.
    """

    at: int
    empty: bool = False
    ending: str = ""


class _Parser:
    """Goes over the tokens once. Whatever is wrong raises Stop."""

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(tokens(text))
        self.inside = Pipelines(self.cursor)
        self.loops = 0
        self.defined: dict[str, bool] = {}

    def whole(self, name: str) -> None:
        """The template itself, between the templates that it defines."""
        empty = True
        while self.cursor.peek().kind is not Kind.END:
            if self._defines():
                continue
            node = self._node()
            if node.ending:
                raise stop(f"unexpected {{{{{node.ending}}}}}", node.at)
            empty = empty and node.empty
        self._add(name, empty, 0)

    def _defines(self) -> bool:
        """Whether a definition stands here, which is read then."""
        cursor, start = self.cursor, self.cursor.at
        left = cursor.next()
        word = cursor.next_solid() if left.kind is Kind.LEFT else left
        if not (word.kind is Kind.WORD and word.text == "define"):
            cursor.at = start
            return False
        context, cursor.action = "define clause", left.at
        name = self._name(cursor.next_solid(), context)
        cursor.expect(Kind.RIGHT, context)
        self._add(name, self._body("define", left.at, context), left.at)
        return True

    def _body(self, word: str, left: int, context: str) -> bool:
        """A template inside of this one, with variables and loops of its own; whether empty."""
        outer = self.inside.variables, self.loops
        self.inside.variables, self.loops = ["$"], 0
        empty, last = self._list(word, left)
        if last.ending != "end":
            raise stop(f"unexpected {{{{else}}}} in {context}", last.at)
        self.inside.variables, self.loops = outer
        return empty

    def _add(self, name: str, empty: bool, at: int) -> None:
        if self.defined.get(name, True):
            self.defined[name] = empty
        elif not empty:
            raise stop(f"template: multiple definition of template {quoted(name)}", at)

    def _list(self, word: str, left: int) -> tuple[bool, _Node]:
        """The nodes of the action `word` that began at `left`: whether empty, and the last one."""
        self.cursor.deeper(1)
        empty = True
        while self.cursor.peek_solid().kind is not Kind.END:
            node = self._node()
            if node.ending:
                self.cursor.deeper(-1)
                return empty, node
            empty = empty and node.empty
        raise stop("unexpected EOF", left, word)

    def _node(self) -> _Node:
        token = self.cursor.next_solid()
        if token.kind is Kind.TEXT:
            return _Node(token.at, empty=not token.text.strip())
        self.cursor.action = token.at
        if token.kind is not Kind.LEFT:
            raise self.cursor.unexpected(token, "input")
        return self._action(token.at)

    def _action(self, left: int) -> _Node:
        token = self.cursor.next_solid()
        word = token.text if token.kind is Kind.WORD else ""
        if word in ("end", "else"):
            return self._ending(word, left)
        if word in ("if", "range", "with"):
            self._control(word, left)
        elif word in ("break", "continue"):
            self._leave(word, left)
        elif word == "template":
            self._template()
        elif word == "block":
            self._block(left)
        else:
            self.cursor.at -= 1
            self.inside.pipeline("command", Kind.RIGHT)
        return _Node(left)

    def _ending(self, word: str, left: int) -> _Node:
        """`else if` and `else with` leave the second word to who asked."""
        token = self.cursor.peek_solid()
        if word == "end" or not (token.kind is Kind.WORD and token.text in ("if", "with")):
            self.cursor.expect(Kind.RIGHT, word)
        return _Node(left, ending=word)

    def _leave(self, word: str, left: int) -> None:
        token = self.cursor.next_solid()
        if token.kind is not Kind.RIGHT:
            raise self.cursor.unexpected(token, f"{{{{{word}}}}}")
        if self.loops == 0:
            raise stop(f"{{{{{word}}}}} outside {{{{range}}}}", left)

    def _control(self, word: str, left: int) -> None:
        """`if`, `range` or `with`, with all that it may have as `else`."""
        count = len(self.inside.variables)
        self.inside.pipeline(word, Kind.RIGHT)
        self.loops += word == "range"
        _, last = self._list(word, left)
        self.loops -= word == "range"
        if last.ending == "else":
            self._otherwise(word, left)
        del self.inside.variables[count:]

    def _otherwise(self, word: str, left: int) -> None:
        token = self.cursor.peek()
        if word != "range" and token.kind is Kind.WORD and token.text == word:
            self.cursor.next()
            self.cursor.deeper(1)
            self._control(word, left)
            self.cursor.deeper(-1)
            return
        _, last = self._list(word, left)
        if last.ending != "end":
            raise stop("expected end; found {{else}}", last.at)

    def _template(self) -> None:
        self._name(self.cursor.next_solid(), "template clause")
        if self.cursor.next_solid().kind is not Kind.RIGHT:
            self.cursor.at -= 1
            self.inside.pipeline("template clause", Kind.RIGHT)

    def _block(self, left: int) -> None:
        context = "block clause"
        name = self._name(self.cursor.next_solid(), context)
        self.inside.pipeline(context, Kind.RIGHT)
        self._add(name, self._body("block", left, context), left)

    def _name(self, token: Token, context: str) -> str:
        """The name of a template, which is a string."""
        if token.kind not in (Kind.QUOTED, Kind.RAW):
            raise self.cursor.unexpected(token, context)
        checked(token)
        return token.text[1:-1]
