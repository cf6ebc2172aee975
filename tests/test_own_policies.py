"""Policies that users write: what each check finds, what is told of bad ones, and how they run."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

import meshlint.checks
from meshlint import cli
from meshlint.checks.book import of_entries
from meshlint.checks.read import read
from meshlint.checks.registry import CHECKS
from meshlint.engine import Terms, run
from meshlint.finding import Severity
from meshlint.policy import policies
from meshlint.report.text import headline
from meshlint.rules.parameter import PARAMETERS
from meshlint.source.files import Collection, Source
from tests.certificates import block, bundle, made
from tests.conftest import ROOT
from tests.manifests import injector, istiod, namespace, workload

assert meshlint.checks
SCHEMA = json.loads((ROOT / "schemas/own-policy.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
Run = Callable[..., tuple[int, str, str]]

HEAD = """\
code: ACME001
name: acme-rule
severity: warning
summary: Something is not as Acme has it.
why: It was agreed.
fix: Do what was agreed.
examples: {fails: 'a', passes: 'b'}
"""


def policy(check: str, more: str = "") -> str:
    return f"{HEAD}{more}check:\n  {check}\n"


def found(text: str, *manifests: str) -> list[str]:
    """What a policy finds in manifests that are files of one folder: place, severity, words."""
    rules = of_entries(read("policy.yaml", text.encode()))
    VALIDATOR.validate(yaml.safe_load(text))
    sources = [Source(f"apps/{n}.yaml", text.encode()) for n, text in enumerate(manifests)]
    report = run(Collection(sources), frozenset(rules.changed), terms=Terms(rules))
    assert not report.failures
    return [
        f"{f.where.path.removeprefix('apps/')}:{f.where.line}:{f.where.column} {f.severity}"
        f" {f.message}"
        for f in report.findings
    ]


SHOP = namespace("shop", rev="1-29")
PLANE = istiod("1-29") + "---\n" + injector("1-29")
TAGGED = PLANE + "---\n" + injector("1-29", tag="prod")
PATCH = (
    "apiVersion: v1\nkind: Namespace\n$patch: merge\nmetadata: {name: shop, labels: {team: a}}\n"
)
BLANK = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: '${TEAM}'}}\n"
NAMELESS = "apiVersion: v1\nkind: Namespace\nmetadata: {name: '${NS}'}\n"
FRAGMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, namespace: shop}\nspec: {replicas: 2}\n"
OTHER_COPY = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n"
CHART = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {{ .Values.labels }}\n"
TEAM = "required-label: {of: namespaces, key: team}"
VALUE = "required-label: {of: namespaces, key: a, value: c}"
POD = "required-label: {of: pods, key: team, value: pay}"
NOTE = "required-annotation: {of: pods, key: acme.com/owner, pattern: 'team-*'}"
NS_NOTE = "required-annotation: {of: namespaces, key: acme.com/owner}"
BARE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
OWNED = (
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, annotations: {acme.com/owner: me}}\n"
)
MANUAL = "forbidden-label: {of: pods, key: sidecar.istio.io/inject, value: 'false'}"
NEVER = "forbidden-annotation: {of: pods, key: sidecar.istio.io/inject}"
LEGACY = "forbidden-label: {of: namespaces, key: istio-injection}"
REVISIONS = "allowed-revisions: {revisions: [prod, 'canary-*']}"
TAGS = "tags-only:"
NEEDED = "injection-required: {namespaces: {matchLabels: {a: b}}}"
REFUSED = "injection-forbidden: {namespaces: {names: [shop]}}"
FAIL = "webhook-failure-policy: {policy: Fail}"
SOURCES = "webhook-cabundle-source: {sources: [cert-manager]}"
ISTIOD = "webhook-cabundle-source: {sources: [istiod]}"
HOOKS = "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata:\n  name: istio-sidecar-injector\n  labels: {istio.io/rev: default}\n  annotations: {%s}\nwebhooks:\n- name: namespace.sidecar-injector.istio.io\n  clientConfig: {%sservice: {name: istiod, namespace: istio-system, path: /inject}}\n%s"
CERTED = HOOKS % ("cert-manager.io/inject-ca-from: istio-system/ca", "", "")
LITERAL = HOOKS % ("", "caBundle: QUJD, ", "")
PLAIN = HOOKS % ("", "", "")
HELD = HOOKS % ("", "caBundle: '${CA}', ", "  failurePolicy: ${POLICY}\n")
OPEN = HOOKS % ("", "", "  failurePolicy: Ignore\n")
VALIDATOR_HOOK = (
    OPEN.replace("Mutating", "Validating")
    .replace("namespace.sidecar-injector.istio.io", "rev.validation.istio.io")
    .replace("/inject", "/validate")
)
MISSING = "Add it to 'metadata.labels'."

CASES: list[tuple[str, str, tuple[str, ...], list[str]]] = [
    ("a label is missing", TEAM, (SHOP,), [f"0.yaml:4:9 warning Namespace shop needs a label 'team', and has none. {MISSING}"]),
    ("a label is there", TEAM.replace("team", "a"), (SHOP,), []),
    ("a label that some patch brings", TEAM, (BARE, PATCH), []),
    ("a label with a placeholder", TEAM.replace("team}", "team, value: a}"), (BLANK,), []),
    ("a namespace without a known name", TEAM, (NAMELESS,), []),
    ("a template", TEAM, (CHART,), []),
    ("a declared name only", TEAM, (workload(),), []),
    ("another value", VALUE, (SHOP,), ["0.yaml:6:8 warning Namespace shop has the label 'a: b', and needs it with the value 'c'. Write 'c'."]),
    ("one of the values", "required-label: {of: namespaces, key: a, values: [b, c]}", (SHOP,), []),
    ("none of the values", "required-label: {of: namespaces, key: a, values: [c, d]}", (SHOP,), ["0.yaml:6:8 warning Namespace shop has the label 'a: b', and needs it with one of the values 'c', 'd'. Write a value that fits."]),
    ("marks of a glob have no other meaning", "required-label: {of: namespaces, key: a, pattern: '[b]'}", (SHOP,), ["0.yaml:6:8 warning Namespace shop has the label 'a: b', and needs it with a value like '[b]'. Write a value that fits."]),
    ("other namespaces", "required-label: {of: namespaces, key: team, namespaces: {names: ['till*']}}", (SHOP,), []),
    ("all but some", "required-label: {of: namespaces, key: team, namespaces: {except: ['sh?p']}}", (SHOP,), []),
    ("by expression", "required-label: {of: namespaces, key: team, namespaces: {matchExpressions: [{key: a, operator: NotIn, values: [b]}]}}", (SHOP,), []),
    ("by label", "required-label: {of: namespaces, key: team, namespaces: {matchLabels: {a: b}}}", (SHOP,), [f"0.yaml:4:9 warning Namespace shop needs a label 'team', and has none. {MISSING}"]),
    ("a pod label is missing", POD, (workload(),), ["0.yaml:4:9 warning The pod template of Deployment shop/cart needs a label 'team' with the value 'pay', and has none. Add it to 'spec.template.metadata.labels'."]),
    ("pods of a namespace that is not known", "required-label: {of: pods, key: team, namespaces: {matchLabels: {a: b}}}", (workload(),), []),
    ("pods of a namespace that is known", "required-label: {of: pods, key: team, namespaces: {matchLabels: {a: b}}}", (workload(), SHOP), ["0.yaml:4:9 warning The pod template of Deployment shop/cart needs a label 'team', and has none. Add it to 'spec.template.metadata.labels'."]),
    ("a fragment", POD, (FRAGMENT,), []),
    ("what looks like a patch", POD, (workload().replace("  selector: {matchLabels: {app: cart}}\n", ""),), []),
    ("a container without an image", POD, (workload().replace(", image: cart:1", ""),), []),
    ("a namespace that another file has the label of", TEAM, (BARE, OTHER_COPY), []),
    ("a namespace that may not be chosen", "required-label: {of: namespaces, key: x, namespaces: {matchLabels: {team: a}}}", (BLANK,), []),
    ("a label that some patch may take away", "forbidden-label: {of: namespaces, key: team}", (OTHER_COPY, PATCH), []),
    ("a tag of a revision's name", TAGS, (SHOP, TAGGED, injector("1-28", tag="1-29")), []),
    ("pods of another kind", POD.replace("pay}", "pay, pods: {kinds: [Job]}}"), (workload(),), []),
    ("pods with another label", POD.replace("pay}", "pay, pods: {matchLabels: {app: till}}}"), (workload(),), []),
    ("a label that a controller adds", "required-label: {of: pods, key: pod-template-hash, value: x}", (workload(),), []),
    ("an annotation is missing", NOTE, (workload(),), ["0.yaml:4:9 warning The pod template of Deployment shop/cart needs an annotation 'acme.com/owner' with a value like 'team-*', and has none. Add it to 'spec.template.metadata.annotations'."]),
    ("a namespace's annotation is missing", NS_NOTE, (BARE,), ["0.yaml:3:18 warning Namespace shop needs an annotation 'acme.com/owner', and has none. Add it to 'metadata.annotations'."]),
    ("a namespace's annotation is there", NS_NOTE, (OWNED,), []),
    ("a namespace's annotation from a patch", NS_NOTE, (BARE, OWNED.replace("metadata:", "$patch: merge\nmetadata:")), []),
    ("a value that must not be", MANUAL, (workload(inject='"false"'),), ["0.yaml:12:34 warning The pod template of Deployment shop/cart has the label 'sidecar.istio.io/inject: false', which it must not have with the value 'false'. Write another value, or remove it."]),
    ("another value than that", MANUAL, (workload(inject='"true"'),), []),
    ("a key that must not be", NEVER, (workload(note='"true"'),), ["0.yaml:12:21 warning The pod template of Deployment shop/cart has the annotation 'sidecar.istio.io/inject: true', which it must not have. Remove it."]),
    ("a key that must not be, and is not", NEVER, (workload(),), []),
    ("a label that must not be", LEGACY, (namespace("shop", injection="enabled"),), ["0.yaml:7:5 warning Namespace shop has the label 'istio-injection: enabled', which it must not have. Remove it."]),
    ("a revision that may not be", REVISIONS, (SHOP,), ["0.yaml:7:19 warning Namespace shop asks by 'istio.io/rev: 1-29' for '1-29', and may ask only for 'prod', 'canary-*'. Write 'istio.io/rev: prod'."]),
    ("a revision that may be", REVISIONS, (namespace("shop", rev="canary-2"), namespace("till", rev="prod")), []),
    ("the default revision", REVISIONS, (namespace("shop", injection="enabled", rev="prod"),), ["0.yaml:8:22 warning Namespace shop asks by 'istio-injection: enabled' for the default revision, and may ask only for 'prod', 'canary-*'. Write 'istio.io/rev: prod'."]),
    ("the default revision may be", "allowed-revisions: {revisions: [default]}", (namespace("shop", injection="enabled"),), []),
    ("a namespace that asks for nothing", REVISIONS, (namespace("shop"), namespace("till", injection="disabled", rev="1-29")), []),
    ("pods that name a revision", REVISIONS, (workload(rev="1-29"), BARE), ["0.yaml:12:23 warning Deployment shop/cart asks by 'istio.io/rev: 1-29' for '1-29', and may ask only for 'prod', 'canary-*'. Write 'istio.io/rev: prod'."]),
    ("pods whose namespace decides", REVISIONS, (workload(rev="1-29"), namespace("shop", rev="prod")), []),
    ("pods that refuse", REVISIONS, (workload(rev="1-29", inject='"false"'), BARE), []),
    ("pods that ask the default", REVISIONS, (workload(inject='"true"'), BARE), ["0.yaml:12:34 warning Deployment shop/cart asks by 'sidecar.istio.io/inject: true' for the default revision, and may ask only for 'prod', 'canary-*'. Write 'istio.io/rev: prod'."]),
    ("pods that ask whom the namespace says", REVISIONS, (workload(inject='"true"'),), []),
    ("namespaces alone", "allowed-revisions: {of: namespaces, revisions: [prod]}", (workload(rev="1-29"), BARE), []),
    ("pods alone", "allowed-revisions: {of: pods, revisions: [prod]}", (SHOP,), []),
    ("a choice of pods means pods", "allowed-revisions: {revisions: [prod], pods: {names: [x]}}", (SHOP,), []),
    ("a blank", REVISIONS, (namespace("shop", rev="REVISION"),), []),
    ("a revision itself", TAGS, (SHOP, TAGGED), ["0.yaml:7:19 warning Namespace shop asks by 'istio.io/rev: 1-29' for a revision itself, and is to ask by a tag, so that an upgrade moves the tag alone. 'prod' leads to it today. Write 'prod'."]),
    ("a tag", TAGS, (namespace("shop", rev="prod"), TAGGED), []),
    ("a name that nothing tells of", TAGS, (SHOP,), []),
    ("a managed channel", TAGS, (namespace("shop", rev="asm-managed"), TAGGED), []),
    ("no sidecar", NEEDED, (workload(), namespace("shop"), PLANE), ["0.yaml:4:9 warning The pods of Deployment shop/cart get no sidecar, and must have one: namespace shop has no injection label. Label the namespace, or these pods, so that one is injected."]),
    ("pods that will not", NEEDED, (workload(inject='"false"'), SHOP, PLANE), ["0.yaml:12:34 warning The pods of Deployment shop/cart get no sidecar, and must have one: sidecar.istio.io/inject is \"false\". Take that out."]),
    ("a sidecar", NEEDED, (workload(), SHOP, PLANE), []),
    ("nobody knows", NEEDED, (workload(), namespace("shop", rev="gone")), []),
    ("a namespace that another file labels", "injection-required:", (workload() + "---\n" + BARE, SHOP, PLANE), []),
    ("pods that will not, in such a namespace", "injection-required:", (workload(inject='"false"') + "---\n" + BARE, SHOP, PLANE), ["0.yaml:12:34 warning The pods of Deployment shop/cart get no sidecar, and must have one: sidecar.istio.io/inject is \"false\". Take that out."]),
    ("a sidecar that another file forbids", REFUSED, (workload() + "---\n" + SHOP, namespace("shop", injection="disabled"), PLANE), []),
    ("istiod itself", "injection-required:", (PLANE,), []),
    ("a sidecar that must not be", REFUSED, (workload(), SHOP, PLANE), ["0.yaml:4:9 warning The pods of Deployment shop/cart get a sidecar, and must have none: webhook rev.namespace.sidecar-injector.istio.io matches; the pod leaves it to the injector's policy. Label them 'sidecar.istio.io/inject: \"false\"', or have their namespace left out."]),
    ("pods that ask for what must not be", REFUSED, (workload(rev="1-29"), BARE, PLANE), ["0.yaml:12:23 warning The pods of Deployment shop/cart get a sidecar, and must have none: webhook rev.object.sidecar-injector.istio.io matches; the pod leaves it to the injector's policy. Remove 'istio.io/rev', or have their namespace left out."]),
    ("no sidecar where none may be", REFUSED, (workload(), BARE, PLANE), []),
    ("another namespace", REFUSED.replace("shop", "till"), (workload(), SHOP, PLANE), []),
    ("a policy that must not be", FAIL, (OPEN,), ["0.yaml:10:18 warning Hook 'namespace.sidecar-injector.istio.io' of MutatingWebhookConfiguration istio-sidecar-injector has 'failurePolicy: Ignore', and needs 'failurePolicy: Fail'."]),
    ("a policy left out", FAIL, (PLAIN,), []),
    ("a policy left out is Fail", FAIL.replace("Fail", "Ignore"), (PLAIN,), ["0.yaml:8:9 warning Hook 'namespace.sidecar-injector.istio.io' of MutatingWebhookConfiguration istio-sidecar-injector leaves failurePolicy to be Fail, and needs 'failurePolicy: Ignore'."]),
    ("a policy left out was Ignore once", FAIL, (PLAIN.replace("io/v1", "io/v1beta1", 1),), ["0.yaml:8:9 warning Hook 'namespace.sidecar-injector.istio.io' of MutatingWebhookConfiguration istio-sidecar-injector leaves failurePolicy to be Ignore, and needs 'failurePolicy: Fail'."]),
    ("a policy that is filled in", FAIL, (HELD,), []),
    ("a validator", FAIL, (VALIDATOR_HOOK,), []),
    ("a validator that is meant", "webhook-failure-policy: {policy: Fail, webhooks: validating}", (VALIDATOR_HOOK,), ["0.yaml:10:18 warning Hook 'rev.validation.istio.io' of ValidatingWebhookConfiguration istio-sidecar-injector has 'failurePolicy: Ignore', and needs 'failurePolicy: Fail'."]),
    ("another configuration", "webhook-failure-policy: {policy: Fail, names: [mine-*]}", (OPEN,), []),
    ("cert-manager's", SOURCES, (CERTED,), []),
    ("istiod's", SOURCES, (PLAIN,), ["0.yaml:8:9 warning The caBundle of hook 'namespace.sidecar-injector.istio.io' of MutatingWebhookConfiguration istio-sidecar-injector is left to istiod, and may come only from 'cert-manager'."]),
    ("not istiod's", ISTIOD, (CERTED,), ["0.yaml:6:17 warning The caBundle of hook 'namespace.sidecar-injector.istio.io' of MutatingWebhookConfiguration istio-sidecar-injector is filled in by cert-manager, and may come only from 'istiod'."]),
    ("in the file", ISTIOD, (LITERAL,), ["0.yaml:9:18 warning The caBundle of hook 'namespace.sidecar-injector.istio.io' of MutatingWebhookConfiguration istio-sidecar-injector stands in the file, and may come only from 'istiod'."]),
    ("in the file, as it may", "webhook-cabundle-source: {sources: [inline]}", (LITERAL,), []),
    ("nobody's", ISTIOD, (PLAIN.replace("  labels: {istio.io/rev: default}\n", ""),), ["0.yaml:7:9 warning The caBundle of hook 'namespace.sidecar-injector.istio.io' of MutatingWebhookConfiguration istio-sidecar-injector is filled in by nobody that the file names, and may come only from 'istiod'."]),
    ("filled in later", ISTIOD, (HELD,), []),
    ("behind an address", SOURCES, (PLAIN.replace("service: {name: istiod, namespace: istio-system, path: /inject}", "url: 'https://istiod.example.com/inject'"),), []),
]  # fmt: skip


@pytest.mark.parametrize(("check", "manifests", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])  # fmt: skip
def test_checks(check: str, manifests: tuple[str, ...], expected: list[str]) -> None:
    assert found(policy(check), *manifests) == expected


def test_every_check_is_tried() -> None:
    tried = {(check.split(":")[0], bool(expected)) for _, check, _, expected in CASES}
    assert tried == {(name, hit) for name in CHECKS for hit in (True, False)}


@pytest.mark.parametrize("check", ["injection-required:", "injection-forbidden:"])
def test_what_is_not_known_may_be_reported(check: str) -> None:
    (line,) = found(policy(check, "cases: {unknown: note}\n"), workload(), SHOP)
    assert line.startswith("0.yaml:4:9 note The pods of Deployment shop/cart may get a sidecar")
    assert "To settle it, " in line
    assert found(policy(check, "cases: {unknown: error}\n"), FRAGMENT, SHOP) == []


# Changes of shipped rules


def changed(text: str) -> tuple[object, ...]:
    (entry,) = read("policy.yaml", text.encode())
    VALIDATOR.validate(yaml.safe_load(text))
    policy = entry.policy
    return policy.code, policy.severity, policy.cases, policy.why, policy.fix, policy.references


def shipped(code: str) -> tuple[object, ...]:
    policy = next(policy for policy in policies() if policy.code == code)
    return policy.code, policy.severity, policy.cases, policy.why, policy.fix, policy.references


def test_only_what_is_said_is_changed() -> None:
    assert changed("code: MESH101\n") == shipped("MESH101")
    assert changed("name: namespace-injection-value\ncode: MESH101\n") == shipped("MESH101")
    new = changed("code: MESH101\nfix: Ask us.\nreferences: ['https://a.example.com']\n")
    assert new == (*shipped("MESH101")[:4], "Ask us.", ("https://a.example.com",))


@pytest.mark.parametrize(
    ("said", "severity", "case"),
    [
        ("severity: note\n", Severity.NOTE, Severity.NOTE),
        ("severity: warning\n", Severity.WARNING, Severity.WARNING),
        ("severity: error\n", Severity.ERROR, Severity.WARNING),
        ("cases: {off: note}\n", Severity.ERROR, Severity.NOTE),
        ("severity: warning\ncases: {off: error}\n", Severity.WARNING, Severity.ERROR),
    ],
)
def test_severities(said: str, severity: Severity, case: Severity) -> None:
    new = changed(f"code: MESH101\n{said}")
    assert new[1:3] == (severity, {"off": case})


def test_a_changed_severity_is_reported() -> None:
    (line,) = found("code: MESH101\nseverity: note\n", namespace("shop", injection="true"))
    assert line.startswith("0.yaml:7:22 note ")


@pytest.mark.parametrize(("company", "number"), [(1, 1), (2, 1), (3, 0), (9, 0)])
def test_a_parameter(company: int, number: int) -> None:
    labelled = [namespace(name, injection="enabled") for name in ("a", "b")]
    text = f"name: namespace-not-labelled\nwith: {{company: {company}}}\n"
    assert len(found(text, BARE, *labelled)) == number


@pytest.mark.parametrize(("days", "number"), [(0, 0), (1, 0), (3650, 1)])
def test_certificates_that_expire_soon(days: int, number: int) -> None:
    found_in_git = bundle(block(made(until=datetime.now() + timedelta(days=30))))
    hook = HOOKS % ("", f"caBundle: {found_in_git}, ", "")
    text = f"code: MESH307\nwith: {{days: {days}}}\n"
    lines = found(text, hook.replace("  labels: {istio.io/rev: default}\n", ""))
    assert len(lines) == number
    assert all(" warning This caBundle expires on " in line for line in lines)


# Faults

FORM, SENSE, YAML = "form", "sense", "yaml"
GOOD = policy(TEAM)
OTHER = GOOD.replace("ACME001", "ACME002")
EXPRESSION = "required-label: {of: namespaces, key: a, namespaces: {matchExpressions: [%s]}}"

BAD = [
    ("no map", FORM, "- a\n", ["1:1: a policy must be a map, and is a list"]),
    ("no YAML", YAML, "code: [\n", ["1:7: did not find expected node content"]),
    ("neither code nor name", FORM, "severity: note\n", ["1:1: a policy has neither 'code' nor 'name': which rule is meant?"]),
    ("no rule", SENSE, "code: MESH999\n", ["1:7: 'MESH999' is no rule of meshlint's"]),
    ("a slip", SENSE, "name: namespace-not-labeled\n", ["1:7: 'namespace-not-labeled' is no rule of meshlint's, did you mean 'namespace-not-labelled'?"]),
    ("no check", FORM, "code: ACME001\n", ["1:7: 'ACME001' is no rule of meshlint's, and a rule of your own has a 'check'"]),
    ("two rules", SENSE, "code: MESH101\nname: pod-inject-value\n", ["2:7: 'pod-inject-value' is not the rule 'MESH101'"]),
    ("a check without words", FORM, f"check:\n  {TEAM}\n", [f"1:1: a rule of your own has no '{key}'" for key in ("code", "examples", "fix", "name", "severity", "summary", "why")]),
    ("our letters", FORM, GOOD.replace("ACME001", "MESH901"), ["1:7: 'MESH901' begins with 'MESH', as meshlint's own codes alone do: choose other letters"]),
    ("no code", FORM, GOOD.replace("ACME001", "acme-1"), ["1:7: 'acme-1' cannot be a code: two to eight capital letters, maybe a dash, one to six digits"]),
    ("our name", SENSE, GOOD.replace("acme-rule", "pod-inject-value"), ["2:7: 'pod-inject-value' is one of meshlint's own: choose another"]),
    ("one word", FORM, GOOD.replace("acme-rule", "acme"), ["2:7: 'acme' cannot be a name: two words or more, of small letters and digits, with dashes"]),
    ("a family", FORM, GOOD.replace("acme-rule", "control-plane"), ["2:7: 'control-plane' is a family of rules: choose another"]),
    ("twice", SENSE, f"{GOOD}---\n{OTHER}", ["12:7: 'acme-rule' stands in own/policy.yaml:2 already: choose another"]),
    ("changed twice", SENSE, "code: MESH101\n---\nname: namespace-injection-value\n", ["3:7: 'MESH101' stands in own/policy.yaml:1 already: write both as one"]),
    ("a severity", FORM, GOOD.replace("severity: warning", "severity: warn"), ["3:11: 'warn' is none of error, warning, note, did you mean 'warning'?"]),
    ("off", FORM, "code: MESH101\nseverity: 'off'\n", ["2:11: 'off' is none of error, warning, note"]),
    ("a case of a rule without", FORM, policy(TEAM, "cases: {unknown: note}\n"), ["8:9: 'unknown' is no case: the rule has none"]),
    ("a case of a check", FORM, policy("injection-required:", "cases: {maybe: note}\n"), ["8:9: 'maybe' is none of unknown"]),
    ("a case of a shipped rule", SENSE, "code: MESH101\ncases: {on: note}\n", ["2:9: 'on' is none of off"]),
    ("a key", FORM, policy(TEAM, "sumary: a\n"), ["8:1: unknown key 'sumary', did you mean 'summary'?"]),
    ("a parameter of one's own", FORM, policy(TEAM, "with: {a: 1}\n"), ["8:1: unknown key 'with': the keys here are code, name, severity, cases, summary, why, fix, symptom, references, examples, check"]),
    ("half an example", FORM, GOOD.replace(", passes: 'b'", ""), ["7:1: 'examples' has no 'passes'"]),
    ("no address", FORM, policy(TEAM, "references: [wiki]\n"), ["8:14: 'wiki' is no https:// address"]),
    ("an unknown check", FORM, policy("required-lable: {}"), ["9:3: unknown key 'required-lable', did you mean 'required-label'?"]),
    ("two checks", FORM, policy("tags-only:\n  injection-required:"), ["8:1: 'check' must name one check"]),
    ("an empty check", FORM, f"{HEAD}check: {{}}\n", ["8:1: 'check' must name one check"]),
    ("a check alone", FORM, f"{HEAD}check: tags-only\n", ["8:8: 'check' must be a map, and is a string"]),
    ("what a check needs", FORM, policy("required-label:"), ["9:3: 'required-label' has no 'key'", "9:3: 'required-label' has no 'of'"]),
    ("what a check does not know", FORM, policy("tags-only: {revisions: [a]}"), ["9:15: unknown key 'revisions': the keys here are of, namespaces, pods"]),
    ("a word", FORM, policy(TEAM.replace("namespaces", "spaces")), ["9:24: 'spaces' is none of namespaces, pods, did you mean 'namespaces'?"]),
    ("a key that none can be", FORM, policy(TEAM.replace("team", "a b")), ["9:41: 'a b' cannot be the key of a label"]),
    ("two values", FORM, policy(TEAM.replace("team", "a, value: b, pattern: c")), ["9:54: 'pattern' says again what 'value' says: keep one of the two"]),
    ("pods among namespaces", FORM, policy(TEAM.replace("team", "a, pods: {names: [b]}")), ["9:44: 'pods' chooses nothing where 'of' is namespaces: leave one of the two out"]),
    ("an empty list", FORM, policy("allowed-revisions: {revisions: []}"), ["9:23: 'revisions' is empty: name some, or leave it out"]),
    ("a name that none can be", FORM, policy("allowed-revisions: {revisions: ['[a]']}"), ["9:35: '[a]' cannot be a name: letters, digits, - . _ can, and * and ? stand for parts"]),
    ("a choice of all", FORM, policy("injection-required: {namespaces: {}}"), ["9:24: 'namespaces' chooses nothing: leave it out, if all are meant"]),
    ("a selector's key", FORM, policy("injection-required: {namespaces: {matchLables: {a: b}}}"), ["9:24: 'namespaces' chooses nothing: leave it out, if all are meant", "9:37: unknown key 'matchLables', did you mean 'matchLabels'?"]),
    ("a label's value", FORM, policy("injection-required: {pods: {matchLabels: {a: -}}}"), ["9:48: '-' cannot be the value of a label"]),
    ("a boolean label", FORM, policy("injection-required: {pods: {matchLabels: {a: true}}}"), ["9:48: 'a' must be a string, and is a boolean: write it in quotes"]),
    ("an operator", FORM, policy(EXPRESSION % "{key: a, operator: Has}"), ["9:95: 'Has' is none of In, NotIn, Exists, DoesNotExist"]),
    ("no operator", FORM, policy(EXPRESSION % "{key: a}"), ["9:76: an expression has no 'operator'"]),
    ("no values", FORM, policy(EXPRESSION % "{key: a, operator: In}"), ["9:95: 'In' needs 'values'"]),
    ("values of no use", FORM, policy(EXPRESSION % "{key: a, operator: Exists, values: [b]}"), ["9:95: 'Exists' has no 'values'"]),
    ("no parameters", SENSE, "code: MESH101\nwith: {company: 3}\n", ["2:1: 'namespace-injection-value' has no parameters"]),
    ("a parameter of another", SENSE, "code: MESH130\nwith: {days: 3}\n", ["2:8: unknown key 'days': the only key here is company"]),
    ("out of bounds", FORM, "code: MESH130\nwith: {company: 0}\n", ["2:17: 'company' must be a number from 1 to 1000"]),
    ("no number", FORM, "code: MESH130\nwith: {company: nine}\n", ["2:17: 'company' must be a number from 1 to 1000"]),
]  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".meshlint.yaml").write_text("policies: [own]\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/policy.yaml").write_text(TRIED)
    (tmp_path / "shop.yaml").write_text(SHOP)
    return tmp_path


TRIED = f"""\
{HEAD.replace("examples: {fails: 'a', passes: 'b'}", "references: ['https://wiki.example.com/team']").rstrip()}
examples:
  fails: |
    apiVersion: v1
    kind: Namespace
    metadata: {{name: shop}}
  passes: |
    apiVersion: v1
    kind: Namespace
    metadata: {{name: shop, labels: {{team: a}}}}
