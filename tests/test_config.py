"""`.meshlint.yaml` as a text: what is accepted, what is told of the rest, and that the schema agrees."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meshlint.config import glob, names
from meshlint.config.facts import facts
from meshlint.config.fault import Faulty
from meshlint.config.find import MAX_BYTES
from meshlint.config.model import Config
from meshlint.config.read import KEYS, read
from meshlint.finding import Severity
from meshlint.resources.control_plane import Origin, Revision, Tag
from meshlint.resources.declared import Declared, Flavour
from meshlint.resources.namespace import Namespace
from meshlint.resources.site import Site
from meshlint.rules.revisions import names as rule_names
from tests.conftest import ROOT

NAME = ".meshlint.yaml"
SCHEMA = json.loads((ROOT / "schemas/config.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

FULL = """\
revisions: [asm-1233-2, asm-1226-1]
tags: {prod: asm-1233-2}
defaultRevision: prod
flavour: csm-incluster
namespaces:
  shop: {labels: {istio.io/rev: prod}}
  legacy: {}
  old:
clusters:
  prod: {paths: ["clusters/prod/**", "overlays/prod"], revisions: [asm-1240-0], tags: {next: asm-1240-0}}
  dev:
    paths: [clusters/dev/]
    namespaces: {cart: {labels: {}}, till: {labels: }}
paths:
- {paths: ["apps/shop/**"], namespace: shop}
exclude: ["vendor/**", "**/test?/*.y*ml"]
context: mesh.json
charts:
- path: charts/shop
  release: shop
  namespace: shop
  values: [charts/shop/values-prod.yaml]
  set: {image.tag: v1, empty: ''}
  cluster: prod
