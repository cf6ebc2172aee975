"""Unusual and legal input: rules, selectors, conditions and labels in every form that is allowed.

Sources: rules.Matcher of k8s.io/apiserver, metav1.LabelSelectorAsSelector of k8s.io/apimachinery,
injectRequired of istio/istio, and the labels that Kubernetes' controllers add to pods.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from meshlint.mesh.inject import Verdict, decide
from tests.chart import (
    CONFIG,
    INJ,
    REV,
    SI,
    asks,
    configuration,
    control_plane,
    decision,
    deployment,
    istiod,
    mesh_of,
    namespace,
    settings,
    together,
)

YES, NO, UNKNOWN = Verdict.INJECTED, Verdict.NOT_INJECTED, Verdict.UNKNOWN
R, T, GONE = "canary-1-29", "prod", "gone"
ENABLED = namespace("shop", {INJ: "enabled"})
DISABLED = CONFIG.replace("enabled", "disabled")


def with_config(config: str) -> str:
    return control_plane(config=config)


RULE = """  rules:
  - operations: [ "CREATE" ]
    apiGroups: [""]
    apiVersions: ["v1"]
    resources: ["pods"]
"""
RULES = {
    "every operation": (RULE.replace("CREATE", "*"), YES),
    "no creation": (RULE.replace("CREATE", "UPDATE"), NO),
    "every group": (RULE.replace('[""]', '["*"]'), YES),
    "another group": (RULE.replace('[""]', '["apps"]'), NO),
    "every version": (RULE.replace("v1", "*"), YES),
    "another version": (RULE.replace("v1", "v1beta1"), NO),
    "every resource": (RULE.replace("pods", "*"), YES),
    "every resource and what is below": (RULE.replace("pods", "*/*"), YES),
    "pods and what is below": (RULE.replace("pods", "pods/*"), YES),
    "only what is below pods": (RULE.replace("pods", "pods/exec"), NO),
    "workloads": (RULE.replace("pods", "deployments"), NO),
    "namespaced objects": (RULE + "    scope: Namespaced\n", YES),
    "objects of any scope": (RULE + '    scope: "*"\n', YES),
    "objects of the cluster": (RULE + "    scope: Cluster\n", NO),
    "the second rule": (RULE.replace("pods", "secrets") + RULE.partition("\n")[2], YES),
    "two halves of a rule": (
        RULE.replace("pods", "secrets") + RULE.partition("\n")[2].replace("CREATE", "UPDATE"),
        NO,
    ),
    "an operation to be filled in": (RULE.replace("CREATE", "${X}"), UNKNOWN),
    "a resource to be filled in": (RULE.replace("pods", "${X}"), UNKNOWN),
}


@pytest.mark.parametrize(("rules", "verdict"), RULES.values(), ids=list(RULES))
def test_a_hook_is_called_only_for_what_its_rules_name(rules: str, verdict: Verdict) -> None:
    plane = control_plane()
    assert RULE in plane
    assert decision(plane.replace(RULE, rules), ENABLED, deployment()).verdict is verdict


ASKED = asks(f"{INJ} In enabled").replace("\n", "\n    ").strip()
SELECTORS = {
    "by exact values": (f"matchLabels: {{{INJ}: enabled}}", YES),
    "by exact values, one of them another": (f"matchLabels: {{{INJ}: enabled, team: b}}", NO),
    "both must hold": (f"matchLabels: {{team: b}}\n    {ASKED}", NO),
    "nothing asked": ("matchExpressions: []", YES),
    "null": ("matchExpressions:", YES),
    "no exact values": ("matchLabels: {}", YES),
    "a value to be filled in": (ASKED.replace("enabled", "${X}"), UNKNOWN),
    "an exact value to be filled in": (f'matchLabels: {{{INJ}: "${{X}}"}}', UNKNOWN),
    "a key to be filled in": (ASKED.replace(INJ, '"${X}"'), UNKNOWN),
    "an exact key to be filled in": ('matchLabels: {"${X}": enabled}', UNKNOWN),
    "an operator to be filled in": (ASKED.replace(" In", ' "${X}"'), UNKNOWN),
    "one of two values to be filled in": (ASKED + '\n      - "${X}"', YES),
    "a key that the namespace lacks": (f"matchLabels: {{tier: '${{X}}', {INJ}: enabled}}", NO),
}


@pytest.mark.parametrize(("selector", "verdict"), SELECTORS.values(), ids=list(SELECTORS))
def test_selectors_in_every_form(selector: str, verdict: Verdict) -> None:
    plane = control_plane()
    assert ASKED in plane
    assert decision(plane.replace(ASKED, selector), ENABLED, deployment()).verdict is verdict


REFUSED = [
    "{key: team, operator: Is, values: [a]}",
    "{key: team, operator: in, values: [a]}",
    "{key: team, operator: NotIn, values: []}",
    "{key: team, operator: Exists, values: [a]}",
    "{key: team}",
    "{}",
    "[]",
    "x",
]


@pytest.mark.parametrize("clause", REFUSED)
def test_selectors_that_the_api_server_refuses_are_never_sure(clause: str) -> None:
    plane = control_plane().replace(ASKED, f"matchExpressions: [{clause}]")
    found = decision(plane, ENABLED, deployment())
    assert found.verdict is not YES
    assert found.because


CONDITION = "  matchConditions:\n  - name: x\n    expression: 'true'\n"
CONDITIONS = {
    "a condition": (CONDITION, ENABLED, deployment(), UNKNOWN),
    "no condition": ("  matchConditions: []\n", ENABLED, deployment(), YES),
    "selectors stop it": (CONDITION, namespace("shop", {INJ: "disabled"}), deployment(), NO),
    "the label stops it": (
        CONDITION, ENABLED, deployment({SI: "false"}), NO),
    "the injector declines": (
        CONDITION, ENABLED, deployment(notes={SI: "false"}), NO),
}  # fmt: skip


@pytest.mark.parametrize("case", CONDITIONS.values(), ids=list(CONDITIONS))
def test_conditions_are_unknown_only_where_they_matter(
    case: tuple[str, str, str, Verdict],
) -> None:
    conditions, space, pod, verdict = case
    plane = control_plane().replace(
        "  failurePolicy: Fail\n", "  failurePolicy: Fail\n" + conditions
    )
    assert decision(plane, space, pod).verdict is verdict


FOREIGN = """- name: logging.example.com
  clientConfig: {service: {name: logging, namespace: logging, path: /mutate}}
  sideEffects: None
  rules: [{operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"]}]
"""


def test_a_hook_that_calls_no_istiod_injects_nothing() -> None:
    plane = control_plane().replace("webhooks:\n", "webhooks:\n" + FOREIGN)
    assert decision(plane, namespace("shop"), deployment()).verdict is NO
    assert decision(plane, ENABLED, deployment()).verdict is YES
    linkerd = FOREIGN.replace("logging.example.com", "linkerd-proxy-injector.linkerd.io")
    other = configuration(name="linkerd").partition("webhooks:\n")[0] + "webhooks:\n" + linkerd
    assert decision(control_plane(), other, namespace("shop"), deployment()).verdict is NO


def test_two_hooks_of_one_name_are_two() -> None:
    plane = control_plane().replace("- name: object.sidecar", "- name: namespace.sidecar")
    found = decision(plane, ENABLED, deployment())
    assert (found.verdict, len(found.calls)) == (YES, 1)
    assert decision(plane, namespace("shop"), deployment({SI: "true"})).verdict is YES


def with_label(value: str) -> str:
    """Namespace `shop` whose istio-injection is written so."""
    return namespace("shop", {INJ: "X"}).replace('"X"', value)


WRITTEN = {
    "single quotes": (with_label("'enabled'"), YES),
    "no quotes": (with_label("enabled"), YES),
    "a tag": (with_label("!!str enabled"), YES),
    "an anchor": (with_label("&a enabled"), YES),
    "a folded text": (with_label(">-\n      enabled"), YES),
    "a merged map": (namespace("shop").replace('    team: "a"\n', f"    <<: {{{INJ}: enabled}}\n"), YES),
    "no labels": ("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n", NO),
    "labels that are null": ("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: }\n", NO),
    "a key that is null": (with_label(""), NO),
    "upper case": (with_label("ENABLED"), NO),
    "64 characters": (namespace("shop", {REV: "a" * 64}), NO),
    "a list": (
        'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: '
        f"{{name: shop, labels: {{{INJ}: enabled}}}}}}\n", YES),
}  # fmt: skip


@pytest.mark.parametrize(("space", "verdict"), WRITTEN.values(), ids=list(WRITTEN))
def test_a_namespace_however_it_is_written(space: str, verdict: Verdict) -> None:
    assert decision(control_plane(), space, deployment()).verdict is verdict


def test_a_null_label_blocks_what_its_absence_would_not() -> None:
    for key in (INJ, REV):
        space = namespace("shop", {key: "X"}).replace('"X"', "")
        assert decision(control_plane(), space, deployment({SI: "true"})).verdict is NO, key
    pod = deployment({SI: "X"}, notes={SI: "false"}).replace('"X"', "")
    assert decision(control_plane(), ENABLED, pod).verdict is YES


@pytest.mark.parametrize(
    ("written", "verdict"),
    [("yes", NO), ("on", NO), ("True", NO), ("y", NO), ("no", YES), ("null", YES), ('"${X}"', UNKNOWN), ("${X}", UNKNOWN)],
)  # fmt: skip
def test_the_host_network_as_yaml_11_reads_it(written: str, verdict: Verdict) -> None:
    pod = deployment(spec=f"hostNetwork: {written}\n")
    assert decision(control_plane(), ENABLED, pod).verdict is verdict


KINDS = {
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "Job": "batch/v1",
    "ReplicationController": "v1",
    "Rollout": "argoproj.io/v1alpha1",
    "DeploymentConfig": "apps.openshift.io/v1",
    "Service": "serving.knative.dev/v1",
}


def of_kind(kind: str, labels: Mapping[str, str] | None = None) -> str:
    text = deployment(labels).replace("kind: Deployment", f"kind: {kind}")
    return text.replace("apiVersion: apps/v1", f"apiVersion: {KINDS.get(kind, 'apps/v1')}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_makes_pods(kind: str) -> None:
    assert decision(control_plane(), ENABLED, of_kind(kind)).verdict is YES
    assert decision(control_plane(), ENABLED, of_kind(kind, {SI: "false"})).verdict is NO


ADDED = [
    ("Job", "job-name"),
    ("Job", "batch.kubernetes.io/job-name"),
    ("Job", "controller-uid"),
    ("Deployment", "pod-template-hash"),
    ("DaemonSet", "controller-revision-hash"),
    ("StatefulSet", "statefulset.kubernetes.io/pod-name"),
]


@pytest.mark.parametrize(("kind", "key"), ADDED)
def test_labels_that_controllers_add_are_there_too(kind: str, key: str) -> None:
    """A selector sees the pod that is created, not the template."""
    never = "policy: enabled\nneverInjectSelector:\n- matchExpressions:\n"
    plane = with_config(f"{never}  - {{key: {key}, operator: Exists}}\n")
    assert decision(plane, ENABLED, of_kind(kind)).verdict is not YES
    unless = control_plane().replace(
        f"{SI}\n      operator: NotIn", f"{key}\n      operator: DoesNotExist"
    )
    unless = unless.replace('DoesNotExist\n      values:\n      - "false"', "DoesNotExist")
    assert f"key: {key}" in unless
    assert decision(unless, ENABLED, of_kind(kind)).verdict is not YES


def test_a_replica_set_of_ones_own_has_no_hash() -> None:
    """It is the Deployment's controller that adds it."""
    never = "policy: enabled\nneverInjectSelector:\n- matchExpressions:\n"
    plane = with_config(f"{never}  - {{key: pod-template-hash, operator: Exists}}\n")
    assert decision(plane, ENABLED, of_kind("ReplicaSet")).verdict is YES


IGNORED = {
    "no key": "{key: '', operator: DoesNotExist}",
    "no legal key": "{key: a b, operator: DoesNotExist}",
    "no legal value": "{key: app, operator: NotIn, values: [a b]}",
    "values too many": "{key: tier, operator: DoesNotExist, values: [a]}",
}


@pytest.mark.parametrize("clause", IGNORED.values(), ids=list(IGNORED))
def test_selectors_that_the_injector_cannot_use_only_warn(clause: str) -> None:
    """LabelSelectorAsSelector refuses them, and injectRequired goes on with the next."""
    plane = with_config(f"policy: enabled\nneverInjectSelector:\n- matchExpressions: [{clause}]\n")
    assert decision(plane, ENABLED, deployment()).verdict is YES


HOLES = ["{key: '${X}', operator: Exists}", "{key: app, operator: '${X}', values: [cart]}"]


@pytest.mark.parametrize("clause", HOLES)
def test_selectors_of_the_injector_that_wait_for_a_value(clause: str) -> None:
    plane = with_config(f"policy: enabled\nneverInjectSelector:\n- matchExpressions: [{clause}]\n")
    assert decision(plane, ENABLED, deployment()).verdict is UNKNOWN


def test_what_no_istiod_can_read_is_never_sure() -> None:
    for config in (
        "policy: [enabled\ntemplates: {}\n",
        "- templates\n",
        "neverInjectSelector: {a: b}\npolicy: enabled\n",
    ):
        found = decision(with_config(config), ENABLED, deployment())
        assert found.verdict is not YES, config


TEMPLATE = "inject.istio.io/templates"


@pytest.mark.parametrize("alias", ["mine", "sidecar"])
def test_an_alias_of_a_template_that_nobody_has_denies_the_pod(alias: str) -> None:
    """An alias goes before a template of its name (resolveAliases in inject.go)."""
    plane = with_config(CONFIG + f"aliases: {{{alias}: [gone]}}\n")
    found = decision(plane, ENABLED, deployment(notes={TEMPLATE: alias}))
    assert found.verdict is NO
    assert found.denied


def test_an_annotation_that_is_null_asks_for_a_template_without_a_name() -> None:
    pod = deployment(notes={TEMPLATE: "X"}).replace('"X"', "")
    found = decision(control_plane(), ENABLED, pod)
    assert found.verdict is NO
    assert found.denied


def test_the_settings_of_a_revision_that_is_called_default_are_read_by_nobody() -> None:
    """istiod of the default revision reads `istio-sidecar-injector`, whatever charts render."""
    plane = together(istiod(), configuration(), settings("default", DISABLED))
    assert decision(plane, ENABLED, deployment()).verdict is not NO


def test_copies_of_the_settings_that_disagree() -> None:
    plane = together(control_plane(), settings(config=DISABLED))
    assert decision(plane, ENABLED, deployment()).verdict is UNKNOWN
    assert decision(plane, ENABLED, deployment({SI: "true"})).verdict is YES


def test_the_values_beside_the_configuration_are_not_the_policy() -> None:
    """The injector's templates read them; injectRequired reads `config` alone."""
    values = settings(values='{"global": {"proxy": {"autoInject": "disabled"}}}')
    plane = together(istiod(), configuration(), values)
    assert decision(plane, ENABLED, deployment()).verdict is YES


def test_the_hooks_in_the_scan_beat_what_values_would_render() -> None:
    values = settings(values='{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}')
    plane = together(istiod(), configuration(), values)
    assert decision(plane, namespace("shop"), deployment()).verdict is NO


def test_the_one_hook_of_istio_1_6_goes_by_the_namespace_alone() -> None:
    """Its selectors are asked as they stand, not those of today's charts."""
    head, _, hooks = configuration().partition("webhooks:\n")
    first = hooks[: hooks.index("  namespaceSelector:")].replace("rev.namespace.", "")
    old = f"{head}webhooks:\n{first}  namespaceSelector:\n    matchLabels: {{{INJ}: enabled}}\n"
    plane = together(istiod(version="1.6.14"), old, settings())
    for space, pod, verdict, calls in (
        (ENABLED, deployment(), YES, 1),
        (ENABLED, deployment({SI: "false"}), NO, 1),
        (namespace("shop"), deployment({SI: "true"}), NO, 0),
        (namespace("shop", {REV: "default"}), deployment(), NO, 0),
    ):
        found = decision(plane, space, pod)
        assert (found.verdict, len(found.calls)) == (verdict, calls)


def test_hooks_of_a_revision_that_is_gone_inject_nothing() -> None:
    """They are called, and no istiod answers: the pods cannot be created, as failurePolicy is Fail."""
    plane = control_plane(R)
    for left in (configuration(GONE), configuration(GONE, tag=T)):
        asked = T if T in left else GONE
        found = decision(plane, left, namespace("shop", {REV: asked}), deployment())
        assert found.verdict is not YES, asked


ODD: list[Any] = [
    None,
    [],
    {},
    "",
    0,
    1.5,
    True,
    "${X}",
    ["a"],
    {"a": None},
    [None],
    {"": ""},
    "a\nb",
]


def places_in(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document."""
    pairs = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, child in pairs:
        yield (*path, key)
        yield from places_in(child, (*path, key))


@pytest.mark.parametrize("seed", range(8))
def test_values_of_the_wrong_type_end_in_a_verdict_with_a_reason(seed: int) -> None:
    chance = random.Random(seed)
    pod = deployment(
        {SI: "x"}, notes={"inject.istio.io/templates": "sidecar"}, spec="hostNetwork: no\n"
    )
    whole = list(yaml.safe_load_all(together(control_plane(R), namespace("shop", {REV: R}), pod)))
    for _ in range(8):
        broken = copy.deepcopy(whole)
        for document in chance.choices(broken, k=2):
            *way, last = chance.choice(list(places_in(document)))
            node = document
            for key in way:
                node = node[key]
            node[last] = chance.choice(ODD)
        mesh = mesh_of(*(f"{json.dumps(document)}\n" for document in broken))
        for workload in mesh.workloads:
            assert decide(mesh, workload).because, broken
