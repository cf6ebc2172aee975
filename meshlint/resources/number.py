"""Whole numbers as fields give them, such as those of pods."""

from __future__ import annotations

import re

from meshlint.finding import Type, Value

WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")


def absent(value: Value | None) -> bool:
    """Whether a field is left out, as far as the API server sees; it drops a null."""
    return value is None or value.type is Type.NULL


def whole(value: Value | None) -> int | None:
    """A number without a sign; None for a placeholder, and for anything else."""
    if value is None or not value.literal or value.type is not Type.INT:
        return None
    return int(value.text) if WHOLE.match(value.text) else None
