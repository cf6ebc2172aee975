"""Suppressions: in comments, annotations and the configuration, and what is said of faulty ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshlint import cli
from meshlint.engine import run as lint
from meshlint.facts import facts
from meshlint.finding import Finding, Hit
from meshlint.rules.registry import MESH_RULES
from meshlint.source.comments import comments
from meshlint.source.files import STDIN, Collection, Source
from tests.conftest import ROOT, Run, write
from tests.manifests import namespace, workload
from tests.test_git import Repository, repo

__all__ = ["repo"]

TWO = """\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
    istio.io/rev: asm-1233-2
"""
"""MESH104 is found on line 6, and nothing else."""


EXCUSED = TWO.replace("enabled", "enabled # meshlint: ignore[MESH104] see ADR 7")
"""It is suppressed there."""


def report(text: str | bytes, path: str = STDIN) -> Any:
    data = text.encode() if isinstance(text, str) else text
    done = lint(Collection([Source(path, data)]))
    assert not done.failures
    return done


def places(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    return [(finding.code, finding.where.line) for finding in findings]


# What a comment says

SAID = [
    ("a code", "# meshlint: ignore[MESH104] why", "why"),
    ("a name", "# meshlint: ignore[namespace-conflicting-labels] why", "why"),
    ("in another case", "# meshlint: ignore[mesh104] why", "why"),
    ("a name in capitals", "# meshlint: ignore[NAMESPACE_CONFLICTING_LABELS] why", "why"),
    ("among others", "# meshlint: ignore[MESH101,MESH104 ,MESH102] why", "why"),
    ("without commas", "# meshlint: ignore[MESH101 MESH104] why", "why"),
    ("no reason", "# meshlint: ignore[MESH104]", ""),
    ("no spaces", "#meshlint:ignore[MESH104]why", "why"),
    ("many spaces", "##   meshlint :  ignore  [ MESH104 ]   why   so  ", "why so"),
    ("a colon before the reason", "# meshlint: ignore[MESH104]: why", "why"),
    ("dashes before the reason", "# meshlint: ignore[MESH104] -- why - so", "why - so"),
    ("brackets in the reason", "# meshlint: ignore[MESH104] see [1]", "see [1]"),
    ("a mark in the reason", "# meshlint: ignore[MESH104] see # 12", "see # 12"),
    ("letters of any kind", "# meshlint: ignore[MESH104] Größe 𝕊", "Größe 𝕊"),
    ("a last day", "# meshlint: ignore[MESH104 until=2199-01-31] why", "why"),
    ("a last day with a comma", "# meshlint: ignore[MESH104, until=2199-01-31] why", "why"),
    ("a last day in front", "# meshlint: ignore[UNTIL=2199-01-31 MESH104] why", "why"),
    ("one of two is there", "# meshlint: ignore[MESH104, MESH999] why", "why"),
    ("another rule", "# meshlint: ignore[MESH101] why", None),
    ("part of a code", "# meshlint: ignore[MESH1] why", None),
    ("no list", "# meshlint: ignore why", None),
    ("an empty list", "# meshlint: ignore[] why", None),
    ("an open list", "# meshlint: ignore[MESH104 why", None),
    ("any rule", "# meshlint: ignore[*] why", None),
    ("no colon", "# meshlint ignore[MESH104] why", None),
    ("another word", "# meshlint: disable[MESH104] why", None),
    ("a last day that is over", "# meshlint: ignore[MESH104 until=2020-01-31] why", None),
    ("a date of another form", "# meshlint: ignore[MESH104 until=31.1.2199] why", None),
    ("no day of the calendar", "# meshlint: ignore[MESH104 until=2199-02-30] why", None),
    (
        "a faulty date beside a good one",
        "# meshlint: ignore[MESH104 until=x until=2199-01-01]",
        None,
    ),
    ("a date without a value", "# meshlint: ignore[MESH104 until=] why", None),
    ("commented out", "# # meshlint: ignore[MESH104] why", None),
    ("in prose", "# as in meshlint: ignore[MESH104] why", None),
    ("no comment", "", None),
]


@pytest.mark.parametrize(("comment", "reason"), [row[1:] for row in SAID], ids=[s[0] for s in SAID])
def test_what_is_said(comment: str, reason: str | None) -> None:
    lines = TWO.splitlines(keepends=True)
    trailing = [*lines[:5], f"{lines[5].rstrip()} {comment}\n", *lines[6:]]
    above = [*lines[:5], f"    {comment}\n", *lines[5:]]
    for text, line in (("".join(trailing), 6), ("".join(above), 7)):
        done = report(text)
        assert (("MESH104", line) in places(done.findings)) is (reason is None)
        assert [f.suppression.reason for f in done.suppressed] == ([] if reason is None else [reason])  # fmt: skip
        for finding in done.suppressed:
            told = finding.suppression.where
            shown = text.splitlines()[told.line - 1][told.column - 1 : told.end_column - 1]
            assert (shown, finding.suppression.inside) == (comment.rstrip(), True)


# Where it stands

LINES = "# meshlint: ignore[MESH104]"
AT: list[tuple[str, str, list[int]]] = [
    ("on the line", "istio-injection: enabled # @", [1]),
    ("above", "# @\nistio-injection: enabled", [2]),
    ("in a run of comments", "# @\n# so\n# and so\nistio-injection: enabled", [4]),
    ("at the end of a run", "# so\n# @\nistio-injection: enabled", [3]),
    ("two above each other", "# @\n# @\nistio-injection: enabled", [3]),
    ("another indentation", "        # @\n# so\nistio-injection: enabled", [3]),
    ("a tab before it", "istio-injection: enabled\t# @", [1]),
    ("above, behind a blank line", "# @\n\nistio-injection: enabled", []),
    ("below", "istio-injection: enabled\n# @", []),
    ("on the line above", "a: b # @\nistio-injection: enabled", []),
    ("at the related place", "istio-injection: enabled\nistio.io/rev: b # @", []),
    ("after a quoted value", 'istio-injection: "enabled" # @', [1]),
    ("after a quoted key", "'istio-injection': enabled # @", [1]),
    ("in a quoted value", 'a: "\n  # @\n  "\nistio-injection: enabled', []),
    ("in a single-quoted value", "a: 'x # @'\nistio-injection: enabled", []),
    ("in a block", "a: |\n  # @\nistio-injection: enabled", []),
    ("in a folded block", "a: >-\n  x\n  # @\n\nistio-injection: enabled", []),
    ("under a block", "a: |\n  x\n# @\nistio-injection: enabled", [4]),
    ("behind the mark of a block", "istio-injection: enabled\na: | # @\n  x", []),
    ("for the document, above", "# +document\nistio-injection: enabled", [2]),
    ("for the document, below", "istio-injection: enabled\na: b # +document", [1]),
    ("for the file, not at its head", "# +file\nistio-injection: enabled", []),
]  # fmt: skip


def spelled(text: str) -> str:
    text = text.replace("@", LINES[2:])
    for word in ("document", "file"):
        text = text.replace(f"+{word}", f"meshlint: ignore-{word}[MESH104]")
    return text


@pytest.mark.parametrize(("labels", "lines"), [row[1:] for row in AT], ids=[row[0] for row in AT])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_where_it_stands(labels: str, lines: list[int], encoding: str, end: str) -> None:
    head = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n"
    body = "".join(f"    {line}\n" if line else "\n" for line in labels.split("\n"))
    rev = "" if "istio.io/rev" in labels else "    istio.io/rev: a\n"
    text = spelled(head + body + rev).replace("\n", end)
    done = report(text.encode(encoding))
    assert [line - 5 for code, line in places(done.suppressed) if code == "MESH104"] == lines
    assert ("MESH104" in {f.code for f in done.findings}) is not bool(lines)


FLOW = """\
{apiVersion: v1, kind: Namespace, metadata: {name: shop,
  # meshlint: ignore[MESH104] in a flow map
  labels: {istio-injection: enabled, "a": "# meshlint: ignore[MESH103] no",
    istio.io/rev: a, istio-injektion: x}}} # meshlint: ignore[MESH103] behind it
