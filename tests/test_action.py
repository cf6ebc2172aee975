"""The GitHub Action: its steps are run here as the runner would, in a repository of each kind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.composite import Action
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(
    os.name == "nt" or not shutil.which("bash"), reason="the steps are run with bash"
)

TEXT = (ROOT / "action.yml").read_text()
ACTION = yaml.safe_load(TEXT)
STEPS = ACTION["runs"]["steps"]
LOCK = (ROOT / "requirements/action.txt").read_text()

NAMESPACE = (
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    istio-injection: {}\n"
)
GOOD, BAD = NAMESPACE.format("enabled"), NAMESPACE.format("'yes'")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The action's folder, with a space in its name, and a runner's temporary one."""
    folder = tmp_path_factory.mktemp("an action")
    action = folder / "v1"
    action.symlink_to(ROOT)
    temporary = folder / "temp"
    temporary.mkdir()
    return action, temporary


@pytest.fixture
def action(installed: tuple[Path, Path], tmp_path: Path) -> Action:
    workspace = tmp_path / "work space"
    workspace.mkdir()
    subprocess.run(["git", "init", "--quiet", str(workspace)], check=True)
    return Action(installed[0], workspace, installed[1])


def put(action: Action, **files: str) -> None:
    for name, text in files.items():
        (action.workspace / name.replace("_", ".")).write_text(text)


def test_clean(action: Action) -> None:
    put(action, ns_yaml=GOOD)
    ran = action.run()
    assert ran.code == 0, ran.log
    assert ran.outputs["exit-code"] == "0"
    assert ran.used["upload"] == {
        "sarif_file": ran.outputs["sarif-file"],
        "category": "meshlint",
    }
    assert json.loads(Path(ran.outputs["sarif-file"]).read_bytes())["runs"][0]["results"] == []
    assert "0 errors" in ran.summary
    assert ran.commands == []


def test_findings(action: Action) -> None:
    """They are uploaded before the job fails; code scanning annotates them."""
    put(action, ns_yaml=BAD)
    ran = action.run(category="platform")
    assert (ran.code, ran.outputs["exit-code"]) == (1, "1")
    (run,) = json.loads(Path(ran.used["upload"]["sarif_file"]).read_bytes())["runs"]
    assert run["automationDetails"]["id"] == "platform/"
    assert run["invocations"][0]["executionSuccessful"] is True
    assert [result["ruleId"] for result in run["results"]] == ["MESH101"]
    assert ran.used["upload"]["category"] == "platform"
    assert "ns.yaml:6:22: error MESH101" in ran.log
    assert "| ns.yaml:6 | MESH101" in ran.summary
    assert ran.commands == []


@pytest.mark.parametrize(
    ("visibility", "inputs", "outcome", "uploads", "annotates", "code"),
    [
        ("public", {}, "success", True, False, 1),
        ("public", {}, "failure", True, True, 1),
        ("private", {}, "success", False, True, 1),
        ("internal", {}, "success", False, True, 1),
        ("private", {"upload_sarif": "true"}, "success", True, False, 1),
        ("private", {"upload_sarif": "true"}, "failure", True, True, 1),
        ("public", {"upload_sarif": "false"}, "success", False, True, 1),
        ("public", {"upload_sarif": "false", "annotations": "false"}, "success", False, False, 1),
        ("public", {"annotations": "true"}, "success", True, True, 1),
        ("", {"fail_on": "never"}, "success", True, False, 0),
    ],
)
def test_upload_and_annotations(
    action: Action,
    visibility: str,
    inputs: dict[str, str],
    outcome: str,
    uploads: bool,
    annotates: bool,
    code: int,
) -> None:
    """Without Code Security the log, the summary, the annotations and the code tell all."""
    put(action, ns_yaml=BAD)
    action.visibility = visibility
    ran = action.run(outcome, **inputs)
    assert ("upload" in ran.used) is uploads
    annotations = [line for line in ran.commands if "MESH101" in line]
    assert bool(annotations) is annotates
    if annotates:
        assert annotations[0].startswith("::error file=ns.yaml,line=6,endLine=6,col=22,")
    assert ran.code == code
    assert "MESH101" in ran.summary


def test_a_refused_upload_that_must_not_be_refused(action: Action) -> None:
    put(action, ns_yaml=GOOD)
    ran = action.run("failure", upload_sarif="true")
    assert ran.code == 1
    (told,) = ran.commands
    assert told.startswith("::error title=meshlint::The upload to code scanning failed.")
    ran = action.run("failure")
    assert ran.code == 0
    (told,) = ran.commands
    assert told.startswith("::notice title=meshlint::Code scanning did not take the results")


