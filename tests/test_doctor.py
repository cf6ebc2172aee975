"""`meshlint doctor`: what works, what does not, and what to do then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from meshlint import cli
from meshlint.health import installed
from meshlint.health.check import Check, State
from meshlint.health.programs import found_git, found_helm, found_kustomize, renders
from meshlint.health.tree import tree
from meshlint.policy import policies
from tests.conftest import ROOT, Run

SCHEMA = json.loads((ROOT / "schemas/doctor.schema.json").read_text())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def repository(folder: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True, timeout=60)
    return folder


def by_name(checks: object) -> dict[str, Check]:
    assert isinstance(checks, list)
    return {check.name: check for check in checks}


def test_all_is_well_here(run: Run) -> None:
    code, told, _ = run("doctor", str(ROOT))
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    faults = [check for check in told["checks"] if check["state"] == "fault"]
    assert (code, told["healthy"], faults) == (0, True, [])
    names = [check["name"] for check in told["checks"]]
    assert names[:5] == ["meshlint", "python", "PyYAML", "cryptography", "data"]
    assert {"git", "helm", "kustomize", "cache", "configuration", "output"} <= set(names)


def test_as_text(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / ".meshlint.yaml").write_text("revision: [a]\ntags: {a: b, c: \x00}\n")
    assert cli.run(["doctor"]) == 1
    out = capfd.readouterr().out
    assert "ok     PyYAML " in out
    assert "fault  configuration  .meshlint.yaml:" in out
    assert "mend it: docs/configuration.md has all keys" in out
    assert "\x00" not in out


def test_what_is_no_folder(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["doctor", "no/such"]) == 2
    assert "no/such is no folder" in capfd.readouterr().err


def test_old_pythons() -> None:
    assert installed.python((3, 11)).state is State.GOOD
    assert installed.python((3, 10)).state is State.FAULT
    assert installed.python((4, 0)).state is State.GOOD


MISSING = [
    ("yaml", installed.libyaml, State.FAULT, "pip install PyYAML"),
    ("yaml._yaml", installed.libyaml, State.NOTE, "as a wheel"),
    ("cryptography.x509", installed.cryptography, State.FAULT, "pip install cryptography"),
]


@pytest.mark.parametrize(("module", "check", "state", "advice"), MISSING)
def test_missing_libraries(
    module: str,
    check: Callable[[], Check],
    state: State,
    advice: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert check().state is State.GOOD
    monkeypatch.setitem(sys.modules, module, None)
    assert check().state is state
    assert advice in check().advice


def test_a_missing_library_ends_the_checks_and_not_with_a_traceback(tmp_path: Path) -> None:
    """In a process that cannot import yaml, as nothing of meshlint that needs it may be loaded."""
    program = "import sys; sys.modules['yaml'] = None; from meshlint.cli import run; sys.exit(run(['doctor']))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "fault  PyYAML" in done.stdout
    assert "cryptography" in done.stdout
    assert "configuration" not in done.stdout


@pytest.mark.parametrize("name", ["schemas", "policies"])
def test_missing_data(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As of a wheel that was not built whole."""
    from meshlint import policy
    from meshlint.symptom import catalogue

    def elsewhere(asked: str) -> Path:
        return tmp_path if asked == name else ROOT / asked

    for module in (policy, catalogue, installed):
        monkeypatch.setattr(module, "directory", elsewhere)
    policies.cache_clear()
    catalogue.shipped.cache_clear()
    try:
        found = installed.data()
    finally:
        policies.cache_clear()
        catalogue.shipped.cache_clear()
    assert found.state is State.FAULT
    assert "pip install" in found.advice


def test_every_schema_is_looked_for() -> None:
    shipped = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").glob("*.json")}
    assert set(installed.SCHEMAS) == shipped


def test_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_git(repository).state is State.GOOD
    assert str(repository) in found_git(repository).text
    monkeypatch.setenv("PATH", "")
    assert found_git(repository).state is State.FAULT, "here it is needed"
    assert "not installed" in found_git(repository).text


def test_git_outside_of_a_work_tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_git(folder).state is State.NOTE
    monkeypatch.setenv("PATH", "")
    assert found_git(folder).state is State.NOTE


def test_git_that_refuses(repository: Path) -> None:
    (repository / ".git/HEAD").write_text("")
    found = found_git(repository)
    assert found.state is State.FAULT
    assert "refuses the work tree: fatal: " in found.text


