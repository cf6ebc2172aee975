"""The decision against brute force: random webhooks, namespaces and pods, known and half known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshlint.facts import facts
from meshlint.mesh.inject import Decision, Verdict, decide
from meshlint.mesh.model import Mesh
from meshlint.units.place import place
from tests import brute, chart
from tests.brute import Object

INJ, REV, SI = chart.INJ, chart.REV, chart.SI
NAME = "kubernetes.io/metadata.name"

# --- what is drawn ----------------------------------------------------------------------------

VALUES: dict[str, tuple[str, ...]] = {
    INJ: ("enabled", "disabled", ""),
    REV: ("a", "b", "default"),
    SI: ("true", "false", "x"),
    "team": ("a", "b", ""),
    "app": ("a", "b"),
    NAME: ("shop", "kube-system", "bank"),
}
SPACE_KEYS, POD_KEYS = (INJ, REV, "team"), (REV, SI, "app", "team")


@st.composite
def clauses(draw: st.DrawFn, keys: tuple[str, ...]) -> Object:
    key = draw(st.sampled_from(keys))
    operator = draw(st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]))
    clause: Object = {"key": key, "operator": operator}
    if operator.endswith("In"):
        clause["values"] = draw(st.lists(st.sampled_from(VALUES[key]), min_size=1, max_size=2))
    return clause


@st.composite
def selectors(draw: st.DrawFn, keys: tuple[str, ...]) -> Object | None:
    """Absent, null, empty, by exact values, by expressions, or both."""
    exact = labels(keys, 1)
    listed = st.lists(clauses(keys), min_size=1, max_size=2)
    forms = st.sampled_from(["none", "empty", "hollow", "exact", "listed", "listed", "both"])
    match draw(forms):
        case "none":
            return None
        case "empty":
            return {}
        case "hollow":
            return {"matchLabels": {}, "matchExpressions": []}
        case "exact":
            return {"matchLabels": draw(exact)}
        case "both":
            return {"matchLabels": draw(exact), "matchExpressions": draw(listed)}
    return {"matchExpressions": draw(listed)}


def labels(keys: tuple[str, ...], size: int = 4) -> st.SearchStrategy[dict[str, str]]:
    """Some of the keys, each with one of its values."""
    entry = st.sampled_from(keys).flatmap(
        lambda key: st.tuples(st.just(key), st.sampled_from(VALUES[key]))
    )
    return st.lists(entry, max_size=size).map(dict)


PODS = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
RULES: list[list[Object]] = [
    *([PODS],) * 6,
    [PODS | {"operations": ["UPDATE"]}],
    [PODS | {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}],
    [PODS | {"resources": ["*/*"]}],
    [PODS | {"resources": ["pods/*"]}],
    [PODS | {"resources": ["pods/exec"]}],
    [PODS | {"resources": ["deployments"], "apiGroups": ["apps"]}],
    [PODS | {"apiGroups": ["apps"]}],
    [PODS | {"apiVersions": ["v1beta1"]}],
    [PODS | {"scope": "Cluster"}],
    [PODS | {"scope": "Namespaced", "operations": ["DELETE", "CREATE"]}],
    [PODS | {"operations": ["UPDATE"]}, PODS | {"resources": ["configmaps"]}],
    [PODS | {"resources": ["configmaps"]}, PODS],
]
STOPPED: Object = {"matchLabels": {"istio.io/deactivated": "never-match"}}


@st.composite
def hooks(draw: st.DrawFn, number: int, conditions: bool) -> Object:
    never = draw(st.integers(0, 9)) == 0
    space = STOPPED if never else draw(selectors((*SPACE_KEYS, NAME)))
    pod = STOPPED if never else draw(selectors(POD_KEYS))
    hook: Object = {
        "name": f"h{number}.sidecar-injector.istio.io",
        "clientConfig": {
            "service": {"name": "istiod", "namespace": "istio-system", "path": "/inject"}
        },
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "rules": draw(st.sampled_from(RULES)),
    }
    if conditions and draw(st.integers(0, 4)) == 0:
        hook["matchConditions"] = [{"name": "c", "expression": "object.spec.x == 1"}]
    chosen = {"namespaceSelector": space, "objectSelector": pod}
    return hook | {side: value for side, value in chosen.items() if value is not None}


@st.composite
def configurations(draw: st.DrawFn, conditions: bool = True) -> list[Object]:
    """Up to three, with up to three hooks each, and the one that makes the control plane whole."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    drawn = [
        configuration(f"injector-{n}", [draw(hooks(index, conditions)) for index in range(size)])
        for n, size in enumerate(sizes)
    ]  # fmt: skip
    return [*drawn, WHOLE]


