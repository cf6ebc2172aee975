"""SARIF is what GitHub and Microsoft's validator take, and points at exactly what is meant."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from meshlint import cli
from meshlint.finding import Finding, Location, Related, Severity, Subject
from meshlint.policy import Policy, policies
from meshlint.report.linehash import line_hashes
from meshlint.report.model import Counts, Report
from meshlint.report.sarif import render
from meshlint.report.sarif_notices import FAULTS
from meshlint.report.sarif_origin import web_address
from meshlint.report.sarif_places import REDACTED, uri_below
from meshlint.report.sarif_results import LIMIT
from meshlint.source.files import STDIN, Source
from meshlint.unread import Skip, Unread
from tests.conftest import HERE, ROOT
from tests.lint import lint_paths

POLICY = Policy(
    code="MESH901",
    name="label-of-test",
    family="labels",
    severity=Severity.WARNING,
    cases={},
    summary="A label {of a} test is wrong.",
    why="Because it is.",
    fix="Write another.",
    symptom="Nothing is injected.",
    references=("https://istio.io/one", "https://istio.io/two"),
    fails="a: wrong\n",
    passes="a: right\n",
)
SUBJECT = Subject("apps/v1", "Deployment", "shop", "cart")
FINDING = Finding(
    "MESH901",
    POLICY.name,
    Severity.WARNING,
    "It is wrong.",
    Location("a.yaml", 1, 1, 1, 2),
    SUBJECT,
)
MARK = "wrong"
POSIX = pytest.mark.skipif(os.name == "nt", reason="not a name that Windows allows")


def report_on(files: dict[str, bytes], root: Path, **changes: Any) -> Report:
    """A report with a finding at each MARK of the files, which are written below the root."""
    findings: list[Finding] = []
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        findings += marked(str(path), data)
    report = Report(
        findings=tuple(findings),
        skips=(),
        counts=Counts(len(files), 1, 0, 0, 0, {}),
        catalogue=lambda: (POLICY,),
        sources={str(root / name): Source(str(root / name)) for name in files},
        root=root,
    )
    return replace(report, **changes)


def marked(path: str, data: bytes) -> Iterable[Finding]:
    """Findings counted in code points, as the linter does."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    lines = re.split("\r\n|\n|\r", data.decode(encoding))
    for number, line in enumerate(lines, 1):
        column = line.find(MARK) + 1
        if column:
            place = Location(path, number, column, number, column + len(MARK), "/metadata/x~1y")
            yield replace(FINDING, where=place)


def run_of(report: Report) -> Any:
    """The one run, as a reader of bytes gets it."""
    log = json.loads(render(report).encode())
    assert len(log["runs"]) == 1
    return log["runs"][0]


def results_of(files: dict[str, bytes], root: Path) -> list[Any]:
    found: list[Any] = run_of(report_on(files, root))["results"]
    return found


def physical(result: Any) -> Any:
    return result["locations"][0]["physicalLocation"]


