"""What commands load: help costs next to nothing, and each command only what it uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from meshlint import cli
from tests.manifests import namespace

HEAVY = {"yaml", "jsonschema", "ruamel", "rich", "cryptography", "subprocess", "hypothesis", "html"}
OWN = {
    "meshlint.engine",
    "meshlint.policy",
    "meshlint.mesh",
    "meshlint.rules",
    "meshlint.resources",
}
SCHEMES = {"jsonschema", "ruamel", "rich", "cryptography", "hypothesis"}
HELPS = [
    ["--version"],
    ["--help"],
    ["-h"],
    ["help"],
    *([name, "--help"] for name in cli.COMMANDS),
    *(["help", name] for name in cli.COMMANDS),
]


def loaded(*words: str, given: str = "") -> set[str]:
    """The modules that a command line imports."""
    command = [sys.executable, "-X", "importtime", "-I", "-m", "meshlint", *words]
    done = subprocess.run(
        command, input=given, capture_output=True, check=False, timeout=60, text=True
    )
    assert "Traceback" not in done.stderr
    return {line.rsplit("|")[-1].strip() for line in done.stderr.splitlines()}


def tops(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


@pytest.mark.parametrize("words", HELPS, ids=" ".join)
def test_help_and_version_load_nothing_heavy(words: list[str]) -> None:
    modules = loaded(*words)
    assert not tops(modules) & HEAVY
    assert not modules & OWN


LIGHT = [
    (["-q", "-"], SCHEMES),
    (["why", "--all", "-"], SCHEMES),
    (["rules"], SCHEMES | {"subprocess"}),
    (["explain", "MESH104"], SCHEMES),
    (["completion", "bash"], SCHEMES | {"subprocess"}),
]


@pytest.mark.parametrize(("words", "banned"), LIGHT, ids=[" ".join(words) for words, _ in LIGHT])
def test_commands_load_what_they_use(words: list[str], banned: set[str]) -> None:
    assert not tops(loaded(*words, given=namespace("shop", rev="asm-managed"))) & banned


def test_listing_rules_judges_nothing() -> None:
    """Of the rules it needs the words alone."""
    modules = loaded("rules")
    assert "meshlint.engine" not in modules
    assert not {module for module in modules if module.startswith("meshlint.rules.labels")}
