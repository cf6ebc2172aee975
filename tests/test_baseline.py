"""Baselines: what is the same finding, what is gone, the file, and the options."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshlint import cli
from meshlint.config.fault import Faulty
from meshlint.finding import Finding, Location, Severity, Suppression
from meshlint.report.entry import Entry, entry, paired
from meshlint.report.model import Report, Unreported
from meshlint.report.summary import FEW, summary
from meshlint.source.files import Source
from meshlint.triage.baseline import Baseline, Look, Scope, compared, written
from meshlint.triage.baseline_file import ANEW, read, text
from meshlint.unread import Skip, Unread
from tests.conftest import HERE, ROOT, Run
from tests.lint import lint_paths, lint_text
from tests.manifests import injector, istiod, namespace, workload
from tests.test_git import Repository, repo

__all__ = ["repo"]

SCHEMA = json.loads((ROOT / "schemas/baseline.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FILE = ".meshlint-baseline.json"
GOOD, BAD = namespace("shop", injection="enabled"), namespace("shop", injection="true")
WHOLE = Scope((".",))


def look(scope: Scope = WHOLE, there: Callable[[str], bool] = lambda _: False) -> Look:
    return Look(scope, lambda path: path, there)


def through_the_file(baseline: Baseline) -> Baseline:
    """The baseline as a later run reads it; the file has its form, and the same bytes again."""
    whole = text(baseline)
    data = whole.encode("utf-8", "backslashreplace")
    VALIDATOR.validate(json.loads(data))
    again = read("baseline.json", data)
    assert text(again) == whole
    assert again == baseline
    return again


def again(now: Report, before: Report) -> tuple[list[str], list[str]]:
    """The codes that are new against a baseline of another report, and those that are gone."""
    baseline = through_the_file(written(before, look()))
    report = compared(now, baseline, FILE, look()).report
    assert report.baseline
    assert report.baseline.hidden == len(now.findings) - len(report.findings)
    return [f.code for f in report.findings], [e.code for e in report.baseline.gone]


# Over everything that is found anywhere

FOLDERS = sorted(
    [path.relative_to(ROOT).as_posix() for path in (HERE / "rules").glob("*/fail")] + ["examples"]
)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All fixtures, with lines and a document before the first line of each that is YAML."""
    top = tmp_path_factory.mktemp("moved")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, top / folder)
    for path in [*top.rglob("*.yaml"), *top.rglob("*.yml")]:
        data = path.read_bytes()
        if b"%YAML" not in data and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0")):
            mark = data[:3] if data.startswith(b"\xef\xbb\xbf") else b""
            path.write_bytes(mark + b"# moved\n\n# down\n" + data[len(mark) :])
    return top


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_written_is_known(
    folder: str, moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same tree, and in one whose lines have moved: nothing is new, and nothing gone."""
    monkeypatch.chdir(ROOT)
    plain = lint_paths([folder])
    assert plain.findings
    assert again(plain, plain) == ([], [])
    before = written(plain, look())
    monkeypatch.chdir(moved)
    later = lint_paths([folder])
    assert [f.code for f in later.findings] == [f.code for f in plain.findings]
    report = compared(later, before, FILE, look()).report
    assert report.findings == ()
    assert report.baseline
    assert report.baseline.gone == ()


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_file_tells_no_lines_and_no_places(
    folder: str, moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the same bytes when lines move, as far as no message names a line."""
    monkeypatch.chdir(ROOT)
    plain = written(lint_paths([folder]), look())
    monkeypatch.chdir(moved)
    later = written(lint_paths([folder]), look())
    hidden = [replace(e, message="") for e in plain.entries]
    assert hidden == [replace(e, message="") for e in later.entries]
    assert str(ROOT) not in text(plain)


# What is the same finding

ANOTHER = BAD.replace("true", "yes")
SAME: list[tuple[str, str, str, list[str], list[str]]] = [
    # before, now: what is new, and what is gone
    ("nothing changes", BAD, BAD, [], []),
    ("a line above", BAD, f"# a\n{BAD}", [], []),
    ("a document above", BAD, f"{namespace('x')}---\n{BAD}", [], []),
    ("deeper indentation", BAD, BAD.replace("    istio", "      istio").replace("    a: b", "      a: b"), [], []),
    ("the fault is mended", BAD, GOOD, [], ["MESH101"]),
    ("another fault in the same key", BAD, ANOTHER, ["MESH101"], ["MESH101"]),
    ("another object", BAD, BAD.replace("shop", "till"), ["MESH101"], ["MESH101"]),
    ("one more object", BAD, f"{BAD}---\n{BAD.replace('shop', 'till')}", ["MESH101"], []),
    ("a copy of the object", BAD, f"{BAD}---\n{BAD}", ["MESH101"], []),
    ("one copy less", f"{BAD}---\n{BAD}", BAD, [], ["MESH101"]),
    ("another version of the API", workload(inject="maybe"), workload(inject="maybe").replace("apps/v1", "apps/v1beta2"), [], []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "now", "new", "gone"), [s[1:] for s in SAME], ids=[s[0] for s in SAME])  # fmt: skip
def test_the_same_finding(before: str, now: str, new: list[str], gone: list[str]) -> None:
    assert again(lint_text(now), lint_text(before)) == (new, gone)


def test_other_words_for_the_same_line_are_known() -> None:
    """As another version of meshlint may have them."""
    report = lint_text(BAD)
    older = replace(report, findings=(replace(report.findings[0], message="Was put so."),))
    assert again(report, older) == ([], [])


def test_the_severity_is_no_part_of_it() -> None:
    report = lint_text(BAD)
    worse = replace(report, findings=(replace(report.findings[0], severity=Severity.NOTE),))
    assert again(worse, report) == again(report, worse) == ([], [])


PARTS = st.sampled_from(["a", "b"])
ENTRIES = st.lists(
    st.builds(Entry, PARTS, PARTS, st.just("g"), PARTS, st.just(""), PARTS, st.just("/k"), PARTS, st.sampled_from(["", "x", "y"])),
    max_size=8,
)  # fmt: skip


def scores(now: list[Entry], old: list[Entry]) -> Counter[tuple[str, ...]]:
    known, _ = paired(now, old)
    return Counter(e.identity for e, met in zip(now, known, strict=True) if met)


@given(ENTRIES, ENTRIES, st.randoms())
def test_pairs(now: list[Entry], old: list[Entry], random: Any) -> None:
    """Each old entry stands for one of now, and the order of both does not matter."""
    known, left = paired(now, old)
    assert sum(known) == len(old) - len(left)
    assert not Counter(left) - Counter(old)
    assert paired(now, now) == ([True] * len(now), [])
    for new, met in zip(now, known, strict=True):
        if not met:
            rest = [e for e in left if e.identity == new.identity]
            assert all(new.message != e.message for e in rest)
            assert all(new.line != e.line or not e.line for e in rest)
    mixed, others = random.sample(now, len(now)), random.sample(old, len(old))
    for new in set(now):
        if old.count(new) >= now.count(new):
            again, _ = paired(mixed, others)
            assert all(met for e, met in zip(mixed, again, strict=True) if e == new)


def test_without_a_line_the_words_decide() -> None:
    """As for what stands in a Secret."""
    one = replace(at("a"), line="")
    assert paired([one], [one]) == ([True], [])
    assert paired([replace(one, message="n")], [one]) == ([False], [one])


def test_a_thousand_alike_take_no_time() -> None:
    one = Entry("MESH101", "a", "", "", "", "", "", "m", "l")
    many = [replace(one, message=f"{n}") for n in range(20_000)]
    known, left = paired(many, [replace(e, line="other") for e in reversed(many)])
    assert all(known)
    assert left == []


# What is gone


def at(path: str, code: str = "MESH101") -> Entry:
    return Entry(code, path, "", "Namespace", "", "shop", "/k", "m", "l")


def report_on(*paths: str, **changes: Any) -> Report:
    sources = {path: Source(path, b"") for path in paths}
    return replace(lint_text(""), **{"sources": sources, **changes})


def there(*paths: str) -> Callable[[str], bool]:
    return lambda path: path in paths


HELM = Scope((".",), ("helm",))
FATE: list[tuple[str, Scope, Report, Look, bool]] = [
    # the scope of the baseline, the run, and whether the entry of a.yaml is gone
    ("it was read", WHOLE, report_on("a.yaml"), look(there=there("a.yaml")), True),
    ("it is there no more", WHOLE, report_on("b.yaml"), look(), True),
    ("it was left out", WHOLE, report_on("b.yaml"), look(there=there("a.yaml")), False),
    ("less was looked at", WHOLE, report_on("a.yaml"), look(Scope(("a.yaml",))), False),
    ("more was looked at", Scope(("apps",)), report_on("a.yaml"), look(), True),
    ("a folder around", Scope(("apps/x",)), report_on("a.yaml"), look(Scope(("apps",))), True),
    ("a folder beside", Scope(("apps",)), report_on("a.yaml"), look(Scope(("app",))), False),
    ("two folders", Scope(("a", "b")), report_on("a.yaml"), look(Scope(("b", "a"))), True),
    ("one of two folders", Scope(("a", "b")), report_on("a.yaml"), look(Scope(("a",))), False),
    ("nothing was rendered", HELM, report_on("a.yaml"), look(), False),
    ("other things were rendered", HELM, report_on("a.yaml"), look(Scope((".",), ("kustomize",))), False),
    ("more was rendered", HELM, report_on("a.yaml"), look(Scope((".",), ("helm", "kustomize"))), True),
    ("it is broken", WHOLE, report_on("a.yaml", skips=(Skip(Unread.BROKEN, "a.yaml", 3),)), look(), False),
    ("it waits to be rendered", WHOLE, report_on("a.yaml", skips=(Skip(Unread.TEMPLATE, "a.yaml", 3),)), look(), False),
    ("it has other skips", WHOLE, report_on("a.yaml", skips=(Skip(Unread.PATCH, "a.yaml", 3),)), look(), True),
    ("another one is broken", WHOLE, report_on("a.yaml", skips=(Skip(Unread.BROKEN, "b.yaml", 3),)), look(), True),
    ("something was not read", WHOLE, report_on("a.yaml", skips=(Skip(Unread.UNREADABLE, "b"),)), look(), False),
    ("a rule failed", WHOLE, report_on("a.yaml", failures=("x",)), look(), False),
]  # fmt: skip


@pytest.mark.parametrize(("scope", "report", "seen", "gone"), [f[1:] for f in FATE], ids=[f[0] for f in FATE])  # fmt: skip
def test_gone(scope: Scope, report: Report, seen: Look, gone: bool) -> None:
    baseline = Baseline((at("a.yaml"),), scope)
    found = compared(report, baseline, FILE, seen)
    assert found.report.baseline
    assert bool(found.report.baseline.gone) is gone
    assert bool(found.standing) is not gone


def test_what_is_switched_off_is_not_gone() -> None:
    report = lint_text(BAD)
    baseline = written(report, look())
    off = replace(report, findings=(), unreported=Unreported(("MESH101",), report.findings))
    done = compared(off, baseline, FILE, look())
    assert done.report.baseline
    assert (done.report.baseline.hidden, done.report.baseline.gone) == (0, ())
    assert written(off, look(), baseline) == baseline


def test_what_is_suppressed_is_gone() -> None:
    report = lint_text(BAD)
    here = Suppression(Location("<stdin>", 1, 1, 1, 2), "x")
    excused = replace(
        report, findings=(), suppressed=(replace(report.findings[0], suppression=here),)
    )
    assert again(excused, report) == ([], ["MESH101"])


SCOPES = [
    (("a",), ("b",), ("a", "b")),
    (("a/b",), ("a",), ("a",)),
    ((".",), ("a",), (".",)),
    (("a",), (), ("a",)),
    (("ab",), ("a",), ("a", "ab")),
]


@pytest.mark.parametrize(("one", "other", "both"), SCOPES)
def test_scopes_are_joined(
    one: tuple[str, ...], other: tuple[str, ...], both: tuple[str, ...]
) -> None:
    for scope in (Scope(one).joined(Scope(other)), Scope(other).joined(Scope(one))):
        assert scope == Scope(both)
        assert scope.covers(Scope(one))
        assert scope.covers(Scope(other))


# The file

MINIMAL = '{"version": 1, "scope": {"paths": ["."], "rendered": []}, "findings": []}'
ONE = '{"version": 1,\n"scope": {"paths": ["."], "rendered": []},\n"findings": [\n  {"code": "C", "path": "p", "message": "m"},\n  {%s}]}'
BROKEN: list[tuple[str, str | bytes, str]] = [
    ("nothing", "", "1:1: is no baseline: it is not JSON (Expecting value)"),
    ("YAML", "a: b\n", "1:1: is no baseline: it is not JSON (Expecting value)"),
    ("cut off", text(Baseline((at("a"),), WHOLE))[:-20], "12:7: is no baseline: it is not JSON (Unterminated string starting at)"),
    ("a conflict of Git", MINIMAL.replace("[]}", "[\n<<<<<<< HEAD\n]}"), "2:1: is no baseline: it is not JSON (Expecting value)"),
    ("no text", b'{"a": "\xff"}', "1:8: is no baseline: byte 0xff is not UTF-8"),
    ("deep", "[" * 100_000, "1:1: is no baseline: JSON is nested or numbers are large"),
    ("a large number", f'{{"version": {"9" * 5000}}}', "1:1: is no baseline: JSON is nested or numbers are large"),
    ("a list", "[]", "1:1: a baseline must be a map"),
    ("a later version", MINIMAL.replace("1", "2"), "1:2: 'version' must be 1, the only one that is read here"),
    ("true for a version", MINIMAL.replace("1", "true"), "1:2: 'version' must be 1, the only one that is read here"),
    ("no version", "{}", "1:1: 'version' must be 1, the only one that is read here"),
    ("another file", '{"version": 1, "tool": {}}', "1:16: unknown key 'tool'"),
    ("no scope", '{"version": 1, "findings": []}', "1:1: 'scope' must be a map"),
    ("no findings", MINIMAL.replace(', "findings": []', ""), "1:1: 'findings' must be a list"),
    ("a scope of numbers", MINIMAL.replace('"."', "1"), "1:36: an item must be a string with something in it"),
    ("a word for an entry", MINIMAL.replace('"findings": [', '"findings": [\n"x"'), "2:1: an entry must be a map"),
    ("no code", ONE % '"path": "p", "message": "m"', "5:3: an entry has no code"),
    ("an empty message", ONE % '"code": "C", "path": "p", "message": ""', "5:3: an entry has no message"),
    ("a number", ONE % '"code": "C", "path": 7, "message": "m"', "5:17: 'path' must be a string"),
    ("a null", ONE % '"code": "C", "path": "p", "message": "m",\n   "key": null', "6:4: 'key' must be a string"),
    ("an object that is a word", ONE % '"code": "C", "path": "p", "object": "x"', "5:30: 'object' must be a map"),
    ("an unknown part", ONE % '"code": "C", "path": "p", "object": {"uid": "x"}', "5:41: unknown key 'uid'"),
    ("a number in an object", ONE % '"code": "C", "path": "p", "message": "m", "object": {"name": 7}', "5:57: 'name' must be a string"),
    ("a severity", ONE % '"severity": "error"', "5:4: unknown key 'severity'"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "said"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_no_baseline(data: str | bytes, said: str) -> None:
    raw = data.encode() if isinstance(data, str) else data
    with pytest.raises(Faulty) as caught:
        read("b.json", raw)
    told = str(caught.value)
    assert told.removesuffix(f": {ANEW}") == f"b.json:{said}"
    assert "no text" in said or b"\xff" in raw or told.endswith(ANEW)
    with contextlib.suppress(ValueError, RecursionError):
        assert not VALIDATOR.is_valid(json.loads(raw))


def test_the_least_baseline() -> None:
    for data in (MINIMAL, MINIMAL.replace("{", '{"$schema": "x", ', 1), f"\ufeff{MINIMAL}"):
        assert read("b.json", data.encode()) == Baseline((), WHOLE)
    VALIDATOR.validate(json.loads(MINIMAL))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_document_shows_a_real_file() -> None:
    page = (ROOT / "docs/baseline.md").read_text()
    (shown,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert text(read("b.json", shown.encode())) == shown


def test_reports_and_baselines_have_entries_of_one_form() -> None:
    report = json.loads((ROOT / "schemas/report.schema.json").read_text())
    assert report["$defs"]["known"] == SCHEMA["$defs"]["known"]


def test_entries_are_sorted_and_a_few_lines_each() -> None:
    paths = ["b.yaml", "a.yaml", "a/b.yaml"]
    whole = text(written(report_on(*paths, findings=tuple(map(finding, paths))), look()))
    lines = whole.splitlines()
    assert [line for line in lines if '"path"' in line] == [f'      "path": "{path}",' for path in sorted(paths)]  # fmt: skip
    assert len(lines) == 7 + 5 * len(paths)
    assert whole.endswith("}\n")


def finding(path: str) -> Finding:
    where = Location(path, 1, 1, 1, 2)
    return Finding("MESH101", "a", Severity.NOTE, "ü \N{ROCKET} \udcff\x07", where)


def test_odd_characters_come_back() -> None:
    report = report_on("a\udcff \N{ROCKET}\n.yaml")
    report = replace(report, findings=(finding(*report.sources),))
    assert again(report, report) == ([], [])


SECRET = (
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n  labels: {}\ndata: {a: aHVudGVyMg==}\n"
)


def test_nothing_is_told_of_the_lines_of_secrets() -> None:
    plain = lint_text(SECRET)
    own = Finding("MESH101", "a", Severity.NOTE, "m", Location("<stdin>", 6, 1, 6, 2))
    report = replace(plain, findings=(own,))
    (told,) = written(report, look()).entries
    assert told.line == ""
    assert entry(own, report, str).line != ""
    assert again(report, report) == ([], [])


# The command line


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    monkeypatch.chdir(tmp_path)

    def write(files: dict[str, str]) -> None:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    write({"apps/a.yaml": BAD, "platform/b.yaml": BAD.replace("shop", "till")})
    return write


Tree = Callable[[dict[str, str]], None]


def places(report: Any) -> list[str]:
    return [finding["location"]["path"] for finding in report["findings"]]


def entries(path: str = FILE) -> list[str]:
    return [one["path"] for one in json.loads(Path(path).read_text())["findings"]]


def test_from_nothing_to_nothing_new(tree: Tree, run: Run) -> None:
    code, report, words = run("--write-baseline")
    assert (code, report["findings"]) == (0, [])
    assert report["baseline"] == {"file": FILE, "hidden": 2, "gone": []}
    assert f"meshlint: {FILE}: 2 findings (2 new, 0 gone)\n  use it with --baseline {FILE}" in words
    assert entries() == ["apps/a.yaml", "platform/b.yaml"]
    assert json.loads(Path(FILE).read_text())["scope"] == {"paths": ["."], "rendered": []}
    assert run()[0] == 1  # nobody has named the file
    code, report, words = run("--baseline", FILE)
    assert (code, report["findings"]) == (0, [])
    assert f"  not shown: 2 findings that {FILE} has\n" in words
    assert report["counts"]["files"] == 2  # the file itself is no manifest
    tree({"apps/c.yaml": BAD.replace("shop", "cart")})
    code, report, _ = run("--baseline", FILE)
    assert (code, places(report)) == (1, ["apps/c.yaml"])


def test_what_is_gone_is_told_and_pruned(tree: Tree, run: Run) -> None:
    run("--write-baseline")
    old = Path(FILE).read_text()
    tree({"apps/a.yaml": GOOD, "apps/c.yaml": BAD.replace("shop", "cart")})
    code, report, words = run("--baseline", FILE)
    assert (code, places(report)) == (1, ["apps/c.yaml"])
    (gone,) = report["baseline"]["gone"]
    assert gone == json.loads(old)["findings"][0]
    assert f"  gone: 1 finding of {FILE}; --prune-baseline takes them out\n" in words
    assert "    apps/a.yaml: MESH101 Namespace/shop/metadata/labels/istio-injection\n" in words
    assert Path(FILE).read_text() == old
    code, report, words = run("--baseline", FILE, "--prune-baseline")
    assert (code, places(report)) == (1, ["apps/c.yaml"])
    assert report["baseline"] == {"file": FILE, "hidden": 1, "gone": []}
    assert f"meshlint: {FILE}: 1 finding (0 new, 1 gone)\n" in words
    assert entries() == ["platform/b.yaml"]
    tree({"apps/a.yaml": GOOD, "platform/b.yaml": GOOD, "apps/c.yaml": GOOD})
    code, report, _ = run("--baseline", FILE, "--fail-on", "note")
    assert code == 0
    assert [one["path"] for one in report["baseline"]["gone"]] == ["platform/b.yaml"]


def test_a_part_of_the_tree(tree: Tree, run: Run) -> None:
    """What was not looked at is neither gone nor forgotten."""
    run("--write-baseline")
    tree({"platform/b.yaml": GOOD})
    _, report, words = run("--baseline", FILE, "apps")
    assert report["baseline"] == {"file": FILE, "hidden": 1, "gone": []}
    assert "gone" not in words
    tree({"apps/c.yaml": BAD.replace("shop", "cart")})
    run("--baseline", FILE, "--write-baseline", "apps")
    assert entries() == ["apps/a.yaml", "apps/c.yaml", "platform/b.yaml"]
    run("--baseline", FILE, "--prune-baseline", "platform")
    assert entries() == ["apps/a.yaml", "apps/c.yaml", "platform/b.yaml"]
    run("--baseline", FILE, "--prune-baseline")
    assert entries() == ["apps/a.yaml", "apps/c.yaml"]


def test_a_baseline_of_two_parts(tree: Tree, run: Run) -> None:
    run("--write-baseline", "apps")
    run("--write-baseline", "--baseline", FILE, "platform")
    assert json.loads(Path(FILE).read_text())["scope"]["paths"] == ["apps", "platform"]
    tree({"apps/a.yaml": GOOD})
    assert run("--baseline", FILE, "apps")[1]["baseline"]["gone"] == []
    assert len(run("--baseline", FILE, "platform", "apps")[1]["baseline"]["gone"]) == 1
    assert len(run("--baseline", FILE)[1]["baseline"]["gone"]) == 1


def test_files_that_are_gone_excluded_or_broken(tree: Tree, run: Run) -> None:
    run("--write-baseline")
    tree({".meshlint.yaml": "exclude: [apps]\n"})
    assert run("--baseline", FILE)[1]["baseline"]["gone"] == []
    tree({".meshlint.yaml": "", "apps/a.yaml": BAD.replace("labels:", "labels: [")})
    assert run("--baseline", FILE)[1]["baseline"]["gone"] == []
    Path("apps/a.yaml").unlink()
    assert len(run("--baseline", FILE)[1]["baseline"]["gone"]) == 1


def test_a_finding_that_needs_another_file_is_not_gone_without_it(tree: Tree, run: Run) -> None:
    """MESH201 in apps is proven by the control plane in platform."""
    tree(
        {
            "apps/a.yaml": namespace("shop", rev="gone"),
            "platform/b.yaml": istiod("x") + "---\n" + injector("x"),
        }
    )
    run("--write-baseline")
    assert entries()[0] == "apps/a.yaml"
    _, report, _ = run("--baseline", FILE, "apps", "--fail-on", "note")
    assert report["baseline"]["gone"] == []


def test_switched_off_rules_keep_their_entries(tree: Tree, run: Run) -> None:
    run("--write-baseline")
    _, report, _ = run("--baseline", FILE, "--ignore", "MESH101")
    assert report["baseline"] == {"file": FILE, "hidden": 0, "gone": []}
    run("--baseline", FILE, "--write-baseline", "--ignore", "MESH101")
    assert entries() == ["apps/a.yaml", "platform/b.yaml"]


def test_the_configuration_names_it(tree: Tree, run: Run, tmp_path: Path) -> None:
    tree({".meshlint.yaml": "baseline: known/b.json\n", "known/.gitkeep": ""})
    code, report, words = run()
    assert (code, report) == (2, None)
    assert "cannot read the baseline known/b.json: No such file or directory: write it with --write-baseline" in words  # fmt: skip
    code, report, words = run("--write-baseline")
    assert (code, report["baseline"]["hidden"]) == (0, 2)
    assert "use it with" not in words
    assert entries("known/b.json") == ["apps/a.yaml", "platform/b.yaml"]
    assert run()[0] == 0
    assert run("--no-baseline")[0] == 1
    assert run("--no-config")[0] == 1
    tree({"other.json": text(Baseline((), WHOLE))})
    code, report, _ = run("--baseline", "other.json")
    assert (code, report["baseline"]["file"]) == (1, "other.json")
    before = Path("known/b.json").read_bytes()
    os.chdir("apps")
    subprocess.run(["git", "init", "--quiet", ".."], check=True)
    code, report, _ = run("..")
    assert (code, report["baseline"]) == (0, {"file": "../known/b.json", "hidden": 2, "gone": []})
    run("..", "--write-baseline")
    assert (tmp_path / "known/b.json").read_bytes() == before  # the same from everywhere


WRONG = [
    ("--baseline no.json", "cannot read the baseline no.json: No such file or directory: write it with --write-baseline"),
    ("--prune-baseline", f"cannot read the baseline {FILE}: No such file or directory"),
    ("--baseline apps", "cannot read the baseline apps: Is a directory"),
    ("--baseline apps/a.yaml", "apps/a.yaml:1:1: is no baseline: it is not JSON (Expecting value): delete it, and write it anew with --write-baseline"),
    ("--baseline apps/a.yaml --write-baseline", "apps/a.yaml:1:1: is no baseline"),
    ("--write-baseline --no-baseline", "--write-baseline needs the file that --no-baseline leaves out"),
    ("--write-baseline --new-since HEAD", "--write-baseline is about all findings: leave out --new-since"),
    ("--prune-baseline --new-since HEAD", "--prune-baseline is about all findings: leave out --new-since"),
    ("--write-baseline --baseline no/such/folder.json", "cannot write no/such/folder.json: No such file or directory"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong_words(tree: Tree, run: Run, words: str, said: str) -> None:
    code, report, told = run(*words.split())
    assert (code, report) == (2, None)
    assert said in told


@pytest.mark.parametrize(
    "words", [["--baseline", "x", "--no-baseline"], ["--write-baseline", "--prune-baseline"]]
)
def test_options_that_exclude_each_other(tree: Tree, words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.run(words)
    assert caught.value.code == 2


def test_a_baseline_that_cannot_be_written_stays(tree: Tree, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    run("--write-baseline")
    old = Path(FILE).read_text()
    tree({"apps/c.yaml": BAD.replace("shop", "cart")})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert run("--baseline", FILE, "--write-baseline")[0] == 2
    assert Path(FILE).read_text() == old
    assert sorted(path.name for path in Path().iterdir()) == [FILE, "apps", "platform"]


def test_many_that_are_gone_are_cut_off(tree: Tree, run: Run) -> None:
    tree({f"apps/{n}.yaml": BAD.replace("shop", f"n{n}") for n in range(FEW + 2)})
    run("--write-baseline")
    shutil.rmtree("apps")
    lines = run("--baseline", FILE)[2].splitlines()
    assert len([line for line in lines if line.startswith("    apps/")]) == FEW
    assert "    and 3 more: -v lists all" in lines
    lines = run("--baseline", FILE, "-v")[2].splitlines()
    assert len([line for line in lines if line.startswith("    apps/")]) == FEW + 3


def test_control_characters_are_never_echoed() -> None:
    report = compared(report_on(), Baseline((at("a\x1b[31m\n.yaml"),), WHOLE), "f\x1b", look())
    words = summary(report.report)
    assert "\x1b" not in words
    assert "    a\\x1b[31m\\n.yaml: MESH101 Namespace/shop/k\n" in words


def test_quiet(tree: Tree, run: Run) -> None:
    assert run("--write-baseline", "-q")[2] == ""
    tree({"apps/a.yaml": GOOD})
    assert run("--baseline", FILE, "-q")[2] == ""


# Git


def test_commits_have_the_baseline_of_their_own(repo: Repository, run: Run) -> None:
    config = f"baseline: {FILE}\n"
    repo.write({"a.yaml": BAD, ".meshlint.yaml": config})
    run("--write-baseline")
    repo.commit()
    assert run()[0] == run("--rev", "HEAD")[0] == run("--staged")[0] == 0
    Path(FILE).unlink()
    assert run()[0] == 2
    assert run("--rev", "HEAD")[0] == run("--staged")[0] == 0
    repo.git("rm", "--cached", "--quiet", FILE)
    code, _, words = run("--staged")
    assert code == 2
    assert f"cannot read the baseline {FILE}: it is not in the index" in words
    code, _, words = run("--rev", "HEAD", "--write-baseline")
    assert code == 2
    assert f"{FILE} is read from HEAD" in words
    assert run("--rev", "HEAD", "--write-baseline", "--baseline", FILE)[0] == 0
    assert entries() == ["a.yaml"]
    repo.write({"a.yaml": GOOD})
    assert len(run()[1]["baseline"]["gone"]) == 1
    assert run("--rev", "HEAD", "--baseline", FILE)[1]["baseline"]["gone"] == []


def test_a_bare_repository(repo: Repository, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write({"apps/a.yaml": BAD, ".meshlint.yaml": f"baseline: {FILE}\n"})
    run("--write-baseline")
    repo.commit()
    repo.git("clone", "--quiet", "--bare", ".", "../bare.git")
    monkeypatch.chdir(repo.folder.parent / "bare.git")
    assert run("--rev", "HEAD")[1]["baseline"]["hidden"] == 1


def test_with_new_since(repo: Repository, run: Run) -> None:
    """What is known is left out first, then what is old."""
    repo.write({"a.yaml": BAD})
    run("--write-baseline")
    repo.write({"b.yaml": BAD.replace("shop", "old")})
    repo.commit()
    repo.write({"c.yaml": BAD.replace("shop", "new")})
    code, report, words = run("--baseline", FILE, "--new-since", "HEAD")
    assert (code, places(report)) == (1, ["c.yaml"])
    assert report["baseline"]["hidden"] == 1
    assert report["base"]["hidden"] == 1
    assert words.count("not shown: 1 finding that") == 2


def test_a_baseline_of_now_and_none_of_then(repo: Repository, run: Run) -> None:
    repo.commit({"a.yaml": BAD, ".meshlint.yaml": f"baseline: {FILE}\n"})
    assert run("--write-baseline")[0] == 0
    assert run("--new-since", "HEAD")[0] == 0


def test_from_another_folder_and_through_another_process(repo: Repository) -> None:
    """The same bytes, wherever meshlint is started."""
    repo.commit({"apps/a.yaml": BAD, "apps/b.yaml": BAD.replace("shop", "till")})
    files = []
    for folder, path, name in ((".", ".", "one"), ("apps", "..", "../two")):
        command = [sys.executable, "-m", "meshlint", path, "--write-baseline", "--baseline", name]
        subprocess.run(
            command,
            cwd=repo.folder / folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        )
        files.append((repo.folder / folder / name).read_bytes())
    assert files[0] == files[1]
    assert str(repo.folder).encode() not in files[0]


# Real trees


TREES = [ROOT.parent / "corpus" / name for name in ("istio+istio", "kubeflow+manifests")]


@pytest.mark.parametrize("top", TREES, ids=lambda path: path.name)
def test_real_trees(top: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not top.is_dir():
        pytest.skip("the real trees (../corpus) are not here")
    monkeypatch.chdir(top)
    file = str(tmp_path / "baseline.json")
    code, report, _ = run("--no-config", "--baseline", file, "--write-baseline")
    assert (report["findings"], report["baseline"]["gone"]) == ([], [])
    assert report["baseline"]["hidden"] > 0
    code, report, _ = run("--no-config", "--baseline", file)
    assert (code, report["findings"], report["baseline"]["gone"]) == (0, [], [])
