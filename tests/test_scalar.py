"""YAML 1.1 as Kubernetes reads it."""

from __future__ import annotations

import pytest

from meshlint.finding import Type
from meshlint.source.scalar import resolve

CASES = {
    Type.BOOL: "y Y yes Yes YES true True TRUE on On ON n N no No NO false False FALSE off Off OFF",
    Type.INT: "0 7 -7 +7 1_000 0x1F 0X1f 0o17 017 -0x1 0b101 18446744073709551615 1__0 120",
    Type.FLOAT: "1.5 1.20 .5 5. 1e3 -1.5E-3 +1.0 .nan .inf -.Inf 08 1_0.5 18446744073709551616",
    Type.STRING: "yEs tRue oN asm-1233-2 1-23-3 1.23.3 2024-01-01 190:20:30 1e 0x 0o8 - + . e3 _1 a 12e4567"
    " nil NaN 0xfffffffffffffffff 1_a enabled 10.0.0.0/8",
    Type.NULL: "~ null Null NULL",
}


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, ts in CASES.items() for t in ts.split()])
def test_type_of_plain_scalar(kind: Type, text: str) -> None:
    assert resolve(text) is kind


def test_nothing_is_null() -> None:
    assert resolve("") is Type.NULL
