"""The HTML report as text: well-formed, closed to the outside, and nothing in it but what is meant."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from meshlint import cli
from meshlint.engine import run
from meshlint.finding import (
    Finding,
    Fix,
    Level,
    Location,
    Origin,
    Related,
    Severity,
    Subject,
    Suppression,
    printable,
)
from meshlint.policy import policies
from meshlint.report import render
from meshlint.report.entry import Entry
from meshlint.report.html.drawing import SIGNS
from meshlint.report.html.findings import FRAMES
from meshlint.report.html.layout import MOST, RESTING
from meshlint.report.model import Base, Counts, Known, Report, Unreported
from meshlint.report.picture import INJECTED, Cluster, Ending, Flow, Home, Picture, Revision, Tag
from meshlint.source.files import Collection, Source, collect
from meshlint.unread import Skip, Unread
from tests.conftest import ROOT
from tests.lint import lint_paths
from tests.manifests import injector, istiod, namespace, workload
from tests.pages import Element, read

HOSTILE = [
    "</script><script>stop()</script>",
    "</style><img src=x onerror=stop()>",
    "' onmouseover='stop()' x='",
    '" autofocus onfocus="stop()" x="',
    "<!-- ",
    "]]><![CDATA[",
    "&lt;b&gt; &#x3c;i&#x3e; &amp;",
    "a\u2028b\u2029c",
    "\x00\x07\x1b[31m\x7f\x85",
    "\u202egpj.exe\u2066",
    "lone \ud800 half \udfff",
    "javascript:stop()",
    "{{constructor}} ${stop()} `stop()`",
    "名前空間" * 40,
    "a" * 4000,
    "\ufeff \u00a0\u200b",
    "\r\n\t",
]


def hostile(words: str) -> Report:
    """A report in which every text that may come from a tree is the same one."""
    path = f"{words}.yaml"
    where = Location(path, 2, 1, 2, 4, f"/{words}")
    about = Subject("v1", "Namespace", "", words)
    finding = Finding(
        "MESH104", "namespace-conflicting-labels", Severity.ERROR, words, where, about,
        (Related(words, where),), Origin(Level.EXACT, words), Fix(words, (), safe=False),
    )  # fmt: skip
    other = replace(finding, subject=Subject("v1", words, words, words), code="MESH105")
    silent = replace(finding, suppression=Suppression(where, words))
    gone = Entry("MESH104", words, "", words, words, words, words, words, "")
    home = Home(words, (f"{words}={words}",), where, 2, (Flow(INJECTED, words, words, 2),))
    loose = Home(
        f"{words}2", (f"istio.io/rev={words}",), None, 0, (Flow("not injected", "", "", 0),)
    )
    cluster = Cluster(
        words,
        (home, loose),
        (Tag(words, words),),
        (Revision(words, words, words, words, True),),
        (Ending(words, words, INJECTED, words, words, where),),
    )
    data = f"{words!r}: x\nkey: {words}\n".encode(
        "utf-8", "surrogateescape" if words.isascii() else "replace"
    )
    return Report(
        findings=(finding, other),
        skips=(Skip(Unread.UNREADABLE, words, 1, words), Skip(Unread.BROKEN, words, 1, words)),
        counts=Counts(1, 1, 1, 1, 1, {Unread.BROKEN: 1, Unread.UNREADABLE: 1}),
        sources={path: Source(path, data)},
        root=Path.cwd(),
        suppressed=(silent,),
        failures=(words,),
        commit=words,
        base=Base(words, 3),
        baseline=Known(words, 2, (gone,)),
        unreported=Unreported((words,), (finding,)),
        picture=lambda: Picture((cluster,), ((words, 1),)),
    )


def shape(page: Element) -> list[tuple[str, tuple[str, ...]]]:
    """All elements with the names of their attributes; of source lines only the first."""
    return [
        (e.name, tuple(sorted(e.attributes)))
        for e in page
        if e.name not in ("code", "i", "mark", "pre")
    ]


@pytest.mark.parametrize("words", HOSTILE)
def test_text_of_a_tree_is_only_text(words: str) -> None:
    """Whatever the words are, the page has the elements and attributes that it has for plain ones."""
    text = render("html", hostile(words))
    page = read(text)
    assert shape(page) == shape(read(render("html", hostile("plain"))))
    assert not re.search(r"[^\n -~\u00a1-\uffff\U00010000-\U000fffff]", text)
    assert not re.search("[\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\u200b]", text)
    text.encode()


def test_addresses_lead_to_the_web_only() -> None:
    """Of a policy that a user has written, too."""
    odd = replace(
        policies()[0], code="MESH104", references=("javascript:stop()", "https://a.example/")
    )
    text = render("html", replace(hostile("x"), catalogue=lambda: (odd,)))
    addresses = {a.attributes["href"] for a in read(text).all("a")}
    assert "https://a.example/" in addresses
    assert all(a.startswith(("#", "https://")) for a in addresses)
    assert "javascript:stop()" in text  # as words


EXAMPLES = {
    "examples": ("examples",),
    "rules": tuple(str(p.relative_to(ROOT)) for p in sorted(ROOT.glob("tests/rules/[mnw]*/fail"))),
}


@cache
def _linted(name: str) -> Report:
    report = run(collect(EXAMPLES[name]))
    assert report.findings
    return report


@pytest.fixture(params=EXAMPLES)
def linted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Reports on files that are really there."""
    monkeypatch.chdir(ROOT)
    return _linted(request.param)


