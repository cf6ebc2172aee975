"""Kustomizations against kustomize itself, where it is installed, over the layouts of the tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.layouts import LAYOUTS, Layout
from tests.placing import placed, read, shown

KUSTOMIZE = shutil.which("kustomize")
needs_kustomize = pytest.mark.skipif(KUSTOMIZE is None, reason="kustomize is not installed")


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
def test_layouts_come_to_what_is_expected(layout: Layout) -> None:
    root = next(p for p in layout.files if p.startswith(f"{layout.root}/kustomization"))
    assert shown(placed(layout.files), root) == tuple(sorted(layout.expected))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
def test_nothing_is_left_beside_what_a_root_includes(layout: Layout) -> None:
    assert len(shown(placed(layout.files))) == len(layout.expected)


@needs_kustomize
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
def test_kustomize_comes_to_the_same(layout: Layout, tmp_path: Path) -> None:
    for path, text in layout.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    command = [str(KUSTOMIZE), "build", "--load-restrictor", "LoadRestrictionsNone"]
    run = subprocess.run(
        [*command, layout.root], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert shown(read({"built.yaml": run.stdout}), "built.yaml") == tuple(sorted(layout.expected))
