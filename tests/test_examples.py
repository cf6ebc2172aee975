"""The examples for newcomers: what is found in them, and that their README says so."""

from __future__ import annotations

import re

import pytest

from meshlint.report.model import Report
from tests.conftest import HERE, ROOT
from tests.lint import golden, lint_paths

GOLDEN = HERE / "examples.txt"
ROW = re.compile(r"^\| \[(?P<path>[^]]+)\]\((?P=path)\) \| (?P<code>MESH\d{3}) \|", re.MULTILINE)


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Report:
    """What `make demo` finds."""
    monkeypatch.chdir(ROOT)
    return lint_paths(["examples"])


def test_findings(report: Report, update: bool) -> None:
    found = golden(report.findings)
    if update:
        GOLDEN.write_text(found)
    assert found == GOLDEN.read_text()


def test_everything_is_read(report: Report) -> None:
    assert report.skips == ()
    assert report.counts.files == len(list((ROOT / "examples").rglob("*.yaml")))


def test_readme_has_a_row_for_each_finding(report: Report) -> None:
    rows = ROW.findall((ROOT / "examples/README.md").read_text())
    found = [(f.where.path.removeprefix("examples/"), f.code) for f in report.findings]
    assert sorted(rows) == sorted(found)


def test_no_two_findings_share_a_rule(report: Report) -> None:
    """Each fault is there to show one thing."""
    codes = [finding.code for finding in report.findings]
    assert len(set(codes)) == len(codes)