def configuration(name: str, webhooks: list[Object]) -> Object:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": name, "labels": {REV: "whole"}},
        "webhooks": webhooks,
    }


def stock(name: str, sides: dict[str, tuple[list[Object], list[Object]]]) -> Object:
    """A configuration of Istio's charts, from the clauses of its hooks."""
    return configuration(name, [
        {
            "name": f"{prefix}sidecar-injector.istio.io",
            "clientConfig": {"service": {"name": "istiod", "namespace": "istio-system", "path": "/inject"}},
            "rules": [PODS],
            "namespaceSelector": {"matchExpressions": space},
            "objectSelector": {"matchExpressions": pod},
        }
        for prefix, (space, pod) in sides.items()
    ])  # fmt: skip


def ask(key: str, operator: str, *values: str) -> Object:
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


FREE = [ask(INJ, "DoesNotExist"), ask(REV, "DoesNotExist")]
UNLESS = ask(SI, "NotIn", "false")


def by_revision(asked: str) -> dict[str, tuple[list[Object], list[Object]]]:
    return {
        "rev.namespace.": ([ask(REV, "In", asked), FREE[0]], [UNLESS]),
        "rev.object.": (FREE, [UNLESS, ask(REV, "In", asked)]),
    }


BY_DEFAULT = {
    "namespace.": ([ask(INJ, "In", "enabled")], [UNLESS]),
    "object.": (FREE, [ask(SI, "In", "true"), FREE[1]]),
}
AUTO = {
    "auto.": (
        [*FREE, ask(NAME, "NotIn", *brute.SYSTEM)],
        [ask(SI, "DoesNotExist"), FREE[1]],
    )
}
WHOLE = stock("istio-sidecar-injector-whole", by_revision("whole"))
"""Of the istiod that stands in every scan: with it no other revision can exist."""

STOCK = {
    "S1": [stock("istio-sidecar-injector", by_revision("default") | BY_DEFAULT), WHOLE],
    "S2": [stock("istio-sidecar-injector", by_revision("default") | BY_DEFAULT | AUTO), WHOLE],
    "S3": [WHOLE],
    "S4": [
        WHOLE,
        stock("istio-revision-tag-a", by_revision("a")),
        stock("istio-revision-tag-default", by_revision("default") | BY_DEFAULT),
    ],
    "S5": [
        stock("istio-sidecar-injector", by_revision("default") | BY_DEFAULT),
        stock("istio-sidecar-injector-b", by_revision("b")),
        WHOLE,
    ],
}

CONFIG: Object = {"policy": "enabled"}


@st.composite
def pods(draw: st.DrawFn) -> Object:
    notes = draw(st.sampled_from([{}, {}, {}, {SI: "true"}, {SI: "false"}, {SI: "x"}]))
    spec = {"hostNetwork": True} if draw(st.integers(0, 9)) == 0 else {}
    return {"metadata": {"labels": draw(labels(POD_KEYS)), "annotations": notes}, "spec": spec}