"""


def test_flow_style() -> None:
    assert places(report(FLOW).suppressed) == [("MESH104", 3), ("MESH103", 4)]


TWICE = f"{TWO}---\n{TWO.replace('shop', 'till')}"
WIDE: list[tuple[str, str, list[int]]] = [
    ("the first document", f"# @document\n{TWICE}", [7]),
    ("the second, above its mark", f"{TWO}---\n# a head\n---\n# @document\n{TWO}", [17]),
    ("the second, under its mark", f"{TWO}---\n# @document\n{TWO}", [15]),
    ("in its last line", f"{TWO}---\n{TWO}# @document\n", [14]),
    ("above the first mark", f"# @document\n---\n{TWICE}", [8]),
    ("between two documents", f"{TWO}# @document\n---\n{TWO}", [6]),
    ("the file", f"# @file\n{TWICE}", [7, 15]),
    ("the file, behind a mark", f"# a\n---\n\n# @file\n\n{TWICE}", [11, 19]),
    ("the file, behind a directive", f"%YAML 1.1\n# @file\n---\n{TWICE}", [9, 17]),
    ("the file, under its first key", TWICE.replace("kind", "# @file\nkind", 1), []),
    ("the file, in its second document", f"{TWO}---\n# @file\n{TWO}", []),
    ("the file, from its end", f"{TWICE}# @file\n", []),
    ("not one file in another's", TWICE, []),
]


@pytest.mark.parametrize(("text", "lines"), [row[1:] for row in WIDE], ids=[w[0] for w in WIDE])
def test_documents_and_files(text: str, lines: list[int]) -> None:
    text = text.replace("@", "meshlint: ignore-").replace("-document", "-document[MESH104]")
    done = report(text.replace("-file", "-file[MESH104]"))
    assert [line for code, line in places(done.suppressed) if code == "MESH104"] == lines
    found = [line for code, line in places((*done.findings, *done.suppressed)) if code == "MESH104"]
    assert len(found) == (1 if text.count("kind") == 1 else 2)


# Comments and what only looks like some

PIECES = st.sampled_from(
    [
        ("{i}# meshlint: real\n", 1),
        ("{i}k{n}: v # meshlint: real\n", 1),
        ('{i}k{n}: "v # meshlint: no" # meshlint: real\n', 1),
        ('{i}k{n}: "v # meshlint: no"\n', 0),
        ("{i}k{n}: 'it''s # meshlint: no'\n", 0),
        ("{i}k{n}: v#meshlint no\n", 0),
        ("{i}k{n}: |\n{i}  # meshlint: no\n\n{i}  text # meshlint: no\n", 0),
        ("{i}k{n}: >- # meshlint: real\n{i}   # meshlint: no\n", 1),
        ("{i}k{n}:\n{i}- |\n{i}  # meshlint: no\n{i}- v # meshlint: real\n", 1),
        ("{i}k{n}:\n{i}  - a: |\n{i}      # meshlint: no\n{i}    b: c # meshlint: real\n", 1),
        ("{i}k{n}: [a, 'b # meshlint: no'] # meshlint: real\n", 1),
        ("{i}k{n}: it's # meshlint: real\n", 1),
        ('{i}k{n}: "v # meshlint: no\n{i}  w"\n', 0),
        ("\n", 0),
    ]
)


@given(st.lists(PIECES, max_size=6), st.booleans(), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_comments_are_told_from_strings(
    pieces: list[tuple[str, int]], nested: bool, template: bool, end: str
) -> None:
    """By the parser and, in a template that is no YAML, by its lines: the same answer."""
    indent = "  " if nested else ""
    head = "top:\n" if nested else "top: x\n"
    body = "".join(text.format(i=indent, n=n) for n, (text, _) in enumerate(pieces))
    action = f"{indent}{{{{- if .Values.x }}}}\n" if template else ""
    text = f"{head}{action}{body}".replace("\n", end)
    found = list(comments(text, "meshlint"))
    assert [text[c.start : c.end] for c in found] == ["# meshlint: real"] * sum(n for _, n in pieces)  # fmt: skip


TEMPLATES = [
    ("a template's comment", "{{/* @ why */}}\n    a: b", [("a: b", "why")]),
    ("trimmed", "{{- /* @ why */ -}}\n    a: b", [("a: b", "why")]),
    ("on the line", "a: {{ .b }} {{/* @ why */}}", [("a: {{", "why")]),
    ("of several lines", "{{/* @ why\n  and so */}}\n    a: b", [("a: b", "why and so")]),
    ("YAML's comment", "# @ {{ .why }}\n    {{ .a }}: b", [("{{ .a }}: b", "{{ .why }}")]),
    ("above an action", "# @ why\n    {{- if .a }}\n    a: b", [("{{- if", "why")]),
    ("in an action's string", '{{- $a := "# @" }}\n    a: b', []),
    ("in a block of text", "a: |\n      # @\n      {{ .x }}\n    b: c", []),
    ("in a block, of the template", "a: |\n      {{/* @ why */}}\n      b", [("b", "why")]),
    ("another kind of comment", "{{/* see @ */}}\n    a: b", []),
]


@pytest.mark.parametrize(("lines", "told"), [t[1:] for t in TEMPLATES], ids=[t[0] for t in TEMPLATES])  # fmt: skip
def test_templates_that_are_no_yaml(lines: str, told: list[tuple[str, str]]) -> None:
    text = f"kind: Namespace\nmetadata:\n  labels:\n    {{{{- with .x }}}}\n    {lines}\n    {{{{- end }}}}\n"  # fmt: skip
    found = facts("t.yaml", text.replace("@", LINES[2:]).encode()).ignores
    rows = text.splitlines()
    reach: Any = [ignore.reach for ignore in found]
    assert [ignore.reason for ignore in found] == [reason for _, reason in told]
    assert all(rows[r.first - 1].strip().startswith(start) for r, (start, _) in zip(reach, told, strict=True))  # fmt: skip


def test_the_head_of_a_template() -> None:
    """Its comments and actions are no content."""
    head = "{{- /*\nLicensed to you\n*/ -}}\n{{- if .x }}\n# meshlint: ignore-file[MESH104] why\n"
    (ignore,) = facts("t.yaml", f"{head}{TWO}{{{{ end }}}}\n".encode()).ignores
    reach: Any = ignore.reach
    assert (ignore.flaws, reach.first, reach.last) == ((), 1, 13)
    (late,) = facts("t.yaml", f"a: b\n{head}{TWO}{{{{ end }}}}\n".encode()).ignores
    assert late.flaws


# Annotations

NOTES: list[tuple[str, str, list[str]]] = [
    ("one", "MESH104: why", ["MESH104 why"]),
    ("a name", "namespace-conflicting-labels: why", ["MESH104 why"]),
    ("two", "MESH104: why; MESH103: so", ["MESH103 so", "MESH104 why"]),
    ("two for one reason", "MESH104, MESH103: why", ["MESH103 why", "MESH104 why"]),
    ("on lines", "MESH104: why\n\nmesh103: so: and so\n", ["MESH103 so: and so", "MESH104 why"]),
    ("no reason", "MESH104;MESH103", ["MESH103 ", "MESH104 "]),
    ("a last day", "MESH104 until=2199-01-31: why", ["MESH104 why"]),
    ("over", "MESH104 until=2020-01-31: why; MESH103: so", ["MESH103 so"]),
    ("no rule", "true", []),
    ("nothing", "", []),
    ("another rule", "MESH101: why", []),
]


@pytest.mark.parametrize(("note", "told"), [row[1:] for row in NOTES], ids=[n[0] for n in NOTES])
@pytest.mark.parametrize("style", ["yaml", "json"])
def test_annotations(note: str, told: list[str], style: str) -> None:
    labels = {"istio-injection": "enabled", "istio.io/rev": "a", "istio-injektion": "x"}
    meta = {"name": "shop", "annotations": {"meshlint.dev/ignore": note}, "labels": labels}
    body: Any = {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
    text = json.dumps(body, indent=2 if style == "json" else None)
    path = "a.json" if style == "json" else "a.yaml"
    other = text.replace("shop", "till").replace(json.dumps(note), '"-"')
    done = report(f"{text}\n---\n{other}\n" if style == "yaml" else text, path)
    found = sorted(f"{f.code} {f.suppression.reason}" for f in done.suppressed)
    assert found == told
    kept = [f.subject.name for f in done.findings if f.code in ("MESH103", "MESH104")]
    assert kept.count("shop") == 2 - len(told)
    assert kept.count("till") == (2 if style == "yaml" else 0)


LIST = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: a, annotations: {meshlint.dev/ignore: "MESH104: a"}, labels: &l {istio-injection: enabled, istio.io/rev: r}}}
- {apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {istio-injection: enabled, istio.io/rev: r}}}
"""


