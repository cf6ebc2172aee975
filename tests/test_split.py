"""Documents are cut where a YAML parser would cut them, and their kinds are seen."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meshlint.source.split import split

CASES: list[tuple[str, str, list[tuple[int, tuple[str, ...]]]]] = [
    ("one", "kind: A\n", [(1, ("A",))]),
    ("two", "kind: A\n---\nkind: B\n", [(1, ("A",)), (2, ("B",))]),
    ("comments only", "# a\n---\n# b\n\n---\n", []),
    ("empty", "", []),
    ("leading marker", "---\nkind: A\n", [(1, ("A",))]),
    ("marker with comment", "kind: A\n--- # next\nkind: B\n", [(1, ("A",)), (2, ("B",))]),
    ("flow on the marker line", "kind: A\n--- {kind: B}\n", [(1, ("A",)), (2, ())]),
    ("document end", "kind: A\n...\n---\nkind: B\n", [(1, ("A",)), (3, ("B",))]),
    ("directive", "%YAML 1.1\n---\nkind: A\n", [(1, ("A",))]),
    ("crlf", "kind: A\r\n---\r\nkind: B\r\n", [(1, ("A",)), (2, ("B",))]),
    ("lone cr", "kind: A\r---\rkind: B\r", [(1, ("A",)), (2, ("B",))]),
    ("quoted kind", 'kind: "A" # c\n', [(1, ("A",))]),
    ("quoted key", '"kind": A\n', [(1, ("A",))]),
    ("nested kind", "a:\n  kind: B\nkind: A\n", [(1, ("A",))]),
    ("marker inside a block", "a: |\n  ---\nkind: A\n", [(1, ("A",))]),
    ("longer dashes", "a: b\n----\n", [(1, ())]),
    ("no kind", "a: b\n", [(1, ())]),
    ("json", '{"kind": "A"}', [(1, ())]),
    ("json stream", '{"kind": "A"}\n{"kind": "B"}\n', [(1, ()), (1, ())]),
]


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_split(text: str, expected: list[tuple[int, tuple[str, ...]]]) -> None:
    assert [(piece.first_line, piece.kinds) for piece in split(text)] == expected


@pytest.mark.parametrize("head", ["\n" * 5000, "# c\n" * 5000, " \n" * 5000, "---\n" * 3000])
def test_blank_text_takes_no_time(head: str) -> None:
    """Nested quantifiers over blank lines would run for ages here."""
    assert [piece.kinds for piece in split(head + "kind: A\n")] == [("A",)]


LINES = st.sampled_from(
    [
        "kind: A",
        "a: 1",
        "  b: 2",
        "- x",
        "---",
        "--- # c",
        "...",
        "# c",
        "",
        "s: |",
        "   ---",
        "q: 'x'",
    ]
)


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_split_agrees_with_the_parser(text: str) -> None:
    """Where the whole text is valid YAML, its pieces are the parser's documents."""
    try:
        whole = [
            node for node in yaml.compose_all(text, Loader=yaml.CBaseLoader) if not empty(node)
        ]
    except yaml.YAMLError:
        return
    pieces = [yaml.compose(piece.text, Loader=yaml.CBaseLoader) for piece in split(text)]
    assert [shape(node) for node in pieces if not empty(node)] == [shape(node) for node in whole]


def empty(node: yaml.Node | None) -> bool:
    return node is None or (
        isinstance(node, yaml.ScalarNode) and node.value == "" and not node.style
    )


def shape(node: yaml.Node | None) -> object:
    if isinstance(node, yaml.MappingNode):
        return [(shape(key), shape(value)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [shape(item) for item in node.value]
    return node.value if node else None