def test_names_are_no_shell(action: Action) -> None:
    """Each line is one path, whatever is in it; nothing of it is a command or an option."""
    names = ["a b.yaml", "; touch pwned.yaml", "$(touch pwned).yaml", "`touch pwned`.yaml",
             "--exit-zero", "-n", "'\"$PATH", "*", "${{ github.token }}.yaml"]  # fmt: skip
    for number, name in enumerate(names):
        (action.workspace / name).write_text(BAD.replace("shop", f"shop-{number}"))
    put(action, other_yaml=BAD.replace("shop", "never-named"))
    ran = action.run(paths="\r\n".join(names) + "\n\n")
    assert ran.code == 1, ran.log
    (run,) = json.loads(Path(ran.outputs["sarif-file"]).read_bytes())["runs"]
    assert len(run["results"]) == len(names)
    assert {path.name for path in action.workspace.iterdir()} == {*names, "other.yaml", ".git"}


@pytest.mark.parametrize(
    "inputs",
    [
        {"config": "$(touch pwned)"},
        {"config": "x; touch pwned"},
        {"new_since": "main; touch pwned"},
        {"new_since": "--output=text:pwned"},
        {"fail_on": "error; touch pwned"},
        {"fail_on": "--output=text:pwned"},
        {"category": "a\n::error::b"},
        {"arguments": "--no-such\n; touch pwned"},
        {"upload_sarif": "true; touch pwned"},
        {"annotations": "$(touch pwned)"},
        {"summary": "yes"},
    ],
    ids=str,
)
def test_values_are_no_shell(action: Action, inputs: dict[str, str]) -> None:
    """A wrong value is wrong usage, and no command; nothing is uploaded."""
    put(action, ns_yaml=BAD)
    ran = action.run(**inputs)
    assert (ran.code, ran.outputs["exit-code"]) == (2, "2"), ran.log
    assert not ran.used
    assert ran.outputs["sarif-file"] == ""
    assert [line.split("::")[1] for line in ran.commands] == ["error title=meshlint"]
    assert {path.name for path in action.workspace.iterdir()} == {"ns.yaml", ".git"}


def test_what_is_linted_gives_no_commands(action: Action) -> None:
    """Names and values are printed, and the runner would obey what looks like a command."""
    hostile = BAD.replace("'yes'", '"::error::a\\n::set-env name=PATH::b\\n##[error]c"')
    name = "::warning file=a,line=1::pwned.yaml"
    (action.workspace / name).write_text(hostile)
    (action.workspace / "##[error]broken.yaml").write_text("kind: Namespace\na: [\n")
    action.visibility = "private"
    ran = action.run()
    assert ran.code == 1, ran.log
    assert len(ran.commands) == 2, ran.commands
    for line in ran.commands:
        assert re.match(r"::(error|warning) file=[^:]*,line=\d+,endLine=\d+,", line)
    assert "\n\\x3a:warning file=a,line=1::pwned.yaml:6:22: " in ran.log


def test_what_could_not_be_read(action: Action) -> None:
    """An incomplete file would close alerts: it is neither uploaded nor handed on."""
    put(action, ns_yaml=BAD)
    ran = action.run(paths="ns.yaml\ngone\n", upload_sarif="true")
    assert (ran.code, ran.outputs["exit-code"]) == (3, "3")
    assert not ran.used
    assert ran.outputs["sarif-file"] == ""
    assert [line.partition(" ")[0] for line in ran.commands] == ["::error", "::error"]
    assert "MESH101" in ran.commands[0]
    assert "Not everything could be checked" in ran.commands[1]
    assert "MESH101" in ran.summary


@pytest.mark.helm
def test_what_could_not_be_rendered(action: Action) -> None:
    chart = action.workspace / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: a\nversion: 1.0.0\n")
    (chart / "templates/a.yaml").write_text('{{ fail "not like this" }}\n')
    put(action, ns_yaml=GOOD)
    ran = action.run(arguments="--helm\n--no-cache\n")
    assert (ran.code, ran.outputs["exit-code"], ran.used) == (4, "4", {}), ran.log
    assert "not like this" in ran.log
    assert "could not be rendered" in ran.commands[-1]


def test_only_what_is_new(action: Action) -> None:
    """What is uploaded for a pull request is all, or older alerts would seem mended by it."""
    put(action, old_yaml=BAD)
    git = ["git", "-C", str(action.workspace), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "x"], check=True)
    ran = action.run(new_since="HEAD")
    assert (ran.code, ran.used) == (0, {}), ran.log
    put(action, new_yaml=BAD.replace("shop", "till"))
    ran = action.run(new_since="HEAD")
    assert ran.code == 1
    assert [line.split(",")[0] for line in ran.commands] == ["::error file=new.yaml"]


def test_settings(action: Action) -> None:
    put(action, ns_yaml=BAD, deep_yaml="failOn: note\n")
    ran = action.run(
        summary="false", config="deep.yaml", arguments="--ignore=MESH101", paths="ns.yaml"
    )
    assert (ran.code, ran.summary) == (0, "")
    assert action.run(fail_on="error", arguments="--ignore\nMESH101\n").code == 0


