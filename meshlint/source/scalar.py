"""The type of a plain YAML scalar as Kubernetes reads it: YAML 1.1, as in sigs.k8s.io/yaml.

The rules are those of the resolver there (goyaml.v2/resolve.go): `y` and `on` are booleans,
`1_000` and `0o17` integers; timestamps and sexagesimal numbers stay strings.
"""

from __future__ import annotations

import re
from math import isfinite

from meshlint.finding import Type

WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), Type.NULL),
    **dict.fromkeys(
        (
            "y Y yes Yes YES true True TRUE on On ON n N no No NO false False FALSE off Off OFF"
        ).split(),
        Type.BOOL,
    ),
    **dict.fromkeys(
        ".nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF".split(), Type.FLOAT
    ),
}
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
RADIX = re.compile(r"([-+]?)0(?:x([0-9a-f]+)|o([0-7]+)|b([01]+))\Z", re.IGNORECASE)
DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
OCTAL = re.compile(r"[-+]?0[0-7]+\Z")
NUMERIC_START = frozenset("+-.0123456789")


def resolve(text: str) -> Type:
    """The type of an unquoted scalar without a tag."""
    word = WORDS.get(text)
    if word is not None:
        return word
    if text[0] not in NUMERIC_START:
        return Type.STRING
    return _number(text.replace("_", ""))


def _number(plain: str) -> Type:
    radix = RADIX.match(plain)
    if radix:
        sign, *digits = radix.groups()
        value = next(int(d, base) for d, base in zip(digits, (16, 8, 2), strict=True) if d)
        return Type.INT if _fits(value, sign) else Type.STRING
    if DECIMAL.match(plain) and len(plain) <= 21 and _fits(abs(int(plain)), plain[0]):
        return Type.INT
    if OCTAL.match(plain) and len(plain) <= 24:
        return Type.INT
    # Go's ParseFloat refuses what is out of range, so 12e4567 (a commit, say) stays a string
    return Type.FLOAT if FLOAT.match(plain) and isfinite(float(plain)) else Type.STRING


def _fits(value: int, sign: str) -> bool:
    return value <= 2**63 if sign == "-" else value < 2**64
