"""Edits of YAML: what they change, what they leave, and where they are refused."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from meshlint.finding import Add, Append, Assign, Edit, Fix, Location, Move, Remove, Rename
from meshlint.fix.change import Change
from meshlint.fix.resolve import resolved
from meshlint.fix.settle import rewritten
from meshlint.source.lines import Lines
from meshlint.source.text import decode

PATH = "a.yaml"
Make = Callable[[str], tuple[Edit, ...]]


def place(text: str, needle: str, pointer: str = "") -> Location:
    """The place of the first occurrence of some text; after `@`, of what follows that."""
    start = text.index(needle.replace("@", "")) + max(needle.find("@"), 0)
    line, column = Lines(text).place(start)
    return Location(PATH, line, column, line, column + len(needle), pointer)


def change_of(text: str, *edits: Edit) -> Change | None:
    return resolved(Fix("Mend it.", edits), lambda _: text)


def edited(text: str, *edits: Edit) -> str | None:
    """The text with edits made; None where they are impossible."""
    change = change_of(text, *edits)
    return made(text, change) if change else None


def made(text: str, change: Change) -> str:
    splices = [(one.start, one.end, one.text) for one in change.replacements]
    return decode(rewritten(text.encode(), splices))


def rename(needle: str, key: str) -> Make:
    return lambda text: (Rename(place(text, needle), key),)


def assign(needle: str, value: str, *, plain: bool = False) -> Make:
    return lambda text: (Assign(place(text, needle), value, plain),)


def remove(needle: str) -> Make:
    return lambda text: (Remove(place(text, needle)),)


def add(needle: str, path: str, key: str, value: str) -> Make:
    return lambda text: (Add(place(text, needle), tuple(path.split()), key, value),)


def append(needle: str, path: str, item: str) -> Make:
    return lambda text: (Append(place(text, needle), tuple(path.split()), item),)


def move(needle: str, to: str) -> Make:
    return lambda text: (Move(place(text, needle), tuple(to.split())),)


def mended(needle: str, to: str, key: str, value: str) -> Make:
    """All at once, as for an annotation that must be a label."""

    def make(text: str) -> tuple[Edit, ...]:
        where = place(text, needle)
        return Move(where, tuple(to.split())), Rename(where, key), Assign(where, value)

    return make


OBJECT = "kind: Pod\nmetadata:\n  name: a\n  labels:\n    x: 'y' # why\n    z: q\n"

EDITS: list[tuple[str, str, Make, str]] = [
    # keys: only the key, in its quotes
    ("plain key", "a: 1 # c\n", rename("a", "b/c"), "b/c: 1 # c\n"),
    ("key by its value", "a: x\n", rename("x", "b"), "b: x\n"),
    ("quoted key", "'a' : 1\n", rename("'a'", "b"), "'b' : 1\n"),
    ("double quoted key", '"a": 1\n', rename('"a"', "b"), '"b": 1\n'),
    ("key that needs quotes", "a: 1\n", rename("a", "yes"), '"yes": 1\n'),
    ("key in braces", "{a: 1, b: 2}\n", rename("b", "c"), "{a: 1, c: 2}\n"),
    ("key in a list", "- a: 1\n  b: 2\n- a: 1\n", rename("b", "c"), "- a: 1\n  c: 2\n- a: 1\n"),
    ("key of a map", "a:\n  b: 1\n", rename("a", "c"), "c:\n  b: 1\n"),
    ("key with value and no space", '{"a":1}', rename('"a"', "b"), '{"b":1}'),
    ("key of an explicit entry", "? a\n: 1\n", rename("a", "b"), "? b\n: 1\n"),
    ("key with an anchored value", "a: &x 1\nb: *x\n", rename("a", "c"), "c: &x 1\nb: *x\n"),
    ("key of an alias", "a: &x 1\nb: *x\n", rename("b", "c"), "a: &x 1\nc: *x\n"),
    # values: in the quotes that they have, and in some where they need them
    ("plain value", "a: x # c\n", assign("x", "z"), "a: z # c\n"),
    ("single quotes", "a: 'x'\n", assign("'x'", "y"), "a: 'y'\n"),
    ("a quote in quotes", "a: 'x'\n", assign("'x'", "it's"), "a: 'it''s'\n"),
    ("double quotes", 'a: "x"\n', assign('"x"', 'y"'), 'a: "y\\""\n'),
    ("a boolean", "a: true\n", assign("true", "true"), 'a: "true"\n'),
    ("a word that is one", "a: x\n", assign("x", "off"), 'a: "off"\n'),
    ("a number", "a: x\n", assign("x", "1_0"), 'a: "1_0"\n'),
    ("a revision", "a: x\n", assign("x", "1-29-1"), "a: 1-29-1\n"),
    ("a time", "a: x\n", assign("x", "12:30"), 'a: "12:30"\n'),
    ("a date", "a: x\n", assign("x", "2020-01-02"), 'a: "2020-01-02"\n'),
    ("words", "a: x\n", assign("x", "b: c # d"), 'a: "b: c # d"\n'),
    ("nothing", "a: x\n", assign("x", ""), 'a: ""\n'),
    ("no value", "a: # c\nb: 1\n", assign("a", "x"), "a: x # c\nb: 1\n"),
    ("null", "a: ~\n", assign("~", "x"), "a: x\n"),
    ("last in braces", "{a: true}\n", assign("true", "x,y"), '{a: "x,y"}\n'),
    ("JSON", '{"a": true}', assign("true", "x"), '{"a": "x"}'),
    ("plain number", 'a: "15012"\n', assign('"15012"', "15017", plain=True), "a: 15017\n"),
    ("plain number in JSON", '{"a": "1"}', assign('"1"', "2", plain=True), '{"a": 2}'),
    ("a string's tag", "a: !!str 1\n", assign("1", "2"), 'a: !!str "2"\n'),
    ("an anchor nobody uses", "a: &x y\n", assign("a", "z"), "a: &x z\n"),
    ("several lines", "a: x\n  y\nb: 1\n", assign("x", "z"), "a: z\nb: 1\n"),
    ("a shouted word", "a: INSERT_AFTER\n", assign("INSERT", "ADD"), "a: ADD\n"),
    # entries taken out: their lines, and maps that are empty then
    ("a line", OBJECT, remove("x"), OBJECT.replace("    x: 'y' # why\n", "")),
    ("its comment above", "a: 1\n# b\nb: 2\nc: 3\n", remove("b: 2"), "a: 1\n# b\nc: 3\n"),
    ("the last line", "a: 1\nb: 2\n", remove("b"), "a: 1\n"),
    ("the last line, unended", "a: 1\nb: 2", remove("b"), "a: 1"),
    ("an emptied map", "a: 1\nb:\n  c: 1\nd: 1\n", remove("c"), "a: 1\nd: 1\n"),
    ("an emptied map in braces", "a: 1\nb: {c: {d: 1}}\n", remove("d"), "a: 1\n"),
    ("a map", "a:\n  b: 1\n  c:\n  - d\nx: 1\n", remove("a"), "x: 1\n"),
    ("a block", "a: |\n  b\n\n  c\n\nx: 1\n", remove("a"), "\nx: 1\n"),
    ("first in braces", "{a: 1, b: 2}\n", remove("a"), "{b: 2}\n"),
    ("middle in braces", "{a: 1, b: 2, c: 3}\n", remove("b"), "{a: 1, c: 3}\n"),
    ("last in braces out", "{a: 1, b: 2}\n", remove("b"), "{a: 1}\n"),
    ("before a last comma", "{a: 1, b: 2,}\n", remove("b"), "{a: 1,}\n"),
    ("JSON line", '{\n  "a": 1,\n  "b": 2\n}\n', remove('"a"'), '{\n  "b": 2\n}\n'),
    ("JSON last line", '{\n  "a": 1,\n  "b": 2\n}\n', remove('"b"'), '{\n  "a": 1\n}\n'),
    ("first of an item", "- a: 1 # x\n  b: 2\n", remove("a"), "- b: 2\n"),
    ("later in an item", "- a: 1\n  b: 2\n- c\n", remove("b"), "- a: 1\n- c\n"),
    ("first of equal keys", "a: 1\nb: 2\na: 3\n", remove("a: 1"), "b: 2\na: 3\n"),
    ("second of equal keys", "a: 1\nb: 2\na: 3\n", remove("a: 3"), "a: 1\nb: 2\n"),
    ("before a document", "a: 1\nb: 2\n---\nc: 1\n", remove("b"), "a: 1\n---\nc: 1\n"),
    # entries put in: like those around them
    (
        "after the last",
        OBJECT,
        add("a\n", "metadata labels", "k", "true"),
        OBJECT + '    k: "true"\n',
    ),
    (
        "in no labels",
        "kind: Pod\nmetadata:\n  name: a # n\n# end\n",
        add("a # n", "metadata labels", "k", "v"),
        "kind: Pod\nmetadata:\n  name: a # n\n  labels:\n    k: v\n# end\n",
    ),
    (
        "in empty labels",
        "kind: Pod\nmetadata:\n  labels: # none\n  name: a\n",
        add("a\n", "metadata labels", "k", "v"),
        "kind: Pod\nmetadata:\n  labels: # none\n    k: v\n  name: a\n",
    ),
    (
        "in braces",
        "metadata: {name: a, labels: {}}\n",
        add("a,", "metadata labels", "k", "on"),
        'metadata: {name: a, labels: {k: "on"}}\n',
    ),
    (
        "new braces",
        "metadata: {name: a}\n",
        add("a}", "metadata labels", "k", "v"),
        "metadata: {name: a, labels: {k: v}}\n",
    ),
    (
        "by its map",
        "labels:\n    a: b\n",
        add("labels", "", "c", "d"),
        "labels:\n    a: b\n    c: d\n",
    ),
    (
        "by its map, deeper",
        "spec:\n  a: b\n",
        add("spec", "c d", "e", "f"),
        "spec:\n  a: b\n  c:\n    d:\n      e: f\n",
    ),
    (
        "metadata before the spec",
        "kind: A\n# the pod\nspec:\n  a: b\n",
        add("A", "metadata labels", "k", "v"),
        "kind: A\nmetadata:\n  labels:\n    k: v\n# the pod\nspec:\n  a: b\n",
    ),
    (
        "metadata in braces",
        "{kind: A, spec: {a: b}}\n",
        add("A,", "metadata labels", "k", "v"),
        "{kind: A, spec: {a: b}, metadata: {labels: {k: v}}}\n",
    ),
    (
        "the file's steps",
        "a:\n    b: 1\n",
        add("a", "c", "d", "e"),
        "a:\n    b: 1\n    c:\n        d: e\n",
    ),
    ("an unended file", "a:\n  b: 1", add("a", "", "c", "d"), "a:\n  b: 1\n  c: d"),
    (
        "after a block",
        "a:\n  b: |\n    x\n\nc: 1\n",
        add("a", "", "d", "e"),
        "a:\n  b: |\n    x\n  d: e\n\nc: 1\n",
    ),
    (
        "JSON in one line",
        '{"metadata": {"name": "a"}}',
        add('"a"', "metadata labels", "k", "v"),
        '{"metadata": {"name": "a", "labels": {"k": "v"}}}',
    ),
    (
        "JSON in lines",
        '{\n  "a": {\n    "b": "c"\n  }\n}\n',
        add('"a"', "", "d", "e"),
        '{\n  "a": {\n    "b": "c",\n    "d": "e"\n  }\n}\n',
    ),
    (
        "an item of a list kind",
        "kind: List\nitems:\n- kind: A\n  metadata:\n    name: a\n",
        add("a\n", "metadata labels", "k", "v"),
        "kind: List\nitems:\n- kind: A\n  metadata:\n    name: a\n    labels:\n      k: v\n",
    ),
    # items
    (
        "a block's end",
        "name: a\nx:\n- b # c\ny: 1\n",
        append("name", "x", "d=e"),
        "name: a\nx:\n- b # c\n- d=e\ny: 1\n",
    ),
    (
        "indented dashes",
        "name: a\nx:\n  - b\n",
        append("name", "x", "true"),
        'name: a\nx:\n  - b\n  - "true"\n',
    ),
    ("brackets", "name: a\nx: [b]\n", append("name", "x", "c"), "name: a\nx: [b, c]\n"),
    ("empty brackets", "name: a\nx: []\n", append("name", "x", "c"), "name: a\nx: [c]\n"),
    (
        "no list",
        "name: a\ny:\n  - 1\n",
        append("name", "x", "c"),
        "name: a\ny:\n  - 1\nx:\n  - c\n",
    ),
    ("no list in braces", "{name: a}\n", append("name", "x z", "c"), "{name: a, x: {z: [c]}}\n"),
    # entries moved: with their comments, by their text
    (
        "to a map that is there",
        OBJECT,
        move("x", "metadata"),
        "kind: Pod\nmetadata:\n  name: a\n  labels:\n    z: q\n  x: 'y' # why\n",
    ),
    (
        "comments above",
        "a:\n  # b\n  b: 1\n  c: 2\nd:\n  e: 1\n",
        move("b: 1", "d"),
        "a:\n  c: 2\nd:\n  e: 1\n  # b\n  b: 1\n",
    ),
    ("what empties its map", "a:\n  b: 1\nd:\n  e: 1\n", move("b", "d"), "d:\n  e: 1\n  b: 1\n"),
    (
        "a map",
        "a:\n  b:\n    # c\n    c: 1\n  d: 1\ne: {}\nf:\n  g: 1\n",
        move("b", "f h"),
        "a:\n  d: 1\ne: {}\nf:\n  g: 1\n  h:\n    b:\n      # c\n      c: 1\n",
    ),
    (
        "a block deeper",
        "a:\n  b: |-\n    x\n\n      y\n  c: 1\nd:\n  e:\n    f: 1\n",
        move("b", "d e"),
        "a:\n  c: 1\nd:\n  e:\n    f: 1\n    b: |-\n      x\n\n        y\n",
    ),
    (
        "into braces",
        "a:\n  b: 'x'\n  c: 1\nd: {e: 1}\n",
        move("b", "d"),
        "a:\n  c: 1\nd: {e: 1, b: 'x'}\n",
    ),
    (
        "out of braces",
        "a: {b: x, c: 1}\nd:\n  e: 1\n",
        move("b", "d"),
        "a: {c: 1}\nd:\n  e: 1\n  b: x\n",
    ),
    (
        "an unused anchor",
        "a:\n  b: &x 1\n  c: 1\nd:\n  e: 1\n",
        move("b", "d"),
        "a:\n  c: 1\nd:\n  e: 1\n  b: &x 1\n",
    ),
    (
        "an alias below its anchor",
        "x: &x 1\na:\n  b: *x\n  c: 1\nd:\n  e: 1\n",
        move("b", "d"),
        "x: &x 1\na:\n  c: 1\nd:\n  e: 1\n  b: *x\n",
    ),
    (
        "to the item's own root",
        "kind: List\nitems:\n- kind: A\n  m: {a: 1}\n  n: {b: 1}\n- kind: B\n  n: {c: 1}\n",
        move("c", "o"),
        "kind: List\nitems:\n- kind: A\n  m: {a: 1}\n  n: {b: 1}\n- kind: B\n  o:\n    c: 1\n",
    ),
    (
        "annotation to label",
        "metadata:\n  annotations:\n    # no mesh\n    i.o/injected: no\n  labels:\n    a: b\n",
        mended("i.o", "metadata labels", "i.o/inject", "false"),
        'metadata:\n  labels:\n    a: b\n    # no mesh\n    i.o/inject: "false"\n',
    ),
    # YAML in a text
    (
        "a value in a block",
        "a: |\n  b: x # c\n  d: 1\ne: 1\n",
        assign("x", "z"),
        "a: |\n  b: z # c\n  d: 1\ne: 1\n",
    ),
    (
        "a line in a block",
        "- a: |-\n    b:\n      c: x\n    d: 1\n",
        remove("c"),
        "- a: |-\n    d: 1\n",
    ),
    (
        "into a block",
        "a: |\n   b:\n     c: x\ne: 1\n",
        add("b", "", "d", "e"),
        "a: |\n   b:\n     c: x\n     d: e\ne: 1\n",
    ),
    # what is around
    (
        "line ends",
        "a: 1\r\nb:\r\n  c: 1\r\n",
        add("b", "", "d", "e"),
        "a: 1\r\nb:\r\n  c: 1\r\n  d: e\r\n",
    ),
    ("line ends of old", "a: 1\rb: 2\rc: 3\r", remove("b"), "a: 1\rc: 3\r"),
    (
        "a comment with line ends",
        "a:\r\n  # b\r\n  b: 1\r\n  c: 1\r\nd:\r\n  e: 1\r\n",
        move("b: 1", "d"),
        "a:\r\n  c: 1\r\nd:\r\n  e: 1\r\n  # b\r\n  b: 1\r\n",
    ),
    ("planes", "a: 😀\nb: 𝔸\n", assign("𝔸", "ü𝔹"), 'a: 😀\nb: "ü𝔹"\n'),
    (
        "surrogates of JSON",
        '{"a": "\\ud83d\\ude00", "b": "x"}',
        assign('"x"', "y"),
        '{"a": "\\ud83d\\ude00", "b": "y"}',
    ),
    ("odd breaks", 'a: "x\u2028y"\nb: 1\n', rename("b", "c"), 'a: "x\u2028y"\nc: 1\n'),
    ("tabs", "a:\t1\t# c\nb: 2\n", assign("1", "x"), "a:\tx\t# c\nb: 2\n"),
    (
        "the second document",
        "a: 1\n---\n# x\na: 1\n",
        assign("# x\n@a", "z"),
        "a: 1\n---\n# x\na: z\n",
    ),
    ("JSON after JSON", '{"a": 1}\n{"a": 2}\n', assign("2", "z"), '{"a": 1}\n{"a": "z"}\n'),
    ("directives", "%YAML 1.1\n---\na: 1\n", assign("a", "z"), "%YAML 1.1\n---\na: z\n"),
]


@pytest.mark.parametrize(
    ("before", "make", "after"), [row[1:] for row in EDITS], ids=[row[0] for row in EDITS]
)
def test_edits(before: str, make: Make, after: str) -> None:
    assert edited(before, *make(before)) == after


REFUSED: list[tuple[str, str, Make]] = [
    ("no entry there", "a: 1\n", rename(":", "b")),
    ("an item", "a:\n- x\n", assign("x", "y")),
    ("another pointer", "a: x\n", lambda t: (Assign(place(t, "x", "/b"), "y"),)),
    ("a key that is there", "a: 1\nb: 2\n", rename("a", "b")),
    ("a key that may come from a merge", "x: &x {b: 1}\ny:\n  <<: *x\n  a: 1\n", rename("a", "b")),
    ("an anchored key", "&k a: 1\nb: *k\n", rename("a", "c")),
    ("in what an alias repeats", "x: &x\n  a: 1\n  b: 2\ny: *x\n", rename("a", "c")),
    ("in what a merge repeats", "x: &x\n  a: 1\ny:\n  <<: *x\n", assign("a", "c")),
    ("deeper in it", "x: &x\n- b: {a: 1}\ny: *x\n", assign("a", "c")),
    ("a value that an alias repeats", "a: &x y\nb: *x\n", assign("a", "z")),
    ("by the place of what an alias means", "a: &x y\nb: *x\n", remove("y")),
    ("an alias as value", "a: &x y\nb: *x\n", assign("b", "z")),
    ("an anchor that is used", "a: &x y\nb: *x\n", remove("a")),
    ("an anchor that is used, moved", "a:\n  b: &x y\n  c: *x\nd:\n  e: 1\n", move("b", "d")),
    ("another meaning of an alias", "a: &x 1\nb: &x 2\nc: *x\n", remove("b")),
    ("a map as value", "a:\n  b: 1\n", assign("a", "x")),
    ("a block as value", "a: |\n  b\n", assign("a", "x")),
    ("lines as value", 'a: "b\\nc"\n', assign("a", "x")),
    ("a typed value", "a: !!bool true\n", assign("true", "x")),
    ("a placeholder", "a: ${X}\n", assign("${X}", "x")),
    ("a setter's value", "a: x # kpt-set: ${y}\n", assign("x", "z")),
    ("a plain word", "a: 1\n", assign("1", "x", plain=True)),
    ("the same value", "a: x\n", assign("x", "x")),
    ("an emptied document", "a: 1\n", remove("a")),
    ("an emptied item", "- a: 1\n- b: 1\n", remove("a")),
    ("an explicit entry", "? a\n: 1\n? b\n: 2\n", remove("b")),
    ("first of an item before a comment", "- a: 1\n  # b\n  b: 2\n", remove("a: 1")),
    ("a comment in braces", "{a: 1, # x\n b: 2}\n", remove("b")),
    ("a pair without braces", "a: [b: {c: 1}]\n", add("@b", "c", "c", "d")),
    ("a pair, moved into", "kind: List\nitems: [b: 1]\nx: 1\n", move("b", "c")),
    ("a key there already", "a:\n  b: 1\n", add("a", "", "b", "c")),
    ("a path to no map", "a: x\nb: 1\n", add("b", "a", "c", "d")),
    ("a map with a merge key", "x: &x {b: 1}\ny:\n  <<: *x\n", add("y", "", "c", "d")),
    ("a map that is an alias", "x: &x {b: 1}\ny: *x\nz: 1\n", add("z", "y", "c", "d")),
    ("a map that an alias repeats", "x: &x {b: 1}\ny: *x\nz: 1\n", add("z", "x", "c", "d")),
    ("null that is written", "a: null\nb: 1\n", add("b", "a", "c", "d")),
    ("after kept line ends", "a:\n  b: |+\n    x\n\nc: 1\n", add("a", "", "d", "e")),
    ("an item there already", "a: 1\nx: [b]\n", append("a", "x", "b")),
    ("an alias in a list", "a: &y b\nx: [*y]\n", append("a", "x", "b")),
    ("no list at all", "a: 1\nx: b\n", append("a", "x", "b")),
    ("moved onto its like", "a:\n  b: 1\nd:\n  b: 2\n", move("b: 1", "d")),
    ("moved to where it is", "a:\n  b: 1\n", move("b", "a")),
    ("lines into braces", "a:\n  b: |\n    x\n  c: 1\nd: {e: 1}\n", move("b", "d")),
    ("above its anchor", "d:\n  e: 1\nx: &x 1\na:\n  b: *x\n  c: 1\n", move("b", "d")),
    ("less indented lines", "a:\n  b: 'x\n y'\n  c: 1\nd:\n  e: 1\n", move("b", "d")),
    ("a template's comments", "# {{ if }}\na: 1\n", assign("1", "x")),
    ("a template", "a: '{{ x }}'\nb: 1\n", assign("1", "x")),
    ("ytt", "#@ if x:\na: 1\n", assign("1", "x")),
    ("no YAML", "a: [\nb: 1\n", assign("1", "x")),
    ("too deep", "a: 1\nb: " + "[" * 300 + "]" * 300 + "\n", assign("1", "x")),
    ("a folded text", "a: >\n  b: x\n", assign("x", "z")),
    ("a text that is no YAML", "a: |\n  b: [x\n", assign("x", "z")),
    ("a text that is a list", "a: |\n  - x\n", assign("x", "z")),
    ("a text that an alias repeats", "a: &y |\n  b: x\nc: *y\n", assign("x", "z")),
    ("both or none", "a: 1\nb: 2\n",
     lambda t: (Rename(place(t, "a"), "c"), Rename(place(t, "b"), "c"))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "make"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refused(before: str, make: Make) -> None:
    assert edited(before, *make(before)) is None


@pytest.mark.parametrize(
    ("before", "make"), [row[1:3] for row in EDITS], ids=[row[0] for row in EDITS]
)
def test_edits_are_minimal(before: str, make: Make) -> None:
    """No replacement begins or ends with what was there; none touches another."""
    change = change_of(before, *make(before))
    assert change is not None
    spans = [(one.start, one.end, one.text) for one in change.replacements]
    for start, end, new in spans:
        old = before[start:end]
        assert old or new
        assert not (old and new) or (old[0] != new[0] and old[-1] != new[-1])
    assert all(left[1] < right[0] for left, right in pairwise(spans))


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no BOM", "BOM"])
def test_a_byte_order_mark_stays(mark: str) -> None:
    data = f"{mark}a: 😀 # ü\nb: x\n".encode()
    change = change_of(decode(data), *assign("x", "z")(decode(data)))
    assert change is not None
    splices = [(one.start, one.end, one.text) for one in change.replacements]
    assert rewritten(data, splices) == data.replace(b"b: x", b"b: z")


def test_several_files_in_one_fix() -> None:
    texts = {"a": "x: 1\n", "b": "y: 2\n"}
    edits = (Rename(Location("b", 1, 1, 1, 2), "z"), Rename(Location("a", 1, 1, 1, 2), "z"))
    change = resolved(Fix("Mend both.", edits), texts.__getitem__)
    assert change is not None
    assert [(one.path, one.text) for one in change.replacements] == [("a", "z"), ("b", "z")]


KEYS = st.sampled_from(["a", "b", "istio.io/rev", "yes", "1", "ü", "x y", "#", "*k"])
LEAVES = st.sampled_from(
    ["x", "true", "", "0o17", "it's", 'say "so"', "a: b", "- c", "é😀", "l1\nl2"]
)
DATA = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=12,
)
TOPS = st.dictionaries(KEYS, DATA, min_size=1, max_size=4)
Way = tuple[str | int, ...]


def ways(data: object, way: Way = ()) -> list[Way]:
    """The paths of all entries of all maps."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(data, dict):
        inner = list(data.items())
    elif isinstance(data, list):
        inner = list(enumerate(data))
    own = [(*way, key) for key, _ in inner if isinstance(data, dict)]
    return own + [deep for key, value in inner for deep in ways(value, (*way, key))]