- {path: .}
ignore:
- {rules: [MESH104, webhook-leftover], paths: [vendor], objects: [Namespace/shop, '*/a/b?'], reason: why, until: '2027-01-31'}
- {rules: [mesh_104], objects: [Namespace/shop], paths: , reason: , until: }
requireReasons: true
failOn: error
"""

GOOD = {
    "everything": FULL,
    "an empty file": "",
    "comments alone": "# nothing yet\n---\n# yet\n",
    "an empty map": "{}\n",
    "null": "~\n",
    "a byte order mark": "\ufeffrevisions: [a]\n",
    "JSON": '{"revisions": ["a"], "tags": {"b": "a"}}',
    "keys without values": "".join(f"{key}:\n" for key in SCHEMA["properties"]),
    "nobody is the default": "defaultRevision: none\n",
    "a default of an open set": "defaultRevision: asm-1233-2\n",
    "a tag of an open set": "tags: {prod: asm-1233-2}\n",
    "a tag with dots": "tags: {v1.2: a}\n",
    "a tag in the place of the unnamed revision": "revisions: [default, a]\ntags: {default: a}\n",
    "the unnamed revision as the default": "revisions: [default]\ndefaultRevision: default\n",
    "a tag of a cluster for a revision of all": "revisions: [a]\nclusters: {p: {paths: [p], tags: {t: a}}}\n",
    "the same name in two clusters": "clusters: {p: {paths: [p], revisions: [a]}, q: {paths: [q], revisions: [a]}}\n",
    "a cluster as Argo CD names it": "clusters: {'https://10.0.0.1:6443': {paths: [p]}}\n",
    "snapshots": "context: [mesh.json, {file: ../b.json}, {file: c.json, platform: ../platform}, {file: d, platform: }]\n",
    "no snapshot": "context: []\n",
    "anchors": "clusters:\n  p: {paths: [p], namespaces: &n {a: {labels: {b: c}}}}\n  q: {paths: [q], namespaces: *n}\n",
    "merged maps": "clusters:\n  p: &p {paths: [p], tags: {t: a}}\n  q: {<<: *p, paths: [q]}\n",
    "reasons as Kubernetes reads booleans": "requireReasons: yes\n",
    "labels that look like blanks": "namespaces: {a: {labels: {team: TEAM_A, empty: ''}}}\n",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_accepted(text: str) -> None:
    read(NAME, text.encode())
    VALIDATOR.validate(yaml.safe_load(text))


FORM, SENSE, YAML = "form", "sense", "yaml"
"""Whose fault it is: one that the schema finds too, one between values, and no YAML at all."""

BAD: list[tuple[str, str, str, list[str]]] = [
    ("an entry without rules", FORM, "ignore:\n- {paths: [a]}\n-\n", ["2:3: an entry has no rules: which findings are meant?", "3:2: an entry has neither paths nor objects: 'rules' can switch a rule off everywhere", "3:2: an entry has no rules: which findings are meant?"]),
    ("an entry for everything", FORM, "ignore:\n- {rules: [MESH104], reason: why}\n", ["2:3: an entry has neither paths nor objects: 'rules' can switch a rule off everywhere"]),
    ("an entry with empty lists", FORM, "ignore:\n- {rules: [], paths: [], objects: []}\n", [f"2:3: an entry has no {key}: leave the key out, or name some" for key in ("objects", "paths", "rules")]),
    ("all rules in an entry", FORM, "ignore:\n- {rules: ['*'], paths: [a]}\n", ["2:12: '*' is no code or name of a rule"]),
    ("an object alone", FORM, "ignore:\n- {rules: [a], objects: [shop, a/b/c/d, ' a/b']}\n", [f"2:{c}: '{name}' is no object: write Kind/name or Kind/namespace/name" for c, name in ((26, "shop"), (32, "a/b/c/d"), (41, " a/b"))]),
    ("another date", FORM, "ignore:\n- {rules: [a], paths: [b], until: 31.1.2027}\n", ["2:35: '31.1.2027' is no day of the calendar: write 2027-01-31"]),
    ("no day", SENSE, "ignore:\n- {rules: [a], paths: [b], until: '2027-02-30'}\n", ["2:35: '2027-02-30' is no day of the calendar: write 2027-01-31"]),
    ("a reason of spaces", FORM, "ignore:\n- {rules: [a], paths: [b], reason: ' '}\n", ["2:36: ' ' says nothing"]),
    ("a key of an entry", FORM, "ignore:\n- {rule: [a], paths: [b]}\n", ["2:3: an entry has no rules: which findings are meant?", "2:4: unknown key 'rule', did you mean 'rules'?"]),
    ("a word for a boolean", FORM, "requireReasons: always\n", ["1:17: 'requireReasons' is true or false"]),
    ("an unknown key", FORM, "revision: [a]\n", ["1:1: unknown key 'revision', did you mean 'revisions'?"]),
    ("another case", FORM, "fail-on: note\n", ["1:1: unknown key 'fail-on', did you mean 'failOn'?"]),
    ("nothing like it", FORM, "x: 1\n", [f"1:1: unknown key 'x': the keys here are {', '.join(KEYS)}"]),
    ("a key of a cluster", FORM, "clusters:\n  p:\n    path: [p]\n", ["2:3: cluster 'p' has no paths: which files are meant?", "3:5: unknown key 'path', did you mean 'paths'?"]),
    ("labels without their key", FORM, "namespaces:\n  shop: {istio.io/rev: a}\n", ["2:10: unknown key 'istio.io/rev': the only key here is labels"]),
    ("a list", FORM, "- a\n", ["1:1: the configuration must be a map, and is a list"]),
    ("a word", FORM, "hello\n", ["1:1: the configuration must be a map, and is a string"]),
    ("a revision alone", FORM, "revisions: asm-1\n", ["1:12: 'revisions' must be a list, and is a string"]),
    ("no revision", FORM, "revisions: []\n", ["1:1: no revision: leave the key out, if they are not known"]),
    ("a number", FORM, "revisions: [a, 120]\n", ["1:16: an item must be a string, and is an integer: write it in quotes"]),
    ("a map in a list", FORM, "revisions:\n- a: b\n", ["2:3: an item must be a string, and is a map"]),
    ("an empty item", FORM, "revisions:\n- a\n-\n", ["3:2: an item has no value"]),
    ("twice in a list", FORM, "revisions:\n- a\n- b\n- a\n", ["4:3: 'a' stands on line 2 already"]),
    ("a revision in capitals", FORM, "revisions: [ASM]\n", ["1:13: 'ASM' cannot be a revision: up to 56 lower-case letters, digits and dashes can"]),
    ("a revision with a dot", FORM, "revisions: [1.29]\ntags: {a: v1.29}\n", ["1:13: an item must be a string, and is a float: write it in quotes", "2:11: 'v1.29' cannot be a revision: up to 56 lower-case letters, digits and dashes can"]),
    ("a long revision", FORM, f"revisions: [{'a' * 57}]\n", [f"1:13: '{'a' * 57}' cannot be a revision: up to 56 lower-case letters, digits and dashes can"]),
    ("a chart without a path", FORM, "charts:\n- {release: a}\n-\n", ["2:3: an entry has no path: name the chart's folder", "3:2: an entry has no path: name the chart's folder"]),
    ("a chart outside", FORM, "charts: [{path: ../a, values: [/etc/x]}]\n", ["1:17: '../a' leads out of the repository", "1:32: '/etc/x' is an absolute path: write it from the configuration's folder"]),
    ("an illegal release", FORM, "charts: [{path: a, release: A}]\n", ["1:29: 'A' cannot be a release: up to 53 lower-case letters, digits and dashes can"]),
    ("a key of a chart", FORM, "charts: [{path: a, sets: {}}]\n", ["1:20: unknown key 'sets', did you mean 'set'?"]),
    ("a number to set", FORM, "charts: [{path: a, set: {b: 1}}]\n", ["1:29: 'b' must be a string, and is an integer: write it in quotes"]),
    ("a chart for another cluster", SENSE, "clusters: {p: {paths: [p]}}\ncharts: [{path: a, cluster: q}]\n", ["2:29: 'q' is none of the clusters p"]),
    ("a placeholder", FORM, "revisions: ['${REV}']\n", ["1:13: '${REV}' cannot be a revision: up to 56 lower-case letters, digits and dashes can"]),
    ("a reserved revision", FORM, "revisions: [none]\n", ["1:13: 'none' cannot be a name: 'defaultRevision: none' means that there is none"]),
    ("a reserved tag", FORM, "tags: {none: a}\n", ["1:8: 'none' cannot be a name: 'defaultRevision: none' means that there is none"]),
    ("a list of tags", FORM, "tags: [prod]\n", ["1:1: 'tags' must be a map, and is a list"]),
    ("a tag without a target", FORM, "tags:\n  prod:\n", ["2:3: 'prod' has no value"]),
    ("a tag with a slash", FORM, "tags: {a/b: c}\n", ["1:8: 'a/b' cannot be a tag: up to 63 lower-case letters, digits, dashes and dots can"]),
    ("a default with a slash", FORM, "defaultRevision: a/b\n", ["1:18: 'a/b' cannot be a tag: up to 63 lower-case letters, digits, dashes and dots can"]),
    ("no default at all", FORM, "defaultRevision: false\n", ["1:18: 'defaultRevision' must be a string, and is a boolean: write it in quotes"]),
    ("a slip in the flavour", FORM, "flavour: csm-managd\n", ["1:10: 'csm-managd' is none of istio, csm-incluster, csm-managed, aks, ossm2, sail, did you mean 'csm-managed'?"]),
    ("another threshold", FORM, "failOn: never\n", ["1:9: 'never' is none of error, warning, note"]),
    ("a list of namespaces", FORM, "namespaces: [shop]\n", ["1:1: 'namespaces' must be a map, and is a list"]),
    ("an illegal namespace", FORM, "namespaces: {Shop: {}}\n", ["1:14: 'Shop' cannot be a namespace: up to 63 lower-case letters, digits and dashes can"]),
    ("a label that is true", FORM, "namespaces:\n  shop:\n    labels:\n      istio-injection: true\n", ["4:24: 'istio-injection' must be a string, and is a boolean: write it in quotes"]),
    ("a label without a value", FORM, "namespaces: {shop: {labels: {a: }}}\n", ["1:30: 'a' has no value"]),
    ("an illegal label", FORM, "namespaces: {shop: {labels: {a b: c, d: e f}}}\n", ["1:30: 'a b' cannot be the key of a label", "1:41: 'e f' cannot be the value of a label"]),
    ("a cluster without paths", FORM, "clusters:\n  prod: {}\n  dev:\n  qa: {paths: []}\n", [f"{n}:3: cluster '{c}' has no paths: which files are meant?" for n, c in ((2, "prod"), (3, "dev"), (4, "qa"))]),
    ("a cluster that is a list", FORM, "clusters: {prod: [p]}\n", ["1:12: 'prod' must be a map, and is a list"]),
    ("a cluster without a name", FORM, "clusters: {'': {paths: [p]}}\n", ["1:12: '' cannot be a cluster: letters, digits and . _ : / @ - can"]),
    ("one path as a string", FORM, "clusters: {p: {paths: p/**}}\n", ["1:23: 'paths' must be a list, and is a string"]),
    ("an absolute path", FORM, "exclude: [/vendor]\n", ["1:11: '/vendor' is an absolute path: write it from the repository's root"]),
    ("a path out of the tree", FORM, "exclude: [a/../../b, .., ../x]\n", ["1:11: 'a/../../b' leads out of the repository", "1:22: '..' leads out of the repository", "1:26: '../x' leads out of the repository"]),
    ("a path from here", FORM, "exclude: [./a, a//b, a/., .]\n", [f"1:{c}: '{g}' must be written from the repository's root, without './' and '//'" for c, g in ((11, "./a"), (16, "a//b"), (22, "a/."), (27, "."))]),
    ("other marks", FORM, "exclude: ['a[b]', '{a,b}', '!a', 'a\\b']\n", [f"1:{c}: '{g}' has a mark without a meaning here: only *, ** and ? have one" for c, g in ((11, "a[b]"), (19, "{a,b}"), (28, "!a"), (34, "a\\b"))]),
    ("an empty path", FORM, "exclude: ['']\n", ["1:11: '' must have 1 to 500 characters"]),
    ("paths as a map", FORM, "paths: {a: b}\n", ["1:1: 'paths' must be a list, and is a map"]),
    ("paths without a namespace", FORM, "paths:\n- {paths: [a]}\n", ["2:3: an entry has no namespace"]),
    ("a namespace without paths", FORM, "paths:\n- namespace: a\n-\n", ["2:3: an entry has no paths: which files are meant?", "3:2: an entry has no namespace", "3:2: an entry has no paths: which files are meant?"]),
    ("a path for an entry", FORM, "paths: [a]\n", ["1:9: an item must be a map, and is a string"]),
    ("a snapshot without a file", FORM, "context:\n- {platform: p}\n- {file: }\n-\n", [f"{n}:{c}: an entry has no file: name that of the snapshot" for n, c in ((2, 3), (3, 3), (4, 2))]),
    ("a snapshot of this machine", FORM, "context: {file: /a, platform: ~/b}\n", [f"1:{c}: '{p}' is an absolute path: write it from the configuration's folder" for c, p in ((17, "/a"), (31, "~/b"))]),
    ("a snapshot that is a number", FORM, "context: 1\n", ["1:10: 'context' must be a string, and is an integer: write it in quotes"]),
    ("twice in a map", YAML, "tags:\n  a: b\n  c: d\n  a: e\n", ["4:3: 'a' stands on line 2 already"]),
    ("a key twice", YAML, "failOn: note\nfailOn: error\n", ["2:1: 'failOn' stands on line 1 already"]),
    ("nothing to merge", YAML, "clusters: {p: {<<: x, paths: [p]}}\n", ["1:16: '<<' must name maps"]),
    ("a second document", YAML, "failOn: note\n---\nfailOn: error\n", ["2:1: a second document: one is read"]),
    ("no YAML", YAML, "tags: {a\n", ["1:8: did not find expected ',' or a closing brace"]),
    ("no text", YAML, "tags: \udcff\n", ["1:7: byte 0xff is not UTF-8"]),
    ("a tag with a revision's name", SENSE, "revisions: [a, b]\ntags: {a: b}\n", ["2:8: tag 'a' is a revision on line 1"]),
    ("a tag for another revision", SENSE, "revisions: [asm-1233-2]\ntags: {prod: asm-1233-1}\n", ["2:14: tag 'prod' points to 'asm-1233-1', which is not declared, did you mean 'asm-1233-2'?"]),
    ("a tag for a tag", SENSE, "revisions: [a]\ntags: {x: a, yyy: x}\n", ["2:19: tag 'yyy' points to 'x', which is a tag, and must be a revision"]),
    ("another default", SENSE, "revisions: [a]\ndefaultRevision: default\n", ["2:18: the default is 'default', which is not declared"]),
    ("two defaults", SENSE, "revisions: [a, b]\ntags: {default: a}\ndefaultRevision: b\n", ["3:18: 'default' on line 2 says already who the default is: leave one of the two out"]),
    ("nobody, and somebody", SENSE, "revisions: [default]\ndefaultRevision: none\n", ["2:18: 'default' on line 1 says already who the default is: leave one of the two out"]),
    ("nobody, and a tag", SENSE, "tags: {default: a}\ndefaultRevision: none\n", ["2:18: 'default' on line 1 says already who the default is: leave one of the two out"]),
    ("a cluster's tag for another revision", SENSE, "revisions: [a]\nclusters: {p: {paths: [p], tags: {t: b}}}\n", ["2:38: tag 't' points to 'b', which is not declared in cluster 'p'"]),
    ("a tag of all that one cluster lacks", SENSE, "tags: {t: b}\nclusters: {p: {paths: [p], revisions: [a]}, q: {paths: [q], revisions: [b]}}\n", ["1:11: tag 't' points to 'b', which is not declared in cluster 'p'"]),
    ("a cluster's tag with the name of a revision of all", SENSE, "revisions: [a]\nclusters: {p: {paths: [p], tags: {a: a}}}\n", ["2:35: tag 'a' is a revision on line 1"]),
    ("a cluster says again what holds for all", SENSE, "revisions: [a]\ntags: {t: a}\ndefaultRevision: a\nflavour: aks\nnamespaces: {n: }\nclusters:\n  p:\n    paths: [p]\n    revisions: [a]\n    tags: {t: a}\n    defaultRevision: a\n    flavour: sail\n    namespaces: {n: }\n", [f"{n}:{c}: line {n - 8 if n < 13 else 5} gives '{name}' to every cluster already: leave one of the two out" for n, c, name in ((9, 17, "a"), (10, 12, "t"), (11, 22, "a"), (12, 14, "aks"), (13, 18, "n"))]),
    ("a faulty revision hides no other fault", FORM, "revisions: [a, B]\ntags: {t: b}\nexclude: [/]\n", ["1:16: 'B' cannot be a revision: up to 56 lower-case letters, digits and dashes can", "3:11: '/' is an absolute path: write it from the repository's root"]),
]  # fmt: skip


def faults(data: str | bytes) -> list[str]:
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    with pytest.raises(Faulty) as caught:
        read(NAME, raw)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{NAME}:") for line in lines)
    return [line.removeprefix(f"{NAME}:") for line in lines]


@pytest.mark.parametrize(("kind", "text", "said"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_refused(kind: str, text: str, said: list[str]) -> None:
    """Every fault, with its line and column; the schema sees all that are of the form."""
    assert faults(text) == said
    if kind != YAML:
        assert VALIDATOR.is_valid(yaml.safe_load(text)) is (kind == SENSE)


def test_all_faults_at_once() -> None:
    """Each document of the table by itself, one below the other under a cluster of its own."""
    text = "revisions: [A]\ntags: {b: B}\nx: 1\nclusters:\n  p: {paths: [/p], tags: {C: c}}\n"
    assert [line.split(": ")[0] for line in faults(text)] == ["1:13", "2:11", "3:1", "5:15", "5:27"]


SCRAPS: list[object] = [None, True, 1, "a", "A", "none", "/a", "", [], ["a"], ["a", "a"], [None], [1], {}, {"a": "b"}, {"a": None}, {"A": {}}, {"labels": {"a": "b"}}, {"paths": ["a"]}, [{"paths": ["a"], "namespace": "n"}], {"a": {"paths": ["a"]}}, {"a": {"labels": {"b": "c"}}}, {"file": "a"}, {"file": ["a"]}]  # fmt: skip


@pytest.mark.parametrize("key", sorted(SCHEMA["properties"]))
def test_schema_and_reader_agree_on_each_key(key: str) -> None:
    """Any value below any key, and below the same key of a cluster."""
    for value, inside in product(SCRAPS, (False, True)):
        body = {key: value}
        whole = {"clusters": {"c": {"paths": ["c"], **body}}} if inside else body
        assert accepted(json.dumps(whole)) == VALIDATOR.is_valid(whole), whole


def accepted(text: str) -> bool:
    try:
        read(NAME, text.encode())
    except Faulty:
        return False
    return True


WORDS = st.sampled_from(
    ["a", "b", "none", "A", "a.b", "/x", "x/**", "..", "", "error", "aks", None, 3, True]
)
VALUES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SCHEMA["properties"], "labels", "namespace", "file", "platform", "prod", "No"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])), VALUES, max_size=3))
def test_schema_and_reader_agree_on_anything(document: dict[str, object]) -> None:
    """What the reader accepts, the schema does; what the schema refuses, the reader does."""
    if accepted(json.dumps(document)):
        VALIDATOR.validate(document)


def test_the_schema_is_one_with_words_for_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for name, key in SCHEMA["properties"].items():
        described = SCHEMA["$defs"].get(name, key) if "$ref" in key else key
        assert described["title"], name
        assert described["description"].endswith("."), name


def test_patterns_are_those_of_the_schema_and_the_rules() -> None:
    assert names.REVISION.pattern == rule_names.LEGAL.pattern
    assert names.TAG.pattern == rule_names.LEGAL_TAG.pattern
    defs = SCHEMA["$defs"]
    assert defs["revision"]["pattern"] == f"^{names.REVISION.pattern.removesuffix(chr(92) + 'Z')}$"
    assert [f.value for f in Flavour] == defs["flavour"]["enum"][:-1]
    assert [s.value for s in Severity] == SCHEMA["properties"]["failOn"]["enum"][:-1]


SLOW = [
    ("an alias for every cluster", "x: &x {" + ",".join(f"a{i}: " for i in range(9000)) + "}\nclusters: {" + ",".join(f"b{i}: *x" for i in range(9000)) + "}\n"),
    ("an alias for every item", "x: &x {" + ",".join(f"a{i}: " for i in range(9000)) + "}\npaths: [" + ",".join(["*x"] * 9000) + "]\n"),
    ("a merge of many", "x: &x {" + ",".join(f"a{i}: " for i in range(9000)) + "}\ntags: {<<: [" + ",".join(["*x"] * 9000) + "]}\n"),
    ("a map in itself", "clusters: &x {p: *x, <<: *x}\n"),
    ("aliases of aliases", "a: &a [x]\n" + "".join(f"{c}: &{c} [{','.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True)) + "revisions: *i\n"),
    ("deep", "clusters: " + "[" * 5000),
]  # fmt: skip


@pytest.mark.parametrize("text", [s[1] for s in SLOW], ids=[s[0] for s in SLOW])
def test_hostile_files_are_refused(text: str) -> None:
    """Without bounds, some would take longer than anybody waits."""
    assert len(text) < MAX_BYTES
    assert faults(text)


def test_control_characters_are_never_echoed() -> None:
    shown = faults('"\\e[31m": 1\nrevisions: ["\\e[0m\\n::error::x"]\n')
    assert not {"\x1b", "\n"} & set("".join(shown))
    assert len(shown) == 2


# What is read


def full() -> Config:
    return read(NAME, FULL.encode())


def test_places_and_thresholds() -> None:
    config = full()
    assert [c.name for c in config.clusters] == ["prod", "dev"]
    assert [g.text for g in config.globs] == ["clusters/prod/**", "overlays/prod", "clusters/dev/", "apps/shop/**", "vendor/**", "**/test?/*.y*ml", "vendor"]  # fmt: skip
    (placed,) = config.placed
    assert (placed.namespace.text, placed.namespace.where.line) == ("shop", 15)
    assert [(s.file.text, s.platform) for s in config.snapshots] == [("mesh.json", None)]
    assert config.fail_on is Severity.ERROR


def test_facts() -> None:
    """Everything is told at its line, and of the cluster that it is declared for."""
    found = list(facts(full()))
    told = [(type(f).__name__, f.name.text, f.at.cluster, f.name.where.line) for f in found if isinstance(f, Revision | Tag)]  # fmt: skip
    assert told == [
        ("Revision", "asm-1233-2", "", 1),
        ("Revision", "asm-1226-1", "", 1),
        ("Tag", "prod", "", 2),
        ("Tag", "default", "", 3),
        ("Revision", "asm-1240-0", "prod", 10),
        ("Tag", "next", "prod", 10),
    ]
    assert {f.origin for f in found if isinstance(f, Revision | Tag)} == {Origin.DECLARED}
    spaces = [f.meta for f in found if isinstance(f, Namespace)]
    assert [(m.subject.name, m.at, m.where.line) for m in spaces] == [
        ("shop", Site(""), 6),
        ("legacy", Site(""), 7),
        ("old", Site(""), 8),
        ("cart", Site("", cluster="dev"), 13),
        ("till", Site("", cluster="dev"), 13),
    ]
    assert spaces[0].label("istio.io/rev") == "prod"
    declared = {f.at.cluster: f for f in found if isinstance(f, Declared)}
    assert {c: (d.closed, d.default, d.flavour) for c, d in declared.items()} == {
        "": (True, True, Flavour.CSM_INCLUSTER),
        "prod": (True, True, Flavour.CSM_INCLUSTER),
    }


DEFAULTS = [
    ("nothing is said", "tags: {t: a}\n", None, None),
    ("nobody", "defaultRevision: none\n", False, None),
    ("a revision", "revisions: [a]\ndefaultRevision: a\n", True, "a"),
    ("a tag is followed", "revisions: [a]\ntags: {t: a}\ndefaultRevision: t\n", True, "a"),
    ("a name of an open set", "defaultRevision: a\n", True, "a"),
    ("the tag itself", "tags: {default: a}\n", True, "a"),
    ("the unnamed revision", "revisions: [default]\n", True, None),
    ("closed, and nothing is said", "revisions: [a]\n", None, None),
]


@pytest.mark.parametrize(("text", "answer", "target"), [d[1:] for d in DEFAULTS], ids=[d[0] for d in DEFAULTS])  # fmt: skip
def test_defaults(text: str, answer: bool | None, target: str | None) -> None:
    found = list(facts(read(NAME, text.encode())))
    declared = [f.default for f in found if isinstance(f, Declared)]
    assert all(f.closed is ("revisions" in text) for f in found if isinstance(f, Declared))
    tags = [f.target.text for f in found if isinstance(f, Tag) and f.name.text == "default" and f.target]  # fmt: skip
    assert declared == ([] if text == DEFAULTS[0][1] else [answer])
    assert tags == ([target] if target else [])


def test_a_default_without_a_name_is_a_revision() -> None:
    (revision, _) = facts(read(NAME, b"defaultRevision: default\n"))
    assert isinstance(revision, Revision)
    assert (revision.name.text, revision.explicit) == ("default", False)


def test_values_with_the_look_of_blanks_are_meant_as_they_stand() -> None:
    (space,) = facts(read(NAME, GOOD["labels that look like blanks"].encode()))
    assert isinstance(space, Namespace)
    assert {k: f.value.known for k, f in space.meta.labels.items()} == {"team": "TEAM_A", "empty": ""}  # fmt: skip


# Globs

GLOBS = [
    ("a", "a a/b a/b/c", "b/a ab aa"),
    ("a/", "a/b", "b/a ab"),
    ("a/**", "a/b a/b/c", "a ab b/a"),
    ("a/*", "a/b a/b/c a/.b", "a b/a/c"),
    ("a/*.yaml", "a/b.yaml a/.yaml", "a/b.yml a/b/c.yaml b.yaml"),
    ("*", "a a/b .a", ""),
    ("**", "a a/b .a/b", ""),
    ("**/a", "a b/a b/c/a a/b", "ab b/ab"),
    ("**/**/a", "a b/a b/c/a", "b a1"),
    ("**/a/**", "a/b b/a/c", "a b/a ab/c"),
    ("a/**/b", "a/b a/c/b a/c/d/b a/b/c", "b a/c ab"),
    ("**/a*c/?", "abc/x b/ac/y", "abc/xy abd/x"),
    ("a?b", "axb", "a/b ab axxb"),
    ("a**b", "ab axxb", "a/b"),
    ("a.b", "a.b", "axb"),
    ("a+(b)$", "a+(b)$", "aab"),
    ("*a*b*", "ab xaxbx/y", "ba x/ab"),
    ("ä/*", "ä/b", "a/b"),
]


@pytest.mark.parametrize(("pattern", "taken", "left"), GLOBS, ids=[g[0] for g in GLOBS])
def test_globs(pattern: str, taken: str, left: str) -> None:
    match = glob.matcher([pattern]).match
    assert [path for path in taken.split() if not match(path)] == []
    assert [path for path in left.split() if match(path)] == []


def names_match(pattern: str, name: str) -> bool:
    """One name, by the book: as slow as it likes."""
    if pattern[:1] == "*":
        return names_match(pattern[1:], name) or (name != "" and names_match(pattern, name[1:]))
    if not pattern or not name:
        return pattern == name
    return pattern[0] in ("?", name[0]) and names_match(pattern[1:], name[1:])


def parts_match(parts: list[str], path: list[str]) -> bool:
    if parts[:1] == ["**"]:
        return parts_match(parts[1:], path) or (path != [] and parts_match(parts, path[1:]))
    if not parts or not path:
        return parts == path
    return names_match(parts[0], path[0]) and parts_match(parts[1:], path[1:])


@given(
    st.lists(st.sampled_from(["**", "a", "b", "a*", "*a", "*", "a?", "a*b*", "*a*b"]), min_size=1, max_size=5),
    st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=5),
)  # fmt: skip
def test_globs_agree_with_the_slow_way(parts: list[str], path: list[str]) -> None:
    below = [*parts, "*"] if parts[-1] == "**" else parts
    expected = any(parts_match(below, path[:end]) for end in range(1, len(path) + 1))
    assert (glob.matcher(["/".join(parts)]).match("/".join(path)) is not None) == expected


def test_several_globs_and_none() -> None:
    assert glob.matcher(["a", "b/*"]).match("b/c")
    assert not glob.matcher(["a", "b/*"]).match("c")
    assert not glob.matcher([]).match("a")
    assert not glob.matcher(["**"]).match("")


@pytest.mark.parametrize("pattern", ["*a" * 200 + "b", "/".join(["**", "a*a*a*b"] * 40)])
def test_globs_end(pattern: str) -> None:
    """With a matcher that tries all ways they would not, in anybody's lifetime."""
    assert not glob.matcher([pattern]).match("/".join(["a" * 200] * 100))


# The document

DOCUMENT = ROOT / "docs/configuration.md"
EXAMPLE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def test_the_document_has_every_key() -> None:
    text = DOCUMENT.read_text()
    for key in (*SCHEMA["properties"], "labels", "platform", "file"):
        assert f"`{key}`" in text, key
    for flavour in Flavour:
        assert f"`{flavour}`" in text, flavour


@pytest.mark.parametrize("path", [DOCUMENT, ROOT / "README.md"], ids=lambda path: path.name)
def test_examples_are_accepted(path: Path) -> None:
    others = ("repos:", "apiVersion:")  # of pre-commit, and of Kubernetes
    examples = [e for e in EXAMPLE.findall(path.read_text()) if not any(o in e for o in others)]
    assert examples
    for example in examples:
        read(path.name, example.encode())
