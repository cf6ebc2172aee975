"""What all tests share: the option to rewrite golden files, and the shared data where it exists."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meshlint import cli
from tests import chromium

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden files")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--update"))


Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs a command line to its exit code, its JSON (None where there is none), and its words."""

    def call(*words: str) -> tuple[int, Any, str]:
        code = cli.run([*words, "--format", "json"])
        out, err = capsysbinary.readouterr()
        return code, json.loads(out) if out else None, err.decode()

    return call


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "tree"


def write(tree: Path, files: dict[str, str]) -> None:
    """Files below a folder, by their paths."""
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with conformance data, which is not part of the project."""
    path = ROOT.parent / "shared"
    if not path.is_dir():
        pytest.skip("the conformance data (../shared) is not here")
    return path


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests of other programs run where these are on the PATH."""
    for program in ("helm", "helm4", "kustomize", "chromium", "actionlint", "multitool"):
        names = chromium.NAMES if program == "chromium" else (program,)
        if item.get_closest_marker(program) and not any(map(shutil.which, names)):
            why = f"{program} is not on the PATH: .ci/tools installs it"
            if os.environ.get("MESHLINT_PROGRAMS") == "needed":
                pytest.fail(why)
            pytest.skip(why)
