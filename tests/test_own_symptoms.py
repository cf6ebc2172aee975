"""Error texts that users add: `symptoms:` in `.meshlint.yaml`, and what is told of bad ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from meshlint import cli
from tests.conftest import ROOT
from tests.manifests import namespace

VALIDATOR = jsonschema.Draft202012Validator(
    json.loads((ROOT / "schemas/symptom.schema.json").read_text())
)
OWN = """\
name: gate-refuses
summary: The gatekeeper of the platform refuses the pod.
error: 'gate.corp denied: team label missing on …'
patterns:
  - 'gate\\.corp denied: team label missing on (?P<workload>[a-z0-9-]+) in (?P<namespace>[a-z0-9-]+)'
causes:
  - because: The namespace is not one of a team.
    rules: [namespace-injection-value, 'pod-*']
  - because: Nobody knows.
resolution: Ask the platform team.
elsewhere:
  - check: Who is on call.
    commands: ['pager who {namespace|everywhere}']
references: [https://wiki.example.com/gate]
samples:
  - '12s Warning FailedCreate gate.corp denied: team label missing on cart in shop'
strangers:
  - 'gate.corp denied: image not signed'
"""
TEXT = "gate.corp denied: team label missing on cart in shop\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".meshlint.yaml").write_text("symptoms: [own]\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/gate.yaml").write_text(OWN)
    (tmp_path / "shop.yaml").write_text(namespace("shop", injection="true"))
    (tmp_path / "error.txt").write_text(TEXT)
    return tmp_path


@pytest.fixture
def run(tree: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def asked(*words: str) -> tuple[int, str, str]:
        code = cli.run(["diagnose", "-q", *(words or ["error.txt"])])
        out, err = capfd.readouterr()
        return code, out, err

    return asked


def test_it_is_recognised_and_leads_to_findings(run: Run) -> None:
    code, out, err = run()
    assert (code, err) == (0, "")
    assert out.startswith("gate-refuses: The gatekeeper of the platform refuses the pod.\n")
    assert "shop.yaml:7:22: error MESH101" in out
    assert "        pager who shop\n" in out


def test_it_is_listed_behind_those_of_meshlint(run: Run) -> None:
    code, out, _ = run("--list")
    assert code == 0
    assert out.splitlines()[-1].split()[0] == "gate-refuses"


@pytest.mark.parametrize("names", ["[own/gate.yaml]", "[own, own/gate.yaml]", "[./own/]"])
def test_files_and_folders(tree: Path, run: Run, names: str) -> None:
    (tree / ".meshlint.yaml").write_text(f"symptoms: {names}\n")
    (tree / "own/README.md").write_text("no entry")
    assert run()[0] == 0


def test_paths_begin_at_the_folder_of_the_configuration(tree: Path, run: Run) -> None:
    (tree / "conf").mkdir()
    (tree / "conf/other.yaml").write_text("symptoms: [../own]\n")
    (tree / ".meshlint.yaml").unlink()
    assert run("error.txt", "--config", "conf/other.yaml")[0] == 0
    assert run()[0] == 1


def test_several_in_a_file_and_the_least_that_is_needed(tree: Path, run: Run) -> None:
    least = {"name": "b", "summary": "B.", "error": "b", "patterns": ["bad badge"], "resolution": "Run."}  # fmt: skip
    VALIDATOR.validate(least)
    (tree / "own/gate.yaml").write_text(f"{OWN}---\n{yaml.safe_dump(least)}---\n# nothing\n")
    (tree / "error.txt").write_text("bad badge\n")
    code, out, _ = run()
    assert (code, out.splitlines()[0]) == (0, "b: B.")


def test_a_general_one_gives_way(tree: Path, run: Run) -> None:
    (tree / "own/gate.yaml").write_text(f"{OWN}general: true\n")
    assert run()[0] == 0
    (tree / "error.txt").write_text(
        f"{TEXT}\n\nerror: container istio-proxy is not valid for pod a\n"
    )
    assert run()[1].startswith("no-sidecar: ")


def test_the_schema_accepts_it() -> None:
    VALIDATOR.validate(yaml.safe_load(OWN))


FORM, SENSE = "form", "sense"
"""Whose fault it is: one that the schema finds too, or one that it cannot find."""

BAD = [
    ("no map", FORM, "- a\n", "1:1: an error text must be a map, and is a list"),
    ("an unknown key", FORM, OWN + "sample: x\n", "19:1: unknown key 'sample', did you mean 'samples'?"),
    ("no resolution", FORM, OWN.replace("resolution: Ask the platform team.\n", ""), "1:1: an error text has no 'resolution'"),
    ("no pattern", FORM, OWN.replace(OWN[OWN.index("patterns:"):OWN.index("causes:")], "patterns: []\n"), "4:1: no pattern: how is the error recognised?"),
    ("a bad name", FORM, OWN.replace("name: gate-refuses", "name: Gate"), "1:7: 'Gate' cannot be a name"),
    ("a name of meshlint's", SENSE, OWN.replace("name: gate-refuses", "name: no-sidecar"), "1:7: the name 'no-sidecar' is one of meshlint's own: choose another"),
    ("a name twice", SENSE, f"{OWN}---\n{OWN}", "20:7: the name 'gate-refuses' stands in own/gate.yaml:1 already: choose another"),
    ("a bad regex", SENSE, OWN.replace("(?P<workload>", "(("), "5:5: the pattern is no regular expression"),
    ("a regex that explodes", SENSE, OWN.replace("[a-z0-9-]+) in", "([a-z]+)+) in"), "5:5: the pattern repeats a group in which something repeats"),
    ("nothing that is always there", SENSE, OWN.replace(OWN[OWN.index("  - 'gate"):OWN.index("causes:")], "  - '[a-z ]+'\n"), "5:5: the pattern has no 5 letters in a row"),
    ("an unknown group", SENSE, OWN.replace("?P<workload>", "?P<pod>"), "5:5: the group 'pod' is none of webhook,"),
    ("an unknown rule", SENSE, OWN.replace("namespace-injection-value", "namespace-injection-valu"), "8:13: 'namespace-injection-valu' is no rule, did you mean 'namespace-injection-value'?"),
    ("a glob of no rule", SENSE, OWN.replace("pod-*", "cluster-*"), "8:40: 'cluster-*' is no rule"),
    ("a cause without words", FORM, OWN.replace("  - because: Nobody knows.", "  - rules: [pod-inject-value]"), "9:5: an entry has no 'because'"),
    ("a number", FORM, OWN.replace("The gatekeeper of the platform refuses the pod.", "7"), "2:10: 'summary' must be a string, and is an integer: write it in quotes"),
    ("no address", FORM, OWN.replace("https://wiki", "wiki://wiki"), "14:14: 'wiki://wiki.example.com/gate' is no https:// address"),
    ("neither true nor false", FORM, OWN + "general: maybe\n", "19:10: 'maybe' is neither true nor false"),
    ("a sample that is not recognised", SENSE, OWN.replace("12s Warning FailedCreate gate.corp denied: team", "gate.corp denied"), "1:7: sample 1 is not recognised by the patterns"),
    ("a stranger that is recognised", SENSE, OWN.replace("image not signed", "team label missing on a in b"), "1:7: stranger 1 is recognised by the patterns"),
    ("no YAML", FORM, "name: [\n", "1:7: did not find expected node content"),
    ("no text", FORM, "name: \udcff\n", "1:7: byte 0xff is not UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [case[2:] for case in BAD], ids=[c[0] for c in BAD])
def test_bad_entries_are_told_at_their_line(tree: Path, run: Run, text: str, said: str) -> None:
    (tree / "own/gate.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err.startswith("meshlint: 1 error in the error texts that are configured\n")
    assert f"\nown/gate.yaml:{said}" in err


@pytest.mark.parametrize(("kind", "text"), [c[1:3] for c in BAD[:-2]], ids=[c[0] for c in BAD[:-2]])
def test_the_schema_agrees(kind: str, text: str) -> None:
    errors = [e for body in yaml.safe_load_all(text) for e in VALIDATOR.iter_errors(body)]
    assert bool(errors) is (kind == FORM)


def test_all_faults_of_all_files_are_told(tree: Path, run: Run) -> None:
    broken = OWN.replace("resolution: Ask", "resolutoin: Ask")
    (tree / "own/gate.yaml").write_text(broken)
    (tree / "own/more.yml").write_text(broken)
    err = run()[2]
    assert err.startswith("meshlint: 4 errors in the error texts that are configured\n")
    assert {line.split(":")[0] for line in err.splitlines()[1:]} == {
        "own/gate.yaml",
        "own/more.yml",
    }


PLACES = [
    ("[gone]", ".meshlint.yaml:1:12: 'gone' is no file and no folder"),
    ("[empty]", ".meshlint.yaml:1:12: 'empty' has no YAML file"),
    ("[large.yaml]", "large.yaml:1:1: is larger than 256 KiB"),
]


@pytest.mark.parametrize(("names", "said"), PLACES)
def test_places_without_entries(tree: Path, run: Run, names: str, said: str) -> None:
    (tree / "empty").mkdir()
    (tree / "large.yaml").write_text("# much\n" * 50_000)
    (tree / ".meshlint.yaml").write_text(f"symptoms: {names}\n")
    code, _, err = run()
    assert (code, said in err) == (2, True)


@pytest.mark.parametrize("names", ["own", "[/etc/own]", "[3]", "[own, own]"])
def test_bad_configurations(tree: Path, run: Run, names: str) -> None:
    (tree / ".meshlint.yaml").write_text(f"symptoms: {names}\n")
    code, _, err = run()
    assert code == 2
    assert err.startswith("meshlint: 1 error in the configuration\n.meshlint.yaml:1:")


def test_other_commands_do_not_read_them(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A slip in an error text stops nobody's linting."""
    (tree / "own/gate.yaml").write_text("name: [\n")
    assert cli.run(["lint", "shop.yaml"]) == 1
    assert cli.run(["explain", "MESH101"]) == 0
    capfd.readouterr()
