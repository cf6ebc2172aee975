"""Which rules report, and how severely: words, layers, profiles, the command line, and what is told."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry, Resource

from meshlint import cli
from meshlint.config.fault import Faulty
from meshlint.config.read import read
from meshlint.config.severities import LEVELS, profile_names
from meshlint.finding import Location, Severity, Suppression
from meshlint.policy import Policy, moderated, policies, shipped
from meshlint.report import render
from meshlint.rulebook import SHIPPED, Rulebook
from meshlint.symptom.catalogue import leading_to
from meshlint.triage.choice import Choice
from meshlint.triage.profiles import profile, profiles
from meshlint.triage.severity import (
    Layer,
    Level,
    Selection,
    Severities,
    judged,
    of_profile,
    of_settings,
    profiled,
)
from tests.conftest import ROOT, Run
from tests.lint import lint_text
from tests.manifests import namespace, workload
from tests.test_git import Repository, repo

__all__ = ["repo"]

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE
CHOICE = Choice(policies())
SCHEMA = json.loads((ROOT / "schemas/config.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


# Words for rules

WORDS = [
    ("a code", "MESH104", "namespace-conflicting-labels", True),
    ("in another case", "mesh104", "namespace-conflicting-labels", True),
    ("a name", "namespace-conflicting-labels", "namespace-conflicting-labels", True),
    ("a name in capitals", "Pod-Inject-Value", "pod-inject-value", True),
    ("a family", "leftovers", "webhook-leftover webhooks-overlap", False),
    ("the beginning of a code", "MESH40", "webhook-leftover webhooks-overlap", False),
    ("in small letters", "mesh4", "webhook-leftover webhooks-overlap", False),
    ("a pattern of names", "webhook-leftov*", "webhook-leftover", False),
    ("one character of a code", "MESH40?", "webhook-leftover webhooks-overlap", False),
]  # fmt: skip


@pytest.mark.parametrize(("word", "names", "exact"), [w[1:] for w in WORDS], ids=[w[0] for w in WORDS])  # fmt: skip
def test_words(word: str, names: str, exact: bool) -> None:
    found = CHOICE.find(word)
    assert found
    assert (found.names, found.exact) == (frozenset(names.split()), exact)


@pytest.mark.parametrize("word", ["control_plane", "control-plane", "MESH5*"])
def test_families_are_written_with_either_mark(word: str) -> None:
    found = CHOICE.find(word)
    family = {policy.name for policy in policies() if policy.family == "control_plane"}
    assert found
    assert found.names == family


@pytest.mark.parametrize(
    "word", ["MESH999", "MESH1044", "label", "mesh-", "[a-z]*", "", "web", "x*"]
)
def test_no_words(word: str) -> None:
    assert CHOICE.find(word) is None


def test_all_rules() -> None:
    every = {policy.name for policy in policies()}
    for word in ("*", "MESH", "m*"):
        found = CHOICE.find(word)
        assert found, word
        assert found.names == every, word


HINTS = [
    ("MESH1O4", "MESH104"),
    ("lables", "labels"),
    ("namespace-conflicting-label", "namespace-conflicting-labels"),
    ("control_plain", "control_plane"),
]


@pytest.mark.parametrize(("word", "meant"), HINTS)
def test_hints(word: str, meant: str) -> None:
    assert CHOICE.hint(word) == f", did you mean '{meant}'?"


@pytest.mark.parametrize("word", ["zzz", "MESH999", "MESH1044"])
def test_no_hints(word: str) -> None:
    assert CHOICE.hint(word) == ""


# What a severity makes of a rule's findings

USUAL = {s: replace(shipped("webhook-leftover"), severity=s, cases={}) for s in Severity}
MODERATED = [
    # the rule's usual severity, the finding's, the chosen one: what comes out
    (E, E, E, E), (E, E, W, W), (E, E, N, N),
    (E, W, E, W), (E, W, W, W), (E, W, N, N),
    (E, N, E, N), (E, N, W, N), (E, N, N, N),
    (W, E, E, E), (W, E, W, W), (W, E, N, N),
    (W, W, E, E), (W, W, W, W), (W, W, N, N),
    (W, N, E, N), (W, N, W, N), (W, N, N, N),
    (N, E, E, E), (N, E, W, W), (N, E, N, N),
    (N, W, E, E), (N, W, W, W), (N, W, N, N),
    (N, N, E, E), (N, N, W, W), (N, N, N, N),
]  # fmt: skip


@pytest.mark.parametrize(("usual", "own", "chosen", "out"), MODERATED)
def test_moderated(usual: Severity, own: Severity, chosen: Severity, out: Severity) -> None:
    assert moderated(USUAL[usual], own, chosen) is out


@pytest.mark.parametrize("policy", policies(), ids=lambda policy: policy.name)
def test_a_milder_case_is_never_raised_and_nothing_stays_worse(policy: Policy) -> None:
    for own, chosen in product({policy.severity, *policy.cases.values()}, Severity):
        out = moderated(policy, own, chosen)
        assert out.rank >= chosen.rank
        if own.rank > policy.severity.rank:
            assert out.rank >= own.rank


# Layers

RULE, OTHER = "namespace-conflicting-labels", "pod-inject-value"
"""Both are warnings as a rule, with errors as cases."""


def named(level: Level, rule: str = RULE) -> Layer:
    return of_settings([([rule], True, level)])


def grouped(level: Level) -> Layer:
    return of_settings([([RULE, OTHER], False, level)])


def legacy(layer: Layer) -> Layer:
    """The layer for some files."""
    return replace(layer, paths=lambda path: path.startswith("legacy/"))


LAYERS: list[tuple[str, list[Layer], str, Level]] = [
    ("nothing is said", [], "a", W),
    ("of another rule", [named(None, OTHER)], "a", W),
    ("a name", [named(N)], "a", N),
    ("a family", [grouped(N)], "a", N),
    ("a name over a family", [of_settings([([RULE], True, E), ([RULE], False, N)])], "a", E),
    ("the last of two families", [of_settings([([RULE], False, N), ([RULE], False, E)])], "a", E),
    ("a later place", [named(N), grouped(E)], "a", E),
    ("off by a family, on by a family", [grouped(None), grouped(N)], "a", N),
    ("off by a name, not on by a family", [named(None), grouped(N)], "a", None),
    ("off by a name, on by a name", [named(None), named(N)], "a", N),
    ("off by a name, on by a name, off by a family", [named(None), named(N), grouped(None)], "a", None),
    ("off, on by a name, on by a family", [named(None), named(N), grouped(E)], "a", E),
    ("on, then off", [named(E), grouped(None)], "a", None),
    ("a path", [legacy(named(N))], "legacy/a", N),
    ("another path", [legacy(named(N))], "new/a", W),
    ("a path over the rest", [named(E), legacy(named(N))], "legacy/a", N),
    ("too mild", [Layer(least=E)], "a", None),
    ("not too mild", [Layer(least=W)], "a", W),
    ("too mild, but named later", [Layer(least=E), named(W)], "a", W),
    ("too mild, but meant later", [Layer(least=E), grouped(N)], "a", N),
    ("raised where the rest is too mild", [replace(named(W), least=E)], "a", W),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "path", "level"), [x[1:] for x in LAYERS], ids=[x[0] for x in LAYERS])  # fmt: skip
def test_layers(layers: list[Layer], path: str, level: Level) -> None:
    assert Severities(layers).level(shipped(RULE), W, path) is level


SELECTED: list[tuple[str, list[Layer], Selection, Level]] = [
    ("not among them", [], Selection(only=frozenset({OTHER})), None),
    ("among them", [named(N)], Selection(only=frozenset({RULE})), N),
    ("ignored", [named(E)], Selection(ignored=frozenset({RULE})), None),
    ("both", [], Selection(frozenset({RULE}), frozenset({RULE}), frozenset({RULE})), None),
    ("off and meant", [named(None)], Selection(only=frozenset({RULE})), None),
    ("off and named", [named(None)], Selection(frozenset({RULE}), frozenset({RULE})), W),
    ("milder and named", [named(N)], Selection(frozenset({RULE}), frozenset({RULE})), N),
]


@pytest.mark.parametrize(("layers", "selection", "level"), [x[1:] for x in SELECTED], ids=[x[0] for x in SELECTED])  # fmt: skip
def test_selection(layers: list[Layer], selection: Selection, level: Level) -> None:
    assert Severities(layers, selection).level(shipped(RULE), W, "a") is level


OFF: list[tuple[str, list[Layer], bool]] = [
    ("nothing is said", [], False),
    ("everywhere", [named(None)], True),
    ("in some place", [legacy(named(None))], False),
    ("but for some place", [named(None), legacy(named(N))], False),
    ("a family does not help", [named(None), legacy(grouped(N))], True),
    ("all is too mild", [Layer(least=E), named(N)], False),
    ("errors are left", [Layer(least=E)], False),
]


@pytest.mark.parametrize(("layers", "off"), [x[1:] for x in OFF], ids=[x[0] for x in OFF])
def test_off_everywhere(layers: list[Layer], off: bool) -> None:
    assert Severities(layers).off(shipped(RULE)) is off
    assert Severities([Layer(least=E)]).off(shipped("pod-key-on-workload"))  # never an error


LEVEL: st.SearchStrategy[Level] = st.sampled_from([None, E, W, N])
SAID = st.lists(st.tuples(st.just([RULE]), st.booleans(), LEVEL), max_size=3)


@given(st.lists(SAID, max_size=4), st.sampled_from(list(Severity)))
def test_a_place_without_a_word_changes_nothing(said: list[Any], own: Severity) -> None:
    layers = [of_settings(one) for one in said]
    padded = [layer for one in layers for layer in (Layer(), one, named(None, OTHER))]
    policy = shipped(RULE)
    assert Severities(layers).level(policy, own, "a") is Severities(padded).level(policy, own, "a")
    off = Severities([*layers, named(None)])
    assert off.level(policy, own, "a") is None
    assert off.off(policy)


# The configuration

GOOD = [
    "rules: {MESH104: off, MESH105: 'off', labels: note, 'webhook-*': error, MESH3: warning}\n",
    "rules: {MESH104: OFF, MESH105: false, MESH106: no}\n",
    "rules: {}\n",
    "overrides: []\n",
    "overrides: [{paths: [a], rules: {MESH104: off}}]\n",
    "profile: strict\nbaseline: ../a/b.json\n",
    "profile:\nbaseline:\nrules:\noverrides:\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_accepted(text: str) -> None:
    read(".meshlint.yaml", text.encode())
    VALIDATOR.validate(yaml.safe_load(text))


BAD = [
    ("no severity", "rules: {MESH104: }\n", ["1:9: 'MESH104' has no severity"]),
    ("another word", "rules: {MESH104: warn}\n", ["1:18: 'warn' is none of error, warning, note, off, did you mean 'warning'?"]),
    ("on", "rules: {MESH104: on}\n", ["1:18: 'on' is none of error, warning, note, off"]),
    ("a number", "rules: {MESH104: 1}\n", ["1:18: 'MESH104' must be a string, and is an integer: write it in quotes"]),
    ("a list", "rules: [MESH104]\n", ["1:1: 'rules' must be a map, and is a list"]),
    ("a map of a rule", "rules: {MESH104: {certain: note}}\n", ["1:9: 'MESH104' must be a string, and is a map"]),
    ("no word", "rules: {'a b': off, '': off}\n", [f"1:{n}: '{w}' names no rules: a code, a name or a family does, and * and ? stand for parts" for n, w in ((9, "a b"), (21, ""))]),
    ("twice", "rules:\n  a: off\n  a: note\n", ["3:3: 'a' stands on line 2 already"]),
    ("no paths", "overrides: [{rules: {a: off}}]\n", ["1:13: an entry has no paths: which files are meant?"]),
    ("empty paths", "overrides: [{paths: [], rules: {a: off}}]\n", ["1:13: an entry has no paths: which files are meant?"]),
    ("no rules", "overrides: [{paths: [a]}]\n", ["1:13: an entry has no rules: what of them?"]),
    ("empty rules", "overrides: [{paths: [a], rules: {}}]\n", ["1:13: an entry has no rules: what of them?"]),
    ("null rules", "overrides: [{paths: [a], rules: }]\n", ["1:13: an entry has no rules: what of them?"]),
    ("an absolute path", "overrides: [{paths: [/a], rules: {a: off}}]\n", ["1:22: '/a' is an absolute path: write it from the repository's root"]),
    ("a word for an entry", "overrides: [a]\n", ["1:13: an item must be a map, and is a string"]),
    ("one entry", "overrides: {paths: [a], rules: {a: off}}\n", ["1:1: 'overrides' must be a list, and is a map"]),
    ("an unknown key", "overrides: [{path: [a], paths: [a], rules: {a: off}}]\n", ["1:14: unknown key 'path', did you mean 'paths'?"]),
    ("an unknown profile", "profile: stric\n", ["1:10: 'stric' is none of application, default, proven, strict, did you mean 'strict'?"]),
    ("an absolute baseline", "baseline: /a.json\n", ["1:11: '/a.json' is an absolute path: write it from the configuration's folder"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_refused(text: str, said: list[str]) -> None:
    with pytest.raises(Faulty) as caught:
        read(".meshlint.yaml", text.encode())
    assert [str(fault).split(":", 1)[1] for fault in caught.value.faults] == said
    if "twice" not in text and "a: off\n  a" not in text:
        assert not VALIDATOR.is_valid(yaml.safe_load(text))


SCRAPS: list[object] = [None, True, False, 1, "off", "note", "OFF", "", {}, {"a": "off"}, {"a": False}, {"a": True}, {"a": None}, {"": "off"}, {"a b": "note"}, [], [{}], [{"paths": ["a"], "rules": {"a": "off"}}], [{"paths": ["a"], "rules": {}}], [{"paths": [], "rules": {"a": "off"}}], [{"paths": ["a"], "rules": {"a": "x"}}], [None], "strict", "none", "a.json", "/a"]  # fmt: skip


@pytest.mark.parametrize("key", ["profile", "rules", "overrides", "baseline"])
def test_schema_and_reader_agree(key: str) -> None:
    for scrap in SCRAPS:
        whole = {key: scrap}
        try:
            read(".meshlint.yaml", json.dumps(whole).encode())
            accepted = True
        except Faulty:
            accepted = False
        assert accepted == VALIDATOR.is_valid(whole), whole


def test_the_schema_has_all_levels_and_profiles() -> None:
    enum = SCHEMA["$defs"]["severities"]["additionalProperties"]["enum"]
    assert enum == [*LEVELS, False]
    assert SCHEMA["properties"]["profile"]["enum"] == [*profile_names(), None]


# Profiles

PROFILE_SCHEMA = json.loads((ROOT / "schemas/profile.schema.json").read_text())
REGISTRY: Registry[Any] = Registry().with_resources(
    [(s["$id"], Resource.from_contents(s)) for s in (PROFILE_SCHEMA, SCHEMA)]
)


@pytest.mark.parametrize("name", profile_names())
def test_profiles_are_of_their_form(name: str) -> None:
    path = ROOT / f"policies/profiles/{name}.yaml"
    validator = jsonschema.Draft202012Validator(PROFILE_SCHEMA, registry=REGISTRY)
    validator.validate(yaml.safe_load(path.read_text()))
    found = profile(name)
    assert found.description
    assert found.why


@pytest.mark.parametrize("found", profiles(), ids=lambda found: found.name)
def test_every_line_of_a_profile_does_something(found: Any) -> None:
    levels = of_profile(found.name, CHOICE)
    for setting in found.rules:
        chosen = CHOICE.find(setting.rules.text)
        assert chosen, setting.rules.text
        for name in chosen.names:
            policy = shipped(name)
            assert Severities([levels]).worst(policy) is not policy.worst, name


def test_what_profiles_come_to() -> None:
    own = {policy.name: policy.worst for policy in policies()}
    assert profiled("default") == own
    proven = profiled("proven")
    assert proven == {name: worst if worst is E else None for name, worst in own.items()}
    strict = profiled("strict")
    assert {strict[name] for name in own if strict[name] is not own[name]} == {W}
    application = profiled("application")
    assert application["webhook-leftover"] is None
    assert application["namespace-injection-value"] is E
    with pytest.raises(KeyError):
        profiled("none")


def test_profiles_are_no_rules() -> None:
    assert not {policy.name for policy in policies()} & set(profile_names())
    assert {policy.family for policy in policies()}.isdisjoint({"profiles", "symptoms"})


def test_the_document_has_every_profile_and_family() -> None:
    text = (ROOT / "docs/severity.md").read_text()
    for name in (*profile_names(), *(policy.family for policy in policies())):
        assert f"`{name}`" in text, name


@pytest.mark.parametrize("name", ["severity", "baseline"])
def test_examples_of_the_documents_work(name: str, tree: Callable[..., None], run: Run) -> None:
    """Configurations, and every command line with its options and rules."""
    page = (ROOT / f"docs/{name}.md").read_text()
    configs = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    lines = re.findall(r"^meshlint (.*)$", "".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)), re.M)  # fmt: skip
    assert configs
    assert lines
    for config in configs:
        tree(config)
        assert run("--write-baseline")[0] == 0, config
    for line in lines:
        words = shlex.split(line, comments=True)
        assert run("--exit-zero", *words)[0] == 0, line


# A report

SHOP = namespace("shop", rev="1-29", injection="enabled") + "---\n" + workload(inject="maybe")
"""MESH104, a warning, in line 7; MESH102, a warning."""


def found(report: Any) -> list[tuple[str, str]]:
    return [(f["code"], f["severity"]) for f in report["findings"]]


def judge(*layers: Layer, book: Rulebook = SHIPPED) -> Any:
    return judged(lint_text(SHOP), Severities(layers), book, lambda path: path)


def test_findings_are_kept_left_out_and_given_a_severity() -> None:
    report = judge(named(None), named(N, OTHER))
    assert [(f.code, f.severity) for f in report.findings] == [("MESH102", N)]
    assert report.unreported.rules == ("MESH104",)
    assert [f.code for f in report.unreported.findings] == ["MESH104"]
    assert report.unreported.findings[0].severity is W


def test_suppressed_findings_have_their_severity_too() -> None:
    plain = lint_text(SHOP)
    where = Suppression(Location("<stdin>", 1, 1, 1, 2), "x")
    hidden = tuple(replace(finding, suppression=where) for finding in plain.findings)
    report = replace(plain, findings=(), suppressed=hidden)
    done = judged(report, Severities([named(None), named(E, OTHER)]), SHIPPED, str)
    assert [(f.code, f.severity) for f in done.suppressed] == [("MESH102", E)]
    assert done.unreported.findings == ()


def test_users_own_rules_have_words_and_severities() -> None:
    own = replace(shipped(RULE), code="ACME001", name="acme-team-label", family="acme")
    book = Rulebook({own.name: own})
    choice = Choice(book.policies())
    for word in ("acme001", "acme-team-label", "acme", "ACME", "acme-*"):
        chosen = choice.find(word)
        assert chosen, word
        assert chosen.names == {own.name}, word
    assert Severities([named(N, own.name)]).worst(own) is N


def test_a_changed_policy_decides_what_is_usual() -> None:
    book = Rulebook({RULE: replace(shipped(RULE), severity=E, cases={})})
    report = judge(named(W), book=book)
    assert [(f.code, f.severity) for f in report.findings] == [("MESH102", W), ("MESH104", W)][::-1]


# The command line


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a configuration beside two files with the same two findings."""
    monkeypatch.chdir(tmp_path)
    for folder in ("legacy", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shop.yaml").write_text(SHOP.replace("name: shop", f"name: {folder}"))

    def write(text: str = "") -> None:
        (tmp_path / ".meshlint.yaml").write_text(text)

    return write


LEGACY = "overrides: [{paths: [legacy/**], rules: {MESH104: off, labels: note}}]\n"
RUNS: list[tuple[str, str, str, str, str]] = [
    # configuration, words, what is found in legacy, and in new (MESH104, MESH102)
    ("plain", "", "", "WW", "WW"),
    ("a rule", "rules: {MESH104: error}\n", "", "EW", "EW"),
    ("off", "rules: {namespace-conflicting-labels: off}\n", "", "-W", "-W"),
    ("a family", "rules: {labels: note}\n", "", "NN", "NN"),
    ("a family, but for one", "rules: {MESH102: error, labels: note}\n", "", "NE", "NE"),
    ("a path", LEGACY, "", "-N", "WW"),
    ("a path over the rest", f"rules: {{MESH1: error}}\n{LEGACY}", "", "-N", "EE"),
    ("the last of two paths", f"{LEGACY}- {{paths: ['*/shop.yaml'], rules: {{MESH102: error}}}}\n".replace("[{", "\n- {").replace("}}]", "}}"), "", "-E", "WE"),
    ("a profile", "profile: proven\n", "", "--", "--"),
    ("a profile and a rule", "profile: proven\nrules: {MESH102: warning}\n", "", "-W", "-W"),
    ("another profile", "profile: proven\n", "--profile default", "WW", "WW"),
    ("a profile of the command line", "rules: {MESH102: error}\n", "--profile proven", "-E", "-E"),
    ("select a code", "", "--select MESH104", "W-", "W-"),
    ("select several", "", "--select MESH104,pod-inject-value", "WW", "WW"),
    ("select twice", "", "--select MESH104 --select MESH102", "WW", "WW"),
    ("select a family", "rules: {MESH104: off}\n", "--select labels", "-W", "-W"),
    ("select what is off", "rules: {MESH104: off}\n", "--select MESH104", "W-", "W-"),
    ("select what is off by a path", LEGACY, "--select MESH104", "W-", "W-"),
    ("ignore", "", "--ignore MESH104", "-W", "-W"),
    ("ignore a pattern", "", "--ignore pod-*", "W-", "W-"),
    ("select and ignore", "", "--select labels --ignore MESH102", "W-", "W-"),
    ("spaces", "", "--select=MESH104,,MESH102,", "WW", "WW"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "words", "legacy", "new"), [r[1:] for r in RUNS], ids=[r[0] for r in RUNS])  # fmt: skip
def test_runs(tree: Callable[..., None], run: Run, config: str, words: str, legacy: str, new: str) -> None:  # fmt: skip
    tree(config)
    _, report, _ = run(*words.split())
    marks = {"error": "E", "warning": "W", "note": "N"}
    seen = {
        (f["location"]["path"].split("/")[0], f["code"]): marks[f["severity"]]
        for f in report["findings"]
    }
    assert {code for _, code in seen} <= {"MESH104", "MESH102"}
    told = ["".join(seen.get((folder, code), "-") for code in ("MESH104", "MESH102")) for folder in ("legacy", "new")]  # fmt: skip
    assert told == [legacy, new]


def test_the_threshold_goes_by_the_severity_of_here(tree: Callable[..., None], run: Run) -> None:
    tree("rules: {labels: note}\n")
    assert run()[0] == 0
    tree("rules: {MESH104: error}\nfailOn: error\n")
    assert run()[0] == 1
    assert run("--ignore", "MESH104")[0] == 0


WRONG = [
    ("--select no-such", "--select: no rule is called 'no-such'; 'meshlint rules' lists them"),
    ("--select lables", "--select: no rule is called 'lables', did you mean 'labels'?"),
    ("--ignore MESH1O4", "--ignore: no rule is called 'MESH1O4', did you mean 'MESH104'?"),
    ("--select ,", "--select names no rule"),
    ("--select MESH104 --ignore labels", "--select and --ignore leave no rule"),
    ("--ignore *", "--select and --ignore leave no rule"),
    ("--profile stric", "--profile 'stric' is none of application, default, proven, strict, did you mean 'strict'?"),
    ("--profile ../labels/x", "--profile '../labels/x' is none of application, default, proven, strict"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong_words(tree: Callable[..., None], run: Run, words: str, said: str) -> None:
    tree()
    code, report, text = run(*words.split())
    assert (code, report) == (2, None)
    assert said in text


def test_unknown_rules_of_a_configuration_stand_at_their_lines(
    tree: Callable[..., None], run: Run
) -> None:
    tree(
        "rules:\n  MESH104: note\n  lables: off\n  namespace-conflicting-labels: error\n"
        "overrides:\n- paths: [legacy]\n  rules: {MESH1: note, no-such: off}\n"
    )
    code, report, text = run()
    assert (code, report) == (2, None)
    assert text.splitlines() == [
        "meshlint: 3 errors in the configuration",
        ".meshlint.yaml:3:3: no rule is called 'lables', did you mean 'labels'?",
        ".meshlint.yaml:4:3: 'MESH104' on line 2 is the same rule as 'namespace-conflicting-labels': keep one of the two",
        ".meshlint.yaml:7:24: no rule is called 'no-such'",
    ]  # fmt: skip


def test_paths_without_files_are_told(tree: Callable[..., None], run: Run) -> None:
    tree("overrides: [{paths: [lgacy], rules: {MESH104: off}}]\n")
    assert ".meshlint.yaml:1:22: 'lgacy' matches no file of this scan" in run()[2]


TOLD = [
    ("", None),
    ("--ignore MESH104", "  switched off: 1 rule; 2 findings not shown\n"),
    ("--ignore MESH105", "  switched off: 1 rule\n"),
    ("--config legacy.yaml", "  switched off: rules in some places; 1 finding not shown\n"),
]


@pytest.mark.parametrize(("words", "line"), TOLD)
def test_what_is_left_out_is_told(tree: Callable[..., None], run: Run, words: str, line: str | None) -> None:  # fmt: skip
    tree()
    Path("legacy.yaml").write_text(LEGACY)
    _, report, text = run("--no-config" if not words else "--fail-on=note", *words.split())
    told = re.findall(r"  switched off.*\n", text)
    assert told == ([line] if line else [])
    assert report["off"]["findings"] == int((re.findall(r"(\d+) finding", text) or [0])[0])


def test_json_has_what_is_off(tree: Callable[..., None], run: Run) -> None:
    tree("rules: {MESH104: off, MESH105: off}\n")
    assert run()[1]["off"] == {"rules": ["MESH104", "MESH105"], "findings": 2}
    assert run("--no-config")[1]["off"] == {"rules": [], "findings": 0}


def test_sarif_lists_no_rule_that_is_off() -> None:
    report = judge(named(None), named(N, OTHER))
    (run,) = json.loads(render("sarif", report))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) == len(policies()) - 1
    assert "MESH104" not in {rule["id"] for rule in rules}
    (result,) = run["results"]
    assert result["level"] == "note"
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "MESH102"
    assert rules[result["ruleIndex"]]["defaultConfiguration"] == {"level": "warning"}


def test_diagnose_asks_all_rules(
    tree: Callable[..., None], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """What nobody wants to hear of may be the cause."""
    symptom = next(s for s in leading_to(RULE) if not s.general)
    Path("error.txt").write_text(symptom.samples[0])
    answers = []
    for config in ("", "rules: {'*': off}\nprofile: proven\n"):
        tree(config)
        cli.run(["diagnose", "error.txt", ".", "--format", "json"])
        answers.append(capsysbinary.readouterr().out)
    assert answers[0] == answers[1]
    assert b"MESH104" in answers[0]


def test_both_states_of_a_comparison_are_judged(repo: Repository, run: Run) -> None:
    bad = namespace("shop", rev="1-29", injection="enabled")
    repo.commit({"a.yaml": bad, ".meshlint.yaml": "rules: {MESH104: note}\n"})
    repo.write({"b.yaml": bad.replace("shop", "till")})
    _, report, _ = run("--new-since", "HEAD")
    assert [(f["location"]["path"], f["severity"]) for f in report["findings"]] == [("b.yaml", "note")]  # fmt: skip
    assert report["base"]["hidden"] == 1
    assert run("--new-since", "HEAD", "--ignore", "MESH104")[1]["findings"] == []
    repo.write({".meshlint.yaml": "rules: {MESH104: off}\n"})
    assert run("--new-since", "HEAD")[1]["findings"] == []
    repo.commit()
    repo.write({".meshlint.yaml": ""})
    assert found(run("--new-since", "HEAD")[1]) == [("MESH104", "warning")] * 2
