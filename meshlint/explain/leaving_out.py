"""How a finding of a rule is left out on purpose: tried on the rule's own failing example."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from meshlint.engine import Terms, run
from meshlint.finding import Finding
from meshlint.policy import Policy
from meshlint.rulebook import Rulebook
from meshlint.source.files import Collection, Source

REASON = "why it is meant"


@dataclass(frozen=True, slots=True)
class LeavingOut:
    """Lines of the example with the comment, and the words for where that must stand."""

    where: str
    lines: str


def _silent(lines: list[str], policy: Policy, book: Rulebook) -> bool:
    """Whether the rule finds nothing."""
    collection = Collection([Source("example.yaml", "\n".join(lines).encode())])
    return not run(collection, frozenset({policy.name}), terms=Terms(book)).findings


def leaving_out(findings: Iterable[Finding], policy: Policy, book: Rulebook) -> LeavingOut | None:
    """The nearest comment that works; None for rules that no comment can silence."""
    numbers = sorted({finding.where.line for finding in findings}, reverse=True)
    for where, above in WAYS:
        lines = policy.fails.rstrip("\n").split("\n")
        for number in numbers:
            place = above(lines, number - 1)
            indent = len(lines[place]) - len(lines[place].lstrip())
            lines.insert(place, f"{' ' * indent}{_comment(where, policy)}")
        if numbers and _silent(lines, policy, book):
            return LeavingOut(where, "\n".join(lines[place : place + 2]))
    return None


LINE = "on the line, or on the line above"
DOCUMENT = "at the head of the document, as no comment can stand at the line itself"


def _comment(where: str, policy: Policy) -> str:
    word = "ignore" if where == LINE else "ignore-document"
    return f"# meshlint: {word}[{policy.code}] {REASON}"


def _line(lines: list[str], index: int) -> int:
    return index


def _document(lines: list[str], index: int) -> int:
    """The first line of the document of a line."""
    before = (number for number in range(index, 0, -1) if lines[number - 1].startswith("---"))
    return next(before, 0)


WAYS: tuple[tuple[str, Callable[[list[str], int], int]], ...] = (
    (LINE, _line),
    (DOCUMENT, _document),
)
