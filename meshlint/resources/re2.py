"""Regular expressions as Go reads them (RE2, with Perl's additions): refusals, and matching.

Source: the parser of Go's regexp/syntax, which istiod calls. Python's `re` accepts other
expressions: look-arounds, backreferences and possessive quantifiers are none of RE2's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_REPEATS = 1000
COUNT = re.compile(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}")
NAMED = re.compile(r"\(\?(?:P<|<(?![=!]))")
NAMED_GROUP = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>")
FLAGS = re.compile(r"\(\?[imsU]*(?:-[imsU]+)?([:)])")
HEX = re.compile(r"\\x(?:[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]+\})")
OCTAL = re.compile(r"\\(?:0[0-7]{0,2}|[1-7][0-7]{1,2})")
UNICODE = re.compile(r"\\[pP](?:\{[^}]*\}|[CLMNPSZclmnpsz])")
POSIX = re.compile(r"\[:\^?([a-z]*):\]")
POSIX_NAMES = frozenset(
    "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit".split()
)
ANCHORS = frozenset("AbBz")
PERL_CLASSES = frozenset("dDsSwW")
CONTROLS = frozenset("afnrtv")

SIMPLE = re.compile(
    r"(?:[A-Za-z0-9_ ,:/~!@%=<>-]|\\[.\-+*?()\[\]{}|^$/]|\\[dDwWsS]|[.^$|]|\((?:\?:)?|\)(?![*+{])"
    r"|\[\^?[A-Za-z0-9_.+]+(?:-[A-Za-z0-9_.+]+)*-?\]|[*+?]\??|\{(?:0|[1-9]\d*)(?:,(?:0|[1-9]\d*)?)?\})*\Z"
)
"""Expressions that mean the same to Go and to Python, and that cost Python little."""

QUANTIFIER = re.compile(r"[*+?{]")
MOST_QUANTIFIERS = 6


class Refused(Exception):
    """What Go's parser says of an expression that it does not take."""


@dataclass(slots=True)
class _Group:
    """What was read of a group: `atom` is how often its last atom repeats, None before any."""

    atom: int | None = None
    most: int = 0

    def add(self, weight: int = 1) -> None:
        self.atom = weight
        self.most = max(self.most, weight)


