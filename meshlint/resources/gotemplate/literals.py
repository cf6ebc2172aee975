"""Whether Go can read a quoted string, a character or a number (strconv; parse/node.go)."""

from __future__ import annotations

import re

ESCAPE = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\])|(?P<quote>[\"'])|x(?P<byte>[0-9a-fA-F]{2})"
    r"|(?P<octal>[0-7]{3})|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8}))|(?P<other>[^\\])"
)
INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>(?:_?[0-9a-fA-F])+)|0[oO](?P<oct>(?:_?[0-7])+)"
    r"|0[bB](?P<bin>(?:_?[01])+)|0(?P<old>(?:_?[0-7])*)|(?P<dec>[1-9](?:_?[0-9])*))\Z"
)
DIGITS = r"[0-9](?:_?[0-9])*"
FLOAT = re.compile(
    rf"[-+]?(?:(?:{DIGITS}\.?(?:{DIGITS})?|\.{DIGITS})(?:[eE][-+]?{DIGITS})?"
    r"|0[xX](?:(?:_?[0-9a-fA-F])+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][-+]?[0-9]+)\Z"
)
SYNTAX = "invalid syntax"
LONGEST = 200
"""Digits of numbers that are looked at; 64 bits have no more."""

BASES = {"hex": 16, "oct": 8, "bin": 2, "old": 8, "dec": 10}


def string(text: str) -> str | None:
    """What is wrong with a double-quoted string, quotes and all; None where nothing is."""
    return SYNTAX if _characters(text[1:-1], '"') is None else None


def character(text: str) -> str | None:
    """What is wrong with a character constant; None where quotes hold exactly one character."""
    count = _characters(text[1:-1], "'")
    if not count:
        return SYNTAX
    return None if count == 1 else f"malformed character constant: {text}"


def _characters(inner: str, quote: str) -> int | None:
    """How many characters a quoted text has; None where Go refuses one of them."""
    at, count = 0, 0
    while at < len(inner):
        match = ESCAPE.match(inner, at)
        if match is None or not _known(match, quote):
            return None
        at, count = match.end(), count + 1
    return count


def _known(match: re.Match[str], quote: str) -> bool:
    if match["quote"]:
        return match["quote"] == quote
    if match["octal"]:
        return int(match["octal"], 8) <= 255
    point = match["short"] or match["long"]
    return point is None or _valid(int(point, 16))


def _valid(point: int) -> bool:
    return point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF


def number(text: str) -> str | None:
    """What is wrong with a number; None where nothing is."""
    if text.endswith("i") and _float(text[:-1]):
        return None
    whole = INTEGER.match(text)
    if whole and _fits(whole):
        return None
    if not _float(text):
        return f'illegal number syntax: "{text}"'
    return None if re.search(r"[.eEpP]", text) else f'integer overflow: "{text}"'


def _fits(match: re.Match[str]) -> bool:
    base, digits = next((b, match[name]) for name, b in BASES.items() if match[name] is not None)
    if len(digits) > LONGEST:
        return False
    value = int(digits.replace("_", "") or "0", base)
    if match["sign"] == "":
        return value < 2**64
    return value <= 2**63 - (match["sign"] == "+")


def _float(text: str) -> bool:
    """Whether it is a number, and not too large for 64 bits."""
    if FLOAT.match(text) is None:
        return False
    if text.lstrip("+-")[:2].lower() == "0x":
        return True
    return abs(float(text)) != float("inf")
