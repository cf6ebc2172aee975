"""`--fix` and `--diff`: every fix is proven, files are written safely, and reports say the same."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import urllib.parse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from meshlint import cli
from meshlint.engine import run
from meshlint.finding import Assign, Finding, Fix
from meshlint.fix.change import Change
from meshlint.fix.offer import offers
from meshlint.fix.settle import State, fixed, proven, settled
from meshlint.fix.store import Stale, store
from meshlint.fix.unified import unified
from meshlint.report.model import Report
from meshlint.source.files import Collection, Source, collect
from tests.conftest import ROOT
from tests.test_rules import FIXTURES

BAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  template:
    metadata:
      labels:
        sidecar.istio.io/inject: false # no mesh
    spec: {containers: [{name: cart, image: "cart:1"}]}
"""
GOOD = BAD.replace("inject: false", 'inject: "false"')
FOLDERS = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


def lint(sources: Sequence[Source]) -> Report:
    return run(Collection(list(sources)))


def start(*paths: str) -> State:
    sources = tuple(collect(paths).sources)
    return State(sources, lint(sources))


def counted(report: Report) -> int:
    return len(report.findings)


@pytest.mark.parametrize("name", [*FOLDERS, "examples"])
def test_every_fix_is_proven_by_itself(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made alone, each removes its finding and adds none; made again, it changes nothing."""
    monkeypatch.chdir(ROOT / "examples" if name == "examples" else FIXTURES / name / "fail")
    state = start(".")
    found = offers(state.report, state.report.findings, state.sources)
    assert all(minimal(state.report, change) for change in found.values())
    for finding, change in proven(state, found, lint).items():
        after = settled(state, {finding: change}, lint)
        assert [one for one, _ in after.made] == [finding]
        assert counted(after.report) < counted(state.report)
        assert finding not in after.report.findings
        again = offers(after.report, after.report.findings, after.sources)
        assert change.words not in [c.words for f, c in again.items() if same(f, finding)]


def minimal(report: Report, change: Change) -> bool:
    """Whether no replacement begins or ends with what was there."""
    pairs = [(report.lines(r.path).text[r.start : r.end], r.text) for r in change.replacements]
    return all(not (old and new) or (old[0] != new[0] and old[-1] != new[-1]) for old, new in pairs)


def same(one: Finding, other: Finding) -> bool:
    return one.identity(one.where.path) == other.identity(other.where.path)


@pytest.mark.parametrize("name", [*FOLDERS, "examples"])
def test_fixing_twice_is_fixing_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "examples" if name == "examples" else FIXTURES / name / "fail")
    once = fixed(start("."), lint, unsafe=True)
    assert fixed(replace(once, made=()), lint, unsafe=True).made == ()
    assert counted(once.report) <= counted(start(".").report) - len(once.made)


def copied(name: str, target: Path) -> Path:
    folder = ROOT / "examples" if name == "examples" else FIXTURES / name / "fail"
    return Path(shutil.copytree(folder, target / "copy", symlinks=True))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def reported(name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    cli.run(["--no-config", "--format", name])
    return json.loads(capsysbinary.readouterr().out)


Spans = Iterable[tuple[str, tuple[int, int], tuple[int, int], str]]
"""Of replacements: the file, first line and column, last line and column, the text."""


def in_sarif(body: Any) -> Iterable[tuple[str, Any, str]]:
    for result in body["runs"][0]["results"]:
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                uri = urllib.parse.unquote(change["artifactLocation"]["uri"])
                for one in change["replacements"]:
                    yield uri, one["deletedRegion"], one["insertedContent"]["text"]


def applied(files: dict[str, bytes], spans: Spans, encoding: str) -> dict[str, bytes]:
    """An own applier: columns count units of an encoding, a BOM is no part of the first line."""
    width = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}[encoding]
    wanted: dict[str, set[tuple[int, int, bytes]]] = {}
    for path, first, last, text in spans:
        body = files[path].removeprefix(b"\xef\xbb\xbf").decode()
        starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", body))]
        coded = [len(body[:at].encode(encoding)) for at in starts]
        begin, end = (coded[line - 1] + (column - 1) * width for line, column in (first, last))
        wanted.setdefault(path, set()).add((begin, end, text.encode(encoding)))
    made = dict(files)
    for path, changes in wanted.items():
        mark = b"\xef\xbb\xbf" if files[path].startswith(b"\xef\xbb\xbf") else b""
        data = files[path].removeprefix(mark).decode().encode(encoding)
        for begin, end, new in sorted(changes, reverse=True):
            data = data[:begin] + new + data[end:]
        made[path] = mark + data.decode(encoding).encode()
    return made


@pytest.mark.parametrize("name", [*FOLDERS, "examples"])
def test_reports_have_the_edits_that_are_made(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """The fixes of SARIF, rdjson and JSON, made by a reader of these alone, are what is written."""
    folder = copied(name, tmp_path)
    monkeypatch.chdir(folder)
    before = contents(folder)
    sarif = [
        (uri, (r["startLine"], r["startColumn"]), (r["endLine"], r["endColumn"]), text)
        for uri, r, text in in_sarif(reported("sarif", capsysbinary))
    ]
    rdjson = [
        (
            d["location"]["path"],
            *(tuple(s["range"][k].values()) for k in ("start", "end")),
            s["text"],
        )
        for d in reported("rdjson", capsysbinary)["diagnostics"]
        for s in d.get("suggestions", [])
    ]
    plain = [
        (p["path"], (p["line"], p["column"]), (p["end_line"], p["end_column"]), e["text"])
        for f in reported("json", capsysbinary)["findings"]
        if f["fix"] and f["fix"]["safe"]
        for e in f["fix"]["edits"]
        for p in [e["location"]]
    ]
    assert contents(folder) == before
    made = applied(before, sarif, "utf-16-le")
    assert applied(before, plain, "utf-32-le") == made
    cli.run(["--no-config", "--fix", "--quiet"])
    assert contents(folder) == made
    assert applied(before, rdjson, "utf-8") == made


def test_reports_count_in_their_own_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """With a BOM, CRLF, and what is more than one unit before the place."""
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + odd().encode())
    monkeypatch.chdir(tmp_path)
    ((_, region, text),) = in_sarif(reported("sarif", capsysbinary))
    assert (region["startLine"], region["startColumn"], text) == (7, 60, '"false"')
    (diagnostic,) = reported("rdjson", capsysbinary)["diagnostics"]
    assert diagnostic["suggestions"][0]["range"]["start"] == {"line": 7, "column": 62}
    (finding,) = reported("json", capsysbinary)["findings"]
    assert finding["fix"]["edits"][0]["location"]["column"] == 59
    assert cli.run(["--fix", "--quiet"]) == 0
    fixed_text = odd().replace("inject: false", 'inject: "false"')
    assert (tmp_path / "a.yaml").read_bytes() == b"\xef\xbb\xbf" + fixed_text.encode()


def odd() -> str:
    old = "      labels:\n        sidecar.istio.io/inject: false # no mesh\n"
    assert old in BAD
    new = '      labels: {a: "😀", sidecar.istio.io/inject: false}\n'.replace("a:", "team.a/name:")
    return BAD.replace(old, new).replace("\n", "\r\n")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one file that has a safe fix."""
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.yaml").write_text(BAD)
    monkeypatch.chdir(folder)
    return folder


def git(folder: Path, *words: str, given: bytes | None = None) -> str:
    done = subprocess.run(["git", *words], cwd=folder, input=given, capture_output=True, check=True)
    return done.stdout.decode()


Out = pytest.CaptureFixture[bytes]


@pytest.mark.parametrize(
    "words",
    [["--fix"], ["--fix", "."], ["--fix", "a.yaml"], ["a.yaml", "--fix"], ["--fix=safe", "--", "."],
     ["--fix=unsafe"], ["--fix", "--format", "json"]],
    ids=" ".join,
)  # fmt: skip
def test_fix(tree: Path, words: list[str], capsysbinary: Out) -> None:
    assert cli.run(words) == 0
    assert (tree / "a.yaml").read_text() == GOOD
    err = capsysbinary.readouterr().err.decode()
    assert "fixed 1 finding in 1 file" in err
    assert cli.run(words) == 0
    assert "fixed 0 findings in 0 files" in capsysbinary.readouterr().err.decode()


def test_a_path_is_no_value_of_fix(tree: Path) -> None:
    """`--fix unsafe` mends what is safe in a folder called unsafe."""
    (tree / "unsafe").mkdir()
    (tree / "unsafe/b.yaml").write_text(BAD)
    assert cli.run(["--fix", "unsafe", "-q"]) == 0
    assert (tree / "unsafe/b.yaml").read_text() == GOOD
    assert (tree / "a.yaml").read_text() == BAD


def test_only_unsafe_fixes_are_told_and_left(tree: Path, capsysbinary: Out) -> None:
    name = tree / "a.yaml"
    name.write_text(BAD.replace("inject: false", 'injected: "false"'))
    before = name.read_bytes()
    assert cli.run(["--fix"]) == 1
    out, err = capsysbinary.readouterr()
    assert name.read_bytes() == before
    assert b"(--fix=unsafe)" in out
    assert b"1 finding more with --fix=unsafe" in err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--fix", "-"], "standard input is no file"),
        (["--diff", "-"], "standard input is no file"),
        (["--fix", "--staged"], "no commit and no index"),
        (["--fix", "--rev", "HEAD"], "no commit and no index"),
        (["--fix", "--write-baseline"], "one after the other"),
        (["--diff", "--format", "json"], "goes to standard output"),
        (["--fix=all"], "invalid choice"),
    ],
)
def test_usage(tree: Path, words: list[str], why: str, capsysbinary: Out) -> None:
    try:
        code: object = cli.run(words)
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert why in capsysbinary.readouterr().err.decode()
    assert (tree / "a.yaml").read_text() == BAD


