"""Fingerprints are those of GitHub's own code, for every kind of line end and character."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meshlint.report.linehash import line_hashes

END = "c129715d7a2bc9a3:1"
"""The mark of the end of a file, as a line of its own."""

CASES: list[tuple[str, bytes, list[str]]] = [
    ("empty", b"", [END]),
    (
        "different lines",
        b"x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n",
        [
            "e54938cc54b302f1:1",
            "bb609acbe9138d60:1",
            "1131fd5871777f34:1",
            "5c482a0f8b35ea28:1",
            "54517377da7028d2:1",
            "2c644846cb18d53e:1",
            "f1b89f20de0d133:1",
            END,
        ],
    ),
    (
        "equal lines",
        b"Lorem ipsum dolor sit amet.\n" * 10,
        [
            *(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)),
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            END,
        ],
    ),
]

SAME: list[tuple[str, bytes, bytes]] = [
    ("crlf", b"a: 1\nb: 2\n", b"a: 1\r\nb: 2\r\n"),
    ("lone cr", b"a: 1\nb: 2\n", b"a: 1\rb: 2\r"),
    ("indentation", b"a:\n  b: 2\n", b"a:\n\t    b:\t2\n"),
    ("bad bytes", b"a: \xff\n", "a: \N{REPLACEMENT CHARACTER}\n".encode()),
]

OTHER: list[tuple[str, bytes, bytes]] = [
    ("byte order mark", b"a: 1\n", b"\xef\xbb\xbfa: 1\n"),
    ("no-break space", b"a: 1\n", b"a:\xc2\xa01\n"),
    ("space in a line end", b"a: 1\r\nb: 2\n", b"a: 1\r \nb: 2\n"),
    ("no last line end", b"a: 1\n", b"a: 1"),
]


@pytest.mark.parametrize(("data", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_known_values(data: bytes, expected: list[str]) -> None:
    assert line_hashes(data) == expected


@pytest.mark.parametrize(("one", "two"), [c[1:] for c in SAME], ids=[c[0] for c in SAME])
def test_what_does_not_count(one: bytes, two: bytes) -> None:
    assert line_hashes(one) == line_hashes(two)


@pytest.mark.parametrize(("one", "two"), [c[1:] for c in OTHER], ids=[c[0] for c in OTHER])
def test_what_counts(one: bytes, two: bytes) -> None:
    assert line_hashes(one) != line_hashes(two)


def test_lines_above_do_not_matter() -> None:
    text = b"kind: Namespace\nmetadata:\n  name: shop\n"
    assert line_hashes(b"# one\n# two\n" + text)[2:] == line_hashes(text)


def test_a_character_beyond_16_bits_counts_twice() -> None:
    """After 98 units one more pair fills the window, and the line after it is not seen."""
    line = "a" * 98 + "\N{ROCKET}"
    assert line_hashes(f"{line}b\n".encode())[0] == line_hashes(f"{line}c\n".encode())[0]
    shorter = line[1:]
    assert line_hashes(f"{shorter}b\n".encode())[0] != line_hashes(f"{shorter}c\n".encode())[0]


def test_equals_githubs_own_code(shared: Path) -> None:
    folder = shared / "vectors/linehash-cases"
    lines = (shared / "vectors/linehash-expected.jsonl").read_text().splitlines()
    expected = dict(json.loads(line) for line in lines)
    assert len(expected) > 300
    found = {name: line_hashes((folder / name).read_bytes()) for name in expected}
    assert found == expected


@pytest.mark.parametrize("text", [b"\n", b"sidecar.istio.io/inject: 'false'\n"])
def test_large_files(text: bytes) -> None:
    """In quadratic time, this would not end."""
    number = 2_000_000 // len(text)
    assert len(line_hashes(text * number)) == number + 1
