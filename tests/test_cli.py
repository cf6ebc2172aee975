"""The command line: exit codes, streams, outputs, and words for what went wrong."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from meshlint import cli
from meshlint.cli import streams
from tests.manifests import namespace

CLEAN = namespace("shop", rev="asm-managed")
NOTE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: disabled, istio.io/rev: x}}\n"
WARNING = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: enabled, istio.io/rev: x}}\n"
ERROR = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: 'true'}}\n"
TEMPLATE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  {{- x }}\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file for each outcome."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("clean", CLEAN), ("note", NOTE), ("warning", WARNING), ("error", ERROR)):
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\n\tx: 1\n")
    return tmp_path


CODES = [
    ("clean", ["clean.yaml"], 0),
    ("a note is below the threshold", ["note.yaml"], 0),
    ("a note at the threshold", ["note.yaml", "--fail-on", "note"], 1),
    ("a warning", ["warning.yaml"], 1),
    ("a warning below the threshold", ["warning.yaml", "--fail-on", "error"], 0),
    ("an error", ["error.yaml", "--fail-on=error"], 1),
    ("exit zero", ["error.yaml", "--exit-zero"], 0),
    ("the format changes nothing", ["error.yaml", "--format", "sarif"], 1),
    ("nor does json", ["error.yaml", "--format", "json"], 1),
    ("broken YAML is a finding", ["broken.yaml"], 1),
    ("nothing but templates", ["template.yaml"], 3),
    ("no such file", ["gone.yaml"], 3),
    ("no such file beside findings", ["gone.yaml", "error.yaml"], 3),
    ("exit zero does not hide what was not read", ["gone.yaml", "--exit-zero"], 3),
    ("the word lint", ["lint", "clean.yaml"], 0),
    ("unknown format", ["--output", "xml:out", "clean.yaml"], 2),
    ("output without a file", ["--output", "sarif:", "clean.yaml"], 2),
    ("two reports for one stream", ["--output", "json", "--output", "sarif", "clean.yaml"], 2),
    ("no such folder for the report", ["--output", "json:no/such/x.json", "clean.yaml"], 2),
    ("unknown rule", ["explain", "MESH999"], 2),
    ("explain", ["explain", "MESH104"], 0),
    ("explain by name", ["explain", "namespace-conflicting-labels"], 0),
    ("rules", ["rules"], 0),
]


@pytest.mark.parametrize(("words", "code"), [c[1:] for c in CODES], ids=[c[0] for c in CODES])
def test_exit_codes(tree: Path, words: list[str], code: int) -> None:
    assert cli.run(words) == code


def test_wrong_usage_exits_with_two(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.run(["--no-such-option"])
    assert caught.value.code == 2
    assert "usage: meshlint" in capfd.readouterr().err


def test_an_empty_folder_is_not_green(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run([str(tmp_path)]) == 3
    assert "nothing was checked" in capfd.readouterr().err


def test_a_path_named_like_a_command(tree: Path) -> None:
    (tree / "rules").mkdir()
    (tree / "rules/a.yaml").write_text(ERROR)
    assert cli.run(["./rules"]) == 1


def test_streams(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output carries the report alone."""
    cli.run(["--format", "json", "error.yaml", "gone.yaml"])
    out, err = capfd.readouterr()
    assert json.loads(out)["complete"] is False
    assert "gone.yaml" in err
    cli.run(["-q", "error.yaml"])
    out, err = capfd.readouterr()
    assert err == ""
    assert out.startswith("error.yaml:3:47: error MESH101 ")


