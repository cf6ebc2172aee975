"""What runs in CI: the project's own workflow and each one of docs/ci.md, checked and carried out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.composite import Action, Ran
from tests.conftest import ROOT
from tests.walk import File, steps

PROGRAMS = Path(sys.executable).parent
TEXT = (ROOT / "docs/ci.md").read_text()
INPUTS = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLACEHOLDERS = {
    "URL-OF-THIS-REPOSITORY": "https://example.com/meshlint",
    "COMMIT-OR-TAG": COMMIT,
    "OWNER/meshlint@COMMIT # TAG": f"example/meshlint@{COMMIT} # v1.0.0",
}
SCHEMAS = {
    ".github/workflows/": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
    "azure-pipelines.yml": "vendor.azure-pipelines",
    "bitbucket-pipelines.yml": "vendor.bitbucket-pipelines",
}
GOOD = (
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n"
)
BAD = GOOD.replace("enabled", "'yes'")


def filled(text: str) -> str:
    for word, value in PLACEHOLDERS.items():
        text = text.replace(word, value)
    return text


SHOWN = [File(step.path, filled(step.text)) for step in steps(TEXT) if isinstance(step, File)]
OWN = [
    File(path.relative_to(ROOT).as_posix(), path.read_text())
    for path in (ROOT / ".github/workflows").glob("*.yml")
]
WORKFLOWS = [file for file in SHOWN + OWN if file.path.startswith(".github/")]


def named(path: str) -> Any:
    (text,) = (file.text for file in SHOWN if file.path == path)
    return yaml.safe_load(text)


def done(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def good(*command: str | Path, **options: Any) -> None:
    ended = done(*command, **options)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def written(files: list[File], folder: Path) -> list[Path]:
    """The files in a folder, whose paths keep their form."""
    paths = []
    for number, file in enumerate(files):
        path = folder / str(number) / file.path
        path.parent.mkdir(parents=True)
        path.write_text(file.text)
        paths.append(path)
    return paths


def test_there_is_something_for_everybody() -> None:
    paths = [file.path for file in SHOWN]
    assert {path for path in paths if not path.startswith(".github/")} == {
        ".pre-commit-config.yaml", ".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml",
    }  # fmt: skip
    assert len(WORKFLOWS) == 4
    assert not any(word in file.text for file in SHOWN for word in ("COMMIT-", "OWNER/", "URL-OF"))


def test_zizmor(tmp_path: Path) -> None:
    """Nothing to say, in its most pedantic mood, on workflows and the action."""
    files = [*written(WORKFLOWS, tmp_path), ROOT / "action.yml"]
    good(PROGRAMS / "zizmor", "--offline", "--no-config", "--persona=pedantic", *files)


def test_zizmor_would_say_so(tmp_path: Path) -> None:
    """A script that an input is written into is what it is there for."""
    text = (ROOT / "action.yml").read_text().replace("exit 2", "exit ${{ inputs.paths }}")
    (tmp_path / "action.yml").write_text(text)
    ended = done(PROGRAMS / "zizmor", "--offline", "--no-config", tmp_path / "action.yml")
    assert ended.returncode != 0
    assert "template-injection" in ended.stdout


@pytest.mark.actionlint
def test_actionlint(tmp_path: Path) -> None:
    files = written([file for file in WORKFLOWS if file not in OWN], tmp_path)
    own = [ROOT / file.path for file in OWN]
    good("actionlint", "-shellcheck", PROGRAMS / "shellcheck", *files, *own, cwd=ROOT)


@pytest.mark.parametrize("file", SHOWN + OWN, ids=lambda file: file.path)
def test_schema(file: File, tmp_path: Path) -> None:
    (path,) = written([file], tmp_path)
    schemas = [schema for start, schema in SCHEMAS.items() if file.path.startswith(start)]
    if not schemas:
        good(PROGRAMS / "pre-commit", "validate-config", path)
    for schema in schemas:
        # Azure's has patterns that are none in Unicode mode.
        variant = ("--regex-variant", "nonunicode") if "azure" in schema else ()
        good(PROGRAMS / "check-jsonschema", "--builtin-schema", schema, *variant, path)


def test_schema_of_the_action() -> None:
    command = (PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.github-actions")
    good(*command, ROOT / "action.yml")


def test_hooks_that_are_shown_exist() -> None:
    known = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert all(f"`{name}`" in TEXT for name in known)
    for file in SHOWN:
        if file.path == ".pre-commit-config.yaml":
            (repo,) = yaml.safe_load(file.text)["repos"]
            assert {hook["id"] for hook in repo["hooks"]} <= known


def test_inputs_and_outputs_are_told() -> None:
    table = re.findall(r"^\| `([\w-]+)` \| (?:`(.*?)` )?\| .* \|$", TEXT, re.MULTILINE)
    assert dict(table) == {name: given["default"] for name, given in INPUTS.items()}
    for file in WORKFLOWS:
        for job in yaml.safe_load(file.text)["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith(("./", "example/")):
                    assert set(step.get("with", {})) <= set(INPUTS)


def test_one_pin_for_each_action() -> None:
    """A newer one is put everywhere at once."""
    texts = [TEXT, (ROOT / "action.yml").read_text(), *(file.text for file in OWN)]
    pins = set(
        re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40} # v[\d.]+)$", "\n".join(texts), re.MULTILINE)
    )
    assert len(pins) == len({name for name, _ in pins}) == 3
    others = re.findall(r"uses: (?!OWNER/|\./)(?![\w./-]+@[0-9a-f]{40} # v)(.*)", "\n".join(texts))
    assert others == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository, and a folder of programs that stand in for what installs and what uploads."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in {"pip": "exit 0", "pipx": "exit 0", "reviewdog": "cat >review.json"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    (programs / "meshlint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m meshlint "$@"\n')
    (programs / "meshlint").chmod(0o755)
    made = tmp_path / "repository"
    made.mkdir()
    good("git", "init", "--quiet", made)
    return made


def path_with(folder: Path) -> str:
    return f"{folder.parent / 'programs'}{os.pathsep}{os.environ['PATH']}"


def script(folder: Path, lines: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs lines as a CI server does: until one of them fails."""
    environment = {**os.environ, "PATH": path_with(folder)}
    return done("bash", "-eo", "pipefail", "-c", "\n".join(lines), cwd=folder, env=environment)