def test_nothing_of_the_repository_is_run(action: Action) -> None:
    put(action, ns_yaml=GOOD)
    for name in ("yaml", "json", "meshlint", "sitecustomize", "secrets", "pip", "venv"):
        (action.workspace / f"{name}.py").write_text("raise SystemExit(77)\n")
    action.environment = {"PYTHONPATH": str(action.workspace)}
    ran = action.run()
    assert ran.code == 0, ran.log


def test_a_runner_without_python(action: Action, tmp_path: Path) -> None:
    """The first one that is new enough: on the PATH, else among the runner's tools."""
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name in ("python3", "python"):
        (fakes / name).write_text("#!/bin/sh\nexit 1\n")
        (fakes / name).chmod(0o755)
    put(action, ns_yaml=GOOD)
    action.temporary = tmp_path / "temp"
    action.temporary.mkdir()
    action.environment = {"PATH": f"{fakes}{os.pathsep}{os.environ['PATH']}"}
    ran = action.run()
    assert ran.code == 1
    assert "no Python 3.11 or newer" in ran.commands[0]
    tool = tmp_path / "tools/Python/3.12.1/x64/bin/python3"
    tool.parent.mkdir(parents=True)
    tool.write_text(
        f'#!/bin/sh\necho "$0 $*" >>"{tmp_path}/called"\nexec "{sys.executable}" "$@"\n'
    )
    tool.chmod(0o755)
    action.environment["RUNNER_TOOL_CACHE"] = str(tmp_path / "tools")
    ran = action.run(upload_sarif="false")
    assert ran.code == 0, ran.log
    assert "-I -m venv" in (tmp_path / "called").read_text()


def test_no_input_is_written_into_a_script() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")
    assert not re.search(r"\beval\b", TEXT)
    # The runner reads the two streams side by side: one alone is between stop-commands and its end.
    assert '"${command[@]}" </dev/null 2>&1 || code=$?' in TEXT
    used = set(re.findall(r"inputs\.([\w-]+)", TEXT))
    assert used == set(ACTION["inputs"])


def test_other_actions_are_named_by_commit() -> None:
    uses = [line.strip() for line in TEXT.splitlines() if "uses:" in line]
    assert len(uses) == 1
    for line in uses:
        assert re.fullmatch(r"uses: [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


def test_steps_are_good_shell(tmp_path: Path) -> None:
    for number, step in enumerate(STEPS):
        if "run" in step:
            script = tmp_path / f"{number}.sh"
            exports = "".join(f"export {name}=\n" for name in step.get("env", {}))
            script.write_text(f"#!/bin/bash\nset -eo pipefail\n{exports}{step['run']}")
            shellcheck = str(Path(sys.executable).parent / "shellcheck")
            command = [shellcheck, "--severity=style", str(script)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout


def test_old_shells_know_what_is_used() -> None:
    """macOS has bash 3.2, which has neither mapfile nor ${a,,}, and where empty arrays are unset."""
    for word in ("mapfile", "readarray", "declare -A", "nameref", ",,}", "^^}", "set -u", "|&"):
        assert word not in TEXT


LOCKED = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+?)(?: ; (?P<marker>[^\\]+?))? \\\n(?P<rest>(?:    \S.*\n)+)",
    re.M,
)


def test_what_is_installed_is_locked_by_hash() -> None:
    """All that the package and its build ask for, each in a version that will do."""
    locked = [match.groupdict() for match in LOCKED.finditer(LOCK)]
    assert len(locked) == LOCK.count("==") - LOCK.count("'==") - LOCK.count(" == ")
    for entry in locked:
        assert "--hash=sha256:" in entry["rest"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for requirement in map(Requirement, asked):
        name = canonicalize_name(requirement.name)
        versions = [e["version"] for e in locked if canonicalize_name(e["name"]) == name]
        assert versions, f"{requirement} is not locked: requirements/README.md tells how"
        assert all(requirement.specifier.contains(version) for version in versions)


def test_every_system_gets_one_version() -> None:
    """Macs with Intel's processors get an older one of what has no newer for them."""
    for system, machine in (
        ("linux", "x86_64"),
        ("darwin", "arm64"),
        ("darwin", "x86_64"),
        ("win32", "AMD64"),
    ):
        where = {
            "sys_platform": system, "platform_machine": machine,
            "platform_python_implementation": "CPython", "implementation_name": "cpython",
        }  # fmt: skip
        names = [
            match["name"]
            for match in LOCKED.finditer(LOCK)
            if not match["marker"] or Marker(match["marker"]).evaluate(where)
        ]
        assert len(names) == len(set(names))
        assert {"cryptography", "pyyaml", "hatchling"} <= set(names)