check:
  {TEAM}
"""


@pytest.fixture
def shell(tree: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def asked(*words: str) -> tuple[int, str, str]:
        code = cli.run(list(words))
        out, err = capfd.readouterr()
        return code, out, err

    return asked


@pytest.mark.parametrize(("text", "said"), [c[2:] for c in BAD], ids=[c[0] for c in BAD])
def test_faults_are_told_at_their_line(tree: Path, shell: Run, text: str, said: list[str]) -> None:
    (tree / "own/policy.yaml").write_text(text)
    for words in (["lint", "shop.yaml"], ["explain", "MESH101"], ["policies", "test"]):
        code, out, err = shell(*words)
        assert (code, out) == (2, "")
        many = "s" if len(said) > 1 else ""
        head = f"meshlint: {len(said)} error{many} in the configuration"
        assert err.splitlines() == [head, *(f"own/policy.yaml:{one}" for one in said)]


SCHEMATIC = [c for c in BAD if c[1] != YAML]


@pytest.mark.parametrize(("kind", "text"), [c[1:3] for c in SCHEMATIC], ids=[c[0] for c in SCHEMATIC])  # fmt: skip
def test_the_schema_agrees(kind: str, text: str) -> None:
    errors = [e for body in yaml.safe_load_all(text) for e in VALIDATOR.iter_errors(body)]
    assert bool(errors) is (kind == FORM)


def test_the_schema_knows_every_check_and_parameter() -> None:
    told = SCHEMA["$defs"]["own"]["properties"]["check"]["properties"]
    assert list(told) == list(CHECKS)
    for name, check in CHECKS.items():
        said = SCHEMA["$defs"][name]
        assert set(said["properties"]) == set(check.parameters)
        assert set(said.get("required", ())) == {k for k, p in check.parameters.items() if p.needed}
    numbers = SCHEMA["$defs"]["changed"]["properties"]["with"]["properties"]
    own = {name: one for rule in PARAMETERS.values() for name, one in rule.items()}
    assert numbers.keys() == own.keys()
    for name, one in own.items():
        assert (numbers[name]["minimum"], numbers[name]["maximum"]) == (one.least, one.most)


def test_parameters_are_those_of_rules() -> None:
    assert PARAMETERS.keys() <= {policy.name for policy in policies()}


def test_faults_of_all_files_are_told(tree: Path, shell: Run) -> None:
    (tree / "own/policy.yaml").write_text(GOOD.replace("warning", "warn"))
    (tree / "own/more.yml").write_text("code: MESH999\n")
    code, _, err = shell("shop.yaml")
    assert (code, [line.split(":")[0] for line in err.splitlines()[1:]]) == (
        2,
        ["own/more.yml", "own/policy.yaml"],
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("[gone]", ".meshlint.yaml:1:12: 'gone' is no file and no folder"),
        ("[large.yaml]", "large.yaml:1:1: is larger than 256 KiB"),
        ("[/etc]", ".meshlint.yaml:1:12: '/etc' is an absolute path"),
        ("own", ".meshlint.yaml:1:11: 'policies' must be a list"),
    ],
)
def test_places(tree: Path, shell: Run, names: str, said: str) -> None:
    (tree / "large.yaml").write_text("# much\n" * 50_000)
    (tree / ".meshlint.yaml").write_text(f"policies: {names}\n")
    code, _, err = shell("shop.yaml")
    assert (code, said in err) == (2, True)


# The commands


def test_lint(shell: Run) -> None:
    code, out, err = shell("--format", "concise")
    assert code == 1
    assert out.startswith("shop.yaml:4:9: warning ACME001 Namespace shop needs a label 'team'")
    assert "looked at 1 file " in err  # the policy's own file is no manifest


@pytest.mark.parametrize("form", ["sarif", "json", "gitlab", "junit", "rdjson", "html", "github"])
def test_formats(shell: Run, form: str) -> None:
    code, out, _ = shell("--format", form, "-q")
    assert code == 1
    assert "ACME001" in out
    if form == "json":
        schema = json.loads((ROOT / "schemas/report.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(json.loads(out))


def test_sarif_describes_the_rule(shell: Run) -> None:
    (run,) = json.loads(shell("--format", "sarif", "-q")[1])["runs"]
    (rule,) = (r for r in run["tool"]["driver"]["rules"] if r["id"] == "ACME001")
    assert rule["helpUri"] == "https://wiki.example.com/team"
    assert rule["name"] == "AcmeRule"
    assert "What you see" not in rule["help"]["text"]
    assert [result["ruleId"] for result in run["results"]] == ["ACME001"]


def test_other_commands_know_it(tree: Path, shell: Run) -> None:
    assert shell("explain", "acme-rule")[1].startswith("ACME001 acme-rule: warning\n")
    assert "\nACME001 " in f"\n{shell('rules')[1]}"
    assert shell("explain", "ACME001", "--no-config")[0] == 2
    assert shell("--select", "own", "-q")[0] == 1
    assert shell("--ignore", "ACME001", "-q")[0] == 0
    (tree / ".meshlint.yaml").write_text("policies: [own]\nrules: {acme-rule: note}\n")
    assert " note ACME001 " in shell("-q")[1]
    (tree / "shop.yaml").write_text(f"# meshlint: ignore-file[ACME001] agreed\n{SHOP}")
    assert shell("-q")[0] == 0


def test_policies_are_tried(tree: Path, shell: Run) -> None:
    expected = "ok   ACME001 acme-rule\n1 policies, 0 of them fail\n"
    assert shell("policies", "test") == (0, expected.replace("policies", "policy"), "")
    (tree / "own/more.yaml").write_text("code: MESH101\nseverity: note\n")
    code, out, _ = shell("policies", "test")
    assert (code, out.splitlines()[0][:10]) == (0, "-    MESH1")
    assert shell("policies", "test", "own/policy.yaml", "--no-config")[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{name: shop}", "{name: shop, labels: {team: a}}", "fails: the rule finds nothing"),
        ("{team: a}", "{b: a}", "passes: the rule finds, in line 3: Namespace shop needs"),
        ("{team: a}", "{team: [", "passes: line 3 is not looked at, among documents that are not"),
        ("kind: Namespace\n    metadata: {name: shop}", "a: b", "fails: there is no object in it"),
    ],
)
def test_examples_that_do_not_hold(tree: Path, shell: Run, old: str, new: str, said: str) -> None:
    (tree / "own/policy.yaml").write_text(TRIED.replace(old, new, 1))
    code, out, err = shell("policies", "test")
    assert (code, err) == (1, "")
    assert out.startswith("FAIL ACME001 acme-rule\n     own/policy.yaml:2: ")
    assert said in out
    body = json.loads(shell("policies", "test", "--format", "json")[1])
    assert said in body["policies"][0]["problems"][0]


def test_examples_of_a_changed_rule(tree: Path, shell: Run) -> None:
    text = TRIED[TRIED.index("examples:") : TRIED.index("check:")]
    (tree / "own/policy.yaml").write_text(f"code: MESH101\n{text}")
    code, out, _ = shell("policies", "test")
    assert code == 1
    assert "fails: the rule finds nothing" in out


@pytest.mark.parametrize("action", ["test", "list", "checks"])
def test_json(shell: Run, action: str) -> None:
    schema = "rules" if action == "list" else "policies"
    code, out, _ = shell("policies", action, "--format", "json")
    validator = json.loads((ROOT / f"schemas/{schema}.schema.json").read_text())
    jsonschema.Draft202012Validator(validator).validate(json.loads(out))
    assert code == 0


def test_lists(shell: Run) -> None:
    assert shell("policies", "list")[1].startswith("ACME001  acme-rule  warning  Something is not")
    out = shell("policies", "checks")[1]
    assert all(f"{name}: {check.words}\n" in out for name, check in CHECKS.items())


def test_no_policies(tree: Path, shell: Run) -> None:
    (tree / ".meshlint.yaml").unlink()
    code, _, err = shell("policies", "test")
    assert (code, err[:22]) == (2, "meshlint: no policies:")


def test_a_cause_of_an_error_may_be_a_rule_of_ones_own(tree: Path, shell: Run) -> None:
    (tree / ".meshlint.yaml").write_text(
        "policies: [own]\nsymptoms: [gate.yaml]\nexclude: [gate.yaml]\n"
    )
    (tree / "gate.yaml").write_text(
        "name: no-team\nsummary: S.\nerror: no team here\npatterns: [no team here]\nresolution: R.\n"
        "causes: [{because: The label is missing., rules: [acme-rule]}]\n"
    )
    (tree / "error.txt").write_text("no team here\n")
    code, out, _ = shell("diagnose", "error.txt")
    assert code == 0
    assert "shop.yaml:4:9: warning ACME001" in out


def test_what_is_staged_is_judged_by_what_is_staged(tree: Path, shell: Run) -> None:
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *words], cwd=tree, check=True)
    (tree / "own/policy.yaml").write_text("code: [\n")
    assert "ACME001" in shell("--staged", "-q")[1]
    assert shell("-q")[0] == 2
    for names in ("[own/policy.yaml]", "[own, ./own/policy.yaml]"):
        (tree / ".meshlint.yaml").write_text(f"policies: {names}\n")
        subprocess.run(["git", "add", ".meshlint.yaml"], cwd=tree, check=True)
        assert shell("--staged", "-q")[1].count("ACME001") == 1
    (tree / ".meshlint.yaml").write_text("policies: [gone]\n")
    subprocess.run(["git", "add", ".meshlint.yaml"], cwd=tree, check=True)
    assert "'gone' is no file and no folder" in shell("--staged", "-q")[2]


FIXED = [
    (TEAM.replace("team}", "team, value: a}"), SHOP, "team: a"),
    (VALUE, SHOP, "    a: c\n"),
    (POD, workload(), "team: pay"),
    (FAIL, OPEN, "failurePolicy: Fail"),
]


@pytest.mark.parametrize(("check", "manifest", "new"), FIXED, ids=[c[0] for c in FIXED])
def test_fixes(tree: Path, shell: Run, check: str, manifest: str, new: str) -> None:
    (tree / "own/policy.yaml").write_text(policy(check))
    (tree / "shop.yaml").write_text(manifest)
    assert shell("-q", "--select", "own")[0] == 1
    shell("-q", "--select", "own", "--fix=unsafe")
    assert new in (tree / "shop.yaml").read_text()
    assert shell("-q", "--select", "own")[0] == 0


# The document

DOCUMENT = ROOT / "docs/policies.md"
BLOCK = re.compile(r"```(?P<form>yaml|text)\n(?P<text>.*?)```", re.DOTALL)


def sections() -> dict[str, list[re.Match[str]]]:
    """The blocks below each heading that is a check's name."""
    text = DOCUMENT.read_text()
    heads = [*re.finditer(r"^### `([a-z-]+)`$", text, re.MULTILINE)]
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return {
        head.group(1): [*BLOCK.finditer(text, head.end(), end)]
        for head, end in zip(heads, ends, strict=True)
    }


