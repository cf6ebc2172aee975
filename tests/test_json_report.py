"""The JSON report has the form that its schema promises, whatever the files hold."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from meshlint.finding import Finding, Location, Related, Severity, Subject
from meshlint.report.json import render
from meshlint.report.model import Report
from meshlint.unread import Skip, Unread
from tests.conftest import ROOT
from tests.lint import lint_paths, lint_text

SCHEMA = json.loads((ROOT / "schemas/report.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

CLEAN = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
BROKEN = "apiVersion: v1\nkind: Namespace\nmetadata: [\n"
WHERE = Location("a.yaml", 1, 7, 1, 8, "/a/b~1c")
FINDING = Finding(
    code="MESH101",
    rule="a-rule",
    severity=Severity.NOTE,
    message="Line \N{ROCKET} \\ \"quoted\" \x07 'ü'.",
    where=WHERE,
    subject=Subject("apps/v1", "Deployment", "", "cart"),
    related=(Related("the other", WHERE),),
)


def rendered(report: Report) -> Any:
    """The report as a reader of bytes gets it."""
    return json.loads(render(report).encode())


def report_with(**changes: object) -> Report:
    return replace(lint_text(CLEAN), **changes)  # type: ignore[arg-type]


def test_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


REPORTS: list[tuple[str, Callable[[], Report]]] = [
    ("clean", lambda: lint_text(CLEAN)),
    ("nothing", lambda: lint_text("")),
    ("broken", lambda: lint_text(BROKEN)),
    ("not UTF-8", lambda: lint_text(b"kind: \xff\n")),
    ("a finding", lambda: report_with(findings=(FINDING,))),
    ("no subject", lambda: report_with(findings=(replace(FINDING, subject=None),))),
    ("a failure", lambda: report_with(failures=("internal error in a.yaml: KeyError: 'a'",))),
    *[
        (f"skip {reason.name}", lambda reason=reason: report_with(skips=(Skip(reason, "a", 3),)))
        for reason in Unread
    ],
]


@pytest.mark.parametrize("make", [r[1] for r in REPORTS], ids=[r[0] for r in REPORTS])
def test_form(make: Callable[[], Report]) -> None:
    VALIDATOR.validate(rendered(make()))


SPOILED: list[tuple[str, Callable[[Any], object]]] = [
    ("unknown property", lambda body: body.update(extra=1)),
    ("other version", lambda body: body.update(version=2)),
    ("unknown severity", lambda body: body["findings"][0].update(severity="info")),
    ("line 0", lambda body: body["findings"][0]["location"].update(line=0)),
    ("no subject", lambda body: body["findings"][0].pop("subject")),
    ("unknown reason", lambda body: body["counts"]["unread"].update(weather=1)),
    ("no place of a related one", lambda body: body["findings"][0]["related"][0].pop("location")),
]


@pytest.mark.parametrize("spoil", [s[1] for s in SPOILED], ids=[s[0] for s in SPOILED])
def test_schema_is_strict(spoil: Callable[[Any], object]) -> None:
    body = copy.deepcopy(rendered(report_with(findings=(FINDING,))))
    VALIDATOR.validate(body)
    spoil(body)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(body)


def test_schema_has_the_words_of_the_code() -> None:
    definitions = SCHEMA["$defs"]
    assert definitions["reason"]["enum"] == [reason.name.lower() for reason in Unread]
    assert definitions["finding"]["properties"]["severity"]["enum"] == list(Severity)


def test_everything_is_said() -> None:
    body = rendered(report_with(findings=(FINDING,)))
    place = {
        "path": "a.yaml",
        "line": 1,
        "column": 7,
        "end_line": 1,
        "end_column": 8,
        "pointer": "/a/b~1c",
    }
    subject = {"api_version": "apps/v1", "kind": "Deployment", "namespace": "", "name": "cart"}
    assert body["findings"] == [
        {
            "code": "MESH101",
            "rule": "a-rule",
            "severity": "note",
            "message": FINDING.message,
            "location": place,
            "subject": subject,
            "origin": None,
            "suppression": None,
            "related": [{"text": "the other", "location": place}],
            "fix": None,
        }
    ]


def test_unreadable_path_makes_it_incomplete() -> None:
    body = rendered(lint_paths(["no-such-folder"]))
    assert body["complete"] is False
    assert [skip["reason"] for skip in body["skips"]] == ["unreadable"]


def test_name_that_is_not_utf8() -> None:
    """A lone surrogate stands for a byte; it is escaped, so that the report stays UTF-8."""
    report = report_with(findings=(replace(FINDING, where=replace(WHERE, path="a\udcff.yaml")),))
    assert "a\\udcff.yaml" in render(report)
    body = rendered(report)
    VALIDATOR.validate(body)
    assert body["findings"][0]["location"]["path"] == "a\udcff.yaml"


def test_same_bytes_twice() -> None:
    report = lint_text(BROKEN)
    assert render(report) == render(report)
    assert render(report).endswith("}\n")
