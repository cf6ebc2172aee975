"""Judged cases from real repositories: every visible fault is found, and no false alarm is raised."""

from __future__ import annotations

import json
import tarfile
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

from meshlint.engine import run
from meshlint.finding import Finding, Severity
from meshlint.source.files import collect
from tests.conftest import ROOT
from tests.regions import READERS
from tests.test_positions import cut, named, within, words
from tests.test_regions import expected


class Case(TypedDict):
    """A place in a repository, and what was judged of it."""

    id: str
    path: str
    line: int
    verdict: str


SHARED = ROOT.parent / "shared"
CASES = SHARED / "cases.json"

NOT_VISIBLE = {
    "C09": "a chart template: YAML only after helm template",
    "C16": "a chart template",
    "C35": "two files whose contents were swapped: each is right by itself",
    "C50": "a chart template",
    "C63": "a chart template",
}
"""Faults that plain YAML does not show."""

pytestmark = pytest.mark.skipif(
    not CASES.is_file(), reason="the judged cases (../shared) are not here"
)


def load(key: str, *verdicts: str) -> list[Case]:
    if not CASES.is_file():
        return []
    cases: list[Case] = json.loads(CASES.read_text())[key]
    return [case for case in cases if not verdicts or case["verdict"] in verdicts]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repositories, unpacked outside of the project."""
    folder = tmp_path_factory.mktemp("corpus")
    for archive in sorted((SHARED / "corpus").glob("*.tar.xz")):
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    return folder


@cache
def repository(folder: Path) -> dict[str, list[Finding]]:
    """The findings of a repository, by file."""
    report = run(collect([str(folder)]))
    assert not report.failures
    found = defaultdict(list)
    for finding in report.findings:
        found[finding.where.path].append(finding)
    return found


def findings(corpus: Path, case: Case) -> list[Finding]:
    parts = case["path"].split("/")
    depth = {"_history": 3, "_longtail": 2}.get(parts[0], 1)
    return repository(corpus.joinpath(*parts[:depth]))[str(corpus / case["path"])]


@pytest.mark.parametrize("case", load("cases", "BUG"), ids=lambda case: case["id"])
def test_faults_are_found_at_their_line(corpus: Path, case: Case) -> None:
    if case["id"] in NOT_VISIBLE:
        pytest.skip(NOT_VISIBLE[case["id"]])
    assert case["line"] in {finding.where.line for finding in findings(corpus, case)}


@pytest.mark.parametrize("case", load("negatives"), ids=lambda case: case["id"])
def test_negatives_stay_below_a_warning(corpus: Path, case: Case) -> None:
    at_line = [f for f in findings(corpus, case) if f.where.line == case["line"]]
    assert [f for f in at_line if f.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("case", load("cases", "FINE"), ids=lambda case: case["id"])
def test_what_is_fine_is_no_error(corpus: Path, case: Case) -> None:
    at_line = [f for f in findings(corpus, case) if f.where.line == case["line"]]
    assert [f for f in at_line if f.severity is Severity.ERROR] == []


def test_clean_repositories_have_no_error(corpus: Path) -> None:
    """Curated manifests: an error here would be a false alarm."""
    for name in ("kubeflow+manifests", "stefanprodan+gitops-istio", "knative-extensions+net-istio"):
        found = run(collect([str(corpus / name)]))
        assert [f for f in found.findings if f.severity is Severity.ERROR] == []
        assert found.counts.objects > 0


@pytest.mark.parametrize(
    "name", ["istio+istio", "awslabs+kubeflow-manifests", "onepanelio+manifests"]
)
def test_regions_in_every_format(corpus: Path, name: str) -> None:
    report = run(collect([str(corpus / name)]))
    assert report.findings
    for format_, reader in READERS.items():
        assert Counter(reader(report)) == expected(report, format_), format_
    for finding in report.findings:
        shown = cut(finding.where)
        if finding.where.pointer and not within(finding.where, shown):
            assert words(shown) in named(finding.where), finding.where
