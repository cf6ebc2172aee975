"""What stands between the delimiters: commands, their operands and the variables they need."""

from __future__ import annotations

from dataclasses import dataclass

from meshlint.resources.gotemplate import literals
from meshlint.resources.gotemplate.cursor import Cursor, quoted, stop
from meshlint.resources.gotemplate.lexing import Kind, Token

CONSTANTS = frozenset(
    {Kind.BOOL, Kind.CHARACTER, Kind.COMPLEX, Kind.DOT, Kind.NUMBER, Kind.QUOTED, Kind.RAW}
)
"""What is no command, and has no fields; so is the word `nil`."""

OPERANDS = CONSTANTS | {Kind.FIELD, Kind.IDENTIFIER, Kind.LEFT_PAREN, Kind.VARIABLE}


@dataclass(frozen=True, slots=True)
class Use:
    """A function that a template calls, and the offset of the call."""

    name: str
    at: int


class Pipelines:
    """Reads pipelines, and remembers variables and functions. What is wrong raises Stop."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.variables = ["$"]
        self.uses: list[Use] = []

    def pipeline(self, context: str, end: Kind) -> None:
        """Declarations, then commands, up to a token; `context` is what Go calls the place."""
        self._declarations(context)
        firsts: list[Token] = []
        while (token := self.cursor.peek_solid()).kind is not end:
            if token.kind not in OPERANDS and not _nil(token):
                raise self.cursor.unexpected(self.cursor.next(), context)
            firsts.append(self._command())
        self.cursor.next()
        if not firsts:
            raise stop(f"missing value for {context}", self.cursor.action)
        for stage, first in enumerate(firsts[1:], start=2):
            if first.kind in CONSTANTS or _nil(first):
                raise stop(f"non executable command in pipeline stage {stage}", first.at)

    def _declarations(self, context: str) -> None:
        """`$x :=` or `$x =`; for a range also `$k, $v :=`."""
        cursor, count = self.cursor, 0
        while cursor.peek_solid().kind is Kind.VARIABLE:
            start, variable = cursor.at, cursor.next()
            sign = cursor.peek_solid()
            comma = sign.kind is Kind.CHAR and sign.text == ","
            if not comma and sign.kind not in (Kind.ASSIGN, Kind.DECLARE):
                cursor.at = start
                return
            cursor.next()
            self.variables.append(variable.text)
            count += 1
            if not comma:
                return
            self._second(context, count, sign.at)

    def _second(self, context: str, count: int, at: int) -> None:
        """Behind a comma: only a range takes two variables."""
        if context != "range" or count > 1:
            raise stop(f"too many declarations in {context}", at)
        if self.cursor.peek_solid().kind not in (Kind.VARIABLE, Kind.RIGHT, Kind.RIGHT_PAREN):
            raise stop("range can only initialize variables", at)

    def _command(self) -> Token:
        """Operands with spaces between them, up to a pipe; gives the first operand's token."""
        cursor, first = self.cursor, None
        while True:
            start = cursor.peek_solid()
            if self._operand():
                first = first or start
            token = cursor.next()
            if token.kind is Kind.SPACE:
                continue
            if token.kind in (Kind.RIGHT, Kind.RIGHT_PAREN):
                cursor.at -= 1
            elif token.kind is not Kind.PIPE:
                raise cursor.unexpected(token, "operand")
            break
        if first is None:
            raise stop("empty command", cursor.action)
        return first

    def _operand(self) -> bool:
        """A term with fields behind it, if there is one."""
        token = self.cursor.peek_solid()
        if not self._term():
            return False
        fields = False
        while self.cursor.peek().kind is Kind.FIELD:
            self.cursor.next()
            fields = True
        if fields and (token.kind in CONSTANTS or _nil(token)):
            raise stop(f"unexpected . after term {quoted(token.text)}", token.at)
        return True

    def _term(self) -> bool:
        cursor = self.cursor
        token = cursor.next_solid()
        if token.kind is Kind.LEFT_PAREN:
            cursor.deeper(1)
            self.pipeline("parenthesized pipeline", Kind.RIGHT_PAREN)
            cursor.deeper(-1)
        elif token.kind is Kind.IDENTIFIER:
            self.uses.append(Use(token.text, token.at))
        elif token.kind is Kind.VARIABLE:
            if token.text not in self.variables:
                raise stop(f"undefined variable {quoted(token.text)}", token.at)
        elif token.kind in OPERANDS:
            checked(token)
        elif not _nil(token):
            cursor.at -= 1
            return False
        return True


def _nil(token: Token) -> bool:
    return token.kind is Kind.WORD and token.text == "nil"


LITERALS = {
    Kind.QUOTED: literals.string,
    Kind.CHARACTER: literals.character,
    Kind.NUMBER: literals.number,
}


def checked(token: Token) -> None:
    """Refuses a literal that Go cannot read."""
    check = LITERALS.get(token.kind)
    why = check(token.text) if check else None
    if why:
        raise stop(why, token.at)
