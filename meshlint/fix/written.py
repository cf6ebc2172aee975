"""How scalars are written, so that Kubernetes reads them as what they are."""

from __future__ import annotations

import json
import re

from meshlint.finding import Type
from meshlint.source.scalar import resolve

PLAIN = re.compile(r"[A-Za-z0-9_./](?:[A-Za-z0-9_./@=+,-]|:(?=[A-Za-z0-9_./@=+,-]))*\Z")
FLOW = re.compile(r"[A-Za-z0-9_./@:=+-]*\Z")
OTHERWISE = re.compile(r"\d+(?::[0-5]?\d)+(?:\.\d*)?\Z|\d{4}-\d\d?-\d\d?\Z|=\Z|<<\Z")
"""What is a string for Kubernetes, and for other readers of YAML 1.1 a time or a number."""


def written(text: str, style: str, *, flow: bool) -> str:
    """A string in the style that is there already, in quotes where it needs them.

    `style` is the quote, "" for none. `flow` is True inside of brackets, where commas end a scalar.
    """
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if not style and plain(text) and (not flow or FLOW.match(text)):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def plain(text: str) -> bool:
    """Whether a text without quotes is that string, for every reader."""
    return bool(PLAIN.match(text)) and resolve(text) is Type.STRING and not OTHERWISE.match(text)