NAMES = ["a.yaml", "with space.yaml", "ü😀.yaml", 'say "x".yaml', "tab\tx.yaml", "deep/er/b.yml"]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "unended"])
@pytest.mark.parametrize("name", NAMES)
def test_git_applies_the_diff(
    name: str, last: bool, end: str, tree: Path, capsysbinary: Out
) -> None:
    text = (
        "kind: Namespace\napiVersion: v1\nmetadata:\n  name: a\n  labels:\n    istio-injection: off"
    )
    data = (text + ("\n" if last else "")).replace("\n", end).encode()
    (tree / "a.yaml").unlink()
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_bytes(data)
    assert cli.run(["--diff"]) == 1
    out, err = capsysbinary.readouterr()
    assert (tree / name).read_bytes() == data
    assert b"would fix 1 finding in 1 file" in err
    git(tree, "apply", "--check", given=out)
    git(tree, "apply", given=out)
    patched = (tree / name).read_bytes()
    (tree / name).write_bytes(data)
    assert cli.run(["--fix", "-q"]) == 0
    assert (tree / name).read_bytes() == patched != data


def test_diff_of_a_subfolder_is_named_from_the_root(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Out
) -> None:
    (tree / "sub").mkdir()
    (tree / "a.yaml").rename(tree / "sub/a.yaml")
    monkeypatch.chdir(tree / "sub")
    assert cli.run(["--diff", "-q"]) == 1
    out = capsysbinary.readouterr().out
    assert b"--- a/sub/a.yaml\n+++ b/sub/a.yaml\n" in out
    git(tree, "apply", "--check", given=out)