def test_annotations_are_about_their_object_alone() -> None:
    done = report(LIST)
    assert [f.subject.name for f in done.suppressed] == ["a"]
    assert [f.subject.name for f in done.findings if f.code == "MESH104"] == ["b"]


def test_annotations_are_about_their_document_alone() -> None:
    """Two copies of an object, as for two clusters."""
    noted = TWO.replace(
        "  labels:", '  annotations: {meshlint.dev/ignore: "MESH104: a"}\n  labels:'
    )
    done = report(f"{noted}---\n{TWO}")
    assert (places(done.suppressed), places(done.findings)) == ([("MESH104", 7)], [("MESH104", 15)])


def test_annotations_that_are_filled_in_later() -> None:
    text = TWO.replace("  labels:", '  annotations: {meshlint.dev/ignore: "${WHY}"}\n  labels:')
    assert [f.code for f in report(text).findings] == ["MESH104"]


def test_annotations_of_pods() -> None:
    note = '      annotations: {meshlint.dev/ignore: "MESH102: why"}\n'
    text = workload(inject='"maybe"')
    assert [f.code for f in report(text).findings] == ["MESH102"]
    done = report(text.replace("    metadata:\n", f"    metadata:\n{note}"))
    assert (places(done.findings), [f.code for f in done.suppressed]) == ([], ["MESH102"])


