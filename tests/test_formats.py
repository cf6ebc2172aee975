"""The formats of CI servers, editors and reviewers, over findings with hostile names and words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from meshlint.finding import Finding, Location, Related, Severity, Subject
from meshlint.report import FORMATS, render
from meshlint.report.markdown import MOST
from meshlint.report.model import Base, Counts, Report
from meshlint.source.files import STDIN, Source
from meshlint.unread import Skip, Unread
from tests.conftest import HERE, ROOT
from tests.lint import lint_paths

HOSTILE = "100%; a:b,c]|`<b>`\x1b[31m\n::error::x @you *z* ##vso[task.x]y ##[group]z"
LINE = "a: 'é𝄞' # x"
WHERE = Location("odd dir/ü,:%].yaml", 1, 5, 1, 7)
FINDING = Finding(
    "MESH104",
    "namespace-conflicting-labels",
    Severity.ERROR,
    HOSTILE,
    WHERE,
    Subject("v1", "Namespace", "", "shop"),
    (Related("there\n", replace(WHERE, column=4)),),
)
FAULTS = [
    FINDING,
    replace(FINDING, severity=Severity.NOTE, code="MESH105"),
    replace(FINDING, severity=Severity.WARNING, where=replace(WHERE, line=2, end_line=2)),
]


def report(findings: list[Finding], **more: object) -> Report:
    sources = {WHERE.path: Source(WHERE.path, f"{LINE}\nb: c\n".encode())}
    made = Report(
        tuple(findings), (), Counts(1, 1, 1, 0, 0, {}), {**sources, "ok.yaml": Source("ok.yaml", b"")}, Path.cwd()
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_that_a_terminal_or_a_log_obeys(name: str) -> None:
    """No escape, and no line that a message begins."""
    text = render(name, report(FAULTS))
    assert "\x1b" not in text
    assert not any(line.startswith("::error::") for line in text.splitlines())


@pytest.mark.parametrize(
    "name", [name for name in FORMATS if name not in ("json", "html", "gitlab")]
)
def test_nothing_that_a_runner_obeys(name: str) -> None:
    """Commands are obeyed at the beginning of a line, behind spaces too, or even anywhere in it."""
    hostile = replace(WHERE, path="::warning file=x::y.yaml")
    text = render(name, report([*FAULTS, replace(FINDING, where=hostile)]))
    own = {"github": 1, "azure": 1}.get(name, 0)
    for line in text.splitlines():
        assert line.count("##vso[") <= own
        assert "##[" not in line
        assert line.lstrip().startswith("::") <= (name == "github"), line


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_found(name: str) -> None:
    text = render(name, report([]))
    assert "MESH104" not in text or name == "sarif"
    if name in ("concise", "github", "azure"):
        assert text == ""
    if name == "gitlab":
        assert json.loads(text) == []


def test_concise() -> None:
    lines = render("concise", report(FAULTS)).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("odd dir/ü,:%].yaml:1:5: error MESH104 100%; a:b")


def test_github() -> None:
    """The worst first; what would end a property or a command is escaped."""
    lines = render("github", report(FAULTS)).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]
    head, _, message = lines[0][2:].partition("::")
    properties = dict(part.split("=", 1) for part in head.removeprefix("error ").split(","))
    assert properties == {
        "file": "odd dir/ü%2C%3A%25].yaml", "line": "1", "endLine": "1", "col": "5",
        "endColumn": "7", "title": "MESH104 namespace-conflicting-labels",
    }  # fmt: skip
    assert message.startswith("100%25; a:b,c]|")


def test_github_counts_what_it_does_not_show() -> None:
    many = [replace(FINDING, where=replace(WHERE, line=n, end_line=n)) for n in range(1, 13)]
    lines = render("github", report(many)).splitlines()
    assert len(lines) == 13
    assert lines[-1] == (
        "meshlint: 12 findings, of which GitHub shows the first 10 of a severity as annotations."
    )


def test_github_shows_ten_of_a_severity() -> None:
    severities = [Severity.ERROR] * 10 + [Severity.WARNING] * 10
    many = [
        replace(FINDING, severity=severity, where=replace(WHERE, line=n, end_line=n))
        for n, severity in enumerate(severities, 1)
    ]
    assert len(render("github", report(many)).splitlines()) == 20


def test_github_takes_columns_of_one_line_only() -> None:
    """https://docs.github.com/en/rest/checks/runs: they are refused with lines that differ."""
    wide = replace(FINDING, where=replace(WHERE, end_line=2))
    (line,) = render("github", report([wide])).splitlines()
    assert "line=1,endLine=2,title=" in line