def test_git_and_a_stranger_s_tree(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "fatal: detected dubious ownership in repository at '/x'"
    monkeypatch.setattr("meshlint.source.git.complaint", lambda folder: said)
    found = found_git(repository)
    assert found.advice == f"git config --global --add safe.directory {repository}"


def program(folder: Path, name: str, text: str) -> None:
    """A program of a name, in a folder that becomes the PATH."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_renderers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder / "bin"))
    assert found_helm().state is State.NOTE
    assert found_kustomize().state is State.NOTE
    program(folder, "helm", "echo v3.99")
    program(folder, "kubectl", "echo v1.99")
    assert found_helm().text.startswith("v3.99, ")
    assert found_kustomize().text == f"v1.99, {folder}/bin/kubectl kustomize"
    program(folder, "helm", "echo 'Error: broken' >&2; exit 1")
    assert found_helm().state is State.NOTE
    assert "does not run: broken" in found_helm().text


def test_the_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "new"))
    assert renders().state is State.GOOD
    assert not (folder / "new").exists(), "nothing is written"
    (folder / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))
    assert renders().state is State.NOTE
    assert "XDG_CACHE_HOME" in renders().advice


CONFIGURATIONS = [
    ("none", None, {"configuration": State.NOTE}),
    ("sound", "revisions: [a]\n", {"configuration": State.GOOD}),
    ("a fault", "revisions: a\n", {"configuration": State.FAULT}),
    ("no YAML", "a: [\n", {"configuration": State.FAULT}),
    ("no snapshot", "context: no.json\n", {"configuration": State.GOOD, "snapshot": State.FAULT}),
    ("no such snapshot", "context: bad.json\n", {"snapshot": State.FAULT}),
    ("no error texts", "symptoms: [none]\n", {"error texts": State.FAULT}),
    ("no baseline", "baseline: no.json\n", {"baseline": State.FAULT}),
    ("no such baseline", "baseline: bad.json\n", {"baseline": State.FAULT}),
    ("charts without helm", "charts: [{path: shop}]\n", {"charts": State.FAULT}),
]


@pytest.mark.parametrize(
    ("text", "states"), [c[1:] for c in CONFIGURATIONS], ids=[c[0] for c in CONFIGURATIONS]
)
def test_configurations(
    text: str | None, states: dict[str, State], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    (folder / "bad.json").write_text("{}")
    if text is not None:
        (folder / ".meshlint.yaml").write_text(text)
    found = by_name(list(tree(Path())))
    assert {name: found[name].state for name in states} == states
    for check in found.values():
        assert check.advice or check.state is State.GOOD


def test_names_of_no_rule(folder: Path, run: Run) -> None:
    """Which the form of the configuration does not tell."""
    (folder / ".meshlint.yaml").write_text("rules: {MESH999: off}\n")
    code, told, _ = run("doctor")
    (found,) = (check for check in told["checks"] if check["state"] == "fault")
    assert code == 1
    assert found["name"] == "configuration"
    assert ".meshlint.yaml:1:9: no rule is called 'MESH999'" in found["text"]


def test_a_baseline_that_can_be_read(folder: Path) -> None:
    (folder / "a.yaml").write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: 'true'}}\n"
    )
    assert cli.run(["-q", "--write-baseline", "--baseline", "b.json", "."]) == 0
    (folder / ".meshlint.yaml").write_text("baseline: b.json\n")
    assert by_name(list(tree(Path())))["baseline"].text == "b.json, 1 known"


def test_a_snapshot_that_can_be_read(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert cli.run(["context", "-q", str(ROOT / "examples/platform")]) == 0
    (folder / "mesh.json").write_bytes(capfdbinary.readouterr().out)
    (folder / ".meshlint.yaml").write_text("context: mesh.json\n")
    assert by_name(list(tree(Path())))["snapshot"] == Check("snapshot", State.GOOD, "mesh.json")


def test_hooks(repository: Path) -> None:
    assert "pre-commit" not in by_name(list(tree(Path())))
    (repository / ".pre-commit-config.yaml").write_text("repos: [{hooks: [{id: meshlint}]}]\n")
    assert by_name(list(tree(Path())))["pre-commit"].advice == "run 'pre-commit install'"
    hook = repository / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n")
    assert by_name(list(tree(Path())))["pre-commit"].state is State.NOTE, "Git does not run it"
    hook.chmod(0o755)
    assert by_name(list(tree(Path())))["pre-commit"].state is State.GOOD


def test_nothing_is_written(repository: Path) -> None:
    (repository / ".meshlint.yaml").write_text("revisions: [a]\n")
    before = sorted(path for path in repository.rglob("*"))
    assert cli.run(["doctor"]) == 0
    assert sorted(path for path in repository.rglob("*")) == before