def cut(data: bytes, region: Any) -> str:
    """A region of a file in UTF-16 units, read without the linter's own code."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    units = data.decode(encoding, "replace").encode("utf-16-be").decode("latin-1")
    starts, at = [0], 0
    while at < len(units):
        pair, following = units[at : at + 2], units[at + 2 : at + 4]
        at += 2
        if pair == "\0\n" or (pair == "\0\r" and following != "\0\n"):
            starts.append(at)
    begin = starts[region["startLine"] - 1] + 2 * (region["startColumn"] - 1)
    end = starts[region["endLine"] - 1] + 2 * (region["endColumn"] - 1)
    return units[begin:end].encode("latin-1").decode("utf-16-be")


BODY = "kind: A\nmetadata:\n  labels:\n    x/y: wrong # c\n  name: a\nspec: {}\n"

TEXTS: list[tuple[str, bytes]] = [
    ("line feeds", BODY.encode()),
    ("crlf", BODY.replace("\n", "\r\n").encode()),
    ("lone cr", BODY.replace("\n", "\r").encode()),
    ("mixed", b"kind: A\r\nx:\ry: wrong\nz: 1\r\n"),
    ("byte order mark", b"\xef\xbb\xbfkind: wrong\na: b\n"),
    ("astral before it", "kind: '\N{ROCKET}\N{ROCKET}' # ü wrong\na: b\n".encode()),
    ("astral in context", "a: '\N{ROCKET}'\nb: wrong\nc: '\N{ROCKET}'".encode()),
    ("utf-16", BODY.replace("A", "\N{ROCKET}").encode("utf-16")),
    ("other separators", "a: '\u2028\x85\x0b'\nb: wrong\nc: \x0c\n".encode()),
    ("one line", b"wrong"),
    ("line end only", b"\n\nwrong\n\n\n"),
    ("long line", b"a: b\nkind: " + b"x" * 9000 + b" wrong " + b"y" * 9000 + b"\nc: d\n"),
]


@pytest.mark.parametrize("data", [t[1] for t in TEXTS], ids=[t[0] for t in TEXTS])
def test_regions_are_what_their_snippets_say(data: bytes, tmp_path: Path) -> None:
    (result,) = results_of({"a.yaml": data}, tmp_path)
    place = physical(result)
    assert place["region"]["snippet"]["text"] == MARK
    assert cut(data, place["region"]) == MARK
    if "contextRegion" in place:
        context = place["contextRegion"]
        assert cut(data, context) == context["snippet"]["text"]
        assert MARK in context["snippet"]["text"]
        assert context["snippet"]["text"] != MARK
        assert len(context["snippet"]["text"]) < 5000
    hashes = line_hashes(data)
    mark = result["partialFingerprints"]["primaryLocationLineHash"]
    assert mark == hashes[place["region"]["startLine"] - 1]


def test_context_is_left_out_where_it_would_add_nothing(tmp_path: Path) -> None:
    (result,) = results_of({"a.yaml": b"wrong\n"}, tmp_path)
    assert "contextRegion" not in physical(result)


CONTEXTS: list[tuple[str, str, str]] = [
    ("two lines around", "1\n2\n3\nwrong\n5\n6\n7\n", "2\n3\nwrong\n5\n6"),
    ("start and end of file", "1: a\nwrong: b\n", "1: a\nwrong: b"),
    ("document before", "a: b\n---\nc: wrong\n", "---\nc: wrong"),
    ("document after", "a: wrong\nb: c\n---\nd: e\n", "a: wrong\nb: c"),
    ("document end mark", "a: wrong\n...\n---\nd: e\n", "a: wrong\n..."),
    ("JSON stream", '{"a": 1}\n{"b": "wrong"}\n{"c": 2}\n', '{"b": "wrong"}'),
    ("JSON, one line shared", '{"a": 1} {\n"b": "wrong"}\n{"c": 2}\n', '"b": "wrong"}'),
    ("crlf", "a: b\r\n---\r\nc: wrong\r\nd: e\r\n", "---\r\nc: wrong\r\nd: e"),
]


@pytest.mark.parametrize(
    ("text", "expected"), [c[1:] for c in CONTEXTS], ids=[c[0] for c in CONTEXTS]
)
def test_context_stays_in_its_document(text: str, expected: str, tmp_path: Path) -> None:
    (result,) = results_of({"a.yaml": text.encode()}, tmp_path)
    assert physical(result)["contextRegion"]["snippet"]["text"] == expected


SECRETS: list[tuple[str, bytes]] = [
    ("plain", b"kind: Secret\ndata:\n  a: hunter2\nx: wrong\n"),
    ("in a list", b"kind: List\nitems:\n- kind: Secret\n  data: {a: hunter2}\n- b: wrong\n"),
    ("list kind", b"kind: SecretList\nitems:\n- data: {a: hunter2}\n- b: wrong\n"),
    ("of another group", b"kind: SealedSecret\na: hunter2\nx: wrong\n"),
    ("quoted", b"'kind' : \"Secret\"\na: hunter2\nx: wrong\n"),
    ("tagged", b"kind: !!str Secret\na: hunter2\nx: wrong\n"),
    ("anchored", b"kind: &k Secret\na: hunter2\nx: wrong\n"),
    ("aliased", b"x: &k Secret\nkind: *k\na: hunter2\nx: wrong\n"),
    ("escaped", b'kind: "\\x53ecret"\na: hunter2\nx: wrong\n'),
    ("folded", b"kind: >-\n  Secret\na: hunter2\nx: wrong\n"),
    ("after a comment", b"kind: # so\n  Secret\na: hunter2\nx: wrong\n"),
    ("patch without kind", b"stringData: {a: hunter2}\nx: wrong\n"),
    ("generator", b"secretGenerator:\n- literals: [a=hunter2]\nx: wrong\n"),
    ("private key", b"a: |\n  -----BEGIN RSA PRIVATE KEY-----\n  hunter2\nx: wrong\n"),
    ("UTF-16 without a mark", "kind: Secret\na: hunter2\nx: wrong\n".encode("utf-16-le")),
    ("commented out", b"x: wrong\n# kind: Secret\n# a: hunter2\n"),
    ("JSON on one line", b'{"kind": "Secret", "a": "hunter2"} {"kind": "A", "b": "wrong"}\n'),
]


@pytest.mark.parametrize("data", [s[1] for s in SECRETS], ids=[s[0] for s in SECRETS])
def test_nothing_of_a_secret_is_shown(data: bytes, tmp_path: Path) -> None:
    report = report_on({"a.yaml": data}, tmp_path)
    line = data.replace(b"\0", b"").partition(b"wrong")[0].count(b"\n") + 1
    place = Location(str(tmp_path / "a.yaml"), line, 1, line, 2)
    text = render(replace(report, findings=(replace(FINDING, where=place),)))
    assert "hunter2" not in text.replace("\\u0000", "")
    snippets = set(re.findall(r'"snippet": \{\s*"text": "(.*)"', text))
    assert snippets <= {"[REDACTED]"}


@pytest.mark.parametrize(
    "text",
    [
        "kind: Secret\na: hunter2\n---\nx: wrong\n---\nkind: Secret\na: hunter2\n",
        '{"kind": "Secret", "a": "hunter2"}\n{"x": "wrong"}\n{"kind": "Secret", "a": "hunter2"}\n',
    ],
)
def test_a_secret_beside_is_not_shown(text: str, tmp_path: Path) -> None:
    (result,) = results_of({"a.yaml": text.encode()}, tmp_path)
    assert physical(result)["region"]["snippet"]["text"] == MARK
    assert "hunter2" not in json.dumps(result)


URIS: list[Any] = [
    ("apps/cart.yaml", "apps/cart.yaml"),
    ("a b.yaml", "a%20b.yaml"),
    ("a#1.yaml", "a%231.yaml"),
    ("100%.yaml", "100%25.yaml"),
    ("%20.yaml", "%2520.yaml"),
    ("ü\N{ROCKET}.yaml", "%C3%BC%F0%9F%9A%80.yaml"),
    ("x[1].yaml", "x%5B1%5D.yaml"),
    ("it's+(1)~@$&,;=!.yaml", "it's+(1)~@$&,;=!.yaml"),
    pytest.param("a:b.yaml", "a%3Ab.yaml", marks=POSIX),
    pytest.param("c:/d?.yaml", "c%3A/d%3F.yaml", marks=POSIX),
    pytest.param("a\\b.yaml", "a%5Cb.yaml", marks=POSIX),
    pytest.param("a\n.yaml", "a%0A.yaml", marks=POSIX),
    pytest.param("bad\udcff.yaml", "bad%FF.yaml", marks=POSIX),
    ("../outside.yaml", None),
    (STDIN, "%3Cstdin%3E"),
]


@pytest.mark.parametrize(("path", "uri"), URIS)
def test_uris(path: str, uri: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert uri_below(path, tmp_path) == uri
    assert uri_below(f"{tmp_path}/{path}", tmp_path) == uri or path == STDIN


@POSIX
def test_links_are_resolved_inside_of_the_tree(tmp_path: Path) -> None:
    """A link and its target are one file; one that leads out keeps its own name, and is told."""
    root = tmp_path / "tree"
    report = report_on({"b.yaml": b"x: wrong\n"}, root)
    (tmp_path / "far.yaml").write_bytes(b"x: wrong\n")
    (root / "a.yaml").symlink_to("b.yaml")
    (root / "out.yaml").symlink_to("../far.yaml")
    paths = [str(root / name) for name in ("a.yaml", "b.yaml", "out.yaml")]
    findings = [finding for path in paths for finding in marked(path, b"x: wrong\n")]
    sources = {path: Source(path) for path in paths}
    run = run_of(replace(report, findings=tuple(findings), sources=sources))
    uris = [physical(result)["artifactLocation"]["uri"] for result in run["results"]]
    assert uris == ["b.yaml", "out.yaml"]
    assert [artifact["location"]["uri"] for artifact in run["artifacts"]] == uris
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["descriptor"]["id"] == "link-astray"


def test_standard_input(tmp_path: Path) -> None:
    data = b"x: wrong\n"
    report = report_on({}, tmp_path, findings=tuple(marked(STDIN, data)))
    run = run_of(replace(report, sources={STDIN: Source(STDIN, data)}))
    artifact = physical(run["results"][0])["artifactLocation"]
    assert artifact == {"uri": "%3Cstdin%3E", "uriBaseId": "%SRCROOT%", "index": 0}
    assert run["artifacts"][0]["length"] == len(data)


def test_artifacts_are_those_of_the_results(tmp_path: Path) -> None:
    files = {"b c.json": b'{"x": "wrong"}', "a.yaml": b"\xef\xbb\xbfx: wrong", "z.yaml": b"x: y"}
    run = run_of(report_on(files, tmp_path))
    assert run["artifacts"] == [
        {
            "location": {"uri": uri, "uriBaseId": "%SRCROOT%"},
            "length": len(data),
            "mimeType": f"application/{language}",
            "sourceLanguage": language,
            "encoding": "utf-8",
            "roles": ["analysisTarget"],
            "hashes": {"sha-256": hashlib.sha256(data).hexdigest()},
        }
        for uri, data, language in (
            ("a.yaml", files["a.yaml"], "yaml"),
            ("b%20c.json", files["b c.json"], "json"),
        )
    ]
    for result in run["results"]:
        location = physical(result)["artifactLocation"]
        assert run["artifacts"][location["index"]]["location"]["uri"] == location["uri"]


MESSAGES: list[tuple[str, str, list[str], str]] = [
    ("period added", "It is so", [], "It is so."),
    ("one link", "So.", ["the tag"], "So. See [the tag](1)."),
    ("two links", "So.", ["a", "b"], "So. See [a](1) and [b](2)."),
    ("three links", "So.", ["a", "b", "c"], "So. See [a](1), [b](2) and [c](3)."),
    ("brackets", "So.", ["a[0]\\b"], "So. See [a\\[0\\]\\\\b](1)."),
    ("control characters", "S\x1bo.", ["a\nb"], "S\\x1bo. See [a\\\\nb](1)."),
    ("no words", "So.", [""], "So. See [this](1)."),
    ("brackets outside stay", "Is a[0].", [], "Is a[0]."),
]


@pytest.mark.parametrize(
    ("words", "related", "text"), [m[1:] for m in MESSAGES], ids=[m[0] for m in MESSAGES]
)
def test_messages(words: str, related: list[str], text: str, tmp_path: Path) -> None:
    report = report_on({"a.yaml": b"x: wrong\n"}, tmp_path)
    where = report.findings[0].where
    others = tuple(Related(other, where) for other in related)
    finding = replace(report.findings[0], message=words, related=others)
    (result,) = run_of(replace(report, findings=(finding,)))["results"]
    about = {"id": "default", "arguments": ["Deployment/shop/cart"]}
    assert result["message"] == {"text": text, **about}
    numbers = [other["id"] for other in result.get("relatedLocations", [])]
    assert numbers == list(range(1, len(related) + 1))


def test_braces_and_arguments_do_not_meet(tmp_path: Path) -> None:
    """With arguments, `{x}` would be a placeholder."""
    report = report_on({"a.yaml": b"x: wrong\n"}, tmp_path)
    finding = replace(report.findings[0], message="Value '{x}' is wrong.")
    (result,) = run_of(replace(report, findings=(finding,)))["results"]
    assert result["message"]["text"] == "Value '\uff5bx\uff5d' is wrong."
    assert result["message"]["arguments"]


def test_logical_location(tmp_path: Path) -> None:
    (result,) = results_of({"a.yaml": b"x: wrong\n"}, tmp_path)
    assert result["locations"][0]["logicalLocations"] == [
        {
            "name": "x~1y",
            "fullyQualifiedName": "apps/v1/Deployment/shop/cart/metadata/x~1y",
            "kind": "property",
        }
    ]


def identities(report: Report) -> list[str]:
    results = run_of(report)["results"]
    return [result["partialFingerprints"]["meshlint/identity/v1"] for result in results]


def test_identity_outlives_moves_in_the_file(tmp_path: Path) -> None:
    """Neither the line nor the API version counts; equal ones are numbered."""
    before = report_on({"a.yaml": b"x: wrong\n---\nx: wrong\n"}, tmp_path)
    known = identities(before)
    assert all(re.fullmatch("[0-9a-f]{32}", identity) for identity in known)
    assert len(set(known)) == 2
    after = report_on({"a.yaml": b"# new\n\nx: wrong\n---\n\nx: wrong\n"}, tmp_path)
    newer = Subject("apps/v1beta2", *("Deployment", "shop", "cart"))
    findings = tuple(replace(finding, subject=newer) for finding in after.findings)
    assert identities(replace(after, findings=findings)) == known


@pytest.mark.parametrize(
    "change",
    [
        {"code": "MESH902"},
        {"subject": Subject("apps/v1", "Deployment", "shop", "other")},
        {"subject": Subject("apps/v1", "Deployment", "other", "cart")},
        {"subject": Subject("apps/v1", "StatefulSet", "shop", "cart")},
        {"subject": Subject("batch/v1", "Deployment", "shop", "cart")},
        {"subject": None},
    ],
)
def test_identity_tells_apart(change: dict[str, Any], tmp_path: Path) -> None:
    both = (POLICY, replace(POLICY, code="MESH902"))
    report = report_on({"a.yaml": b"x: wrong\n"}, tmp_path, catalogue=lambda: both)
    other = replace(report.findings[0], **change)
    assert identities(report) != identities(replace(report, findings=(other,)))


def test_rule_is_described(tmp_path: Path) -> None:
    (rule,) = run_of(report_on({}, tmp_path))["tool"]["driver"]["rules"]
    markdown = rule["help"].pop("markdown")
    assert "](https://istio.io/one)" in markdown
    assert "```yaml\na: wrong\n```" in markdown
    assert "```yaml\na: right\n```" in markdown
    assert "Nothing is injected." in rule["help"].pop("text")
    assert rule == {
        "id": "MESH901",
        "name": "LabelOfTest",
        "shortDescription": {"text": "A label {of a} test is wrong."},
        "fullDescription": {"text": "Because it is."},
        "help": {},
        "helpUri": "https://meshlint.dev/rules/MESH901",
        "messageStrings": {"default": {"text": "A label {{of a}} test is wrong. See '{0}'."}},
        "defaultConfiguration": {"level": "warning"},
        "properties": {
            "tags": ["istio", "kubernetes", "sidecar-injection", "labels"],
            "precision": "high",
            "problem.severity": "warning",
        },
    }


@pytest.mark.parametrize("policy", policies(), ids=lambda policy: policy.name)
def test_shipped_rules_fit_github(policy: Policy, tmp_path: Path) -> None:
    (rule,) = run_of(report_on({}, tmp_path, catalogue=lambda: (policy,)))["tool"]["driver"][
        "rules"
    ]
    assert re.fullmatch("MESH[0-9]{3}", rule["id"])
    assert re.fullmatch("([A-Z][a-z]+)+", rule["name"])
    for text in (rule["shortDescription"]["text"], rule["fullDescription"]["text"]):
        assert 0 < len(text) <= 1024
        assert text.endswith(".")
    assert "](https://" in rule["help"]["markdown"]
    assert rule["helpUri"].startswith("https://")
    tags = rule["properties"]["tags"]
    assert len(set(tags)) == len(tags) <= 9
    assert all(tag == tag.lower() for tag in tags)
    assert ("security" in tags) == ("security-severity" in rule["properties"])


def notes_of(report: Report) -> list[Any]:
    notes: list[Any] = run_of(report)["invocations"][0]["toolExecutionNotifications"]
    return notes


@pytest.mark.parametrize("reason", list(Unread))
def test_unread_is_told(reason: Unread, tmp_path: Path) -> None:
    """Faults one by one with their place, everything else by number."""
    counts = Counts(1, 1, 0, 0, 0, {reason: 7})
    skip = Skip(reason, str(tmp_path / "a b.yaml"), 3, "why")
    run = run_of(report_on({}, tmp_path, skips=(skip,), counts=counts))
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    descriptor = run["tool"]["driver"]["notifications"][note["descriptor"]["index"]]
    assert descriptor["id"] == note["descriptor"]["id"]
    assert descriptor["defaultConfiguration"]["level"] == note["level"]
    if reason in FAULTS:
        assert note["level"] == "error"
        assert note["message"]["text"].endswith(": why).")
        place = note["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "a%20b.yaml"
        assert place["region"] == {"startLine": 3}
    else:
        assert note["level"] == "note"
        assert note["message"]["text"] == f"Not checked: 7 {reason.value}."


def test_path_outside_has_no_location(tmp_path: Path) -> None:
    skip = Skip(Unread.UNREADABLE, str(tmp_path.parent / "gone.yaml"), 0, "no such file")
    (note,) = notes_of(report_on({}, tmp_path, skips=(skip,)))
    assert "locations" not in note


def test_failure_is_told(tmp_path: Path) -> None:
    run = run_of(report_on({}, tmp_path, failures=("internal error in a.yaml: KeyError",)))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert (note["descriptor"]["id"], note["level"]) == ("internal-error", "error")


def test_clean_run_says_so(tmp_path: Path) -> None:
    """Results are there, although empty: that is what closes alerts."""
    run = run_of(report_on({"a.yaml": b"a: b\n"}, tmp_path))
    assert run["results"] == []
    assert run["automationDetails"] == {"id": "meshlint/"}
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert "artifacts" not in run
    assert "versionControlProvenance" not in run


def test_nothing_found_is_no_clean_run(tmp_path: Path) -> None:
    (note,) = notes_of(report_on({}, tmp_path, counts=Counts(0, 0, 0, 0, 0, {})))
    assert note["descriptor"]["id"] == "nothing-checked"


def test_unparsable_file_is_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub shows no notifications."""
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {a: [}\n")
    run = run_of(lint_paths(["."]))
    (result,) = run["results"]
    assert result["ruleId"] == "MESH001"
    assert physical(result)["region"]["startLine"] == 3
    assert run["invocations"][0]["executionSuccessful"] is True


def test_too_many_findings_are_cut(tmp_path: Path) -> None:
    """The one error stands last, and stays."""
    report = report_on({"a.yaml": b"x: wrong\n" * (LIMIT + 1)}, tmp_path)
    *most, last = report.findings
    report = replace(report, findings=(*most, replace(last, severity=Severity.ERROR)))
    text = render(report)
    assert "\n" not in text.rstrip("\n")
    (run,) = json.loads(text)["runs"]
    results = run["results"]
    assert len(results) == LIMIT
    assert (results[-1]["level"], physical(results[-1])["region"]["startLine"]) == (
        "error",
        LIMIT + 1,
    )
    cut, many = run["invocations"][0]["toolExecutionNotifications"]
    assert cut["message"]["text"].startswith("Findings left out: 1.")
    assert many["message"]["text"] == f"GitHub shows the 5000 worst of these {LIMIT} findings."
    marks = {result["partialFingerprints"]["primaryLocationLineHash"] for result in results}
    assert len(marks) == LIMIT


@pytest.mark.parametrize("name", ["platform", "platform/", "team a/istio"])
def test_category(name: str, tmp_path: Path) -> None:
    """GitHub takes what stands before the last slash, and nothing where there is none."""
    (run,) = json.loads(render(report_on({}, tmp_path), category=name))["runs"]
    assert run["automationDetails"]["id"].rpartition("/")[0] == name.rstrip("/")


@pytest.mark.parametrize("name", ["", " ", "//", "a\nb"])
def test_no_category(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run(["--sarif-category", name, "."])
    assert ended.value.code == 2
    assert "--sarif-category: write a name" in capfd.readouterr().err


def test_category_of_the_command_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cli.run(["-q", "--format", "sarif", "--sarif-category", "apps", str(tmp_path)])
    assert json.loads(capfd.readouterr().out)["runs"][0]["automationDetails"]["id"] == "apps/"


def test_file_that_has_gone_costs_only_its_text(tmp_path: Path) -> None:
    report = report_on({"a.yaml": b"\n\nx: wrong\n"}, tmp_path)
    (tmp_path / "a.yaml").unlink()
    (result,) = run_of(report)["results"]
    assert physical(result)["region"]["startLine"] == 3


ADDRESSES: list[tuple[str, str | None]] = [
    ("https://github.com/o/r.git", "https://github.com/o/r"),
    ("https://user:secret@github.com/o/r", "https://github.com/o/r"),
    ("https://x-access-token:secret@host:8443/o/r.git/", "https://host:8443/o/r"),
    ("https://host/o/r?token=secret#secret", "https://host/o/r"),
    ("https://host/o/a b", "https://host/o/a%20b"),
    ("git@github.com:o/r.git", "https://github.com/o/r"),
    ("github.com:/o/r.git", "https://github.com/o/r"),
    ("ssh://git@github.com:22/o/r.git", "https://github.com/o/r"),
    ("git://host/r.git", "git://host/r"),
    ("https://user:se/cret@host/r", None),
    ("/srv/git/r.git", None),
    ("../r", None),
    ("file:///srv/r.git", None),
    ("C:/r", None),
    ("C:\\r", None),
    ("ext::sh -c secret", None),
    ("", None),
]


@pytest.mark.parametrize(("remote", "address"), ADDRESSES)
def test_remotes(remote: str, address: str | None) -> None:
    assert web_address(remote) == address


def make_repository(folder: Path, remote: str) -> None:
    """A work tree with one commit on the branch `main`."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    for command in (
        ("init", "--quiet"),
        ("symbolic-ref", "HEAD", "refs/heads/main"),
        ("add", "."),
        (*who, "commit", "--quiet", "--allow-empty", "--message=a"),
        ("remote", "add", "upstream", remote),
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_provenance(tmp_path: Path) -> None:
    make_repository(tmp_path, "https://user:secret@github.com/o/r.git")
    (details,) = run_of(report_on({}, tmp_path))["versionControlProvenance"]
    assert re.fullmatch("[0-9a-f]{40,64}", details.pop("revisionId"))
    assert details == {
        "repositoryUri": "https://github.com/o/r",
        "branch": "main",
        "mappedTo": {"uriBaseId": "%SRCROOT%"},
    }
    below = tmp_path / "below"
    below.mkdir()
    assert "versionControlProvenance" not in run_of(report_on({}, below))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The failing cases of all rules in one folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    for folder in sorted((HERE / "rules").glob("*/fail")):
        shutil.copytree(folder, tmp_path / folder.parent.name)
    return tmp_path


def test_results_are_unique_and_exact(tree: Path) -> None:
    run = run_of(lint_paths(["."]))
    assert len(run["results"]) > 20
    keys = set()
    for result in run["results"]:
        place = physical(result)
        uri = place["artifactLocation"]["uri"]
        mark = result["partialFingerprints"]["primaryLocationLineHash"]
        keys.add((result["ruleId"], uri, mark))
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for region in (place["region"], place.get("contextRegion", {})):
            if region.get("snippet", {}).get("text", REDACTED) != REDACTED:
                assert cut((tree / uri).read_bytes(), region) == region["snippet"]["text"]
    assert len(keys) == len(run["results"])
    own = {result["partialFingerprints"]["meshlint/identity/v1"] for result in run["results"]}
    assert len(own) == len(run["results"])


def test_same_bytes_everywhere(tree: Path) -> None:
    """Neither hash seeds nor the place of the tree show."""
    command = [sys.executable, "-m", "meshlint", ".", "--exit-zero", "--quiet", "--format=sarif"]
    other = tree.with_name(f"{tree.name}-other")
    shutil.copytree(tree, other)
    outputs = []
    for seed, folder in (("1", tree), ("2", other)):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert not outputs[0].startswith(b"\xef\xbb\xbf")
    assert outputs[0].endswith(b"}\n")
    for private in (ROOT, tree):
        assert private.as_posix().encode() not in outputs[0]


def test_order_of_findings_does_not_matter(tmp_path: Path) -> None:
    files = dict.fromkeys(("b.yaml", "a b.yaml", "a.yaml"), b"x: wrong\n\ny: wrong\n")
    report = report_on(files, tmp_path)
    backwards = replace(report, findings=report.findings[::-1])
    assert render(report) == render(backwards)


def test_schema(shared: Path, tree: Path) -> None:
    schema = json.loads((shared / "sarif/sarif-2.1.0.json").read_text("utf-8"))
    validator = jsonschema.Draft4Validator(schema)
    odd = {"a b#.yaml": b"x: wrong\n", "s.yaml": b"kind: Secret\nx: wrong\n"}
    skips = tuple(Skip(reason, "a.yaml", number) for number, reason in enumerate(Unread))
    for report in (
        lint_paths(["."]),
        report_on({}, tree),
        report_on(odd, tree, skips=skips, failures=("internal error",)),
    ):
        validator.validate(json.loads(render(report)))
