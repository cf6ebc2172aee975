"""Quantities of CPU and memory, as Kubernetes reads them.

Source: k8s.io/apimachinery pkg/api/resource/quantity.go (ParseQuantity).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

QUANTITY = re.compile(r"(?!\Z)([+-]?[0-9]*(?:\.[0-9]*)?)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?\Z")
"""A number and a suffix, either of which may be missing."""

DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
LIMIT = 2**63
"""No amount from here on is told apart from another."""


def amount(text: str) -> Fraction | None:
    """How much a quantity is; None for what is none, or too much to compare."""
    from fractions import Fraction  # few pods set request and limit

    match = QUANTITY.match(text)
    if match is None or len(text) > 40 or len(match.group(2) or "") > 4:
        return None
    number, suffix = match.group(1).rstrip("."), match.group(2) or ""
    base, exponent = _scale(suffix)
    found = Fraction(number if number.strip("+-") else 0) * Fraction(base) ** exponent
    return found if abs(found) < LIMIT else None


def _scale(suffix: str) -> tuple[int, int]:
    """Base and exponent of a suffix."""
    if suffix in BINARY:
        return 2, BINARY[suffix]
    return 10, int(suffix[1:]) if suffix[1:] else DECIMAL.get(suffix, 0)