def test_diff_of_what_is_staged(tree: Path, capsysbinary: Out) -> None:
    """Of the index, whatever the files hold by now."""
    git(tree, "add", ".")
    (tree / "a.yaml").write_text("# nothing\n")
    assert cli.run(["--diff", "--staged", "-q"]) == 1
    git(tree, "apply", "--check", "--cached", given=capsysbinary.readouterr().out)
    assert (tree / "a.yaml").read_text() == "# nothing\n"


def test_diff_of_nothing(tree: Path, capsysbinary: Out) -> None:
    (tree / "a.yaml").write_text(GOOD)
    assert cli.run(["--diff", "-q"]) == 0
    assert capsysbinary.readouterr().out == b""


def test_diff_beside_a_report(tree: Path) -> None:
    assert cli.run(["--diff", "--exit-zero", "-q", "--output", "json:out.txt"]) == 0
    (finding,) = json.loads((tree / "out.txt").read_text())["findings"]
    assert finding["fix"]["edits"][0]["text"] == '"false"'


def test_unified_has_the_lines_of_git() -> None:
    """A carriage return or a line separator ends no line there."""
    before, after = "a\rb\u2028c\nd\x0ce", "a\rb\u2028c\nd\x0cf"
    assert unified("x", before.encode(), after.encode()) == (
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\rb\u2028c\n"
        "-d\x0ce\n\\ No newline at end of file\n+d\x0cf\n\\ No newline at end of file\n"
    )


# What is never changed.

SAFE_HEADS = ["# made by hand", "# a generator reads this", "# edit me", ""]
GENERATED = [
    "# DO NOT EDIT.", "# Code generated by x. DO NOT EDIT.", "# @generated", "# Autogenerated",
    "#   Please do not modify", "# This file was generated from x", "# Generated by kustomize",
]  # fmt: skip


@pytest.mark.parametrize("head", GENERATED)
@pytest.mark.parametrize("form", ["{head}\n{body}", "# x\n\n{head}\n---\n{body}",
                                  "kind: A\n---\n{head}\n{body}"])  # fmt: skip
