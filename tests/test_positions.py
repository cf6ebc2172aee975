"""Over all fixtures and examples: a region holds the key or value it names; order changes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from meshlint.engine import run
from meshlint.finding import Finding, Location
from meshlint.report import FORMATS, render
from meshlint.report.model import Report
from meshlint.source.files import Collection, collect
from meshlint.source.split import split
from meshlint.source.text import NotText, decode
from tests.conftest import HERE, ROOT

TREES = [*sorted(path / "fail" for path in (HERE / "rules").iterdir()), ROOT / "examples"]


def report_on(tree: Path) -> Report:
    return run(collect([str(tree)]))


def places(finding: Finding) -> Iterator[Location]:
    yield finding.where
    yield from (related.where for related in finding.related)


def source(where: Location) -> str:
    try:
        return decode(Path(where.path).read_bytes())
    except NotText:
        return Path(where.path).read_bytes().decode("utf-8", "replace")


def cut(where: Location) -> str:
    text = source(where).replace("\r\n", "\n").replace("\r", "\n")
    assert where.line == where.end_line
    return text.split("\n")[where.line - 1][where.column - 1 : where.end_column - 1]


def words(shown: str) -> str:
    """The scalar that a source text stands for."""
    node = yaml.compose(shown, Loader=yaml.BaseLoader)
    return str(node.value) if node else ""


def named(where: Location) -> set[str]:
    """The last part of the pointer, and the scalar that it points to in any document of the file."""
    parts = [p.replace("~1", "/").replace("~0", "~") for p in where.pointer.split("/")[1:]]
    found = {parts[-1]}
    for piece in split(decode(Path(where.path).read_bytes())):
        try:
            root = yaml.compose(piece.text, Loader=yaml.BaseLoader)
        except yaml.YAMLError:
            continue
        found.update(values(root, parts))
        found.update(values(root, parts, items=True))
    return found


def values(node: yaml.Node | None, parts: list[str], items: bool = False) -> Iterator[str]:
    """The scalars at a pointer; with `items`, looking through the items of List kinds."""
    if isinstance(node, yaml.ScalarNode):
        if not parts:
            yield str(node.value)
        elif node.style == "|":  # values of a chart, given as text
            yield from values(yaml.compose(node.value, Loader=yaml.BaseLoader), parts)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from in_map(key.value, value, parts, items)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            if parts and parts[0] in (str(index), name_of(item)):
                yield from values(item, parts[1:], items)
            elif items:
                yield from values(item, parts, items)


def in_map(key: str, value: yaml.Node, parts: list[str], items: bool) -> Iterator[str]:
    if parts and key == parts[0]:
        yield from values(value, parts[1:], items)
    elif key == "<<" or (items and key == "items"):
        yield from values(value, parts, items)
    else:
        yield from nested(value, parts)


def nested(node: yaml.Node, parts: list[str]) -> Iterator[str]:
    if isinstance(node, yaml.ScalarNode) and node.style == "|":
        try:
            yield from values(yaml.compose(node.value, Loader=yaml.BaseLoader), parts)
        except yaml.YAMLError:
            return
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from nested(value, parts)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from nested(item, parts)


def name_of(node: yaml.Node) -> str:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(v.value) for k, v in pairs if k.value == "name"), "")


def within(where: Location, shown: str) -> bool:
    """Whether a region is a part of a text, such as a template in a ConfigMap."""
    found = (text for text in named(where) if "\n" in text or "{{" in text)
    return bool(shown.strip()) and any(shown in text for text in found)


@pytest.mark.parametrize("tree", TREES, ids=lambda path: path.parent.name)
def test_regions_hold_what_they_name(tree: Path) -> None:
    for finding in report_on(tree).findings:
        for where in places(finding):
            shown = cut(where)
            assert shown or finding.code == "MESH001", where
            if where.pointer and not within(where, shown):
                assert words(shown) in named(where), (where, shown)


@pytest.fixture(scope="module")
def shuffled() -> list[Report]:
    """The same files in four orders."""
    found = collect([str(HERE / "rules"), str(ROOT / "examples")])
    reports = [run(found)]
    for seed in range(3):
        sources = list(found.sources)
        random.Random(seed).shuffle(sources)
        reports.append(run(Collection(sources, found.skips)))
    return reports


@pytest.mark.parametrize("name", FORMATS)
def test_shuffled_input_gives_the_same_bytes(name: str, shuffled: list[Report]) -> None:
    first, *others = (render(name, report) for report in shuffled)
    assert all(other == first for other in others)
