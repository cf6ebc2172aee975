"""The guides are followed to the letter: their files are written, their commands run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.walk import Command, File, Reader, fits, follow, steps

GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))


@pytest.mark.helm
@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_guide(guide: Path, tmp_path: Path, update: bool) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    with Reader(folder) as reader:
        follow(guide, reader, update=update)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_has_files_and_commands(guide: Path) -> None:
    found = list(steps(guide.read_text()))
    assert any(isinstance(step, File) for step in found)
    assert any(isinstance(step, Command) and step.shown.strip() for step in found)


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a\n...\nb\n", "a\nx\ny\nb\n", True),
        ("a\n...\nb\n", "a\nx\ny\n", False),
        ("...\n", "", True),
        ("a.c\n", "abc\n", False),
        ("", "a\n", False),
    ],
)
def test_what_is_shown_is_compared(shown: str, real: str, same: bool) -> None:
    assert fits(shown, real) is same


def test_a_wrong_document_is_seen(tmp_path: Path) -> None:
    document = tmp_path / "d.md"
    document.write_text("```console\n$ cd .. && echo a; false\nb\n$ echo $? ${PWD##*/}\n```\n")
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
    with Reader(tmp_path / "one") as reader, pytest.raises(AssertionError):
        follow(document, reader)
    with Reader(tmp_path / "two") as reader:
        follow(document, reader, update=True)
    shown = (
        f"```console\n$ cd .. && echo a; false\na\n$ echo $? ${{PWD##*/}}\n1 {tmp_path.name}\n```\n"
    )
    assert document.read_text() == shown
