"""A template into tokens, as Go's lexer cuts it (text/template/parse, lex.go)."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a token is. Keywords are `WORD`s, which the parser knows by their text."""

    ASSIGN = "="
    BOOL = "boolean"
    CHAR = "other character"
    CHARACTER = "character constant"
    COMPLEX = "complex number"
    DECLARE = ":="
    DOT = "."
    END = "end of the text"
    ERROR = "error"
    FIELD = "field"
    IDENTIFIER = "identifier"
    LEFT = "{{"
    LEFT_PAREN = "("
    NUMBER = "number"
    PIPE = "|"
    QUOTED = "quoted string"
    RAW = "raw string"
    RIGHT = "}}"
    RIGHT_PAREN = ")"
    SPACE = "space"
    TEXT = "text"
    VARIABLE = "variable"
    WORD = "keyword"


KEYWORDS = frozenset("block break continue define else end if nil range template with".split())


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the template; of an error, `text` is what Go says. `at` is its offset."""

    kind: Kind
    text: str
    at: int


SPACE = re.compile(r"[ \t\r\n]+")
BEFORE_MARK = re.compile(r"[ \t\r\n]+?(?=[ \t\r\n]-\}\})|[ \t\r\n]+")
"""Spaces; the last one belongs to the delimiter that it trims."""

TRIM_LEFT = re.compile(r"-(?=[ \t\r\n])")
RIGHT = re.compile(r"(?:[ \t\r\n]-)?\}\}")
COMMENT_END = re.compile(r"\*/")
RUN = re.compile(r"\w*")
"""Letters and digits; of other scripts also numerals that are no digits for Go."""

TERMINATOR = re.compile(r"[ \t\r\n.,|:)(]|\}\}|\Z")
NUMBER = re.compile(
    r"[-+]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?)i?"
)
QUOTES = {
    '"': (re.compile(r'"(?:\\[^\n]|[^"\\\n])*"'), Kind.QUOTED, "unterminated quoted string"),
    "`": (re.compile(r"`[^`]*`"), Kind.RAW, "unterminated raw quoted string"),
    "'": (
        re.compile(r"'(?:\\[^\n]|[^'\\\n])*'"),
        Kind.CHARACTER,
        "unterminated character constant",
    ),
}
SINGLE = {"=": Kind.ASSIGN, "|": Kind.PIPE, "(": Kind.LEFT_PAREN, ")": Kind.RIGHT_PAREN}


class _Fault(Exception):
    """Where the lexer gives up: what Go says, and the offset of what it could not read."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.at = at


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a template; the last one is an end or an error."""
    try:
        yield from _every(text)
    except _Fault as fault:
        yield Token(Kind.ERROR, str(fault), fault.at)
        return
    yield Token(Kind.END, "", len(text))


def _every(text: str) -> Iterator[Token]:
    at = 0
    while True:
        left = text.find("{{", at)
        trimmed = left >= 0 and TRIM_LEFT.match(text, left + 2) is not None
        plain = text[at : left if left >= 0 else len(text)]
        plain = plain.rstrip(" \t\r\n") if trimmed else plain
        if plain:
            yield Token(Kind.TEXT, plain, at)
        if left < 0:
            return
        inside = left + (4 if trimmed else 2)
        if text.startswith("/*", inside):
            at = _comment(text, inside)
            continue
        yield Token(Kind.LEFT, "{{", left)
        at = yield from _action(text, inside)


def _comment(text: str, start: int) -> int:
    """The offset behind a comment and its delimiter."""
    end = COMMENT_END.search(text, start + 2)
    if end is None:
        raise _Fault("unclosed comment", start)
    right = RIGHT.match(text, end.end())
    if right is None:
        raise _Fault("comment ends before closing delimiter", start)
    return _behind(text, right)


def _behind(text: str, right: re.Match[str]) -> int:
    """The offset behind a right delimiter; with a trim marker, behind the spaces after it."""
    spaces = SPACE.match(text, right.end()) if len(right.group()) > 2 else None
    return spaces.end() if spaces else right.end()


def _action(text: str, at: int) -> Generator[Token, None, int]:
    """The tokens up to the right delimiter, with it; returns the offset behind it."""
    depth = 0
    while True:
        right = RIGHT.match(text, at)
        if right and depth:
            raise _Fault("unclosed left paren", at)
        if right:
            yield Token(Kind.RIGHT, "}}", right.end() - 2)
            return _behind(text, right)
        token = _token(text, at)
        depth += (token.kind is Kind.LEFT_PAREN) - (token.kind is Kind.RIGHT_PAREN)
        if depth < 0:
            raise _Fault("unexpected right paren", at)
        yield token
        at += len(token.text)


def _token(text: str, at: int) -> Token:
    """The one token at an offset inside of an action."""
    first = text[at : at + 1]
    if not first:
        raise _Fault("unclosed action", at)
    if first in SINGLE:
        return Token(SINGLE[first], first, at)
    if first in QUOTES:
        return _quoted(text, at, first)
    spaces = BEFORE_MARK.match(text, at)
    if spaces:
        return Token(Kind.SPACE, spaces.group(), at)
    if first == ":":
        if not text.startswith(":=", at):
            raise _Fault("expected :=", at)
        return Token(Kind.DECLARE, ":=", at)
    return _word(text, at, first)


def _quoted(text: str, at: int, quote: str) -> Token:
    pattern, kind, why = QUOTES[quote]
    match = pattern.match(text, at)
    if match is None:
        raise _Fault(why, at)
    return Token(kind, match.group(), at)


def _word(text: str, at: int, first: str) -> Token:
    """A number, a field, a variable, a word, or a single character."""
    following = text[at + 1 : at + 2]
    if first in "+-0123456789" or (first == "." and (not following or following in "0123456789")):
        return _number(text, at)
    if first == "." or first == "$":
        return _path(text, at, Kind.FIELD if first == "." else Kind.VARIABLE)
    if alphanumeric(first):
        return _identifier(text, at)
    if not (first.isascii() and first.isprintable()):
        raise _Fault(f"unrecognized character in action: {_character(first)}", at)
    return Token(Kind.CHAR, first, at)


def _path(text: str, at: int, kind: Kind) -> Token:
    """`.Name` or `$name`; alone they are the cursor, and the root."""
    end = at + 1 if TERMINATOR.match(text, at + 1) else _terminated(text, at + 1)
    alone = kind is Kind.FIELD and end == at + 1
    return Token(Kind.DOT if alone else kind, text[at:end], at)


def _identifier(text: str, at: int) -> Token:
    word = text[at : _terminated(text, at)]
    if word in KEYWORDS:
        return Token(Kind.WORD, word, at)
    return Token(Kind.BOOL if word in ("true", "false") else Kind.IDENTIFIER, word, at)


def _terminated(text: str, at: int) -> int:
    """The end of a run of letters and digits, behind which something else must be."""
    end = _run(text, at)
    if TERMINATOR.match(text, end) is None:
        raise _Fault(f"bad character {_character(text[end])}", at)
    return end


def _run(text: str, at: int) -> int:
    match = RUN.match(text, at)
    end = match.end() if match else at
    if text[at:end].isascii():
        return end
    return next((i for i in range(at, end) if not alphanumeric(text[i])), end)


def alphanumeric(character: str) -> bool:
    """A letter, a decimal digit or `_`, of whatever script."""
    return character == "_" or character.isalpha() or character.isdecimal()


def _number(text: str, at: int) -> Token:
    end = _scanned(text, at, at)
    if text[end : end + 1] not in ("+", "-"):
        return Token(Kind.NUMBER, text[at:end], at)
    end = _scanned(text, at, end)
    if text[end - 1] != "i":
        raise _Fault(f'bad number syntax: "{text[at:end]}"', at)
    return Token(Kind.COMPLEX, text[at:end], at)


def _scanned(text: str, start: int, at: int) -> int:
    """The end of a number. What it is worth, the parser sees."""
    match = NUMBER.match(text, at)
    end = match.end() if match else at
    if end < len(text) and alphanumeric(text[end]):
        raise _Fault(f'bad number syntax: "{text[start : end + 1]}"', start)
    return end


def _character(character: str) -> str:
    shown = f" '{character}'" if character.isprintable() else ""
    return f"U+{ord(character):04X}{shown}"