def test_nothing_is_loaded(linted: Report) -> None:
    """No element and no attribute makes a browser ask for anything, nor runs or styles anything."""
    page = read(render("html", linted))
    for element in page:
        assert element.name not in ("img", "iframe", "object", "embed", "base", "image", "use")
        names = set(element.attributes)
        assert not names & {"src", "srcset", "style", "action", "xlink:href", "ping", "background"}
        assert not [name for name in names if name.startswith("on")]
    (link,) = page.all("link")
    assert link.attributes == {"rel": "icon", "href": "data:,"}
    style = page.all("style")[0].text
    assert "@import" not in style
    assert "url(" not in style


def test_policy_for_content(linted: Report) -> None:
    """Only this very style sheet and this very script may be used."""
    page = read(render("html", linted))
    (policy,) = (m.attributes["content"] for m in page.all("meta") if "http-equiv" in m.attributes)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    def hashed(name: str) -> str:
        (element,) = page.all(name)
        return (
            f"'sha256-{base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()}'"
        )

    assert rules == {
        "default-src": "'none'", "style-src": hashed("style"), "script-src": hashed("script"),
        "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip


def test_links_and_names(linted: Report) -> None:
    """Every id is there once, every link inside of the page leads somewhere."""
    page = read(render("html", linted))
    ids = [e.attributes["id"] for e in page if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    inside = {a.attributes["href"][1:] for a in page.all("a") if a.attributes["href"][0] == "#"}
    assert {name for name in inside if "=" not in name} <= set(ids)


def test_headings_go_down_one_by_one(linted: Report) -> None:
    levels = [int(e.name[1]) for e in read(render("html", linted)) if re.fullmatch(r"h\d", e.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    for before, after in pairwise(levels):
        assert after <= before + 1


def test_every_finding_is_there(linted: Report) -> None:
    page = read(render("html", linted))
    articles = page.all("article", "f")
    assert len(articles) == len(linted.findings)
    for article, finding in zip(articles, linted.findings, strict=True):
        assert article.attributes["data-r"] == finding.code
        assert article.attributes["data-s"] == finding.severity
        assert finding.message in article.text or not finding.message.isprintable()
    assert {e.attributes["id"] for e in page if e.attributes.get("id", "").startswith("rule-")} == {
        f"rule-{finding.code}" for finding in linted.findings
    }


def test_the_key_is_marked(linted: Report) -> None:
    """The mark holds the text of the finding's place."""
    number = 0
    page = read(render("html", linted))
    for article, finding in zip(page.all("article", "f"), linted.findings, strict=True):
        where = finding.where
        line = linted.lines(where.path).line(where.line)
        wanted = line[where.column - 1 : where.end_column - 1]
        for mark in article.all("mark"):
            number += 1
            assert mark.text == printable(wanted.replace("\t", " ")) or len(wanted) > 100
        assert article.all("mark") or not wanted or not article.all("pre")
    assert number > len(linted.findings) * 0.8


def test_same_bytes_whatever_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of files; and no time or name of a machine is in it."""
    monkeypatch.chdir(ROOT)
    found = collect(["examples", "tests/two_revisions", "tests/rendered"])
    mixed = list(found.sources)
    Random(7).shuffle(mixed)
    one, two = (
        render("html", run(Collection(each, found.skips))) for each in (found.sources, mixed)
    )
    assert one == two
    assert str(ROOT) not in one


def test_no_name_of_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of files that are named by absolute paths: neither of findings, nor of clusters."""
    monkeypatch.chdir(ROOT)
    for name, revision in (("a", "1-28"), ("b", "1-29")):
        (tmp_path / "clusters" / name).mkdir(parents=True)
        texts = (istiod(revision), injector(revision), namespace("shop", injection="x"), workload())
        (tmp_path / "clusters" / name / "all.yaml").write_text("\n---\n".join(texts))
    (tmp_path / "shop.yaml").write_text(namespace("other"))
    report = run(collect([str(tmp_path)]))
    assert report.findings
    text = render("html", report)
    assert str(tmp_path) not in text
    assert "clusters/b" in text


SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: shop
  labels:
    istio-injection: enabled
stringData:
  word: swordfish
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
"""


@pytest.mark.parametrize("line", range(1, 9))
def test_no_line_of_a_secret(line: int) -> None:
    where = Location("s.yaml", line, 3, line, 7)
    finding = Finding("MESH107", "injection-key-on-wrong-kind", Severity.WARNING, "x", where)
    report = Report(
        (finding,), (), Counts(1, 1, 0, 0, 0, {}), {"s.yaml": Source("s.yaml", SECRET.encode())}, Path.cwd()
    )  # fmt: skip
    text = render("html", report)
    assert "swordfish" not in text
    assert not read(text).all("pre")


def test_long_lines_are_cut_around_the_key() -> None:
    line = f"{'a' * 300}: {'b' * 300}"
    where = Location("x.yaml", 1, 303, 1, 403)
    finding = Finding("MESH104", "x", Severity.ERROR, "x", where)
    report = Report(
        (finding,), (), Counts(1, 1, 0, 0, 0, {}), {"x.yaml": Source("x.yaml", line.encode())}, Path.cwd()
    )  # fmt: skip
    page = read(render("html", report))
    (mark,), (pre,) = page.all("mark"), page.all("pre")
    assert mark.text == "b" * 100
    assert len(pre.text) < 180
    assert pre.text.count("…") == 2


@pytest.mark.parametrize(
    "where", [Location("x.yaml", 9, 9, 9, 12), Location("gone.yaml", 1, 1, 1, 2)]
)
def test_a_place_that_has_gone_since(where: Location) -> None:
    finding = Finding("MESH104", "x", Severity.ERROR, "words", where)
    sources = {"x.yaml": Source("x.yaml", b"a: b\n")}
    report = Report((finding,), (), Counts(1, 1, 0, 0, 0, {}), sources, Path.cwd())
    assert "words" in render("html", report)


def empty(**more: object) -> Report:
    made = Report((), (), Counts(3, 2, 0, 0, 0, {}), {}, Path.cwd())
    return replace(made, **more)  # type: ignore[arg-type]


STATES = [
    ("nothing is wrong", empty(), "No findings in 3 files", "clean"),
    (
        "nothing to look at",
        empty(counts=Counts(3, 0, 0, 0, 0, {})),
        "Nothing was checked",
        "warning",
    ),
    (
        "a failure",
        empty(failures=("internal error in a.yaml",)),
        "No findings in 3 files",
        "warning",
    ),
    (
        "not readable",
        empty(skips=(Skip(Unread.UNREADABLE, "gone.yaml", 0, "no such file"),)),
        "No findings in 3 files",
        "warning",
    ),
]


@pytest.mark.parametrize(
    ("report", "verdict", "color"), [s[1:] for s in STATES], ids=[s[0] for s in STATES]
)
def test_verdict_without_findings(report: Report, verdict: str, color: str) -> None:
    """A run that says little never looks green."""
    page = read(render("html", report))
    (head,) = page.all("h1")
    assert (head.text, head.classes) == (verdict, [color])
    assert bool(page.all("div", "alert")) == (color == "warning")
    assert not page.all("form")
    assert "There is none" in page.one("mesh").text


def test_what_is_not_reported_is_told() -> None:
    page = read(render("html", hostile("plain")))
    told = page.one("hidden").text
    for words in (
        "1 finding suppressed", "plain (plain.yaml:2)", "3 findings that plain has too",
        "2 findings that the baseline plain has", "1 finding that the baseline plain has, and that is gone",
        "1 finding by rules that are switched off", "Switched off: plain.",
    ):  # fmt: skip
        assert words in told
    assert "findings not reported" in page.all("dl", "numbers")[0].text
    assert "hidden" not in {e.attributes.get("id") for e in read(render("html", empty()))}


def test_what_was_not_looked_at_is_told() -> None:
    """Gaps are listed; what no rule wants to see is told in one line and counts for nothing."""
    counts = Counts(3, 2, 0, 0, 0, {Unread.TEMPLATE: 600, Unread.OTHER_KIND: 9})
    skips = tuple(Skip(Unread.TEMPLATE, f"t{n:03}.yaml", 4) for n in range(600))
    page = read(render("html", empty(counts=counts, skips=skips)))
    told = page.one("unread").text
    assert "600 templates not rendered" in told
    assert "t499.yaml:4" in told
    assert "t500.yaml" not in told
    assert "and 100 more" in told
    assert "Left out by design: 9 objects of kinds that no rule reads." in told
    assert "600not looked at" in re.sub(
        r"(not looked at)(\d+)", r"\2\1", page.all("dl", "numbers")[0].text
    )


def many(number: int) -> Report:
    source = b"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels: {a: b}\n"
    place = Location("x.yaml", 4, 3, 4, 7)
    findings = tuple(
        Finding("MESH104", "namespace-conflicting-labels", Severity.ERROR, f"number {n}", place)
        for n in range(number)
    )
    return empty(findings=findings, sources={"x.yaml": Source("x.yaml", source)})


@pytest.mark.parametrize(("number", "lines"), [(2, 4), (2001, 1)])
def test_context_gives_way_to_numbers(number: int, lines: int) -> None:
    page = read(render("html", many(number)))
    frames = page.all("pre")
    assert len(frames) == number
    assert len(frames[0].all("code")) == lines
    assert ("many" in page.one("groups").classes) == (number > 500)


def test_a_large_report_stays_small_enough_for_a_browser() -> None:
    text = render("html", many(25_000))
    assert text.count('<article id="f-') == 25_000
    assert text.count("<pre ") == 20_000
    assert len(text) < 25_000 * 800


def test_it_is_a_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    target = tmp_path / "report.html"
    code = cli.run(["examples", "--output", f"html:{target}", "--quiet"])
    assert code == 1
    page = read(target.read_text())
    assert page.all("title")[0].text == "meshlint: 9 errors, 5 warnings in 10 files"
    assert len(page.all("svg")) > 1


def test_plain_runs_draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture is asked for by this format alone."""
    monkeypatch.chdir(ROOT)
    report = replace(lint_paths(["examples"]), picture=lambda: pytest.fail("drawn"))
    render("text", report)
    render("sarif", report)
    with pytest.raises(BaseException, match="drawn"):
        render("html", report)


DOCUMENT = ROOT / "docs/html.md"
COMMANDS = re.findall(r"^meshlint (examples .*)$", DOCUMENT.read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_document(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    assert cli.run(command.split()) == 1
    assert read((tmp_path / "report.html").read_text()).all("svg")


def test_document_names_the_parts() -> None:
    """The headings of the page, and the signs of the picture."""
    text = DOCUMENT.read_text()
    heads = [head.text for head in read(render("html", hostile("plain"))).all("h2")]
    assert heads == re.findall(r"^\| ([A-Z][a-z ]+) \|", text, re.MULTILINE)[1:]
    assert re.findall(r"^\| ([^ \w-]) \|", text, re.MULTILINE) == [*SIGNS.values()]
    assert f"beyond {MOST}, and of those that nobody injects beyond {RESTING}." in text
    assert f"more than {FRAMES:,} findings" in text
    assert f"from {FRAMES * 10:,} on" in text