def test_azure() -> None:
    lines = render("azure", report(FAULTS)).splitlines()
    assert len(lines) == 2
    pattern = r"##vso\[task\.logissue type=error;sourcepath=([^;\]]*);linenumber=1;columnnumber=5;code=MESH104;\](.*)"
    match = re.fullmatch(pattern, lines[0])
    assert match
    assert match[1] == "odd dir/ü,:%AZP25%5D.yaml"
    assert match[2].startswith("100%AZP25; a:b")


def test_gitlab() -> None:
    issues = json.loads(render("gitlab", report(FAULTS)))
    assert [issue["severity"] for issue in issues] == ["major", "info", "minor"]
    assert issues[0]["location"] == {"path": WHERE.path, "lines": {"begin": 1, "end": 1}}
    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert issues[0]["check_name"] == "namespace-conflicting-labels"


def test_fingerprints_stay_when_lines_move() -> None:
    moved = replace(FINDING, where=replace(WHERE, line=9, end_line=9), message="other words")
    first, second = (json.loads(render("gitlab", report([f])))[0] for f in (FINDING, moved))
    assert first["fingerprint"] == second["fingerprint"]
    sarif = json.loads(render("sarif", report([FINDING])))["runs"][0]["results"][0]
    assert len(first["fingerprint"]) == len(sarif["partialFingerprints"]["meshlint/identity/v1"])


def test_junit() -> None:
    lost = Skip(Unread.UNREADABLE, "gone.yaml", 0, "no such file\x00")
    root = ET.fromstring(render("junit", report(FAULTS, skips=(lost,), failures=("oops",))))
    assert root.attrib == {
        "name": "meshlint",
        "tests": "6",
        "failures": "2",
        "errors": "2",
        "time": "0",
    }
    suites = {suite.get("name"): suite for suite in root}
    assert suites[WHERE.path].get("tests") == "3"
    assert [case.tag for case in suites["ok.yaml"]] == ["testcase"]
    assert len(list(suites["ok.yaml"][0])) == 0
    assert suites[WHERE.path].get("file") == WHERE.path
    assert {case.get("file") for case in suites[WHERE.path]} == {WHERE.path}
    (note,) = suites[WHERE.path].findall("testcase/system-out")
    assert "note" in str(note.text)
    failure = suites[WHERE.path].find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "MESH104"


def test_cases_of_junit_have_names_of_their_own() -> None:
    """GitLab and others know a case by its name and class, and show one of equal ones."""
    alike = [FINDING, replace(FINDING, message="other"), replace(FINDING, code="MESH105")]
    root = ET.fromstring(render("junit", report(alike)))
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(names) == len(set(names)) == 4


def test_rdjson_counts_bytes() -> None:
    (first, *_) = json.loads(render("rdjson", report(FAULTS)))["diagnostics"]
    assert first["location"]["range"] == {
        "start": {"line": 1, "column": 5},
        "end": {"line": 1, "column": 5 + len("é𝄞".encode())},
    }
    assert first["severity"] == "ERROR"
    assert first["code"] == {"value": "MESH104"}
    assert first["related_locations"][0]["location"]["range"]["start"]["column"] == 4


def test_markdown() -> None:
    base = Base("main", 7)
    text = render("markdown", report(FAULTS, base=base, failures=("it | broke",)))
    assert "1 error, 1 warning, 1 note in 1 file; 7 more that main has too" in text
    rows = [line for line in text.splitlines() if line.startswith("| odd")]
    assert len(rows) == 3
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 4
        assert "<b>" not in row
        assert "@you" not in row
    assert "- it \\| broke" in text


def test_markdown_is_cut() -> None:
    many = [replace(FINDING, message="x" * 2000, where=replace(WHERE, line=n)) for n in range(600)]
    text = render("markdown", report(many))
    assert len(text.encode()) <= MOST + 100
    assert text.endswith("The rest is left out: a summary may not be larger.\n")


def test_standard_input_has_no_path() -> None:
    found = [replace(FINDING, where=replace(WHERE, path=STDIN))]
    assert json.loads(render("gitlab", report(found)))[0]["location"]["path"] == STDIN


def test_paths_begin_at_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a/b").mkdir(parents=True)
    text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {istio-injection: 'no'}}\n"
    (tmp_path / "a/ns.yaml").write_text(text)
    monkeypatch.chdir(tmp_path / "a/b")
    found = lint_paths([".."])
    assert json.loads(render("gitlab", found))[0]["location"]["path"] == "a/ns.yaml"


@pytest.fixture(scope="module")
def everything() -> Report:
    return lint_paths([str(HERE / "rules"), str(ROOT / "examples")])


@pytest.mark.parametrize("name", FORMATS)
def test_every_rule_can_be_told(name: str, everything: Report) -> None:
    """Over all fixtures: nothing fails, and each finding is there."""
    found = everything
    text = render(name, found)
    codes = {f.code for f in found.findings if f.severity is not Severity.NOTE}
    assert len(codes) > 50
    assert all(code in text for code in codes)
    if name == "junit":
        ET.fromstring(text)
