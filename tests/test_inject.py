"""The decision: selectors against Istio's conformance table, then the injector's own steps."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshlint.facts import facts
from meshlint.finding import Field, Location, Type, Value
from meshlint.mesh.inject import Decision, Verdict, called, decide
from meshlint.mesh.model import Mesh
from meshlint.mesh.plane import Plane, plane
from meshlint.mesh.selector import ABSENT, UNKNOWN, Labels, labels_of, matches
from meshlint.mesh.stock import auto_hook, hooks_of
from meshlint.resources.webhook import Configuration
from meshlint.source.parse import parse
from meshlint.source.split import Slice
from tests.manifests import injector, istiod, namespace, workload

# --- the API server's half ------------------------------------------------------------------


def configurations(hooks: list[dict[str, object]]) -> Iterator[Configuration]:
    """The conformance data's hooks as a file would hold them."""
    for name, group in itertools.groupby(hooks, key=lambda hook: str(hook["config"])):
        listed = list(group)
        tag = {"istio.io/tag": name[19:]} if name.startswith("istio-revision-tag-") else {}
        body = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": name, "labels": {"istio.io/rev": listed[0]["revision"], **tag}},
            "webhooks": [{"name": hook.pop("hook"), **hook} for hook in listed],
        }
        found = facts("webhooks.yaml", json.dumps(body).encode()).resources
        yield from (resource for resource in found if isinstance(resource, Configuration))


def test_every_line_of_the_conformance_data(shared: Path) -> None:
    sets = json.loads((shared / "vectors/sets.json").read_text())
    planes = {
        name: plane(configurations(hooks), [], [], [], declared_closed=True)
        for name, hooks in sets.items()
    }
    lines = 0
    with (shared / "vectors/injection.jsonl").open() as vectors:
        for line in vectors:
            case = json.loads(line)
            check(planes[case["set"]], case)
            lines += 1
    assert lines == 18144


def check(found: Plane, case: dict[str, Any]) -> None:
    calls = called(found, Labels(case["namespace"]), Labels(case["pod"]))
    names = [[call.configuration and call.configuration.meta.subject.name, call.hook.full_name]
             for call in calls]  # fmt: skip
    assert names == case["called"], case
    assert all(call.sure for call in calls)
    targets = {call.revision for call in calls}
    assert (targets.pop() if len(targets) == 1 else None) == case["target"]


CELLS = [
    # namespace labels, pod labels, the one that is called: R, T (a tag), D (default) or nothing
    ({}, {}, ""),
    ({}, {"sidecar.istio.io/inject": "true"}, "D"),
    ({}, {"sidecar.istio.io/inject": "yes"}, ""),
    ({}, {"istio.io/rev": "R"}, "R"),
    ({}, {"istio.io/rev": "R", "sidecar.istio.io/inject": "yes"}, "R"),
    ({}, {"istio.io/rev": "R", "sidecar.istio.io/inject": "false"}, ""),
    ({}, {"istio.io/rev": "T"}, "T"),
    ({}, {"istio.io/rev": "gone", "sidecar.istio.io/inject": "true"}, ""),
    ({"istio.io/rev": "R"}, {}, "R"),
    ({"istio.io/rev": "R"}, {"istio.io/rev": "T"}, "R"),
    ({"istio.io/rev": "R"}, {"sidecar.istio.io/inject": "false"}, ""),
    ({"istio.io/rev": "default"}, {}, "D"),
    ({"istio.io/rev": "gone"}, {"sidecar.istio.io/inject": "true"}, ""),
    ({"istio.io/rev": ""}, {"istio.io/rev": "R"}, ""),
    ({"istio-injection": "enabled"}, {}, "D"),
    ({"istio-injection": "enabled", "istio.io/rev": "R"}, {"istio.io/rev": "R"}, "D"),
    ({"istio-injection": "disabled"}, {"sidecar.istio.io/inject": "true"}, ""),
    ({"istio-injection": "true"}, {"istio.io/rev": "R"}, ""),
]


@pytest.mark.parametrize(("ns", "pod", "target"), CELLS)
def test_truth_table_of_the_stock_hooks(
    ns: dict[str, str], pod: dict[str, str], target: str
) -> None:
    """Istio's stock table, used where the tree has no webhook configurations."""
    names = {"R": "R", "T": "T", "D": "default"}
    space = Labels({"kubernetes.io/metadata.name": "shop", **ns})
    matching = {
        short
        for short, name in names.items()
        for hook in hooks_of(name)
        if matches(hook.namespace_selector, space) and matches(hook.object_selector, Labels(pod))
    }
    assert matching == ({target} if target else set())