def test_an_annotation_changes_nothing_else(tmp_path: Path, run: Run) -> None:
    """No rule reports it, and no decision depends on it."""
    plain = namespace("shop", injection="enabled") + "---\n" + workload()
    noted = plain.replace("  name:", '  annotations: {meshlint.dev/ignore: "MESH103 until=2199-01-01: why"}\n  name:')  # fmt: skip
    answers = []
    for text in (plain, noted):
        (tmp_path / "a.yaml").write_text(text)
        assert run(str(tmp_path), "--select", "labels")[1]["findings"] == []
        answer = run("why", "deploy/cart", str(tmp_path))[1]["workloads"][0]
        answers.append((answer["verdict"], answer["revision"]))
    assert answers[0] == answers[1]


# Days


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (1, True)])
def test_the_last_day_counts(days: int, holds: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(now.timestamp())))
    day = (now + timedelta(days=days)).date().isoformat()
    done = report(TWO.replace("enabled", f"enabled # meshlint: ignore[MESH104 until={day}] why"))
    assert [f.code for f in done.suppressed] == (["MESH104"] if holds else [])
    assert [(f.code, f.severity.value) for f in done.findings] == (
        [] if holds else [("MESH104", "warning"), ("MESH005", "warning")]
    )


# The configuration


def found(answer: Any, key: str = "findings") -> list[tuple[str, str, int]]:
    return [(f["code"], f["location"]["path"], f["location"]["line"]) for f in answer[key]]


def excuses(answer: Any) -> list[tuple[str, str, str, int]]:
    """Code, kind, reason, and the line where it is said, of what is suppressed."""
    told = [(f["code"], f["suppression"]) for f in answer["suppressed"]]
    return [(code, t["kind"], t["reason"], t["location"]["line"]) for code, t in told]


ENTRIES: list[tuple[str, str, bool]] = [
    ("a path", "{rules: [MESH104], paths: [apps/**]}", True),
    ("a name", "{rules: [namespace-conflicting-labels], paths: [apps]}", True),
    ("several rules", "{rules: [MESH101, mesh104], paths: ['*/ns.yaml']}", True),
    ("an object", "{rules: [MESH104], objects: [Namespace/shop]}", True),
    ("an object by a pattern", "{rules: [MESH104], objects: ['namespace/s*']}", True),
    ("any kind", "{rules: [MESH104], objects: ['*/shop']}", True),
    ("both", "{rules: [MESH104], paths: [apps], objects: [Namespace/shop]}", True),
    ("a last day", "{rules: [MESH104], paths: [apps], until: 2199-01-31}", True),
    ("a last day in quotes", "{rules: [MESH104], paths: [apps], until: '2199-01-31'}", True),
    ("another path", "{rules: [MESH104], paths: [ns.yaml, platform]}", False),
    ("another rule", "{rules: [MESH101], paths: [apps]}", False),
    ("another kind", "{rules: [MESH104], objects: [Deployment/shop]}", False),
    ("a namespace that it has not", "{rules: [MESH104], objects: [Namespace/shop/shop]}", False),
    ("its path and another object", "{rules: [MESH104], paths: [apps], objects: [Namespace/till]}", False),
    ("another path and its object", "{rules: [MESH104], paths: [a], objects: [Namespace/shop]}", False),
    ("over", "{rules: [MESH104], paths: [apps], until: 2020-01-31}", False),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "holds"), [e[1:] for e in ENTRIES], ids=[e[0] for e in ENTRIES])
