"""The report for people: equal findings are told once, and codes lead to the rules' pages."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from meshlint.cli.streams import linked
from meshlint.finding import Level, Location, Origin, Related, Severity
from meshlint.report import render
from tests.conftest import ROOT
from tests.test_formats import FINDING, WHERE, report

SECOND = replace(WHERE, line=2, end_line=2, column=1, end_column=2)
LINK = re.compile(r"\x1b]8;;([^\x1b]*)\x1b\\([^\x1b]*)\x1b]8;;\x1b\\")


def heads(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\S.*:\d+:\d+: ", line)]


def test_equal_findings_are_one_with_all_places() -> None:
    text = render("text", report([FINDING, replace(FINDING, where=SECOND)]))
    assert len(heads(text)) == 1
    assert "\n  and odd dir/ü,:%].yaml:2:1 Namespace/shop\n" in text
    assert text.endswith("2 errors, 0 warnings, 0 notes in 1 file\n")


@pytest.mark.parametrize(
    "change",
    [
        {"message": "Something else."},
        {"code": "MESH105"},
        {"severity": Severity.NOTE},
        {"related": (Related("elsewhere", SECOND),)},
        {"origin": Origin(Level.TEMPLATE, "chart/templates/x.yaml")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_findings_that_say_more_are_told_by_themselves(change: dict[str, object]) -> None:
    other = replace(FINDING, where=SECOND, **change)  # type: ignore[arg-type]
    assert len(heads(render("text", report([FINDING, other])))) == 2


def test_every_place_is_told(tmp_path: Path) -> None:
    places = [replace(SECOND, path=f"{number}.yaml") for number in range(300)]
    text = render("text", report([replace(FINDING, where=where) for where in places]))
    assert all(f" {where.path}:2:1" in f" {text}".replace("\n", " ") for where in places)


def test_codes_lead_to_pages() -> None:
    text = render("text", report([FINDING]), links=True)
    assert LINK.findall(text) == [("https://meshlint.dev/rules/MESH104", "MESH104")]
    own = replace(FINDING, code="ACME001")
    assert "\x1b" not in render("text", report([own]), links=True)


def test_a_link_changes_no_other_byte() -> None:
    plain = render("text", report([FINDING]))
    assert LINK.sub(r"\2", render("text", report([FINDING]), links=True)) == plain


@pytest.mark.parametrize(
    ("set_", "told"),
    [({"FORCE_HYPERLINK": "1"}, True), ({"FORCE_HYPERLINK": "0", "TERM": "xterm"}, False), ({"TERM": "xterm"}, False)],
)  # fmt: skip
def test_links_into_a_file_only_where_forced(
    set_: dict[str, str], told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_HYPERLINK", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    assert linked() is told


@pytest.mark.parametrize(("term", "told"), [("xterm-256color", True), ("dumb", False)])
def test_links_on_a_terminal(term: str, told: bool, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: 'true'}}\n"
    )
    leader, follower = pty.openpty()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    words = [sys.executable, "-m", "meshlint", "-q", "--no-config", str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=follower, env={**kept, "TERM": term}) as process:
        os.close(follower)
        said = b""
        try:
            while part := os.read(leader, 4096):
                said += part
        except OSError:
            pass  # the terminal's other end was closed
        assert process.wait(60) == 1
    os.close(leader)
    assert bool(LINK.search(said.decode())) is told


def test_a_place_is_one_line() -> None:
    where = Location("a\nb\x1b.yaml", 1, 1, 1, 2)
    text = render("text", report([FINDING, replace(FINDING, where=where)]))
    assert "  and a\\nb\\x1b.yaml:1:1 Namespace/shop\n" in text
