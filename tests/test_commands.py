"""`meshlint rules`, `meshlint explain`, and how a command is chosen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import jsonschema
import pytest

from meshlint import cli
from meshlint.cli import streams
from meshlint.config.severities import profile_names
from meshlint.policy import policies
from meshlint.rules import FAMILIES
from meshlint.symptom.catalogue import shipped
from meshlint.triage.severity import profiled
from tests.conftest import ROOT, Run
from tests.manifests import namespace

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "schemas/rules.schema.json").read_text())
)
CODES = [policy.code for policy in policies()]
Capture = pytest.CaptureFixture[str]


def said(capfd: Capture, *words: str) -> str:
    assert cli.run([*words]) == 0
    return capfd.readouterr().out


def refused(capfd: Capture, *words: str) -> str:
    assert cli.run([*words]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    return err


def test_rules_are_listed(capfd: Capture) -> None:
    lines = said(capfd, "rules").splitlines()
    assert [line.split()[0] for line in lines] == CODES
    assert all(policy.summary in line for policy, line in zip(policies(), lines, strict=True))
    columns = {
        line.index(policy.worst.value + " ") for policy, line in zip(policies(), lines, strict=True)
    }
    assert len(columns) == 1, "the columns stand one below the other"


def test_rules_as_markdown(capfd: Capture) -> None:
    rows = re.findall(r"^\| (MESH\d{3}) \|", said(capfd, "rules", "--format", "markdown"), re.M)
    assert rows == CODES


def test_rules_as_json(run: Run) -> None:
    code, told, _ = run("rules")
    SCHEMA.validate(told)
    assert code == 0
    assert [rule["code"] for rule in told["rules"]] == CODES
    first = told["rules"][CODES.index("MESH104")]
    assert first["cases"] == {"certain": "error", "same": "note"}
    assert (first["severity"], first["worst"]) == ("warning", "error")
    assert first["page"] == "https://meshlint.dev/rules/MESH104"
    assert "errors" not in first


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_rules_of_a_family(family: str, run: Run) -> None:
    _, told, _ = run("rules", "--family", family)
    own = [policy.code for policy in policies() if policy.family == family]
    assert [rule["code"] for rule in told["rules"]] == own


def test_no_such_family(capfd: Capture) -> None:
    assert "use one of control_plane, document, gitops" in refused(capfd, "rules", "--family", "x")


@pytest.mark.parametrize("name", profile_names())
def test_rules_of_a_profile(name: str, run: Run) -> None:
    """Those that it leaves on, at the worst that they can have then."""
    _, told, _ = run("rules", "--profile", name)
    SCHEMA.validate(told)
    worst = {p.name: level.value for p in policies() if (level := profiled(name)[p.name])}
    assert {rule["name"]: rule["worst"] for rule in told["rules"]} == worst


def test_a_profile_changes_something(capfd: Capture) -> None:
    lists = {name: said(capfd, "rules", "--profile", name) for name in profile_names()}
    assert lists["default"] == said(capfd, "rules")
    assert len(set(lists.values())) == len(lists)


def test_no_such_profile(capfd: Capture) -> None:
    assert "use one of application, default" in refused(capfd, "rules", "--profile", "x")


@pytest.mark.parametrize("word", ["MESH104", "mesh104", "namespace-conflicting-labels"])
def test_explain(word: str, capfd: Capture) -> None:
    text = said(capfd, "explain", word)
    assert text.startswith("MESH104 namespace-conflicting-labels: warning, error (certain), note")
    assert "    example.yaml:6:22: warning MESH104 Namespace 'shop' has both" in text
    assert "      6 |     istio-injection: enabled" in text
    assert "    # meshlint: ignore[MESH104] why it is meant" in text
    assert "  https://meshlint.dev/rules/MESH104" in text
    assert "namespace-two-labels: Warning [IST0123]" in text


def test_explain_as_markdown_is_the_page(capfd: Capture) -> None:
    for code in ("MESH001", "MESH104", "MESH533"):
        page = (ROOT / f"docs/rules/{code}.md").read_text()
        assert said(capfd, "explain", code, "--format", "markdown") == page


def test_explain_as_json(run: Run) -> None:
    for code in ("MESH001", "MESH104", "MESH533"):
        _, told, _ = run("explain", code)
        SCHEMA.validate(told)
        (rule,) = told["rules"]
        assert rule["code"] == code
        assert code in rule["output"]
        assert told["errors"] == []


@pytest.mark.parametrize("name", [symptom.name for symptom in shipped()])
def test_explain_an_error_text(name: str, run: Run) -> None:
    _, told, _ = run("explain", name)
    SCHEMA.validate(told)
    assert [error["name"] for error in told["errors"]] == [name]
    assert told["rules"] == []
    assert not re.search(r"\{\w+\|", json.dumps(told)), "blanks of commands are filled in"


def test_an_error_text_as_markdown(capfd: Capture) -> None:
    text = said(capfd, "explain", "namespace-two-labels", "--format", "markdown")
    assert text.startswith("# ")
    assert "## What to do\n" in text
    assert "MESH104" in text


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("MESH140", "did you mean MESH"),
        ("mesh1004", "did you mean MESH104?"),
        ("namespace-conflicting-lables", "did you mean namespace-conflicting-labels?"),
        ("namespace-two-label", "did you mean namespace-two-labels?"),
        ("xyzzy", "'meshlint rules' lists them\n"),
    ],
)
def test_no_such_rule(word: str, hint: str, capfd: Capture) -> None:
    err = refused(capfd, "explain", word)
    assert f"there is no rule {word!r}" in err
    assert hint in err


MISTYPED = [
    (["explian", "MESH104"], "'explian' is no command and no path: did you mean 'explain'?"),
    (["rule"], "did you mean 'rules'?"),
    (["Doctor"], "did you mean 'doctor'?"),
    (["diagnoze", "error.txt"], "did you mean 'diagnose'?"),
    (["help", "explian"], "there is no command 'explian'"),
]


@pytest.mark.parametrize(("words", "hint"), MISTYPED)
def test_a_mistyped_command(
    words: list[str], hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert hint in refused(capfd, *words)


def test_a_path_that_is_nearly_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """A path that is there is linted; what is nearly nothing is a path that is not there."""
    monkeypatch.chdir(tmp_path)
    for name in ("rule", "help"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(namespace("shop", rev="asm-managed"))
        assert cli.run([name]) == 0
    assert cli.run(["platform"]) == 3
    assert cli.run(["./explian"]) == 3
    assert "no such file or folder" in capfd.readouterr().err


def test_a_path_of_a_commit_need_not_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "did you mean" not in refused(capfd, "rule", "--rev", "main")


@pytest.mark.parametrize("words", [["help"], ["--help"], ["lint", "--help"]])
def test_help_lists_the_commands(words: list[str], capfd: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.run(words)
    assert caught.value.code == 0
    out = capfd.readouterr().out
    for name, about in cli.COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(about)}$", out, re.M)


def test_help_of_a_command(capfd: Capture) -> None:
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit):
            cli.run(["help", name])
        assert capfd.readouterr().out.startswith("usage: meshlint")


def test_help_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit):
            cli.run([name, "--help"])
        lines = capfd.readouterr().out.splitlines()
        assert max(map(len, lines)) <= 100, name


@pytest.mark.parametrize("words", [["-m", "meshlint"], ["-I", "-m", "meshlint"]])
def test_as_a_module(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *words, "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert re.fullmatch(r"meshlint \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("words", ["rules", "explain MESH104", "-", "doctor", "nonsense.yaml"])
def test_closed_streams_are_no_traceback(closed: str, words: str, tmp_path: Path) -> None:
    command = f"{sys.executable} -I -m meshlint {words} {closed}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, input=b"", capture_output=True, check=False, timeout=60
    )
    assert done.returncode in (0, 3)
    assert b"Traceback" not in done.stderr
    assert b"Error" not in done.stderr


COLOURS = [
    ("auto", {}, False, False),
    ("auto", {}, True, True),
    ("auto", {"NO_COLOR": "1"}, True, False),
    ("auto", {"NO_COLOR": ""}, True, True),
    ("auto", {"FORCE_COLOR": "1"}, False, True),
    ("auto", {"FORCE_COLOR": "0"}, False, False),
    ("auto", {"FORCE_COLOR": ""}, False, False),
    ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ("auto", {"TERM": "dumb"}, True, False),
    ("auto", {"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ("always", {"NO_COLOR": "1"}, False, True),
    ("never", {"FORCE_COLOR": "1"}, True, False),
]


@pytest.mark.parametrize(("choice", "environment", "terminal", "colour"), COLOURS)
def test_colours(
    choice: str,
    environment: dict[str, str],
    terminal: bool,
    colour: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert streams.colored(choice) is colour


DOCUMENT = ROOT / "docs/commands.md"


def test_the_document_names_what_is_there() -> None:
    text = DOCUMENT.read_text()
    helps = ""
    for name in cli.COMMANDS:
        module = import_module(f"meshlint.cli.{name}")
        helps += module.parser().format_help()
    for option in set(re.findall(r"(?<![-|])--[a-z][a-z-]+", text)):
        assert option in helps, option
    for path in re.findall(r"\]\((?!https?://)([^)#]+)", text):
        assert (DOCUMENT.parent / path).exists(), path
    for path in re.findall(r"`(schemas/[^`]+)`", text):
        assert (ROOT / path).is_file(), path


SHOWN = re.findall(r"^meshlint ((?:rules|explain)[^#\n]*)", DOCUMENT.read_text(), re.M)


@pytest.mark.parametrize("line", SHOWN)
def test_the_document_s_commands_run(line: str, capfd: Capture) -> None:
    assert said(capfd, *line.split())


OWN = """\
code: ACME001
name: team-label-required
severity: warning
summary: A namespace has no label that names its team.
why: Nobody knows whom to call.
fix: Add the label team.
check: {required-label: {of: namespaces, key: team}}
examples:
  fails: |
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
  passes: |
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop, labels: {team: shop}}
"""
CHANGED = "code: MESH104\nseverity: error\nfix: Ask the platform team.\n"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose configuration has a rule of its own, and changes a shipped one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/own.yaml").write_text(OWN)
    (tmp_path / "rules/changed.yaml").write_text(CHANGED)
    (tmp_path / ".meshlint.yaml").write_text("policies: [rules]\n")
    return tmp_path


def test_rules_of_one_s_own_are_listed(own: Path, capfd: Capture) -> None:
    told = json.loads(said(capfd, "rules", "--format", "json"))
    SCHEMA.validate(told)
    worst = {rule["code"]: rule["worst"] for rule in told["rules"]}
    assert worst["ACME001"] == "warning"
    assert worst.keys() == {"ACME001", *CODES}
    assert "ACME001" in said(capfd, "rules", "--family", "own")
    assert "ACME001" not in said(capfd, "rules", "--no-config")
    (own / ".meshlint.yaml").rename(own / "other.yaml")
    assert "ACME001" not in said(capfd, "rules")
    assert "ACME001" in said(capfd, "rules", "--config", "other.yaml")


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_rule_of_one_s_own_is_explained(own: Path, form: str, capfd: Capture) -> None:
    text = said(capfd, "explain", "team-label-required", "--format", form)
    assert "Nobody knows whom to call." in text
    assert "warning ACME001" in text, "its example is linted by its own check"
    assert "ignore[ACME001]" in text or form == "json"
    assert "meshlint.dev/rules/ACME" not in text


def test_a_changed_rule_is_explained_as_changed(own: Path, capfd: Capture) -> None:
    assert "Ask the platform team." in said(capfd, "explain", "MESH104")
    assert "Ask the platform team." not in said(capfd, "explain", "MESH104", "--no-config")


def test_parameters_are_told(capfd: Capture) -> None:
    told = json.loads(said(capfd, "explain", "namespace-not-labelled", "--format", "json"))
    SCHEMA.validate(told)
    (parameter,) = told["rules"][0]["parameters"]
    assert f"{parameter['name']}: {parameter['default']} (" in said(capfd, "explain", "MESH130")