def pick(data: object, way: Way) -> Any:
    for key in way:
        data = data[key]  # type: ignore[index]
    return data


def key_place(text: str, way: Way) -> Location:
    """The place of an entry's key, by PyYAML's own nodes."""
    node: Any = yaml.compose(text, Loader=yaml.BaseLoader)
    for number, step in enumerate(way):
        if isinstance(node, yaml.SequenceNode):
            node = node.value[step]
            continue
        key, value = next(pair for pair in node.value if pair[0].value == step)
        node = key if number == len(way) - 1 else value
    line, column = Lines(text).place(node.start_mark.index)
    return Location(PATH, line, column, line, column + 1)


def prune(data: object, way: Way) -> None:
    """Takes an entry out, and what is empty then."""
    holder = pick(data, way[:-1])
    del holder[way[-1]]
    if not holder and way[:-1]:
        assert isinstance(way[-2], str)
        prune(data, way[:-1])


def meant(data: dict[str, Any], way: Way, edit: Edit) -> object | None:
    """The data with an edit made; None where that is impossible, or not told here."""
    data = copy.deepcopy(data)
    holder = pick(data, way[:-1])
    target: Any
    match edit:
        case Assign():
            holder[way[-1]] = edit.value
        case Rename() if edit.key not in holder:
            items = [(edit.key if key == way[-1] else key, value) for key, value in holder.items()]
            holder.clear()
            holder.update(items)
        case Remove():
            prune(data, way)
        case Move():
            value, target = holder[way[-1]], data
            for name in edit.to:
                target = target.setdefault(name, {})
            if way[-1] in target:
                return None
            target[way[-1]] = value
            prune(data, way)
        case _:
            return None
    return data