def test_generated_files_stay(tree: Path, head: str, form: str) -> None:
    untouched(tree, form.format(head=head, body=BAD))


@pytest.mark.parametrize("head", SAFE_HEADS)
def test_other_comments_hinder_nothing(tree: Path, head: str) -> None:
    (tree / "a.yaml").write_text(f"{head}\n{BAD}# DO NOT EDIT\n")
    cli.run(["--fix", "-q"])
    assert (tree / "a.yaml").read_text() == f"{head}\n{GOOD}# DO NOT EDIT\n"


@pytest.mark.parametrize(
    "text",
    [
        "# Source: shop/templates/a.yaml\n" + BAD,
        BAD.replace("kind: Deployment", "kind: Deployment # kind: Secret"),
        BAD + "# stringData\n",
        BAD.replace("no mesh", "kpt-set: ${inject}"),
        BAD.replace("name: cart,", "name: '{{ .Values.name }}',"),
    ],
    ids=["rendered", "secret", "secret data", "setter", "template"],
)
def test_documents_that_stay(tree: Path, text: str) -> None:
    untouched(tree, text)


def untouched(tree: Path, text: str) -> None:
    (tree / "a.yaml").write_text(text)
    before = contents(tree)
    cli.run(["--fix=unsafe", "-q"])
    assert contents(tree) == before
    body = run(collect(["."]))
    assert offers(body, body.findings, collect(["."]).sources) == {}


def test_a_link_out_of_the_tree(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "out.yaml").write_text(BAD)
    (tree / "a.yaml").unlink()
    (tree / "a.yaml").symlink_to(tmp_path / "out.yaml")
    cli.run(["--fix", "-q", "a.yaml"])
    assert (tmp_path / "out.yaml").read_text() == BAD
    assert (tree / "a.yaml").is_symlink()


def test_a_link_in_the_tree_stays_one(tree: Path) -> None:
    """Its target is written once, though both are looked at."""
    (tree / "b.yaml").symlink_to("a.yaml")
    assert cli.run(["--fix", "-q"]) == 0
    assert (tree / "b.yaml").is_symlink()
    assert (tree / "a.yaml").read_text() == GOOD


def test_a_read_only_file(tree: Path) -> None:
    (tree / "a.yaml").chmod(0o444)
    assert cli.run(["--fix", "-q"]) == 1
    assert (tree / "a.yaml").read_text() == BAD


def test_a_file_with_two_names(tree: Path, tmp_path: Path) -> None:
    os.link(tree / "a.yaml", tmp_path / "other.yaml")
    assert cli.run(["--fix", "-q"]) == 1
    assert (tmp_path / "other.yaml").read_text() == BAD


def test_utf_16_is_left(tree: Path) -> None:
    data = BAD.encode("utf-16")
    (tree / "a.yaml").write_bytes(data)
    assert cli.run(["--fix", "-q"]) == 1
    assert (tree / "a.yaml").read_bytes() == data


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_the_mode_stays_and_nothing_is_left(tree: Path, mode: int) -> None:
    (tree / "a.yaml").chmod(mode)
    assert cli.run(["--fix", "-q"]) == 0
    assert (tree / "a.yaml").stat().st_mode & 0o777 == mode
    assert [path.name for path in tree.iterdir() if path.name != ".git"] == ["a.yaml"]


def test_a_file_that_was_changed_meanwhile(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Out
) -> None:
    """What somebody wrote after the file was read is not lost, and the other file is written."""
    (tree / "b.yaml").write_text(BAD.replace("cart", "basket"))
    theirs = BAD + "# theirs\n"

    def late(path: str, before: bytes, after: bytes) -> None:
        if path == "a.yaml":
            (tree / path).write_text(theirs)
        store(path, before, after)

    monkeypatch.setattr("meshlint.fix.store.store", late)
    assert cli.run(["--fix", "-q"]) == 3
    assert "a.yaml: the file was changed meanwhile" in capsysbinary.readouterr().err.decode()
    assert (tree / "a.yaml").read_text() == theirs
    assert (tree / "b.yaml").read_text() == GOOD.replace("cart", "basket")
    assert sorted(path.name for path in tree.glob("*.yaml")) == ["a.yaml", "b.yaml"]


def test_store_writes_nothing_over_other_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"now")
    with pytest.raises(Stale):
        store(str(tmp_path / "a"), b"then", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"now")]


# Fixes that do not hold what they promise.


