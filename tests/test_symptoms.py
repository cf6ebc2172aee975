"""Each row of a troubleshooting page, from the error text to the line in Git; and each entry.

A folder in tests/symptoms/ has a tree that is `broken/`, the same tree `repaired/`, the text that
people paste (`error.txt`), and the findings that explain it (`expected.txt`).
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path

import jsonschema
import pytest
import yaml

from meshlint import cli
from meshlint.diagnose.answer import BLANK, read
from meshlint.finding import Severity
from meshlint.policy import policies
from meshlint.report.text import headline
from meshlint.rules.registry import EFFECT_RULES
from meshlint.symptom import read as reader
from meshlint.symptom.catalogue import leading_to, shipped
from meshlint.symptom.model import FIELDS, Symptom
from tests.conftest import HERE, ROOT
from tests.lint import lint_paths

ROWS = sorted(path for path in (HERE / "symptoms").iterdir() if path.is_dir())


def expected(row: Path) -> list[str]:
    """The lines `<file below broken>:<line> <CODE>`."""
    return (row / "expected.txt").read_text().splitlines()


@pytest.fixture(params=ROWS, ids=lambda row: row.name)
def row(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = request.param
    assert isinstance(path, Path)
    monkeypatch.chdir(path / "broken")
    return path


def test_rows_are_whole(row: Path) -> None:
    assert {path.name for path in row.iterdir()} == {
        "broken",
        "repaired",
        "error.txt",
        "expected.txt",
    }
    assert expected(row)


def test_the_broken_tree_has_the_finding(row: Path) -> None:
    findings = lint_paths(["."]).findings
    found = {f"{f.where.path}:{f.where.line} {f.code}" for f in findings}
    assert set(expected(row)) <= found, "\n".join(map(headline, findings))


def test_the_error_leads_to_it(row: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The findings that explain the error come first, before all others."""
    code = cli.run(["diagnose", "--format", "json", "../error.txt", "."])
    told = json.loads(capfd.readouterr().out)["diagnoses"]
    first = [line(finding) for diagnosis in told for finding in diagnosis["explains"]]
    assert (code, bool(told)) == (0, True)
    wanted = expected(row)
    assert sorted(list(dict.fromkeys(first))[: len(wanted)]) == sorted(wanted)


def line(finding: dict[str, dict[str, object]]) -> str:
    where = finding["location"]
    return f"{where['path']}:{where['line']} {finding['code']}"


def test_the_repaired_tree_is_silent(row: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(row / "repaired")
    report = lint_paths(["."])
    assert report.counts.objects
    bad = [f for f in report.findings if f.severity.rank <= Severity.WARNING.rank]
    assert not bad, "\n".join(map(headline, bad))


# the entries

FOLDER = ROOT / "policies/symptoms"
SCHEMA = json.loads((ROOT / "schemas/symptom.schema.json").read_text())
ENTRIES = {symptom.name: symptom for symptom in shipped()}
SAMPLES = [(s, n, text) for s in shipped() for n, text in enumerate(s.samples, 1)]
STRANGERS = [(s, n, text) for s in shipped() for n, text in enumerate(s.strangers, 1)]


def title(value: object) -> str:
    return value.name if isinstance(value, Symptom) else str(value)[:20]


def recognised(text: str) -> list[str]:
    return list(read(text.encode(), shipped()).sightings)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*")), ids=lambda path: path.name)
def test_entries_have_the_form(path: Path) -> None:
    """That of the schema, and that which users' entries are held to."""
    jsonschema.Draft202012Validator(SCHEMA).validate(yaml.safe_load(path.read_text()))
    (symptom,) = reader.read(path.name, path.read_bytes(), lambda _: None)
    assert path.name == f"{symptom.name}.yaml"


@pytest.mark.parametrize("symptom", shipped(), ids=title)
def test_entries_are_whole(symptom: Symptom) -> None:
    """What users may leave out, meshlint's own entries have."""
    assert symptom.causes
    assert symptom.elsewhere
    assert symptom.references
    assert len(symptom.samples) >= 2
    assert symptom.strangers
    for prose in (symptom.summary, symptom.resolution, *(c.text for c in symptom.causes)):
        assert prose.endswith("."), prose


@pytest.mark.parametrize(("symptom", "number", "text"), SAMPLES, ids=title)
def test_samples_are_recognised(symptom: Symptom, number: int, text: str) -> None:
    """And taken for nothing else."""
    assert recognised(text) == [symptom.name]


@pytest.mark.parametrize(("symptom", "number", "text"), STRANGERS, ids=title)
def test_strangers_are_not(symptom: Symptom, number: int, text: str) -> None:
    assert symptom.name not in recognised(text)


@pytest.mark.parametrize("symptom", shipped(), ids=title)
def test_lists_show_the_error_itself(symptom: Symptom) -> None:
    assert recognised(symptom.error.replace("…", "1")) == [symptom.name]


@pytest.mark.parametrize("symptom", shipped(), ids=title)
def test_commands_ask_for_fields_that_exist(symptom: Symptom) -> None:
    for check in symptom.elsewhere:
        for command in check.commands:
            assert {found[1] for found in BLANK.finditer(command)} <= set(FIELDS), command


def test_no_entry_has_the_name_of_a_rule() -> None:
    """`meshlint explain` takes both."""
    assert not ENTRIES.keys() & {policy.name for policy in policies()}


NAMED = sorted({name for s in shipped() for cause in s.causes for name in cause.rules})


@pytest.mark.parametrize("name", NAMED)
def test_every_rule_that_is_named_exists(name: str) -> None:
    assert any(fnmatchcase(policy.name, name) for policy in policies())


@pytest.mark.parametrize(
    "name", [policy.name for policy in policies() if policy.name not in EFFECT_RULES]
)
def test_an_error_text_leads_to_every_rule(name: str) -> None:
    """But for those on suppressions, of which no cluster knows."""
    assert leading_to(name)