@settings(max_examples=100, deadline=None)
@given(TOPS, st.randoms(use_true_random=False))
def test_any_edit_that_is_made_is_the_one_that_is_meant(
    data: dict[str, Any], chance: random.Random
) -> None:
    """Whatever the document and its style: the data is that with the edit, by another reader."""
    style = chance.choice([None, False, True])
    indent = chance.choice([2, 4])
    end = chance.choice(["\n", "\r\n"])
    text = (
        json.dumps(data, ensure_ascii=False)
        if chance.random() < 0.2
        else yaml.dump(
            data, default_flow_style=style, indent=indent, allow_unicode=True, sort_keys=False
        ).replace("\n", end)
    )
    text = chance.choice(["", f"# head{end}", f"---{end}"]) + text
    way = chance.choice(ways(data))
    where = key_place(text, way)
    options: list[Edit] = [
        Assign(where, chance.choice(["x", "true", "é", "", "a,b", "it's"])),
        Rename(where, chance.choice(["n", "n/m", "no", "a"])),
        Remove(where),
        Move(where, chance.choice([("m",), ("a",), ("b", "a"), ("m", "n")])),
    ]
    edit = chance.choice(options)
    after = edited(text, edit)
    if after is None:
        return
    assert yaml.load(after, Loader=yaml.BaseLoader) == meant(data, way, edit)