def several(of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Four namespaces, or four pods for each: one example is sixteen decisions."""
    return st.lists(of, min_size=4, max_size=4)


# --- what is decided --------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A pod in a namespace, with what meshlint says of it."""

    space: str
    labels: dict[str, str] | None
    pod: Object
    found: Decision


SPACES = ("shop", "bank", "istio-system", "kube-system")


def decided(
    webhooks: list[Object], found: list[dict[str, str] | None], pod_list: list[Object]
) -> Iterator[Case]:
    """Every pod in every namespace; None is a Namespace that is not in the scan."""
    pairs = [(s, n) for s in range(len(found)) for n in range(len(pod_list))]
    documents = [*webhooks]
    documents += [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": given}}
        for name, given in zip(SPACES, found, strict=True)
        if given is not None
    ]
    documents += [_deployment(f"d{s}{n}", SPACES[s], pod_list[n]) for s, n in pairs]
    text = chart.together(ISTIOD, *(f"{json.dumps(document)}\n" for document in documents))
    mesh = Mesh(place(facts("all.yaml", text.encode()).resources))
    by_name = {workload.meta.subject.name: workload for workload in mesh.workloads}
    for s, n in pairs:
        given = found[s]
        own = None if given is None else {**given, NAME: SPACES[s]}
        yield Case(SPACES[s], own, pod_list[n], decide(mesh, by_name[f"d{s}{n}"]))


ISTIOD = chart.together(
    chart.istiod("whole"),
    chart.settings("whole", 'policy: enabled\ntemplates: {sidecar: "a: b"}\n'),
)


def _deployment(name: str, space: str, pod: Object) -> Object:
    containers = [{"name": "c", "image": "c:1"}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": space},
        "spec": {
            "template": {
                "metadata": pod["metadata"],
                "spec": {**pod["spec"], "containers": containers},
            }
        },
    }


TRUE, FALSE, BOTH = {True}, {False}, {False, True}
ANSWERS = {
    Verdict.INJECTED: frozenset(TRUE),
    Verdict.NOT_INJECTED: frozenset(FALSE),
    Verdict.UNKNOWN: frozenset(BOTH),
}


# --- everything is known ----------------------------------------------------------------------


@settings(max_examples=45, deadline=None)
@given(configurations(), several(labels(SPACE_KEYS)), several(pods()))
def test_known_labels_give_the_answer_of_brute_force(
    webhooks: list[Object], given_labels: list[dict[str, str] | None], pod_list: list[Object]
) -> None:
    """The verdict, and the webhooks with their order; unknown only where CEL may stop a webhook."""
    for case in decided(webhooks, given_labels, pod_list):
        assert case.labels is not None
        own = case.pod["metadata"]["labels"]
        wanted = list(brute.calls(sorted(webhooks, key=_title), case.labels, own))
        assert sorted(_called(case.found)) == sorted(wanted), case
        worlds = brute.injected(webhooks, case.labels, case.pod, CONFIG)
        assert ANSWERS[case.found.verdict] == worlds, case
        assert case.found.because


def _title(found: Object) -> str:
    return str(found["metadata"]["name"])


def _called(found: Decision) -> list[tuple[tuple[str, str], bool]]:
    assert all(call.configuration for call in found.calls)
    return [
        ((call.configuration.meta.subject.name, call.hook.full_name), call.sure)
        for call in found.calls
        if call.configuration
    ]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(STOCK)), several(labels(SPACE_KEYS)), several(pods()))
def test_the_charts_webhooks_with_known_labels(
    name: str, given_labels: list[dict[str, str] | None], pod_list: list[Object]
) -> None:
    for case in decided(STOCK[name], given_labels, pod_list):
        assert case.labels is not None
        worlds = brute.injected(STOCK[name], case.labels, case.pod, CONFIG)
        assert ANSWERS[case.found.verdict] == worlds, case
        names = [
            name
            for name, _ in brute.calls(STOCK[name], case.labels, case.pod["metadata"]["labels"])
        ]
        assert sorted(name for name, _ in _called(case.found)) == sorted(names), case


# --- something is not known -------------------------------------------------------------------

HOLE = "${X}"


def with_holes(keys: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    """Labels of which some wait for a value."""
    holes = st.sets(st.sampled_from(keys), max_size=2)
    return st.builds(
        lambda given, keys: {**given, **dict.fromkeys(keys, HOLE)}, labels(keys, 3), holes
    )


@st.composite
def half_pods(draw: st.DrawFn) -> Object:
    pod = draw(pods())
    filled = draw(st.one_of(st.just(pod["metadata"]["labels"]), with_holes(POD_KEYS)))
    return {**pod, "metadata": {**pod["metadata"], "labels": filled}}


HALF_SPACES = several(st.one_of(st.none(), with_holes(SPACE_KEYS)))


def worlds_of(webhooks: list[Object], case: Case) -> set[bool]:
    """Every answer of every world: all Namespaces of the name, all values in all holes."""
    by_space = brute.mentioned(webhooks, "namespaceSelector")
    by_pod = brute.mentioned(webhooks, "objectSelector")
    by_pod[SI] = {*by_pod.get(SI, ()), "true", "false", ""}
    homes = (
        list(brute.spaces(case.space, webhooks))
        if case.labels is None
        else list(brute.fillings(case.labels, by_space))
    )
    answers: set[bool] = set()
    for own in brute.fillings(case.pod["metadata"]["labels"], by_pod):
        pod = {**case.pod, "metadata": {**case.pod["metadata"], "labels": own}}
        for home in homes:
            answers |= brute.injected(webhooks, home, pod, CONFIG)
    return answers


@settings(max_examples=45, deadline=None)
@given(configurations(), HALF_SPACES, several(half_pods()))
def test_no_answer_is_definite_that_some_world_contradicts(
    webhooks: list[Object], half: list[dict[str, str] | None], pod_list: list[Object]
) -> None:
    for case in decided(webhooks, half, pod_list):
        worlds = worlds_of(webhooks, case)
        assert worlds <= ANSWERS[case.found.verdict], case


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(STOCK)), HALF_SPACES, several(half_pods()))
def test_the_charts_webhooks_are_unknown_only_where_worlds_disagree(
    name: str, half: list[dict[str, str] | None], pod_list: list[Object]
) -> None:
    for case in decided(STOCK[name], half, pod_list):
        assert ANSWERS[case.found.verdict] == worlds_of(STOCK[name], case), case


