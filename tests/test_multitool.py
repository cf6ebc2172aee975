"""Microsoft's validator, with the rules for GitHub, over SARIF with everything that is hard to write."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from meshlint import cli
from meshlint.finding import Finding, Suppression
from meshlint.policy import policies
from meshlint.report.model import Report
from meshlint.report.sarif import render
from meshlint.report.sarif_results import LIMIT
from meshlint.source.files import Source
from tests.conftest import HERE
from tests.lint import lint_paths

pytestmark = [
    pytest.mark.multitool,
    pytest.mark.skipif(os.name == "nt", reason="names that Windows does not have"),
]

ALLOWED = {"SARIF2013"}
"""It wants whole files in the report."""

NETWORK = "SARIF2006.UrisShouldBeReachable"
"""It asks the network whether addresses answer."""

OFF = (
    "GH1001.ProvideRequiredLocationProperties", "GH1002.InlineThreadFlowLocations",
    "GH1003.ProvideRequiredRegionProperties", "GH1004.ReviewArraysThatExceedConfigurableDefaults",
    "GH1005.LocationsMustBeRelativeUrisOrFilePaths", "GH1006.ProvideCheckoutPath",
    "GH1007.ProvideFullyFormattedMessageStrings",
)  # fmt: skip
"""Rules for GitHub that do not run unless a configuration names them."""

LIMITS = "GH1004"
"""It has limits of old: GitHub takes 25 times as many results."""

SWITCH = (
    '<Properties Key="{}.Options"><Property Key="RuleEnabled" Value="{}" '
    'Type="Driver.RuleEnabledState" /></Properties>'
)

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {}\n  labels:\n    istio-injection: 'yes' # {}\n"
ODD = (
    "a b.yaml", "a#b.yaml", "100%.yaml", "a:b.yaml", "[0].yaml", "%20.yaml", "ü/é€.yaml",
    "\N{ROCKET}.yaml", "a\nb.yaml", "a?b&c=d.yaml", "it's \"this\".yaml", "back\\slash.yaml",
    "{0}.yaml", "~.yaml", "-n.yaml", os.fsdecode(b"\xff\xfe.yaml"), "x" * 200 + ".yaml",
)  # fmt: skip
TEXTS = {
    "bom.yaml": b"\xef\xbb\xbf" + NAMESPACE.format("bom", "").encode(),
    "crlf.yaml": NAMESPACE.format("crlf", "").replace("\n", "\r\n").encode(),
    "cr.yaml": NAMESPACE.format("cr", "").replace("\n", "\r").encode(),
    "astral.yaml": NAMESPACE.format("astral", "\N{ROCKET}{0}\u2028\x85").encode(),
    "utf16.yaml": NAMESPACE.format("utf16", "\N{ROCKET}").encode("utf-16"),
    "one-line.yaml": b"{apiVersion: v1, kind: Namespace, metadata: {name: l, labels: {istio-injection: 'no'}}}",
    "broken.yaml": b"apiVersion: v1\nkind: Namespace\nmetadata: [\n",
    "undecodable.yaml": b"kind: Namespace\na: \xff\xfe\n",
    "secret.yaml": b"apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {istio-injection: 'x'}}\ndata: {a: YQ==}\n",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A repository with a fault of every rule, and faults in odd files with odd names."""
    made = tmp_path_factory.mktemp("repository") / "tree"
    shutil.copytree(HERE / "rules", made / "rules", symlinks=True)
    for number, name in enumerate(ODD):
        path = made / "odd" / str(number) / name
        path.parent.mkdir(parents=True)
        path.write_text(NAMESPACE.format(f"odd-{number}", name.encode("utf-8", "replace")))
    for name, data in TEXTS.items():
        (made / name).write_bytes(data)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(made)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    address = "https://github.com/example/mesh.git"
    subprocess.run([*git, "remote", "add", "origin", address], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        yield made


@pytest.fixture(scope="module")
def report(tree: Path) -> Report:
    return lint_paths(["."])


def problems(log: Path, allowed: set[str], kinds: str = "Sarif;Ghas") -> list[str]:
    """What the validator reports; it ends with 0 whatever it finds, so its own report is read."""
    rules, out = log.with_suffix(".xml"), log.with_suffix(".found")
    switches = [SWITCH.format(NETWORK, "Disabled"), *(SWITCH.format(name, "Error") for name in OFF)]
    rules.write_text(f"<Properties>{''.join(switches)}</Properties>")
    subprocess.run(
        ["multitool", "validate", log, "--rule-kind", kinds, "-c", rules, "-o", out,
         "--max-file-size-in-kb", "100000", "--level", "Error;Warning;Note", "--log", "ForceOverwrite", "-q"],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    (run,) = json.loads(out.read_text("utf-8-sig"))["runs"]
    words = {rule["id"]: rule["messageStrings"] for rule in run["tool"]["driver"].get("rules", [])}
    found = [result for result in run["results"] if result["ruleId"] not in allowed]
    return [f"{r['ruleId']} {_words(r['message'], words[r['ruleId']])}" for r in found]


def _words(message: Any, strings: Any) -> str:
    text = message.get("text") or strings[message["id"]]["text"]
    for number, argument in enumerate(message.get("arguments", ())):
        text = text.replace(f"{{{number}}}", argument)
    return str(text)


def schema() -> jsonschema.Draft4Validator:
    """The schema of the version that the validator brings along."""
    program = Path(str(shutil.which("multitool"))).resolve()
    return jsonschema.Draft4Validator(
        json.loads((program.parent / "sarif-2.1.0.json").read_bytes())
    )


def few(report: Report) -> Iterator[Finding]:
    """Of each rule three findings; of the odd files all."""
    shown: Counter[str] = Counter()
    for path, group in groupby(report.findings, lambda finding: finding.where.path):
        for finding in group:
            shown[finding.code] += 1
            if shown[finding.code] <= 3 or not path.startswith("rules/"):
                yield finding


def test_everything_at_once(report: Report, tmp_path: Path) -> None:
    findings = tuple(few(report))
    assert {f.code for f in findings} == {f.code for f in report.findings}
    hidden = replace(findings[-1], suppression=Suppression(findings[-1].where, "It's {so}."))
    log = tmp_path / "all.sarif"
    shown = replace(report, findings=findings[:-1], suppressed=(hidden,), show_suppressed=True)
    log.write_text(render(shown), "utf-8")
    (run,) = json.loads(log.read_bytes())["runs"]
    assert {r["id"] for r in run["tool"]["driver"]["rules"]} == {p.code for p in policies()}
    assert len(ODD) + len(TEXTS) - 3 <= sum(f.where.path.count("rules/") == 0 for f in findings)
    assert any("relatedLocations" in result for result in run["results"])
    assert any("suppressions" in result for result in run["results"])
    assert run["invocations"][0]["toolExecutionNotifications"]
    schema().validate(json.loads(log.read_bytes()))
    assert problems(log, ALLOWED) == []


@pytest.mark.usefixtures("tree")
def test_as_it_is_run(tmp_path: Path) -> None:
    """What the command writes, with a category, when a file is not there."""
    log = tmp_path / "run.sarif"
    assert (
        cli.run(["odd", *TEXTS, "gone.yaml", "--output", f"sarif:{log}", "--sarif-category", "a b"])
        == 3
    )
    assert problems(log, ALLOWED | {LIMITS}) == []


@pytest.mark.parametrize("number", [0, 1])
def test_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("a: b\n" if not number else NAMESPACE.format("a", "b"))
    log = tmp_path / "little.sarif"
    report = lint_paths(["."])
    assert len(report.findings) == number
    log.write_text(render(report), "utf-8")
    # What tells the commit is for repositories.
    assert problems(log, ALLOWED | {"SARIF2003", "SARIF2007"}) == []


def test_thirty_thousand(tree: Path, report: Report, tmp_path: Path) -> None:
    """More than GitHub takes are cut, and the file says so; the validator takes the rest."""
    finding = next(f for f in report.findings if not f.where.path.startswith("rules/"))
    path, lines = "many.yaml", 30_000
    text = "".join(f"istio-injection-{n}: x\n" for n in range(lines))
    (tree / path).write_text(text)
    many = tuple(
        replace(finding, where=replace(finding.where, path=path, line=n, end_line=n, column=1, end_column=8))
        for n in range(1, lines + 1)
    )  # fmt: skip
    log = tmp_path / "many.sarif"
    sources = {**report.sources, path: Source(path)}
    log.write_text(render(replace(report, findings=many, sources=sources)), "utf-8")
    document = json.loads(log.read_bytes())
    (run,) = document["runs"]
    assert len(run["results"]) == LIMIT == 25_000
    told = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert "Findings left out: 5000. Those here are the worst." in told
    # GitHub's rules over all of it take half a minute; the others judge each result by itself.
    assert problems(log, ALLOWED | {LIMITS}, "Ghas") == []
    run["results"] = run["results"][::500]
    log.write_text(json.dumps(document))
    assert problems(log, ALLOWED) == []
    schema().validate(document)


def test_a_fault_is_seen(report: Report, tmp_path: Path) -> None:
    """The rules that are off by default, too, are on."""
    log = tmp_path / "bad.sarif"
    document = json.loads(render(replace(report, findings=report.findings[:1])))
    (run,) = document["runs"]
    del run["results"][0]["locations"][0]["physicalLocation"]["region"]
    del run["tool"]["driver"]["rules"][0]["help"]
    log.write_text(json.dumps(document))
    assert {text.split()[0] for text in problems(log, ALLOWED)} >= {"GH1003", "GH2012"}