def test_the_auto_hook_leaves_system_namespaces_alone() -> None:
    hook = auto_hook()
    for name, expected in (("shop", True), ("kube-system", False)):
        assert (
            matches(hook.namespace_selector, Labels({"kubernetes.io/metadata.name": name}))
            is expected
        )


KEYS = st.sampled_from(["a", "b", "istio.io/rev"])
VALUES = st.sampled_from(["x", "y", ""])
MAPS = st.dictionaries(KEYS, VALUES, max_size=3)
ASKED = st.lists(
    st.one_of(
        st.tuples(KEYS, st.sampled_from(["In", "NotIn"]), st.lists(VALUES, min_size=1, max_size=3)),
        st.tuples(KEYS, st.sampled_from(["Exists", "DoesNotExist"]), st.just([])),
    ),
    max_size=3,
)


def selector_of(asked: list[tuple[str, str, list[str]]], exact: dict[str, str]) -> object:
    body = {
        "matchLabels": exact,
        "matchExpressions": [{"key": k, "operator": o, "values": v} for k, o, v in asked],
    }
    from meshlint.resources.webhook import selector

    return selector(parse("s", Slice(json.dumps(body), 0, 1)))


def brute_force(
    asked: list[tuple[str, str, list[str]]], exact: dict[str, str], labels: dict[str, str]
) -> bool:
    tests = {
        "In": lambda k, v: k in labels and labels[k] in v,
        "NotIn": lambda k, v: not (k in labels and labels[k] in v),
        "Exists": lambda k, v: k in labels,
        "DoesNotExist": lambda k, v: k not in labels,
    }
    return all(labels.get(k) == v for k, v in exact.items()) and all(
        tests[operator](key, values) for key, operator, values in asked
    )


@given(ASKED, MAPS, MAPS)
def test_selectors_agree_with_brute_force(
    asked: list[tuple[str, str, list[str]]], exact: dict[str, str], labels: dict[str, str]
) -> None:
    from meshlint.resources.webhook import Selector

    found = selector_of(asked, exact)
    assert isinstance(found, Selector)
    assert matches(found, Labels(labels)) is brute_force(asked, exact, labels)


REFUSED = [
    ("a", "In", []),
    ("a", "Exists", ["x"]),
    ("a", "Is", ["x"]),
    ("", "Exists", []),
    ("a b", "Exists", []),
    ("a", "In", ["x y"]),
]


@pytest.mark.parametrize("asked", REFUSED)
def test_what_kubernetes_refuses_is_no_requirement(asked: tuple[str, str, list[str]]) -> None:
    """The object that holds it is refused as a whole, so that nothing is sure of it."""
    from meshlint.resources.webhook import Selector

    found = selector_of([asked], {})
    assert isinstance(found, Selector)
    assert [e.usable for e in found.expressions] == [False]
    assert matches(found, Labels({"a": "x"})) is None


@given(ASKED, MAPS, MAPS, st.sets(KEYS))
def test_unknown_labels_never_lie(
    asked: list[tuple[str, str, list[str]]],
    exact: dict[str, str],
    labels: dict[str, str],
    hidden: set[str],
) -> None:
    """A definite answer over partly unknown labels holds for the true ones."""
    from meshlint.resources.webhook import Selector

    found = selector_of(asked, exact)
    assert isinstance(found, Selector)
    answer = matches(found, Labels(labels, frozenset(hidden)))
    assert answer is None or answer is brute_force(asked, exact, labels)


# --- the whole decision ---------------------------------------------------------------------


def verdict_of(*documents: str) -> Decision:
    text = "\n---\n".join(documents)
    mesh = Mesh(facts("all.yaml", text.encode()).resources)
    return decide(mesh, next(w for w in mesh.workloads if w.meta.subject.name == "cart"))


