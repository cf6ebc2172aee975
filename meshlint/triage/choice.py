"""Which rules a word of a user's means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from meshlint.policy import Policy
from meshlint.resources.ignore import plain

CODES = re.compile(r"[A-Z]+\d*\Z")
"""What codes may begin with."""

DIGITS = str.maketrans("oil", "011")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The names of some rules. `exact` is whether one rule was meant, by its code or name."""

    names: frozenset[str]
    exact: bool


class Choice:
    """All rules, by the words that users have for them: in any case, `_` and `-` are the same.

    These are a code (MESH104), a name, a family (labels), the beginning of a code (MESH3), and a
    glob over codes and names (webhook-*).
    """

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.policies = tuple(policies)
        self._words: dict[str, Chosen] = {}

    def find(self, word: str) -> Chosen | None:
        """The rules that a word means; None where there is none."""
        if word not in self._words:
            self._words[word] = self._find(word)
        return self._words[word] if self._words[word].names else None

    def _find(self, word: str) -> Chosen:
        wanted = plain(word)
        own = frozenset(p.name for p in self.policies if wanted in (plain(p.code), p.name))
        if own:
            return Chosen(own, exact=True)
        family = frozenset(p.name for p in self.policies if wanted == plain(p.family))
        return Chosen(family or frozenset(self._matched(wanted)), exact=False)

    def _matched(self, wanted: str) -> Iterable[str]:
        if "*" in wanted or "?" in wanted:
            shown = wanted.replace("[", "[[]")  # no sets of characters
            return (
                p.name
                for p in self.policies
                if fnmatchcase(p.name, shown) or fnmatchcase(plain(p.code), shown)
            )
        code = wanted.upper()
        heads = self.policies if CODES.match(code) else ()
        return (p.name for p in heads if p.code.upper().startswith(code))

    def hint(self, word: str) -> str:
        """What may have been meant, as the end of a sentence; "" where nothing is like it.

        Of codes, only one whose digits were typed as letters: any other is as near as the next.
        """
        import difflib  # most words are right

        codes = {plain(p.code).translate(DIGITS): p.code for p in self.policies}
        meant = codes.get(plain(word).translate(DIGITS))
        if meant is None:
            known = {plain(w): w for p in self.policies for w in (p.family, p.name)}
            meant = next((known[w] for w in difflib.get_close_matches(plain(word), known, 1)), None)
        return f", did you mean '{meant}'?" if meant else ""
