"""Each rule is whole: a policy, a function and a fixture folder, with examples that hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import jsonschema
import pytest
import yaml

from meshlint.finding import Severity
from meshlint.policy import Policy, policies
from meshlint.rules import FAMILIES
from meshlint.rules.registry import (
    DOCUMENT_RULES,
    EFFECT_RULES,
    FAULT_RULES,
    KEY_RULES,
    MESH_RULES,
)
from tests.conftest import HERE, ROOT
from tests.lint import golden, lint_paths, lint_text

FIXTURES = HERE / "rules"
FUNCTIONS: dict[str, Callable[..., object]] = {
    **FAULT_RULES,
    **DOCUMENT_RULES,
    **KEY_RULES,
    **MESH_RULES,
    **EFFECT_RULES,
}
POLICIES = {policy.name: policy for policy in policies()}
FOLDERS = {path.name for path in FIXTURES.iterdir() if path.is_dir()}
NAMES = sorted(FUNCTIONS.keys() | POLICIES.keys() | FOLDERS)


@pytest.mark.parametrize("name", NAMES)
def test_rule_is_whole(name: str) -> None:
    function = name.replace("-", "_")
    assert name in POLICIES, f"write policies/<family>/{name}.yaml"
    assert name in FUNCTIONS, f"write {function}() in meshlint/rules/"
    assert list((FIXTURES / name / "fail").rglob("*")), f"write tests/rules/{name}/fail/"
    assert list((FIXTURES / name / "pass").rglob("*")), f"write tests/rules/{name}/pass/"


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_policy_is_valid(name: str) -> None:
    policy = POLICIES[name]
    path = ROOT / "policies" / policy.family / f"{name}.yaml"
    schema = json.loads((ROOT / "schemas/policy.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(path.read_text()))
    assert policy.code[4] == str(FAMILIES[policy.family])
    assert FUNCTIONS[name].__module__.startswith(f"meshlint.rules.{policy.family}")


def test_codes_and_files_are_unique() -> None:
    codes = [policy.code for policy in policies()]
    assert len(set(codes)) == len(codes)
    assert len(POLICIES) == len(codes)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_examples_hold(name: str) -> None:
    policy = POLICIES[name]
    failing = lint_text(policy.fails).findings
    assert {finding.rule for finding in failing} == {name}
    assert lint_text(policy.passes).findings == ()


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_failing_fixtures(name: str, update: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES / name / "fail")
    found = golden(lint_paths(["."], name).findings)
    expected = FIXTURES / name / "expected.txt"
    if update:
        expected.write_text(found)
    assert found == expected.read_text()
    assert found


@pytest.mark.parametrize("name", sorted(FOLDERS - {"document-unreadable"}))
def test_fixtures_can_be_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read would pass any test of another rule."""
    monkeypatch.chdir(FIXTURES / name / "fail")
    assert golden(lint_paths(["."], "document-unreadable").findings) == ""


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_passing_fixtures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every passing case guards against false alarms of every other rule too."""
    monkeypatch.chdir(FIXTURES / name / "pass")
    assert golden(lint_paths(["."]).findings) == ""


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_severity_is_shown(name: str) -> None:
    """The failing fixtures have each severity that the policy gives to some case."""
    policy = POLICIES[name]
    text = (FIXTURES / name / "expected.txt").read_text()
    seen = {Severity(word) for word in re.findall(r": (error|warning|note) MESH", text)}
    assert seen == severities(policy)


def severities(policy: Policy) -> set[Severity]:
    return {policy.severity, *policy.cases.values()}


def test_fixture_folders_hold_only_fixtures() -> None:
    for folder in FIXTURES.iterdir():
        found = {path.name for path in folder.iterdir()} - {"fixed.diff"}
        assert found == {"fail", "pass", "expected.txt"}, folder