def test_the_document_has_every_check() -> None:
    assert list(sections()) == [
        "required-label",
        "required-annotation",
        "forbidden-label",
        "forbidden-annotation",
        *(name for name in CHECKS if name.split("-")[0] not in ("required", "forbidden")),
    ]


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_examples_in_the_document(name: str, update: bool) -> None:
    check, manifest, shown = sections()[name]
    assert list(yaml.safe_load(check["text"])["check"]) == [name]
    rules = of_entries(read("policy.yaml", (HEAD + check["text"]).encode()))
    source = Source("example.yaml", manifest["text"].encode())
    report = run(Collection([source]), frozenset(rules.changed), terms=Terms(rules))
    said = "".join(f"{headline(finding)}\n" for finding in report.findings)
    assert said
    if update:
        text = DOCUMENT.read_text()
        start, end = shown.span("text")
        DOCUMENT.write_text(text[:start] + said + text[end:])
        return
    assert said == shown["text"]


def test_whole_policies_in_the_document(tree: Path, shell: Run) -> None:
    blocks = [match["text"] for match in BLOCK.finditer(DOCUMENT.read_text())]
    found = [text for text in blocks if text.startswith(("code:", "name:"))]
    assert len(found) == 2
    for text in found:
        VALIDATOR.validate(yaml.safe_load(text))
    (tree / "own/policy.yaml").write_text("---\n".join(found))
    code, out, _ = shell("policies", "test")
    assert (code, out.splitlines()[0]) == (0, "ok   ACME001 pods-name-no-revision")


def test_the_document_has_every_parameter() -> None:
    text = DOCUMENT.read_text()
    for name, rule in PARAMETERS.items():
        for one in rule.values():
            assert f"| `{name}` | `{one.name}` | {one.default} | {one.words} |\n" in text
    for check in CHECKS.values():
        for parameter in check.parameters:
            assert f"`{parameter}`" in text, parameter