CLAUSES = [
    *(ask("team", operator, *values) for operator in ("In", "NotIn") for values in ("a", "ab")),
    *(ask("team", operator) for operator in ("Exists", "DoesNotExist")),
]
STATES: list[dict[str, str]] = [{}, {"team": "a"}, {"team": "c"}, {"team": HOLE}]
LAST: dict[str, str] = {}
"""Of the fourth namespace, which the injector passes over."""


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: f"{clause['operator']}")
@pytest.mark.parametrize("side", ["namespaceSelector", "objectSelector"])
def test_every_clause_over_every_state_of_a_label(side: str, clause: Object) -> None:
    """One clause alone has no correlations: the answer is unknown exactly where worlds disagree."""
    hook = {**stock("x", {"only.": ([], [])})["webhooks"][0], side: {"matchExpressions": [clause]}}
    webhooks = [configuration("one", [hook]), WHOLE]
    pod_list = [_pod(state) for state in STATES]
    known: list[dict[str, str] | None] = [*STATES[:3], LAST]
    for spaces in ([None, *STATES[2:], LAST], known):
        for case in decided(webhooks, spaces, pod_list):
            assert ANSWERS[case.found.verdict] == worlds_of(webhooks, case), case


def _pod(labels: dict[str, str]) -> Object:
    return {"metadata": {"labels": labels, "annotations": {}}, "spec": {}}


# --- what the injector does -------------------------------------------------------------------

JUNK = ("true", "false", "", "True", "False", "yes", "no", "x")
POLICIES = ("enabled", "enabled", "enabled", "disabled", "disabled", "off", "Enabled", "")
MODERN = {
    "1.26.8": {False},
    "1.27.0": {True},
    "1.30.1-distroless": {True},
    "nightly": {False, True},
}


@st.composite
def configs(draw: st.DrawFn) -> Object:
    """What an injector is told; of selectors some are empty, and ignored."""
    lists = st.lists(selectors((SI, "app", "team")).map(lambda found: found or {}), max_size=2)
    found: Object = {"policy": draw(st.sampled_from(POLICIES)), "templates": {"sidecar": "a: b"}}
    for key in ("neverInjectSelector", "alwaysInjectSelector"):
        found |= {key: draw(lists)} if draw(st.booleans()) else {}
    return found


@st.composite
def asking(draw: st.DrawFn) -> Object:
    """A pod of which label and annotation may say anything."""
    pod = draw(pods())
    own = pod["metadata"]
    said = st.one_of(st.none(), st.sampled_from(JUNK))
    marks = {SI: draw(said)}, {SI: draw(said)}
    label, note = ({k: v for k, v in mark.items() if v is not None} for mark in marks)
    rest = {key: value for key, value in own["labels"].items() if key not in (SI, REV)}
    return {**pod, "metadata": {"labels": rest | label, "annotations": note}}


PLANES = st.lists(st.tuples(configs(), st.sampled_from(sorted(MODERN))), min_size=1, max_size=2)


@settings(max_examples=40, deadline=None)
@given(PLANES, several(asking()))
def test_the_injector_declines_what_brute_force_declines(
    planes: list[tuple[Object, str]], pod_list: list[Object]
) -> None:
    """One or two injectors that are called for every pod, each with its settings and version."""
    names = [("", ()), ("whole", ("default",))][: len(planes)]
    installed = [
        chart.control_plane(revision, tags=tags, version=version, config=f"{json.dumps(config)}\n")
        for (revision, tags), (config, version) in zip(names, planes, strict=True)
    ]
    space = chart.namespace("shop", {INJ: "enabled"})
    for number, pod in enumerate(pod_list):
        document = json.dumps(_deployment(f"d{number}", "shop", pod)) + "\n"
        found = chart.decision(*installed, space, document, name=f"d{number}")
        answers = {
            any(chosen)
            for chosen in product(*(_required(pod, config, version) for config, version in planes))
        }
        if pod["metadata"]["labels"].get(SI) == "false":
            answers = {False}
        assert ANSWERS[found.verdict] == answers, (pod, planes, found.because)


def _required(pod: Object, config: Object, version: str) -> set[bool]:
    return {brute.required(pod, "shop", config, modern=modern) for modern in MODERN[version]}