def test_text_report(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cli.run(["-q", "error.yaml"])
    out = capfd.readouterr().out
    frame = "  3 | metadata: {name: a, labels: {istio-injection: 'true'}}\n    |"
    assert frame in out
    assert "^^^^^^\n" in out
    assert out.endswith("1 error, 0 warnings, 0 notes in 1 file\n")


def test_color_only_where_asked(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cli.run(["-q", "error.yaml"])
    assert "\x1b" not in capfd.readouterr().out
    cli.run(["-q", "error.yaml", "--color", "always"])
    assert "\x1b[31m" in capfd.readouterr().out


def test_several_outputs(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = cli.run(
        [
            "-q",
            "--output",
            "sarif:a.sarif",
            "--output",
            "json:a.json",
            "--output",
            "text",
            "error.yaml",
        ]
    )
    assert code == 1
    assert json.loads((tree / "a.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((tree / "a.json").read_text())["version"] == 1
    assert "MESH101" in capfd.readouterr().out
    assert not list(tree.glob(".*.tmp"))


def test_the_summary_counts_what_was_not_checked(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cli.run(["."])
    err = capfd.readouterr().err
    assert "looked at 6 files with 4 objects: 4 namespaces" in err
    assert "not checked: templates not rendered (1)" in err
    assert "not checked: documents that are not valid YAML (1)" in err


def test_verbose_lists_the_places(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cli.run(["-v", "."])
    assert "template.yaml:1:" in capfd.readouterr().err


def test_terminal_escapes_are_neutralised(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tree / "evil.yaml").write_text(ERROR.replace("'true'", '"\\e]0;x\\a::error::y\\n\\u202e"'))
    cli.run(["-q", "evil.yaml"])
    out = capfd.readouterr().out
    assert "MESH101" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert not any(line.startswith("::") for line in out.splitlines())


def meshlint(
    *words: str, stdin: bytes = b"", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-m", "meshlint", *words]
    return subprocess.run(
        command, input=stdin, capture_output=True, check=False, cwd=cwd, timeout=60
    )


def test_standard_input() -> None:
    done = meshlint("-q", "-", stdin=ERROR.encode())
    assert done.returncode == 1
    assert done.stdout.startswith(b"<stdin>:3:47: error MESH101")


def test_a_closed_pipe_is_no_traceback(tree: Path) -> None:
    """As in `meshlint . | head -1`."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-I", "-m", "meshlint", "-q", "error.yaml"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 3


def test_links_out_and_large_files_are_named_and_change_no_exit_code(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tree / "repository"
    folder.mkdir()
    (folder / "clean.yaml").write_text(CLEAN)
    (folder / "link.yaml").symlink_to(tree / "error.yaml")
    assert cli.run(["repository"]) == 0
    assert "repository/link.yaml: links that lead out of the tree" in capfd.readouterr().err


HEAVY = {"yaml", "jsonschema", "subprocess", "hypothesis", "cryptography", "rich"}


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_help_and_version_import_nothing_heavy(word: str) -> None:
    command = [sys.executable, "-X", "importtime", "-I", "-m", "meshlint", word]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True)
    loaded = {line.rsplit("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert not loaded & HEAVY


def test_linting_imports_no_schema_library() -> None:
    command = [sys.executable, "-X", "importtime", "-I", "-m", "meshlint", "-q", "-"]
    done = subprocess.run(
        command, input=CLEAN, capture_output=True, check=True, timeout=60, text=True
    )
    loaded = {line.rsplit("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert not loaded & {"jsonschema", "cryptography", "rich"}


def test_a_file_of_the_scanned_tree_is_never_imported(tree: Path) -> None:
    (tree / "yaml.py").write_text("raise SystemExit('imported')\n")
    assert meshlint("-q", "clean.yaml", cwd=tree).returncode == 0


def test_the_order_of_paths_does_not_matter(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cli.run(["-q", "error.yaml", "warning.yaml", "note.yaml", "broken.yaml"])
    first = capfd.readouterr().out
    cli.run(["-q", "broken.yaml", "note.yaml", "error.yaml", "warning.yaml", "error.yaml"])
    assert capfd.readouterr().out == first


def test_an_internal_error_costs_one_rule_and_is_said(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from meshlint.rules.registry import MESH_RULES

    def broken(_: object) -> None:
        raise ValueError("planted")

    monkeypatch.setitem(MESH_RULES, "webhook-leftover", broken)
    assert cli.run(["error.yaml"]) == 3
    out, err = capfd.readouterr()
    assert "MESH101" in out
    assert "internal error in rule webhook-leftover: ValueError: planted" in err
    assert "Traceback" not in err


def test_a_report_into_a_pipe_leaves_the_pipe(tmp_path: Path) -> None:
    """Nothing but a plain file is put aside and replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        streams.replace(pipe, "told\n")
        assert os.read(reader, 100) == b"told\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
