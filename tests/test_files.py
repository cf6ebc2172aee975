"""Which files are read, and what is said of the others."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from meshlint.source import files, git
from meshlint.source.files import STDIN, collect
from meshlint.unread import Unread

NS = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(tree: Path, *names: str) -> None:
    for name in names:
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(NS)


def names(*paths: str) -> list[str]:
    return [source.path for source in collect(paths).sources]


def test_folders_are_walked(tree: Path) -> None:
    write(tree, "a.yaml", "b/c.yml", "b/d/e.json", "b/README.md", ".git/x.yaml", "b/.hidden/f.yaml")
    (tree / ".git").rename(tree / "no-git")
    write(tree, "node_modules/x.yaml")
    assert names(".") == ["a.yaml", "b/.hidden/f.yaml", "b/c.yml", "b/d/e.json", "no-git/x.yaml"]


def test_a_kustomization_needs_no_suffix(tree: Path) -> None:
    """Of names without one, kustomize takes this alone."""
    write(
        tree,
        "Kustomization",
        "a/Kustomization",
        "a/kustomization",
        "a/MyKustomization",
        "b/Kustomization.txt",
    )
    assert names(".") == ["Kustomization", "a/Kustomization"]
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    assert names(".") == ["Kustomization", "a/Kustomization"]


def test_paths_are_as_the_user_names_them(tree: Path) -> None:
    write(tree, "b/c.yaml", "b/x.txt")
    assert names("b") == ["b/c.yaml"]
    assert names("./b/") == ["b/c.yaml"]
    assert names("b/x.txt") == ["b/x.txt"]
    assert names("b", "b/c.yaml") == ["b/c.yaml"]
    assert names(str(tree / "b")) == [f"{tree}/b/c.yaml"]


def test_what_does_not_exist_is_said_and_the_rest_is_read(tree: Path) -> None:
    write(tree, "a.yaml")
    found = collect(["gone", "a.yaml"])
    assert [source.path for source in found.sources] == ["a.yaml"]
    assert [(skip.reason, skip.path) for skip in found.skips] == [(Unread.UNREADABLE, "gone")]


def test_standard_input(tree: Path) -> None:
    (source,) = collect(["-"], NS.encode()).sources
    assert (source.path, source.read()) == (STDIN, NS.encode())


def test_links_out_of_the_tree_are_refused(tree: Path) -> None:
    write(tree, "in/a.yaml", "out/b.yaml")
    (tree / "in/link.yaml").symlink_to(tree / "out/b.yaml")
    (tree / "in/own.yaml").symlink_to(tree / "in/a.yaml")
    (tree / "in/folder").symlink_to(tree / "out")
    (tree / "in/dangling.yaml").symlink_to(tree / "in/nothing.yaml")
    found = collect(["in"])
    assert [source.path for source in found.sources] == ["in/a.yaml", "in/own.yaml"]
    reasons = {skip.path: skip.reason for skip in found.skips}
    assert reasons == {"in/link.yaml": Unread.LINK, "in/dangling.yaml": Unread.LINK}


def test_large_files_are_refused(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    write(tree, "a.yaml")
    assert [skip.reason for skip in collect(["."]).skips] == [Unread.LARGE]


def test_no_pipe_blocks_the_run(tree: Path) -> None:
    os.mkfifo(tree / "pipe.yaml")
    assert [skip.reason for skip in collect(["."]).skips] == [Unread.UNREADABLE]


ODD = ["with space.yaml", "new\nline.yaml", "-dash.yaml", "quote'\".yaml", "ümlaut.yaml", "*.yaml"]


def test_git_decides_what_is_ignored(tree: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    write(tree, "tracked.yaml", "new.yaml", "ignored/x.yaml", "gone.yaml", *ODD)
    (tree / ".gitignore").write_text("ignored/\n")
    subprocess.run(["git", "add", "tracked.yaml", "gone.yaml"], check=True)
    (tree / "gone.yaml").unlink()
    assert names(".") == sorted(["tracked.yaml", "new.yaml", *ODD])
    assert names("ignored/x.yaml") == ["ignored/x.yaml"]
    skips = [(skip.reason, skip.path) for skip in collect(["."]).skips]
    assert skips == [(Unread.IGNORED, "ignored/")]


def test_folders_inside_of_a_work_tree(tree: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    write(tree, "a/b.yaml", "c.yaml")
    assert names("a") == ["a/b.yaml"]


def test_a_hostile_repository_runs_nothing(tree: Path) -> None:
    """core.fsmonitor names a program that plain git would run for ls-files."""
    subprocess.run(["git", "init", "-q"], check=True)
    write(tree, "a.yaml")
    script = tree / "monitor.sh"
    script.write_text(f"#!/bin/sh\ntouch {tree}/ran\n")
    script.chmod(0o755)
    subprocess.run(["git", "config", "core.fsmonitor", str(script)], check=True)
    assert names(".") == ["a.yaml"]
    assert not (tree / "ran").exists()


def test_without_git_the_folder_is_walked(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree, "a.yaml", ".git/config.yaml")
    monkeypatch.setenv("PATH", "")
    assert git.files(tree) is None
    assert names(".") == ["a.yaml"]
