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
    follow(guide, Reader(folder), update=update)


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
    document.write_text("```console\n$ echo a; false\nb\n$ echo $?\n1\n```\n")
    folder = tmp_path / "f"
    folder.mkdir()
    with pytest.raises(AssertionError):
        follow(document, Reader(folder))
    (tmp_path / "f-bin/meshlint").unlink()
    (tmp_path / "f-bin").rmdir()
    follow(document, Reader(folder), update=True)
    assert document.read_text() == "```console\n$ echo a; false\na\n$ echo $?\n1\n```\n"