R = "1-29"
MESH = (istiod(R), injector(R))
STEPS = [
    ("revision of the namespace", (*MESH, namespace("shop", rev=R), workload()), Verdict.INJECTED),
    ("revision of the pod", (*MESH, namespace("shop"), workload(rev=R)), Verdict.INJECTED),
    ("unknown revision, whole mesh", (*MESH, namespace("shop", rev="x"), workload()), Verdict.NOT_INJECTED),
    ("unknown revision, open mesh", (namespace("shop", rev="x"), workload()), Verdict.UNKNOWN),
    ("pod says false", (*MESH, namespace("shop", rev=R), workload(inject='"false"')), Verdict.NOT_INJECTED),
    ("pod says true", (*MESH, namespace("shop", rev=R), workload(inject='"true"')), Verdict.INJECTED),
    ("pod says False", (*MESH, namespace("shop", rev=R), workload(inject='"False"')), Verdict.INJECTED),
    ("empty label", (*MESH, namespace("shop", rev=R), workload(inject='""')), Verdict.INJECTED),
    ("annotation false", (*MESH, namespace("shop", rev=R), workload(note='"false"')), Verdict.NOT_INJECTED),
    ("empty label silences annotation",
     (*MESH, namespace("shop", rev=R), workload(inject='""', note='"false"')), Verdict.INJECTED),
    ("annotation true opts nobody in", (*MESH, namespace("shop"), workload(note='"true"')), Verdict.NOT_INJECTED),
    ("placeholder", (*MESH, namespace("shop", rev=R), workload(inject='"${INJECT}"')), Verdict.UNKNOWN),
    ("host network", (*MESH, namespace("shop", rev=R), workload(host=True)), Verdict.NOT_INJECTED),
    ("system namespace", (*MESH, namespace("kube-system", rev=R), workload(ns="kube-system")), Verdict.NOT_INJECTED),
    ("no default revision", (*MESH, namespace("shop", injection="enabled"), workload()), Verdict.NOT_INJECTED),
    ("default, open mesh", (namespace("shop", injection="enabled"), workload()), Verdict.UNKNOWN),
    ("injection disabled, open mesh", (namespace("shop", injection="disabled"), workload(inject='"true"')), Verdict.NOT_INJECTED),
    ("namespace not in the tree", (*MESH, workload()), Verdict.UNKNOWN),
    ("namespace not in the tree, refused", (*MESH, workload(inject='"false"')), Verdict.NOT_INJECTED),
    ("no namespace given", (*MESH, workload(ns="")), Verdict.UNKNOWN),
    ("two copies that disagree", (*MESH, namespace("shop", rev=R), namespace("shop"), workload()), Verdict.UNKNOWN),
    ("two copies that agree", (*MESH, namespace("shop", rev=R), namespace("shop", rev=R), workload()), Verdict.INJECTED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("documents", "verdict"), [s[1:] for s in STEPS], ids=[s[0] for s in STEPS]
)
def test_steps_of_the_decision(documents: tuple[str, ...], verdict: Verdict) -> None:
    decision = verdict_of(*documents)
    assert decision.verdict is verdict
    assert decision.because


def test_the_decision_names_webhook_revision_and_reasons() -> None:
    decision = verdict_of(*MESH, namespace("shop", rev=R), workload())
    assert decision.revision == R
    assert [call.hook.full_name for call in decision.calls] == [
        "rev.namespace.sidecar-injector.istio.io"
    ]
    assert decision.because[0].where is not None


def test_conditions_in_cel_are_not_guessed() -> None:
    conditional = injector(R).replace(
        "  sideEffects: None",
        "  matchConditions: [{name: c, expression: 'true'}]\n  sideEffects: None",
    )
    decision = verdict_of(istiod(R), conditional, namespace("shop", rev=R), workload())
    assert decision.verdict is Verdict.UNKNOWN


def test_labels_that_are_there_with_a_value_that_is_not_known() -> None:
    where = Location("n.yaml", 1, 1, 1, 2)

    def field(text: str, kind: Type = Type.STRING, literal: bool = True) -> Field:
        return Field(Value("x", where), Value(text, where, kind, literal))

    for entry, there in (
        (field("a"), True),
        (field("${X}", literal=False), True),
        (field("true", Type.BOOL), True),
        (field("a", literal=False), None),
    ):
        labels = labels_of({"x": entry})
        assert labels.has("x") is there, entry
        assert (labels.state("x") is UNKNOWN) is (entry.value.known is None)
    assert labels_of({}).has("x") is False
    assert labels_of({}, partial=True).has("x") is None


def test_nothing_has_the_label_that_switches_webhooks_off() -> None:
    assert Labels(open=True).state("istio.io/deactivated") is ABSENT


def test_null_label_is_a_present_empty_one() -> None:
    fields = facts(
        "n.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: }}\n"
    )
    (found,) = Mesh(fields.resources).namespaces
    assert labels_of(found.meta.labels).state("x") == ""
