"""Positions: the text sliced at a region is the key or the value it names, in every style."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshlint.finding import Location, Type
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import split
from meshlint.source.text import NotText, decode


def only(text: str) -> Node:
    (piece,) = split(text)
    return parse("f.yaml", piece)


def cut(text: str, where: Location) -> str:
    """What an independent reader finds at a location."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[where.line - 1][where.column - 1 : where.end_column - 1]


STYLES = [
    ("plain", "k: enabled\n", "enabled", "enabled"),
    ("quoted", 'k: "enabled"\n', "enabled", '"enabled"'),
    ("single quotes", "k: 'it''s'\n", "it's", "'it''s'"),
    ("comment", "k: v # c\n", "v", "v"),
    ("spaces", "k:    v   \n", "v", "v"),
    ("flow", "{a: 1, k: v}\n", "v", "v"),
    ("anchor", "k: &x v\n", "v", "v"),
    ("tag", "k: !!str 5\n", "5", "5"),
    ("anchor and tag", "k: &x !!str 5\n", "5", "5"),
    ("alias", "a: &x v\nk: *x\n", "v", "v"),
    ("merged", "b: &b {k: v}\n<<: *b\n", "v", "v"),
    ("json", '{"k": "v"}\n', "v", '"v"'),
    ("crlf", "a: 1\r\nk: v\r\n", "v", "v"),
    ("lone cr", "a: 1\rk: v\r", "v", "v"),
    ("line separators", 'a: "x\u2028y\u0085z"\nk: v\n', "v", "v"),
    ("astral", 'a: 😀\nk: "😀x"\n', "😀x", '"😀x"'),
    ("empty", "k:\n", "", "k"),
    ("block", "k: |\n  v\n", "v\n", "k"),
    ("folded", "k: >-\n  v\n  w\n", "v w", "k"),
    ("several lines", "k: v\n  w\n", "v w", "v"),
    ("map", "k: {a: b}\n", "", "k"),
    ("second of two", "k: a\nk: b\n", "b", "b"),
    ("indented document", "  k: v\n", "v", "v"),
]


@pytest.mark.parametrize(
    ("text", "value", "shown"), [s[1:] for s in STYLES], ids=[s[0] for s in STYLES]
)
def test_region_is_the_value(text: str, value: str, shown: str) -> None:
    field = only(text).field("k")
    assert field is not None
    assert field.value.text == value
    assert cut(text, field.value.where) == shown
    assert cut(text, field.key.where).strip("\"'") == "k"


SCALARS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12
)


@given(st.lists(SCALARS, min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_regions_of_quoted_scalars(values: list[str], newline: str) -> None:
    quoted = ['"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"' for v in values]
    text = newline.join(f"k{i}: {q}" for i, q in enumerate(quoted))
    fields = only(text).fields()
    for i, (value, source) in enumerate(zip(values, quoted, strict=True)):
        field = fields[f"k{i}"]
        if "\u2028" in value or "\u2029" in value or "\x85" in value:
            continue  # libyaml folds these line breaks inside of quotes
        assert field.value.text == value
        assert cut(text, field.value.where) == source


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\nb:\n\tc: 2\n", 3, 1),
        ("a: [1\nb: 2\n", 2, 2),
        ("a: 1\nb: 'x\n", 2, 4),
        ("a: 1\nword\nb: 2\n", 2, 1),
        ("a: b: c\n", 1, 5),
        ("a: \x01\n", 1, 4),
        ("[" * 5000, 1, 201),
        ("- " * 3000 + "a", 1, 401),
        ("a:\r\n\tb: 1\r\n", 2, 1),
    ],
)
def test_faults_have_a_place(text: str, line: int, column: int) -> None:
    with pytest.raises(Unparsable) as caught:
        only(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_depth_is_bounded_and_ordinary_documents_pass() -> None:
    deep = "".join(f"{' ' * i}k:\n" for i in range(150))
    assert only(deep).is_map
    with pytest.raises(Unparsable, match="nested deeper"):
        only("".join(f"{' ' * i}k:\n" for i in range(400)))


def test_merge_bombs_are_counted_once() -> None:
    """Ten levels of ten merges each would be ten thousand million entries."""
    levels = ["a0: &a0 {k: v}"]
    levels += [f"a{i}: &a{i}\n  <<: [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 11)]
    node = only("\n".join(levels)).get("a10")
    assert node is not None
    assert set(node.fields()) == {"k"}


def test_types_as_kubernetes_reads_them() -> None:
    fields = only('a: on\nb: "on"\nc: 1.20\nd: ~\ne: !!str on\nf: [x]\ng: {}\n').fields()
    kinds = [field.value.type for field in fields.values()]
    assert kinds == [
        Type.BOOL,
        Type.STRING,
        Type.FLOAT,
        Type.NULL,
        Type.STRING,
        Type.LIST,
        Type.MAP,
    ]


@pytest.mark.parametrize(
    "text",
    ["k: ${REV}", "k: '{{ .Values.rev }}'", 'k: rev # {"$ref":"#/definitions/x"}', "k: x # kpt-set: ${x}",
     "k: $(REV)", "k: <revision>", "k: ASM_REV", "k: x #@ data.values.x", "k: '@REV@'"],
)  # fmt: skip
def test_placeholders_are_no_values(text: str) -> None:
    field = only(text).field("k")
    assert field is not None
    assert field.value.known is None


@pytest.mark.parametrize(
    "text", ["k: enabled", "k: ENABLED", "k: REDIRECT", "k: asm-1233-2", "k: v # note"]
)
def test_ordinary_values_are_known(text: str) -> None:
    field = only(text).field("k")
    assert field is not None
    assert field.value.known is not None


def test_pointers_name_list_items() -> None:
    text = "webhooks:\n- name: a.b/c\n  x: 1\n- y: 2\n"
    items = only(text).get("webhooks")
    assert items is not None
    pointers = [next(iter(item.entries().values())).pointer for item in items.items()]
    assert pointers == ["/webhooks/a.b~1c/name", "/webhooks/1/y"]


def test_block_scalars_are_documents_with_places() -> None:
    text = "values: |\n  # c\n  revision: default\n"
    node = only(text).get("values")
    assert node is not None
    field = parse("f.yaml", node.inner).field("revision")
    assert field is not None
    assert cut(text, field.value.where) == "default"
    assert field.value.where.line == 3


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"\xef\xbb\xbfa: 1", "a: 1"), ("a: é".encode("utf-16"), "a: é"), (b"a: 1", "a: 1"),
     ("\ufeffa: 1".encode("utf-32-le"), "a: 1")],
)  # fmt: skip
def test_encodings(data: bytes, text: str) -> None:
    assert decode(data) == text


def test_a_bad_byte_has_a_place() -> None:
    with pytest.raises(NotText) as caught:
        decode("a: é\nbé: ".encode() + b"\xff")
    assert (caught.value.line, caught.value.column) == (2, 5)


def test_nodes_do_not_leave_a_file() -> None:
    """What the per-file half returns can be sent to another process."""
    from meshlint.facts import facts

    found = facts("f.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
    assert pickle.loads(pickle.dumps(found)) == found
    assert "Node" not in repr(found)
