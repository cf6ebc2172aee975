"""Who may import whom, what only one module may do, and how large modules may grow."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "meshlint"
FLOORS = (
    ("finding", "unread", "data", "clock", "progress", "shells", ""),
    ("source",),
    ("resources", "policy"),
    ("units", "config", "symptom"),
    ("mesh",),
    ("rules",),
    ("rulebook", "checks"),
    ("facts", "report", "snapshot", "render", "fix"),
    ("origin", "triage"),
    ("engine", "why", "diagnose", "explain", "proposal", "health"),
    ("cli",),
    ("__main__",),
)
"""From the ground up: a module may import what is on its own floor or below."""
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
ALONE = {"yaml": "meshlint/source/loader.py", "subprocess": "meshlint/source/program.py"}
PRINTERS = ("meshlint/cli/", "meshlint/__main__.py")
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """All modules that a file imports, inside of functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write absolute imports"
            base = node.module or ""
            yield from (
                f"{base}.{alias.name}" if base == "meshlint" else base for alias in node.names
            )


def part(module: str) -> str:
    """`mesh` of meshlint.mesh.inject; "" for the package itself and its version."""
    words = module.split(".")
    return words[1] if len(words) > 1 and words[1] != "__version__" else ""


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_downwards(path: Path) -> None:
    own = FLOOR["" if path.name == "__init__.py" and path.parent == PACKAGE else part_of(path)]
    for module in imports(path):
        if module.split(".")[0] == "meshlint":
            assert FLOOR[part(module)] <= own, f"{name_of(path)} may not import {module}"


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def test_reports_know_neither_rules_nor_mesh() -> None:
    for path in (PACKAGE / "report").glob("*.py"):
        parts = {part(module) for module in imports(path) if module.startswith("meshlint")}
        assert not parts & {"rules", "mesh", "resources"}, name_of(path)


def test_rules_know_neither_policies_nor_reports() -> None:
    for path in (PACKAGE / "rules").rglob("*.py"):
        parts = {part(module) for module in imports(path) if module.startswith("meshlint")}
        assert not parts & {"policy", "report", "engine"}, name_of(path)


@pytest.mark.parametrize("module", sorted(ALONE))
def test_one_place_imports(module: str) -> None:
    users = {name_of(p) for p in MODULES if module in {m.split(".")[0] for m in imports(p)}}
    assert users == {ALONE[module]}


def test_one_place_prints_and_exits() -> None:
    for path in MODULES:
        text = path.read_text()
        speaks = "print(" in text or "sys.std" in text or "sys.exit" in text
        assert not speaks or name_of(path).startswith(PRINTERS), name_of(path)


def test_modules_stay_small() -> None:
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert max(sizes.values()) <= 300, max(sizes, key=lambda name: sizes[name])
    assert statistics.median(sizes.values()) < 130


def test_no_module_is_a_grab_bag() -> None:
    banned = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not banned & {path.stem for path in MODULES}