def proposing(value: str) -> State:
    """A state in which the one finding has a fix that writes a value."""
    state = start("a.yaml")
    (finding,) = state.report.findings
    assert finding.fix is not None
    fix = Fix("Write it.", (Assign(finding.where, value),))
    found = (replace(finding, fix=fix),)
    return replace(state, report=replace(state.report, findings=found))


@pytest.mark.parametrize(("value", "kept"), [("false", True), ("maybe", False)])
def test_a_fix_that_brings_another_finding_is_not_made(tree: Path, value: str, kept: bool) -> None:
    state = proposing(value)
    wanted = offers(state.report, state.report.findings, state.sources)
    after = settled(state, wanted, lint)
    assert (len(after.made), len(after.refused)) == ((1, 0) if kept else (0, 1))
    assert bool(proven(state, wanted, lint)) is kept


def test_a_fix_that_mends_nothing_is_not_made(tree: Path) -> None:
    state = proposing("false")
    wanted = offers(state.report, state.report.findings, state.sources)
    assert settled(state, wanted, lambda _: state.report).made == ()


def test_a_bad_fix_does_not_hinder_good_ones(tree: Path) -> None:
    """Of many that are made together, those that hold are kept."""
    for number in range(5):
        (tree / f"{number}.yaml").write_text(BAD.replace("cart", f"c{number}"))
    state = start(".")
    bad = Fix("Write it.", (Assign(state.report.findings[2].where, "maybe"),))
    found = list(state.report.findings)
    found[2] = replace(found[2], fix=bad)
    state = replace(state, report=replace(state.report, findings=tuple(found)))
    after = settled(state, offers(state.report, found, state.sources), lint)
    assert (len(after.made), [f for f, _ in after.refused]) == (5, [found[2]])


def test_equal_edits_are_made_once(tree: Path) -> None:
    state = start("a.yaml")
    (finding,) = state.report.findings
    twin = replace(finding, code="MESH999", rule="twin")
    gone = replace(state.report, findings=())
    state = replace(state, report=replace(state.report, findings=(finding, twin)))
    wanted = offers(state.report, state.report.findings, state.sources)
    after = settled(state, wanted, lambda _: gone)
    assert len(after.made) == 2
    assert after.sources[0].read() == GOOD.encode()


def test_two_findings_of_one_rule_on_one_line(tree: Path) -> None:
    """Only the first is told of; the other comes to light when that is mended."""
    labels = "labels: {sidecar.istio.io/inject: false, istio.io/rev: 12}"
    text = re.sub(r"labels:\n.*\n", labels + "\n", BAD)
    (tree / "a.yaml").write_text(text)
    assert len(start("a.yaml").report.findings) == 1
    cli.run(["--fix", "-q"])
    fixed_text = text.replace(": false,", ': "false",').replace(": 12}", ': "12"}')
    assert (tree / "a.yaml").read_text() == fixed_text


def test_sources_are_told_apart_from_what_is_rendered(tree: Path) -> None:
    """What is no file is never changed, whatever its findings propose."""
    state = start("a.yaml")
    made = (Source("a.yaml", BAD.encode(), made="Chart.yaml"),)
    assert offers(state.report, state.report.findings, made) == {}
    assert offers(state.report, state.report.findings, ()) == {}


# The page about fixes, and repositories of other people.

PAGE = ROOT / "docs/fixes.md"


def test_the_page_shows_what_happens(tree: Path, capsysbinary: Out) -> None:
    text = PAGE.read_text()
    (manifest,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    ((words, shown),) = re.findall(r"```console\n\$ meshlint (.*?)\n(.*?)```", text, re.DOTALL)
    (tree / "a.yaml").unlink()
    (tree / "cart.yaml").write_text(manifest)
    assert cli.run([*words.split(), "--quiet"]) == 1
    assert capsysbinary.readouterr().out.decode() == shown


CORPUS = ROOT.parent / "shared/corpus"
SOME = ("arch-hcra+fl_eet_test", "kyverno+policies", "xunholy+k8s-gitops", "istio+istio")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the repositories (../shared) are not here")
@pytest.mark.parametrize("name", SOME)
def test_fixes_of_real_repositories(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that are offered are made; each is gone then, nothing is new, and none is left."""
    with tarfile.open(CORPUS / f"{name}.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path / name)
    before = start(".")
    found = offers(before.report, before.report.findings, before.sources)
    assert all(minimal(before.report, change) for change in found.values())
    after = fixed(before, lint, unsafe=True)
    assert after.made
    assert after.refused == ()
    assert counted(after.report) <= counted(before.report) - len(after.made)
    assert fixed(replace(after, made=()), lint, unsafe=True).made == ()