BASH = pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="bash is not here")
TEXTS = pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (BAD, 1)], ids=["clean", "findings"])


@BASH
@TEXTS
def test_gitlab(folder: Path, text: str, code: int) -> None:
    (folder / "ns.yaml").write_text(text)
    job = named(".gitlab-ci.yml")["meshlint"]
    assert script(folder, job["script"]).returncode == code
    reports = job["artifacts"]["reports"]
    assert len(json.loads((folder / reports["codequality"]).read_bytes())) == code
    assert ET.parse(folder / reports["junit"]).getroot().get("failures") == str(code)


@BASH
@TEXTS
def test_azure(folder: Path, text: str, code: int) -> None:
    (folder / "ns.yaml").write_text(text)
    job = named("azure-pipelines.yml")["steps"]
    ended = script(folder, [step["script"] for step in job if "script" in step])
    assert ended.returncode == code
    assert ended.stdout.count("##vso[task.logissue type=error;") == code
    inputs = {step["task"]: step["inputs"] for step in job if "task" in step}
    assert (folder / inputs["PublishTestResults@2"]["testResultsFiles"]).is_file()
    assert (folder / inputs["PublishBuildArtifacts@1"]["PathtoPublish"]).is_file()


@BASH
@TEXTS
def test_bitbucket(folder: Path, text: str, code: int) -> None:
    (folder / "ns.yaml").write_text(text)
    (step,) = named("bitbucket-pipelines.yml")["pipelines"]["default"]
    assert script(folder, step["step"]["script"]).returncode == code
    assert (folder / "test-results/meshlint.xml").is_file()


@BASH
def test_commands(folder: Path) -> None:
    (folder / "ns.yaml").write_text(BAD)
    lines = "".join(re.findall(r"^```sh\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)).splitlines()
    assert len(lines) == 2
    assert script(folder, lines).returncode == 0
    assert (folder / "meshlint.sarif").is_file()
    assert len(json.loads((folder / "review.json").read_bytes())["diagnostics"]) == 1


def by_hand(folder: Path) -> Ran:
    """The job of the workflow without the action, run as an action's steps are."""
    (job,) = named(".github/workflows/meshlint-by-hand.yml")["jobs"].values()
    made = [
        {"shell": "bash", "name": str(n), "id": str(n), **s} for n, s in enumerate(job["steps"])
    ]
    text = {"inputs": {}, "outputs": {}, "runs": {"steps": made}}
    (folder.parent / "action.yml").write_text(json.dumps(text))
    action = Action(folder.parent, folder, folder.parent, environment={"PATH": path_with(folder)})
    return action.run()


@BASH
@TEXTS
def test_github_without_the_action(folder: Path, text: str, code: int) -> None:
    (folder / "ns.yaml").write_text(text)
    ran = by_hand(folder)
    assert ran.code == code, ran.log
    assert [given.get("sarif_file") for given in ran.used.values()] == [None, "meshlint.sarif"]
    assert len(ran.commands) == code
    assert "## meshlint" in ran.summary


@BASH
def test_github_without_the_action_and_with_a_fault(folder: Path) -> None:
    (folder / "ns.yaml").write_text(BAD)
    (folder / ".meshlint.yaml").write_text("exclude: 7\n")
    ran = by_hand(folder)
    assert ran.code == 1
    assert len(ran.used) == 1