@dataclass(slots=True)
class _Parser:
    text: str
    at: int = 0
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    names: set[str] = field(default_factory=set)
    repeated: bool = False
    """Whether what stands before is a repetition, which may not be repeated itself."""

    def parse(self) -> None:
        while self.at < len(self.text):
            sign = self.text[self.at]
            repeats = sign in "*+?" or (sign == "{" and COUNT.match(self.text, self.at) is not None)
            if repeats:
                self._repeat(sign)
            else:
                STEPS.get(sign, _Parser._literal)(self)
            self.repeated = repeats
        if len(self.groups) > 1:
            raise Refused("missing closing )")

    def _literal(self) -> None:
        self.at += 1
        self.groups[-1].add()

    def _open(self) -> None:
        if not self.text.startswith("(?", self.at):
            self.at += 1
            self.groups.append(_Group())
        elif NAMED.match(self.text, self.at):
            self._named()
        else:
            self._flags()

    def _named(self) -> None:
        named = NAMED_GROUP.match(self.text, self.at)
        if named is None:
            raise Refused("invalid named capture")
        if named[1] in self.names:
            raise Refused("duplicate capture group name")
        self.names.add(named[1])
        self.at = named.end()
        self.groups.append(_Group())

    def _flags(self) -> None:
        flags = FLAGS.match(self.text, self.at)
        if flags is None:
            sign = self.text[self.at : self.at + (4 if self.text[self.at + 2 :][:1] == "<" else 3)]
            raise Refused(f"invalid or unsupported Perl syntax: {sign}")
        self.at = flags.end()
        if flags[1] == ":":
            self.groups.append(_Group())

    def _close(self) -> None:
        if len(self.groups) == 1:
            raise Refused("unexpected )")
        self.at += 1
        inner = self.groups.pop()
        self.groups[-1].add(max(inner.most, 1))

    def _either(self) -> None:
        self.at += 1
        self.groups[-1].atom = None

    def _repeat(self, sign: str) -> None:
        start, factor = self.at, 1
        count = COUNT.match(self.text, self.at) if sign == "{" else None
        self.at = count.end() if count else self.at + 1
        if count:
            factor = _factor(count)
        if self.text.startswith("?", self.at):
            self.at += 1
        shown = self.text[start : self.at]
        if self.repeated:
            raise Refused(f"invalid nested repetition operator at {shown}")
        weight = self.groups[-1].atom
        if weight is None:
            raise Refused(f"missing argument to repetition operator: {shown}")
        if weight * factor > MOST_REPEATS:
            raise Refused(f"invalid repeat count: {shown}")
        self.groups[-1].add(weight * factor)

    def _escape(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "Q":
            end = self.text.find("\\E", self.at + 2)
            inner = end if end >= 0 else len(self.text)
            if inner > self.at + 2:
                self.groups[-1].add()
            self.at = end + 2 if end >= 0 else len(self.text)
            return
        self.at = self._anchor() if following in ANCHORS else self._character(self.at)
        self.groups[-1].add()

    def _anchor(self) -> int:
        return self.at + 2 if self.at + 1 < len(self.text) else self._character(self.at)

    def _character(self, at: int) -> int:
        """The end of an escaped character or class."""
        for form in (HEX, OCTAL, UNICODE):
            match = form.match(self.text, at)
            if match:
                return match.end()
        sign = self.text[at + 1 : at + 2]
        if not sign:
            raise Refused("trailing backslash at end of expression")
        if sign in PERL_CLASSES or sign in CONTROLS or (sign.isascii() and not sign.isalnum()):
            return at + 2
        raise Refused(f"invalid escape sequence: \\{sign}")

    def _class(self) -> None:
        at = self.at + 1
        at += self.text.startswith("^", at)
        first = True
        while first or not self.text.startswith("]", at):
            if at >= len(self.text):
                raise Refused("missing closing ]")
            first = False
            at = self._range(at)
        self.at = at + 1
        self.groups[-1].add()

    def _range(self, at: int) -> int:
        """The end of one part of a class: a named class, a character or a range of them."""
        named = POSIX.match(self.text, at)
        if named:
            if named[1] not in POSIX_NAMES:
                raise Refused(f"invalid character class range: {named[0]}")
            return named.end()
        end = self._member(at)
        low = self.text[at:end]
        if low[:2] in ("\\p", "\\P", *(f"\\{name}" for name in PERL_CLASSES)):
            return end
        rest = self.text[end : end + 2]
        if len(rest) < 2 or rest[0] != "-" or rest[1] == "]":
            return end
        last = self._member(end + 1)
        high = self.text[end + 1 : last]
        if high[:2] in ("\\p", "\\P") or (high[0] == "\\" and high[1] in PERL_CLASSES):
            raise Refused(f"invalid escape sequence: {high}")
        if len(low) == len(high) == 1 and high < low:
            raise Refused(f"invalid character class range: {low}-{high}")
        return last

    def _member(self, at: int) -> int:
        if at >= len(self.text):
            raise Refused("missing closing ]")
        return self._character(at) if self.text[at] == "\\" else at + 1


STEPS: dict[str, Callable[[_Parser], None]] = {
    "(": _Parser._open,
    ")": _Parser._close,
    "|": _Parser._either,
    "[": _Parser._class,
    "\\": _Parser._escape,
}


def _factor(count: re.Match[str]) -> int:
    """How many copies a counted repetition makes, at least 1."""
    least, comma, most = count.groups()
    low = int(least[:9])
    high = int(most[:9]) if most else (low if not comma else 0)
    if max(low, high) > MOST_REPEATS or (most and low > high):
        raise Refused(f"invalid repeat count: {count[0]}")
    return max(high if most or not comma else low, 1)


def refused(expression: str) -> str | None:
    """Why Go does not compile an expression, nearly in its words; None where it does."""
    try:
        _Parser(expression).parse()
    except Refused as fault:
        return str(fault)
    return None


def search(expression: str) -> Callable[[str], bool] | None:
    """A test for texts that hold a match; None where the expression is not simple enough."""
    quantifiers = len(QUANTIFIER.findall(expression))
    if len(expression) > 200 or quantifiers > MOST_QUANTIFIERS or not SIMPLE.match(expression):
        return None
    if refused(expression) is not None:
        return None
    try:
        compiled = re.compile(expression)
    except re.error:  # `^*` is an expression to Go
        return None
    return lambda text: compiled.search(text) is not None
