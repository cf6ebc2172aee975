"""What the documents say is true: paths exist, commands run, shown output is real."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from meshlint.cli import COMMANDS
from meshlint.policy import policies
from meshlint.rules.registry import (
    DOCUMENT_RULES,
    EFFECT_RULES,
    FAULT_RULES,
    KEY_RULES,
    MESH_RULES,
)
from tests.conftest import ROOT

DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "examples/README.md",
    "benchmarks/README.md",
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))),
]
PATH = re.compile(r"`((?:\./)?(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|toml|yaml|py))`")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_exist(name: str) -> None:
    """In docs/, paths that begin with no folder of the project are those of a user's tree."""
    text = (ROOT / name).read_text()
    folder = (ROOT / name).parent
    tops = {entry.name for entry in ROOT.iterdir()}
    named = PATH.findall(text)
    if name.startswith("docs/"):
        named = [path for path in named if path.split("/")[0] in tops and "/" in path]
    for path in {*named, *LINK.findall(text)}:
        assert (ROOT / path).exists() or (folder / path).exists() or ".sarif" in path, path


README = ROOT / "README.md"
TABLE = re.compile(
    r"(?<=\| code \| rule \| at worst \| what it finds \|\n\|---\|---\|---\|---\|\n).*?(?=\n## )",
    re.DOTALL,
)
OUTPUT = re.compile(r"```console\n\$ meshlint (.*?)\n(.*?)```", re.DOTALL)


def replaced(pattern: re.Pattern[str], new: str, update: bool) -> str:
    """What the README has where the pattern matches; with --update, the new text instead."""
    text = README.read_text()
    match = pattern.search(text)
    assert match
    if update:
        README.write_text(text[: match.start()] + new + text[match.end() :])
        return new
    return match.group()


def test_readme_has_the_rule_table(update: bool) -> None:
    table = "".join(f"| `{p.code}` | {p.name} | {p.worst} | {p.summary} |\n" for p in policies())
    assert replaced(TABLE, table, update) == table


def test_readme_shows_real_output(update: bool) -> None:
    match = OUTPUT.search(README.read_text())
    assert match
    words = match.group(1).split()
    command = [sys.executable, "-I", "-m", "meshlint", *words]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    block = f"```console\n$ meshlint {' '.join(words)}\n{done.stdout}```"
    assert replaced(OUTPUT, block, update) == block


def test_readme_names_only_options_that_exist() -> None:
    lines = README.read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("diff "))
    helps = []
    for command in COMMANDS:
        words = [sys.executable, "-I", "-m", "meshlint", command, "--help"]
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
        helps.append(done.stdout)
    for option in re.findall(r"(?<![-|])--[a-z][a-z-]+", text):
        assert option in "".join(helps), option


def test_changelog_names_every_rule() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    for policy in policies():
        assert f"`{policy.name}` ({policy.code})" in text


def test_rules_are_counted_once() -> None:
    assert {p.name for p in policies()} == {
        *FAULT_RULES,
        *DOCUMENT_RULES,
        *KEY_RULES,
        *MESH_RULES,
        *EFFECT_RULES,
    }


def test_hooks_lint_the_whole_tree_in_one_process() -> None:
    """A linter across files must not get them in portions, nor miss deletions."""
    hooks = {
        hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    }
    for hook in hooks.values():
        assert hook["pass_filenames"] is False
        assert hook["require_serial"] is True
    assert hooks["meshlint"]["always_run"] is True
    pattern = re.compile(hooks["meshlint-changed"]["files"])
    assert pattern.search("a/b.yaml")
    assert pattern.search("kustomization")
    assert not pattern.search("a/b.py")


def test_each_hook_entry_runs() -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()):
        words = hook["entry"].split()
        assert words[0] == "meshlint"
        command = [sys.executable, "-I", "-m", *words, "tests/rendered"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout


def test_the_wheel_gets_the_data() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    forced = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert forced == {"policies": "meshlint/policies", "schemas": "meshlint/schemas"}
    assert project["project"]["requires-python"] == ">=3.11"
