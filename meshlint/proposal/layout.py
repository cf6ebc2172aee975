"""How lines of a proposed configuration are laid out: comments, keys that are commented out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from textwrap import wrap

from meshlint.finding import printable

MOST = 12
WIDTH = 96
COLUMN = 60
PLAIN = re.compile(r"[A-Za-z][\w./-]*\Z", re.ASCII)
WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def few(lines: list[str]) -> list[str]:
    """At most MOST lines, and how many more there are."""
    rest = len(lines) - MOST
    return lines if rest <= 0 else [*lines[:MOST], f"and {rest} more"]


def most(found: Mapping[str, int]) -> list[str]:
    """Those with the largest numbers, by name."""
    return sorted(sorted(found, key=lambda name: (-found[name], name))[:MOST])


def block(head: str, key: str, lines: Sequence[tuple[str, str]], number: int) -> str:
    """A key with its entries, what is known of each behind it; "" without any."""
    if not lines:
        return ""
    width = min(max(len(line) for line, _ in lines), COLUMN)
    shown = [f"{line:<{width}}  # {note}" if note else line for line, note in lines]
    rest = number - len(lines)
    more = [f"#  # and {rest} more"] if rest > 0 else []
    return prose(head) + "".join(f"{line}\n" for line in (key, *shown, *more))


def prose(text: str) -> str:
    """A comment of lines that an editor shows whole; of the tree's names nothing breaks out."""
    lines = wrap(printable(text), WIDTH, break_long_words=False, break_on_hyphens=False)
    return "".join(f"# {line}\n" for line in lines)


def scalar(text: str) -> str:
    """A string as YAML, without quotes where it needs none."""
    plain = PLAIN.match(text) and text.lower() not in WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
