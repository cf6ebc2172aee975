"""Going over the tokens of a template, and giving up as Go's parser does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from meshlint.resources.gotemplate.lexing import Kind, Token

DEEPEST = 64
"""Levels of nesting that are followed; the injector's own templates have eight."""


PAST_END = 4
"""How often the last token is there once more, for whoever asks for the next one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What Go's parser says, without the template's name and line, and the offset it is about.

    `unclosed` names the action that has no end, where that is the fault. `action` is the offset
    where the action begins that is being read.
    """

    why: str
    at: int
    unclosed: str = ""
    action: int = 0


class Stop(Exception):
    """Go gives the template up; without a fault it is nested too deeply to be followed."""

    def __init__(self, fault: Fault | None) -> None:
        super().__init__()
        self.fault = fault


class Cursor:
    """A place among the tokens. `action` is the offset where the present action begins."""

    def __init__(self, found: Iterable[Token]) -> None:
        every = tuple(found)
        self.tokens = (*every, *every[-1:] * PAST_END)
        self.at = 0
        self.action = 0
        self.depth = 0

    def peek(self) -> Token:
        return self.tokens[self.at]

    def next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def peek_solid(self) -> Token:
        """The next token that is no space; the spaces are behind us then."""
        token = self.tokens[self.at]
        while token.kind is Kind.SPACE:
            self.at += 1
            token = self.tokens[self.at]
        return token

    def next_solid(self) -> Token:
        token = self.peek_solid()
        self.at += 1
        return token

    def expect(self, kind: Kind, context: str) -> Token:
        token = self.next_solid()
        if token.kind is not kind:
            raise self.unexpected(token, context)
        return token

    def unexpected(self, token: Token, context: str) -> Stop:
        if token.kind is Kind.ERROR:
            whole = token.text in ("unclosed action", "unclosed left paren")
            return stop(token.text, self.action if whole else token.at)
        return stop(f"unexpected {_shown(token)} in {context}", token.at)

    def deeper(self, by: int) -> None:
        self.depth += by
        if self.depth > DEEPEST:
            raise Stop(None)


def stop(why: str, at: int, unclosed: str = "") -> Stop:
    return Stop(Fault(why, at, unclosed))


def quoted(text: str) -> str:
    """As Go prints text with %q."""
    return json.dumps(text, ensure_ascii=False)


def _shown(token: Token) -> str:
    if token.kind is Kind.END:
        return "EOF"
    if token.kind in (Kind.WORD, Kind.DOT):
        return f"<{token.text}>"
    return quoted(token.text[:10]) + "..." if len(token.text) > 10 else quoted(token.text)