@pytest.mark.parametrize("here", [".", "apps"])
def test_entries(
    entry: str, holds: bool, here: str, tree: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """Paths begin at the top of the tree, wherever somebody stands."""
    write(tree, {".git/HEAD": "ref: refs/heads/main\n", "apps/ns.yaml": TWO})
    write(tree, {".meshlint.yaml": f"ignore:\n- {entry[:-1]}, reason: 'why\n  so'}}\n"})
    monkeypatch.chdir(tree / here)
    _, answer, _ = run("--show-suppressed")
    assert excuses(answer) == ([("MESH104", "configuration", "why so", 2)] if holds else [])
    assert ("MESH104" in {code for code, *_ in found(answer)}) is not holds


WORKLOADS = [
    ("Deployment/shop/cart", True),
    ("Deployment/cart", True),
    ("*/shop/*", True),
    ("deployment/sh?p/c*", True),
    ("Deployment/till/cart", False),
    ("Deployment/shop/car", False),
    ("Deployment/Shop/cart", False),
]


@pytest.mark.parametrize(("name", "holds"), WORKLOADS)
def test_objects_in_namespaces(name: str, holds: bool, tree: Path, run: Run) -> None:
    write(tree, {"a.yaml": workload(inject='"maybe"')})
    write(tree, {".meshlint.yaml": f"ignore:\n- {{rules: [MESH102], objects: ['{name}']}}\n"})
    _, answer, _ = run()
    assert answer["counts"]["suppressed"] == holds


REFUSED = [
    ("{rules: [MESH999], paths: [a]}", "1:19: no rule is called 'MESH999'"),
    ("{rules: [labels], paths: [a]}", "1:19: 'labels' means several rules: name each"),
]


@pytest.mark.parametrize(("entry", "said"), REFUSED)
def test_entries_with_rules_that_are_none(entry: str, said: str, tree: Path, run: Run) -> None:
    write(tree, {"a.yaml": TWO, ".meshlint.yaml": f"ignore: [{entry}]\n"})
    code, _, words = run()
    assert code == 2
    assert f".meshlint.yaml:{said}" in words, words


def test_reasons_may_be_required(tree: Path, run: Run) -> None:
    """Each without one is reported, and has its effect; one that is over is reported as that."""
    text = TWO.replace("enabled", "enabled # meshlint: ignore[MESH104]{}")
    noted = TWO.replace("labels:", 'annotations: {meshlint.dev/ignore: "MESH104"}\n  labels:')
    write(tree, {"a.yaml": text.format(""), "b.yaml": text.format(" why"), "c.yaml": noted})
    write(tree, {"d.yaml": TWO, "e.yaml": text.format("").replace("104]", "104 until=2020-01-01]")})
    entry = "- {rules: [MESH104], paths: [d.yaml]}\n"
    write(tree, {".meshlint.yaml": f"requireReasons: true\nignore:\n{entry}"})
    code, answer, _ = run()
    assert (code, answer["counts"]["suppressed"]) == (1, 4)
    assert found(answer) == [
        ("MESH006", ".meshlint.yaml", 3),
        ("MESH006", "a.yaml", 6),
        ("MESH006", "c.yaml", 5),
        ("MESH104", "e.yaml", 6),
        ("MESH005", "e.yaml", 6),
    ]


def test_faults_of_suppressions_are_suppressed_by_the_configuration_alone(
    tree: Path, run: Run
) -> None:
    write(tree, {"a.yaml": TWO.replace("enabled", "enabled # meshlint: ignore[MESH006, MESH1]")})
    assert found(run()[1]) == [("MESH104", "a.yaml", 6), ("MESH006", "a.yaml", 6)]
    entry = "{rules: [MESH006, MESH104], paths: [a.yaml], reason: not ours}"
    write(tree, {".meshlint.yaml": f"ignore: [{entry}]\n"})
    code, answer, _ = run("--show-suppressed")
    assert (code, found(answer)) == (0, [])
    assert [f["code"] for f in answer["suppressed"]] == ["MESH104", "MESH006"]


# What is of no use

STALE = (
    namespace("shop", injection="enabled") + "    # meshlint: ignore[MESH104] long gone\n    c: d\n"
)
WHOLE: list[tuple[str, tuple[str, ...], dict[str, str], bool]] = [
    ("all of the tree", (), {}, True),
    ("all of the tree by another name", ("../tree",), {}, True),
    ("a part of it", ("apps",), {}, False),
    ("a file", ("apps/ns.yaml",), {}, False),
    ("without the configuration", ("--no-config",), {}, False),
    ("with a namespace for all", ("-n", "x"), {}, False),
    ("something that is not rendered", (), {"b.yaml": "kind: Namespace\n{{ .x }}\n"}, False),
    ("placeholders", (), {"b.yaml": TWO.replace("shop", "${X}").replace("enabled", "x")}, False),
    ("values of a chart", (), {"values.yaml": "a: b\n"}, False),
    ("what is excluded", (), {".meshlint.yaml": "exclude: [v]\n", "v/b.yaml": "{{ x }}\n"}, True),
    ("what nobody reads", (), {"b.yaml": "apiVersion: x/v1\nkind: Y\nmetadata: {name: a}\n"}, True),
    ("an overlay", (), {"kustomization.yaml": "kind: Kustomization\nresources: [apps/ns.yaml]\n"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("words", "files", "told"), [w[1:] for w in WHOLE], ids=[w[0] for w in WHOLE])  # fmt: skip
def test_rules_over_all_files_are_idle_only_where_all_is_seen(
    words: tuple[str, ...], files: dict[str, str], told: bool, tree: Path, run: Run
) -> None:
    write(tree, {"apps/ns.yaml": STALE, **files})
    _, answer, _ = run(*words)
    assert ("MESH004" in {code for code, *_ in found(answer)}) is told


IDLE = TWO.replace("    istio.io/rev: asm-1233-2\n", "").replace("enabled", "enabled # meshlint: ignore[MESH103]")  # fmt: skip
ONE: list[tuple[str, str, dict[str, str], bool]] = [
    ("a file", IDLE, {}, True),
    ("beside what was not rendered", IDLE, {"b.yaml": "kind: Namespace\n{{ .x }}\n"}, True),
    ("beside a kustomization", IDLE, {"apps/kustomization.yaml": "resources: [ns.yaml]\n"}, False),
    ("below one", IDLE, {"Kustomization": "resources: [apps/ns.yaml]\n"}, False),
    ("above one", IDLE, {"apps/b/kustomization.yml": "resources: [c.yaml]\n"}, True),
    ("with placeholders", IDLE.replace("shop", "${X}"), {}, False),
    ("a template", IDLE.replace("shop", "{{ x }}"), {}, False),
    ("broken", IDLE.replace("shop", "'shop"), {}, False),
    ("beside a broken document", f"{IDLE}---\napiVersion: v1\nkind: Namespace\na: 'b\n", {}, True),
    ("a file with a broken document", f"# meshlint: ignore-file[MESH103] a\n{TWO}---\napiVersion: v1\nkind: Namespace\na: 'b\n", {}, False),
    ("a file without", f"# meshlint: ignore-file[MESH103] a\n{TWO}---\na: b\n", {}, True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "files", "told"), [o[1:] for o in ONE], ids=[o[0] for o in ONE])
@pytest.mark.parametrize("path", ["apps", "apps/ns.yaml"])
def test_rules_on_one_document_are_idle_where_it_is_seen(
    text: str, files: dict[str, str], told: bool, path: str, tree: Path, run: Run
) -> None:
    write(tree, {".git/HEAD": "ref: refs/heads/main\n", "apps/ns.yaml": text, **files})
    _, answer, _ = run(path)
    assert ("MESH004" in {code for code, *_ in found(answer)}) is told


def test_idle_entries_of_the_configuration(tree: Path, run: Run) -> None:
    """Only a run over all can tell; those that others are quicker than are of use."""
    entries = [
        "{rules: [MESH104, MESH103], paths: ['*.yaml']}",
        "{rules: [MESH103], paths: [a.yaml]}",
    ]
    write(tree, {"a.yaml": TWO.replace("enabled", "enabled # meshlint: ignore[MESH104] why")})
    write(tree, {"b.yaml": namespace("b"), ".meshlint.yaml": f"ignore: [{', '.join(entries)}]\n"})
    messages = [f["message"] for f in run()[1]["findings"]]
    assert messages == ["This suppresses nothing of MESH103. Take that out of its list."]
    assert found(run("a.yaml")[1]) == []
    write(tree, {".meshlint.yaml": f"ignore: [{entries[1]}]\n"})
    assert [f["message"] for f in run()[1]["findings"]] == ["This suppresses nothing of MESH103. Remove it."]  # fmt: skip


def test_nothing_is_idle_for_what_the_user_selects(tree: Path, run: Run) -> None:
    """All rules have run; those that may not report have found all the same."""
    write(tree, {"a.yaml": TWO.replace("enabled", "enabled # meshlint: ignore[MESH104] why")})
    for words in (
        ("--select", "MESH004,MESH103"),
        ("--ignore", "MESH104"),
        ("--profile", "strict"),
    ):
        assert [f for f in found(run(*words)[1]) if f[0] == "MESH004"] == []
    write(tree, {".meshlint.yaml": "rules: {MESH104: off}\n"})
    assert found(run()[1]) == []


def test_nothing_is_idle_where_a_rule_is_broken(
    tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(view: object) -> Iterator[Hit]:
        raise KeyError("x")

    monkeypatch.setitem(MESH_RULES, "webhook-leftover", broken)
    write(tree, {"a.yaml": IDLE})
    assert found(run()[1]) == []


def test_a_faulty_suppression_is_not_idle_as_well(tree: Path, run: Run) -> None:
    write(tree, {"a.yaml": IDLE.replace("[MESH103]", "[MESH103 until=soon]")})
    assert [code for code, *_ in found(run()[1])] == ["MESH006"]


def test_what_stands_in_the_file_comes_first(tree: Path, run: Run) -> None:
    entry = "{rules: [MESH104], paths: ['*.yaml'], reason: all}"
    write(tree, {"a.yaml": EXCUSED, ".meshlint.yaml": f"ignore: [{entry}]\n"})
    assert excuses(run("--show-suppressed")[1]) == [("MESH104", "file", "see ADR 7", 6)]


def test_only_some_rules() -> None:
    """What other rules find is not there, suppressed or not."""
    text = EXCUSED.replace("rev:", "rev: a # meshlint: ignore[MESH103]\n    istio-injektion:")
    every = Collection([Source(STDIN, text.encode())])
    assert [f.code for f in lint(every, frozenset({"revision-unknown"})).suppressed] == []
    asked = frozenset({"namespace-conflicting-labels"})
    assert [f.code for f in lint(every, asked).suppressed] == ["MESH104"]


def test_the_severity_is_the_user_s(tree: Path, run: Run) -> None:
    write(tree, {"a.yaml": IDLE, ".meshlint.yaml": "rules: {MESH004: error}\n"})
    code, answer, _ = run()
    assert (code, [f["severity"] for f in answer["findings"]]) == (1, ["error"])


# How it is shown


def shown(tree: Path, *words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = cli.run([str(tree), *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_text_and_summary(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tree, {"a.yaml": EXCUSED})
    code, out, err = shown(tree, capsys=capsys)
    assert (code, out) == (0, "0 errors, 0 warnings, 0 notes in 1 file\n")
    assert "  suppressed: 1 finding; --show-suppressed shows them\n" in err
    code, out, err = shown(tree, "--show-suppressed", capsys=capsys)
    first, second, empty, total, _ = out.split("\n")
    assert first.startswith(f"{tree}/a.yaml:6:22: suppressed MESH104 Namespace 'shop' has both")
    assert second == f"  suppressed by {tree}/a.yaml:6:30: see ADR 7"
    assert (code, empty, total) == (0, "", "0 errors, 0 warnings, 0 notes in 1 file")
    assert "  suppressed: 1 finding\n" in err


def test_json_has_them_on_demand(tree: Path, run: Run) -> None:
    write(tree, {"a.yaml": EXCUSED})
    _, answer, _ = run()
    assert (answer["suppressed"], answer["counts"]["suppressed"]) == (None, 1)
    _, answer, _ = run("--show-suppressed")
    assert excuses(answer) == [("MESH104", "file", "see ADR 7", 6)]
    assert found(answer, "suppressed") == [("MESH104", "a.yaml", 6)]


def test_sarif_has_them_on_demand(shared: Path, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    write(tree, {"a.yaml": f"{EXCUSED}---\n{TWO.replace('shop', 'till')}", "b.yaml": TWO})
    write(tree, {".meshlint.yaml": "ignore:\n- {rules: [MESH104], paths: [b.yaml]}\n"})
    _, out, _ = shown(tree, "--format", "sarif", capsys=capsys)
    (plain,) = json.loads(out)["runs"][0]["results"]
    assert "suppressions" not in plain
    _, out, _ = shown(tree, "--format", "sarif", "--show-suppressed", capsys=capsys)
    schema = json.loads((shared / "sarif/sarif-2.1.0.json").read_text("utf-8"))
    jsonschema.Draft4Validator(schema).validate(json.loads(out))
    results = json.loads(out)["runs"][0]["results"]
    told = [result.pop("suppressions", []) for result in results]
    assert [len(each) for each in told] == [1, 0, 1]
    for key in ("ruleId", "level", "message", "partialFingerprints"):
        assert results[1][key] == plain[key]
    first, second = told[0][0], told[2][0]
    assert (first["kind"], first["status"], first["justification"]) == ("inSource", "accepted", "see ADR 7")  # fmt: skip
    assert first["location"]["physicalLocation"]["region"]["startColumn"] == 30
    assert (second["kind"], "justification" in second) == ("external", False)
    assert second["location"]["physicalLocation"]["artifactLocation"]["uri"] == ".meshlint.yaml"


def test_other_formats_leave_them_out(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tree, {"a.yaml": EXCUSED})
    for name in ("concise", "github", "gitlab", "junit", "azure", "rdjson", "markdown"):
        _, out, _ = shown(tree, "--format", name, "--show-suppressed", capsys=capsys)
        assert "MESH104" not in out, name


# What is rendered

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
SPACES = """\
{{{{- range .Values.names }}}}
---
apiVersion: v1
kind: Namespace
metadata:
  name: {{{{ . }}}}
  {notes}
  labels:
    {above}
    istio-injection: enabled {trailing}
    istio.io/rev: a
{{{{- end }}}}
"""
IN_CHART: list[tuple[str, dict[str, str], list[int]]] = [
    ("nothing", {}, []),
    ("a comment of YAML", {"trailing": "# meshlint: ignore[MESH104] why"}, [10]),
    ("one above", {"above": "# meshlint: ignore[MESH104] why"}, [9]),
    ("a comment of the template", {"above": "{{/* meshlint: ignore[MESH104] why */}}"}, [9]),
    ("a trimmed one", {"above": "{{- /* meshlint: ignore[MESH104] why */}}"}, [9]),
    ("one behind", {"trailing": "{{/* meshlint: ignore[MESH104] why */}}"}, [10]),
    ("one for the document", {"notes": "# meshlint: ignore-document[MESH104] why"}, [7]),
    ("an annotation", {"notes": 'annotations: {meshlint.dev/ignore: "MESH104: why"}'}, [7]),
    ("another rule", {"above": "# meshlint: ignore[MESH103] why"}, []),
]


@pytest.mark.helm
@pytest.mark.parametrize(("parts", "lines"), [c[1:] for c in IN_CHART], ids=[c[0] for c in IN_CHART])  # fmt: skip
def test_charts(parts: dict[str, str], lines: list[int], tree: Path, run: Run) -> None:
    """Where the template has the comment; of an annotation, too, and nothing else is said of it."""
    text = SPACES.format(**{"notes": "", "above": "", "trailing": "", **parts})
    write(tree, {"Chart.yaml": CHART, "values.yaml": "names: [a, b]\n", "templates/ns.yaml": text})
    _, answer, _ = run("--helm", "--show-suppressed")
    assert [line for *_, line in excuses(answer)] == lines
    told = [f["suppression"]["location"]["path"] for f in answer["suppressed"]]
    assert {*told, *(p for _, p, _ in found(answer, "suppressed"))} <= {"templates/ns.yaml"}
    assert found(answer) == ([] if lines else [("MESH104", "templates/ns.yaml", 10)])
    assert "MESH004" not in {code for code, *_ in found(run()[1])}


@pytest.mark.helm
def test_one_object_of_a_template_that_makes_two(tree: Path, run: Run) -> None:
    note = '{{ if eq . "a" }}annotations: {meshlint.dev/ignore: "MESH104: why"}{{ end }}'
    text = SPACES.format(notes=note, above="", trailing="")
    write(tree, {"Chart.yaml": CHART, "values.yaml": "names: [a, b]\n", "templates/ns.yaml": text})
    _, answer, _ = run("--helm", "--show-suppressed")
    assert [f["subject"]["name"] for f in answer["findings"]] == ["b"]
    assert [f["subject"]["name"] for f in answer["suppressed"]] == ["a"]


@pytest.mark.helm
def test_faults_in_templates_are_told_once(tree: Path, run: Run) -> None:
    parts = {"notes": 'annotations: {meshlint.dev/ignore: "MESH1"}', "above": "# meshlint: ignore"}
    text = SPACES.format(trailing="", **parts)
    write(tree, {"Chart.yaml": CHART, "values.yaml": "names: [a, b]\n", "templates/ns.yaml": text})
    told = [f for f in found(run("--helm")[1]) if f[0] == "MESH006"]
    assert told == [("MESH006", "templates/ns.yaml", 7), ("MESH006", "templates/ns.yaml", 9)]


def test_output_that_was_saved(tree: Path, run: Run) -> None:
    """Its own comments count, and the finding is where the template has it."""
    text = SPACES.format(notes="", above="# meshlint: ignore[MESH104] why", trailing="")
    output = f"# Source: shop/templates/ns.yaml\n{TWO}".replace("    istio-i", "    # meshlint: ignore[MESH104] why\n    istio-i")  # fmt: skip
    write(tree, {"chart/Chart.yaml": CHART, "chart/templates/ns.yaml": text, "out.yaml": output})
    _, answer, _ = run("--show-suppressed")
    assert found(answer) == []
    assert found(answer, "suppressed") == [("MESH104", "chart/templates/ns.yaml", 10)]
    assert excuses(answer) == [("MESH104", "file", "why", 7)]


OVERLAY = "resources: [../base]\nlabels: [{pairs: {istio.io/rev: a}}]\n"
PATCHED = "resources: [../base]\npatches: [{path: p.yaml}]\n"


@pytest.mark.kustomize
def test_kustomizations(tree: Path, run: Run) -> None:
    base = namespace("shop", injection="enabled")
    comment = "# meshlint: ignore[MESH104] why"
    write(tree, {"base/kustomization.yaml": "resources: [ns.yaml]\n", "base/ns.yaml": base})
    write(tree, {"prod/kustomization.yaml": OVERLAY})
    assert found(run("--kustomize")[1]) == [("MESH104", "base/ns.yaml", 7)]
    forms = {
        "a comment": base.replace('"enabled"', f'"enabled" {comment}'),
        "an annotation": base.replace(
            "  labels", '  annotations: {meshlint.dev/ignore: "MESH104: why"}\n  labels'
        ),
        "a document": f"# meshlint: ignore-document[MESH104] why\n{base}",
    }
    for name, text in forms.items():
        write(tree, {"base/ns.yaml": text})
        for words in (("--kustomize",), (), ("base",), ("base/ns.yaml",)):
            _, answer, _ = run(*words, "--show-suppressed")
            assert found(answer) == [], (name, words)
            assert all(path == "base/ns.yaml" for _, path, _ in found(answer, "suppressed"))
        assert run("--kustomize")[1]["counts"]["suppressed"] == 1, name


@pytest.mark.kustomize
def test_idle_where_all_is_built(tree: Path, run: Run) -> None:
    write(tree, {"base/kustomization.yaml": "resources: [ns.yaml]\n", "base/ns.yaml": STALE})
    assert [f[0] for f in found(run("--kustomize")[1])] == []
    write(tree, {"other.yaml": STALE.replace("shop", "till")})
    assert found(run("--kustomize")[1]) == [("MESH004", "other.yaml", 8)]


# Beside other parts


def test_what_is_new(repo: Repository, run: Run) -> None:
    """Taking a suppression away brings its finding; a new one hides it, and so does an old one."""
    repo.commit({"a.yaml": EXCUSED, "b.yaml": TWO})
    repo.write({"a.yaml": TWO, "b.yaml": EXCUSED, "c.yaml": EXCUSED, "d.yaml": IDLE})
    _, answer, _ = run("--new-since", "HEAD", "--show-suppressed")
    assert found(answer) == [("MESH104", "a.yaml", 6), ("MESH004", "d.yaml", 6)]
    assert [path for _, path, _ in found(answer, "suppressed")] == ["b.yaml", "c.yaml"]


def test_the_older_state_has_its_own_configuration(repo: Repository, run: Run) -> None:
    entry = "ignore:\n- {rules: [MESH104], paths: [a.yaml]}\n"
    repo.commit({"a.yaml": TWO, ".meshlint.yaml": entry})
    repo.write({".meshlint.yaml": "ignore: []\n"})
    assert found(run("--new-since", "HEAD")[1]) == [("MESH104", "a.yaml", 6)]
    assert found(run("--rev", "HEAD")[1]) == []


ERROR = (
    "Error from server (BadRequest): json: cannot unmarshal bool into Go struct field"
    " ObjectMeta.metadata.labels of type string\n"
)


def test_a_diagnosis_hides_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who is on call must see the cause, and that somebody has accepted it."""
    text = workload(inject="true # meshlint: ignore[MESH003] later")
    write(tree, {"a.yaml": text, "error.txt": ERROR})
    assert cli.run(["a.yaml", "-q", "--format", "concise"]) == 0
    assert capsys.readouterr().out == ""
    words = ["diagnose", "error.txt", "a.yaml", "-q"]
    cli.run([*words, "--format", "json"])
    (cause,) = json.loads(capsys.readouterr().out)["diagnoses"][0]["explains"]
    assert (cause["code"], cause["suppression"]["reason"]) == ("MESH003", "later")
    cli.run(words)
    assert "\n      suppressed by a.yaml:12:39: later\n" in capsys.readouterr().out
    cli.run([*words, "--format", "markdown"])
    assert "(suppressed by a.yaml:12:39: later)" in capsys.readouterr().out


# The document

DOCUMENT = ROOT / "docs/suppressions.md"
BLOCK = re.compile(r"In `([\w.]+)`:\n\n```yaml\n(.*?)```", re.DOTALL)
CONSOLE = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)


def test_the_document(tree: Path, update: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Its files, one after the other, give what it shows."""
    text = DOCUMENT.read_text()
    for name, body in BLOCK.findall(text):
        (tree / name).write_text(body)

    def played(match: re.Match[str]) -> str:
        lines = []
        for command in re.findall(r"^\$ meshlint (.*)$", match.group(), re.MULTILINE):
            cli.run(command.split())
            out, err = capsys.readouterr()
            lines.append(f"$ meshlint {command}\n{out}{err}")
        return "".join(lines)

    real = CONSOLE.sub(played, text)
    if update:
        DOCUMENT.write_text(real)
    assert real == DOCUMENT.read_text()
    assert real.count("\n  suppressed by") == 4
    assert all(code in real for code in ("MESH004 This", "MESH005 This", "MESH006 Fault"))
