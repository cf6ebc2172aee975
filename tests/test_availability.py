"""Whether istiod has pods, may lose them, and is the only one: cell by cell."""

from __future__ import annotations

import pytest

from meshlint.engine import run
from meshlint.resources.budget import Budget
from meshlint.resources.istiod import Istiod
from meshlint.resources.scaling import Scaler
from meshlint.source.files import Collection, Source
from tests.manifests import injector, namespace, workload
from tests.placing import placed

ZERO, BUDGET, SELECTOR, SHARED = "MESH510", "MESH511", "MESH512", "MESH513"


def istiod(
    revision: str = "a",
    *,
    replicas: str = "",
    ns: str = "istio-system",
    name: str = "",
    selector: str = "",
    labels: str = "",
    env: str = "",
) -> str:
    """An istiod with a revision; `replicas`, `selector` and `labels` are written as they are."""
    own = f"app: istiod, istio.io/rev: {revision}"
    count = f"  replicas: {replicas}\n" if replicas else ""
    variables = f", env: [{env}]" if env else ""
    return (
        "apiVersion: apps/v1\nkind: Deployment\n"
        f"metadata: {{name: {name or f'istiod-{revision}'}, namespace: {ns}}}\nspec:\n{count}"
        f"  selector: {selector or f'{{matchLabels: {{{own}}}}}'}\n"
        f"  template:\n    metadata: {{labels: {{{labels or own}}}}}\n    spec:\n"
        f"      containers: [{{name: discovery, image: istio/pilot:1.29.1{variables}}}]\n"
    )


def scaler(
    body: str,
    kind: str = "ScaledObject",
    name: str = "istiod-a",
    notes: str = "",
    space: str = "istio-system",
) -> str:
    """An autoscaler of istiod-a, or of another Deployment; `body` is in flow style."""
    version = "keda.sh/v1alpha1" if kind == "ScaledObject" else "autoscaling/v2"
    return (
        f"apiVersion: {version}\nkind: {kind}\n"
        f"metadata: {{name: {name}, namespace: {space}, annotations: {{{notes}}}}}\n"
        f"spec: {{scaleTargetRef: {{kind: Deployment, name: {name}}}, {body}}}\n"
    )


def hpa(body: str, name: str = "istiod-a") -> str:
    return scaler(body, "HorizontalPodAutoscaler", name)


def budget(limit: str, selector: str = "{matchLabels: {app: istiod}}", name: str = "one") -> str:
    return (
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\n"
        f"metadata: {{name: {name}, namespace: istio-system}}\n"
        f"spec: {{{limit}, selector: {selector}}}\n"
    )


def found(code: str, files: dict[str, str]) -> list[tuple[str, str]]:
    """Severity and place of each finding of a rule."""
    report = run(Collection([Source(path, text.encode()) for path, text in files.items()]))
    assert not report.failures
    return [
        (str(f.severity), f"{f.where.path}:{f.where.line}")
        for f in report.findings
        if f.code == code
    ]


def severities(code: str, *documents: str) -> list[str]:
    """The severities that one file with some documents gets."""
    return [severity for severity, _ in found(code, {"mesh.yaml": "---\n".join(documents)})]


OLDER = istiod("default", name="istiod", labels="istio: pilot")
SHOP, BOTH = namespace("shop"), namespace("shop", rev="a", injection="enabled")
EXTERNAL = "metrics: [{type: External, external: {metric: {name: q}}}]"
OBJECT = "metrics: [{type: Resource, resource: {name: cpu}}, {type: Object, object: {}}]"
CRON, CPU = "triggers: [{type: cron}]", "triggers: [{type: cpu}, {type: memory}]"
PAUSED = "autoscaling.keda.sh/paused-replicas: "


@pytest.mark.parametrize(
    ("replicas", "expected"),
    [
        ("0", ["error"]),
        ("", []),
        ("null", []),
        ("1", []),
        ("-1", []),
        ('"0"', []),
        ("${COUNT}", []),
        ("0 # kpt-set: ${count}", []),
        ("{}", []),
        ("false", []),
    ],
)
def test_replicas(replicas: str, expected: list[str]) -> None:
    assert severities(ZERO, istiod(replicas=replicas), injector("a")) == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((hpa("minReplicas: 2, maxReplicas: 5"), injector("a")), ["error"]),
        ((scaler(f"minReplicaCount: 1, {CRON}"), injector("a")), []),
        ((scaler(f"minReplicaCount: 1, {CRON}", name="cart"), injector("a")), ["error"]),
        ((scaler(f"minReplicaCount: 1, {CRON}", space="shop"), injector("a")), ["error"]),
        ((scaler(f"minReplicaCount: 1, {CRON}", name='"${NAME}"'), injector("a")), []),
        ((istiod(name="istiod-spare"), injector("a")), []),
        ((istiod(name="istiod-spare", replicas="0"), injector("a")), ["error", "error"]),
        ((istiod("b"),), []),
        ((istiod("b"), injector("a"), injector("b")), ["note"]),
        ((istiod("b"), injector("b"), namespace("shop", rev="b")), []),
        ((istiod("b"), injector("b"), namespace("shop", rev="a")), ["error"]),
        ((istiod("b"), injector("b"), injector("a", tag="t"), namespace("x", rev="t")), ["error"]),
        ((istiod("b"), injector("a"), injector("b"), workload(ns="", rev="a")), ["note"]),
        ((istiod("b"), injector("b"), injector("a"), SHOP, workload(rev="a")), ["error"]),
        ((istiod("b"), injector("b"), injector("a"), SHOP, workload(rev="b")), ["note"]),
        ((istiod("b"), injector("b"), injector("a"), BOTH), ["note"]),
        ((istiod("b", replicas="0"), injector("a"), injector("b")), ["error", "error"]),
    ],
)
def test_what_else_there_is_beside_no_replicas(
    others: tuple[str, ...], expected: list[str]
) -> None:
    assert severities(ZERO, istiod(replicas="0"), *others) == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((namespace("shop", injection="enabled"),), ["error"]),
        ((namespace("shop", injection="disabled"),), ["note"]),
        ((namespace("shop", injection="enabled"), injector("b", tag="default")), ["note"]),
        ((namespace("shop", injection="enabled"), injector("b", tag="prod")), ["error"]),
    ],
)
def test_who_asks_for_the_default_revision(others: tuple[str, ...], expected: list[str]) -> None:
    own = (istiod("default", replicas="0"), injector("default"))
    assert severities(ZERO, *own, istiod("b"), injector("b"), *others) == expected


def test_without_webhooks_another_control_plane_may_stand_elsewhere() -> None:
    assert severities(ZERO, istiod(replicas="0")) == ["warning"]


CONTAINER = (
    "apiVersion: apps/v1\nkind: Deployment\n"
    "metadata: {name: istiod-a, namespace: istio-system}\n"
    "spec: {template: {spec: {containers: [{name: discovery, resources: {}}]}}}"
)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, [("error", "b/i.yaml:5")]),
        ({"a/kustomization.yaml": "replicas: [{name: istiod-a, count: 2}]"}, []),
        (
            {"a/kustomization.yaml": "replicas: [{name: other, count: 2}]"},
            [("error", "b/i.yaml:5")],
        ),
        ({"a/kustomization.yaml": "replicas: [{name: istiod-a, count: '${N}'}]"}, []),
        ({"a/kustomization.yaml": "replicas: [{name: '${N}', count: 2}]"}, []),
        ({"a/kustomization.yaml": "patches: [{path: p.yaml}]"}, []),
        ({"a/kustomization.yaml": "patches: [{path: p.yaml, target: {kind: Deployment}}]"}, []),
        (
            {"a/kustomization.yaml": "patches: [{path: p.yaml, target: {kind: StatefulSet}}]"},
            [("error", "b/i.yaml:5")],
        ),
        (
            {"a/kustomization.yaml": "patches: [{path: q.yaml}]", "a/q.yaml": CONTAINER},
            [("error", "b/i.yaml:5")],
        ),
        ({"a/kustomization.yaml": "transformers: [t.yaml]"}, []),
        ({"a/kustomization.yaml": "namespace: mesh"}, [("error", "b/i.yaml:5")]),
        (
            {"a/kustomization.yaml": "images: [{name: istio/pilot, newTag: 1.29.2}]"},
            [("error", "b/i.yaml:5")],
        ),
    ],
)
def test_kustomizations_over_no_replicas(
    files: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\n"
        "metadata: {name: istiod-a, namespace: istio-system}\nspec: {replicas: 3}\n"
    )
    heads = {"a/kustomization.yaml": "resources: [../b]\n"}
    outer = {path: heads.get(path, "") + text + "\n" for path, text in files.items()}
    base = {
        "b/kustomization.yaml": "resources: [i.yaml]\n",
        "b/i.yaml": istiod(replicas="0") + "---\n" + injector("a"),
        "a/p.yaml": patch,
    }
    assert found(ZERO, {**base, **outer}) == expected


@pytest.mark.parametrize(
    ("kustomization", "expected"),
    [
        ("replicas: [{name: istiod-a, count: 0}]", [("error", "a/kustomization.yaml:2")]),
        (
            "namePrefix: x-\nreplicas: [{name: istiod-a, count: 0}]",
            [("error", "a/kustomization.yaml:3")],
        ),
        ("replicas: [{name: '${N}', count: 0}]", []),
        (
            "patches: [{target: {kind: Deployment, name: istiod.*},"
            " patch: '[{op: replace, path: /spec/replicas, value: 0}]'}]",
            [("error", "a/kustomization.yaml:2")],
        ),
        (
            "patches: [{target: {kind: Deployment, labelSelector: app=x},"
            " patch: '[{op: replace, path: /spec/replicas, value: 0}]'}]",
            [],
        ),
        (
            "patchesJson6902: [{target: {version: v1, kind: Deployment, name: istiod-a},"
            " patch: '[{op: add, path: /spec/replicas, value: 0}]'}]\n"
            "replicas: [{name: istiod-a, count: 1}]",
            [],
        ),
        (
            "patches: [{target: {kind: Deployment}, patch: '[{op: remove, path: /spec/replicas}]'}]",
            [],
        ),
    ],
)
def test_kustomizations_that_take_all_away(
    kustomization: str, expected: list[tuple[str, str]]
) -> None:
    files = {
        "a/kustomization.yaml": f"resources: [i.yaml]\n{kustomization}\n",
        "a/i.yaml": istiod(replicas="2") + "---\n" + injector("a"),
    }
    assert found(ZERO, files) == expected


def test_replicas_that_argo_cd_is_told() -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: mesh}\nspec:\n"
        "  destination: {name: in-cluster, namespace: istio-system}\n"
        "  source: {repoURL: x, path: mesh/base, kustomize: {replicas: [{name: istiod-a, count: 0}]}}\n"
    )
    files = {
        "app.yaml": application,
        "mesh/base/kustomization.yaml": "resources: [i.yaml]\n",
        "mesh/base/i.yaml": istiod(replicas="2") + "---\n" + injector("a"),
    }
    assert found(ZERO, files) == [("error", "app.yaml:6")]


@pytest.mark.parametrize(
    ("body", "notes", "expected"),
    [
        (CRON, "", ["warning"]),
        (f"minReplicaCount: 0, {CRON}", "", ["warning"]),
        (f"minReplicaCount: null, {CRON}", "", ["warning"]),
        (f"minReplicaCount: 1, {CRON}", "", []),
        (f"minReplicaCount: 2, idleReplicaCount: 0, {CRON}", "", ["warning"]),
        (f"minReplicaCount: 2, idleReplicaCount: 1, {CRON}", "", []),
        (f"minReplicaCount: '${{MIN}}', {CRON}", "", []),
        (CPU, "", []),
        ("triggers: [{type: cpu}, {type: prometheus}]", "", ["warning"]),
        ("triggers: [{type: '${T}'}]", "", []),
        ("triggers: []", "", []),
        ("triggers: 7", "", []),
        (f"minReplicaCount: 2, {CRON}", f"{PAUSED}'0'", ["error"]),
        (CRON, f"{PAUSED}'2'", []),
        ("triggers: [{type: cron}, {type: '${T}'}]", "", ["warning"]),
        ("triggers: [{type: cpu}, {type: '${T}'}]", "", []),
        (CRON, f"{PAUSED}'${{N}}'", []),
        (CRON, "autoscaling.keda.sh/paused: 'true'", []),
    ],
)
def test_keda(body: str, notes: str, expected: list[str]) -> None:
    assert severities(ZERO, istiod(), injector("a"), scaler(body, notes=notes)) == expected


def test_keda_in_another_namespace() -> None:
    paused = scaler(CRON, notes=f"{PAUSED}'0'", space="shop")
    assert severities(ZERO, istiod(), injector("a"), paused) == []


def test_the_first_keda_names_a_deployment_otherwise() -> None:
    text = scaler(CRON).replace("keda.sh/v1alpha1", "keda.k8s.io/v1alpha1")
    old = text.replace("kind: Deployment, name: istiod-a", "deploymentName: istiod-a")
    assert severities(ZERO, istiod(), old) == ["warning"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("istiod", ["warning"]), ("istiod-a", []), ("istiod-exporter", []), ("cart", [])],
)
def test_a_target_that_is_not_in_the_tree(name: str, expected: list[str]) -> None:
    assert severities(ZERO, scaler(CRON, name=name)) == expected


def test_a_target_whose_revision_is_known() -> None:
    assert severities(ZERO, scaler(CRON), injector("a")) == ["warning"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("minReplicas: 0, maxReplicas: 5", ["error"]),
        ("minReplicas: 0, maxReplicas: 5, metrics: [{type: Resource}]", ["error"]),
        (f"minReplicas: 0, maxReplicas: 5, {EXTERNAL}", ["warning"]),
        (f"minReplicas: 0, maxReplicas: 5, {OBJECT}", ["warning"]),
        ("minReplicas: 0, maxReplicas: 5, metrics: [{type: '${T}'}]", ["warning"]),
        ("minReplicas: 0, maxReplicas: 5, metrics: '{{ x }}'", []),
        ("minReplicas: null, maxReplicas: 5", []),
        ("maxReplicas: 5", []),
        ("minReplicas: 1, maxReplicas: 5", []),
        ("minReplicas: '${MIN}', maxReplicas: 5", []),
    ],
)
@pytest.mark.parametrize("version", ["v1", "v2beta2", "v2"])
def test_autoscalers(version: str, body: str, expected: list[str]) -> None:
    text = hpa(body).replace("autoscaling/v2", f"autoscaling/{version}")
    assert severities(ZERO, istiod(), text) == expected


def operator(spec: str) -> str:
    return f"apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {spec}\n"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{components: {pilot: {k8s: {replicaCount: 0}}}}", ["warning"]),
        ("{components: {pilot: {k8s: {replicaCount: 2}}}}", []),
        ("{components: {pilot: {k8s: {replicaCount: '${N}'}}}}", []),
        ("{profile: empty, components: {pilot: {k8s: {replicaCount: 0}}}}", []),
        ("{components: {pilot: {enabled: false, k8s: {replicaCount: 0}}}}", []),
        ("{components: {pilot: {k8s: {hpaSpec: {minReplicas: 0}}}}}", []),
        ("{values: {pilot: {replicaCount: 0, autoscaleEnabled: false}}}", []),
        (
            "{components: {pilot: {k8s: {overlays: [{kind: Deployment, name: istiod,"
            " patches: [{path: spec.replicas, value: 0}]}]}}}}",
            ["warning"],
        ),
        (
            "{components: {pilot: {k8s: {overlays: [{kind: Service,"
            " patches: [{path: spec.replicas, value: 0}]}]}}}}",
            [],
        ),
        ("{components: {pilot: {k8s: {overlays: 7}}}}", []),
        ("7", []),
    ],
)
def test_istio_operators(spec: str, expected: list[str]) -> None:
    assert severities(ZERO, operator(spec)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("{autoscaleEnabled: false, replicaCount: '0'}", ["warning"]),
        ("{pilot: {autoscaleEnabled: false, replicaCount: '0'}}", ["warning"]),
        ("{autoscaleEnabled: false, replicaCount: 0}", []),
        ("{replicaCount: '0'}", []),
        ("{autoscaleEnabled: false, replicaCount: '2'}", []),
    ],
)
def test_helm_values(values: str, expected: list[str]) -> None:
    """To the chart the number 0 is nothing, and the text is not (charts/istio-discovery)."""
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod}\n"
        f"spec: {{chart: {{spec: {{chart: istiod}}}}, values: {values}}}\n"
    )
    assert severities(ZERO, release) == expected


@pytest.mark.parametrize(
    ("limit", "pods", "spared"),
    [
        ("minAvailable: 1", 1, 0),
        ("minAvailable: 1", 2, 1),
        ("minAvailable: 3", 2, 0),
        ("minAvailable: 50%", 2, 1),
        ("minAvailable: 50%", 1, 0),
        ("minAvailable: 51%", 2, 0),
        ("minAvailable: 100%", 9, 0),
        ("minAvailable: 0", 1, 1),
        ("maxUnavailable: 0", 5, 0),
        ("maxUnavailable: 0%", 5, 0),
        ("maxUnavailable: 1%", 5, 1),
        ("maxUnavailable: 2", 5, 2),
        ("minAvailable: '1'", 1, None),
        ("minAvailable: '${N}'", 1, None),
        ("minAvailable: 1, maxUnavailable: 1", 1, None),
        ("minAvailable: 1, maxUnavailable: null", 1, 0),
        ("minAvailable: x%", 1, None),
        ("minAvailable: []", 1, None),
    ],
)
def test_what_a_budget_spares(limit: str, pods: int, spared: int | None) -> None:
    """As desiredHealthy is counted in pkg/controller/disruption of Kubernetes."""
    (one,) = (f for f in placed({"b.yaml": budget(limit)}) if isinstance(f, Budget))
    assert one.spares(pods) == spared


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ((istiod(replicas="2"), budget("minAvailable: 2")), ["warning"]),
        ((istiod(replicas="2"), budget("minAvailable: 1")), []),
        ((istiod(replicas="1"), budget("minAvailable: 1")), ["note"]),
        ((istiod(), budget("minAvailable: 1")), ["note"]),
        ((istiod(), budget("minAvailable: 50%")), ["warning"]),
        ((istiod(replicas="0"), budget("maxUnavailable: 0")), []),
        ((istiod(replicas="${N}"), budget("minAvailable: 5")), []),
        ((istiod(replicas="${N}"), budget("minAvailable: 100%")), ["warning"]),
        ((istiod(), hpa("minReplicas: 2, maxReplicas: 4"), budget("minAvailable: 2")), ["warning"]),
        ((istiod(), hpa("minReplicas: 2, maxReplicas: 4"), budget("minAvailable: 1")), []),
        ((istiod(), hpa("maxReplicas: 4"), budget("minAvailable: 1")), ["note"]),
        ((istiod(), hpa("minReplicas: '${N}', maxReplicas: 4"), budget("minAvailable: 9")), []),
        ((istiod(), scaler(f"minReplicaCount: 2, {CRON}"), budget("minAvailable: 2")), ["warning"]),
        (
            (istiod(), hpa("maxReplicas: 4"), hpa("maxReplicas: 4"), budget("minAvailable: 1")),
            [],
        ),
        ((istiod(), hpa("minReplicas: 3", "gateway"), budget("minAvailable: 1")), ["note"]),
        ((istiod(), OLDER, hpa("minReplicas: 9", "istiod"), budget("minAvailable: 1")), ["note"]),
        ((istiod(), hpa("minReplicas: 9", "istiod"), budget("minAvailable: 1")), []),
        ((istiod(replicas="2"), budget("maxUnavailable: 0", "{}")), ["warning"]),
        ((istiod(replicas="2"), budget("maxUnavailable: 0", "null")), []),
        ((istiod(replicas="2"), budget("maxUnavailable: 0", "{matchLabels: {app: cart}}")), []),
        (
            (istiod(replicas="2"), budget("maxUnavailable: 0", "{matchLabels: {app: '${A}'}}")),
            [],
        ),
        ((istiod(replicas="2", ns="mesh"), budget("maxUnavailable: 0")), []),
        (
            (
                istiod(replicas="2"),
                budget("minAvailable: 1"),
                budget("minAvailable: 1", name="two"),
            ),
            ["warning"],
        ),
        ((istiod(replicas="2"), budget("minAvailable: 1"), budget("minAvailable: 1")), []),
    ],
)
def test_budgets(documents: tuple[str, ...], expected: list[str]) -> None:
    assert severities(BUDGET, *documents) == expected


def test_a_budget_of_another_cluster() -> None:
    files = {
        "clusters/a/i.yaml": istiod(replicas="2"),
        "clusters/b/b.yaml": budget("maxUnavailable: 0"),
    }
    assert found(BUDGET, files) == []
    files["clusters/b/i.yaml"] = istiod(replicas="2")
    assert found(BUDGET, files) == [("warning", "clusters/b/b.yaml:4")]


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ("{matchLabels: {app: istiod}}", "app: istiod", []),
        ("{matchLabels: {app: istiod}}", "app: pilot, x: istiod", ["error"]),
        ("{matchLabels: {app: istiod, tier: a}}", "app: istiod", ["error"]),
        ("{matchLabels: {app: istiod}}", "app: '${A}'", []),
        ("{matchLabels: {app: '${A}'}}", "app: istiod", []),
        (
            "{matchExpressions: [{key: app, operator: In, values: [a, b]}]}",
            "app: istiod",
            ["error"],
        ),
        ("{matchExpressions: [{key: app, operator: In, values: [a, istiod]}]}", "app: istiod", []),
        ("{matchExpressions: [{key: x, operator: Exists}]}", "app: istiod", ["error"]),
        ("{matchExpressions: [{key: app, operator: DoesNotExist}]}", "app: istiod", ["error"]),
        ("{matchExpressions: [{key: x, operator: DoesNotExist}]}", "app: istiod", []),
        ("{matchExpressions: [{key: app, operator: Near}]}", "app: istiod", []),
        ("{}", "app: istiod", []),
        ("null", "app: istiod", []),
        ("7", "app: istiod", []),
        ("{matchLabels: 7}", "app: istiod", []),
        ("{matchLabels: {app: istiod}}", "app: istiod, tier: 7", []),
        ("{matchLabels: {tier: '7'}}", "app: istiod, tier: 7", []),
    ],
)
def test_selectors(selector: str, labels: str, expected: list[str]) -> None:
    assert severities(SELECTOR, istiod(selector=selector, labels=labels)) == expected


@pytest.mark.parametrize(
    ("kustomization", "expected"),
    [
        ("commonLabels: {app: mesh}", []),
        ("labels: [{pairs: {app: mesh}, includeSelectors: true}]", []),
        ("labels: [{pairs: {app: mesh}}]", []),
        (
            "labels: [{pairs: {app: mesh}, includeTemplates: true}]",
            [("error", "k/kustomization.yaml:2")],
        ),
        ("labels: [{pairs: {tier: mesh}, includeTemplates: true}]", []),
        ("labels: [{pairs: {app: mesh}, includeTemplates: true, fields: [{path: spec/x}]}]", []),
        (
            "patches: [{target: {kind: Deployment}, patch: '[{op: replace,"
            " path: /spec/template/metadata/labels/app, value: mesh}]'}]",
            [("error", "k/kustomization.yaml:2")],
        ),
        (
            "patches: [{target: {kind: Deployment}, patch: '[{op: replace,"
            " path: /spec/selector/matchLabels/app, value: mesh}]'}]",
            [],
        ),
        (
            "patches: [{target: {kind: Deployment}, patch: '[{op: remove, path: /spec/paused}]'}]",
            [],
        ),
    ],
)
def test_selectors_in_kustomizations(kustomization: str, expected: list[tuple[str, str]]) -> None:
    files = {
        "k/kustomization.yaml": f"resources: [i.yaml]\n{kustomization}\n",
        "k/i.yaml": istiod(),
    }
    assert found(SELECTOR, files) == expected


SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: istiod-a, namespace: istio-system}\n"
    "spec: {selector: {app: istiod}, ports: [{port: 443, targetPort: 15017}]}\n"
)


def test_a_label_that_another_rule_speaks_of() -> None:
    misspelled = istiod(labels="app: istiod, istio.io/rve: a")
    assert severities(SELECTOR, misspelled) == []
    assert severities("MESH103", misspelled) == ["error"]
    for labels, ours in (("app: pilot, istio.io/rev: a", []), ("app: istiod", ["error"])):
        documents = (istiod(labels=labels), SERVICE, injector("a"))
        assert severities(SELECTOR, *documents) == ours
        assert severities("MESH310", *documents) == ([] if ours else ["error"])


def test_labels_on_selectors_reach_services_and_budgets_too() -> None:
    """Else the Service would seem to select nothing, and the budget no pods."""
    files = {
        "k/kustomization.yaml": "resources: [i.yaml]\ncommonLabels: {app: mesh}\n",
        "k/i.yaml": "---\n".join(
            [istiod(replicas="2"), SERVICE, injector("a"), budget("maxUnavailable: 0")]
        ),
    }
    assert found("MESH310", files) == []
    assert found(BUDGET, files) == [("warning", "k/i.yaml:" + str(files["k/i.yaml"].count("\n")))]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("{matchLabels: {app: istiod}}", ["app: mesh"]),
        ("{matchLabels: {x: y}}", ["x: y", "app: mesh"]),
        ("{matchExpressions: [{key: app, operator: In, values: [istiod]}]}", ["app: istiod"]),
        (
            "{matchLabels: {x: y}, matchExpressions: [{key: app, operator: In, values: [z]}]}",
            ["x: y", "app: z", "app: mesh"],
        ),
        ("{}", []),
    ],
)
def test_labels_on_the_selector_of_a_budget(selector: str, expected: list[str]) -> None:
    """As kustomize 5.7 builds them: no matchLabels are made where there are none."""
    files = {
        "k/kustomization.yaml": "resources: [b.yaml]\ncommonLabels: {app: mesh}\n",
        "k/b.yaml": budget("minAvailable: 1", selector),
    }
    (one,) = (f for f in placed(files) if isinstance(f, Budget))
    own = one.selector.expressions if one.selector else ()
    assert [f"{e.key}: {e.values[0].text}" for e in own] == expected


REMOTE = "{name: CLUSTER_ID, value: east}"
OUTER = "{name: EXTERNAL_ISTIOD, value: 'true'}"
OFF = (
    "{name: INJECTION_WEBHOOK_CONFIG_NAME, value: ''},"
    " {name: VALIDATION_WEBHOOK_CONFIG_NAME, value: ''}"
)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (istiod(ns="mesh"), ["warning"]),
        (istiod(name="second"), ["note"]),
        (istiod(), []),
        (istiod(ns='""'), []),
        (istiod("b", ns="mesh"), []),
        (istiod(ns="mesh", replicas="0"), []),
        (istiod(ns="mesh", env=REMOTE), []),
        (istiod(ns="mesh", env=OUTER), []),
        (istiod(ns="mesh", env=OFF), []),
        (istiod(ns="mesh", env="{name: REVISION, value: b}"), []),
        (istiod(ns="mesh", env="{name: REVISION, value: '${R}'}"), []),
        (istiod("b", ns="mesh", env="{name: REVISION, value: a}"), ["warning"]),
        (istiod(ns="mesh", labels="app: pilot, istio.io/rev: a"), []),
    ],
)
def test_istiods_of_one_revision(other: str, expected: list[str]) -> None:
    assert severities(SHARED, istiod(), other) == expected


def test_istiods_that_may_be_for_two_clusters() -> None:
    assert found(SHARED, {"a.yaml": istiod(), "b.yaml": istiod(ns="mesh")}) == []


@pytest.mark.parametrize("junk", ["7", "[]", "null", "'x'", "{a: [b]}", "'{{ .Values }}'"])
def test_nothing_breaks_on_odd_fields(junk: str) -> None:
    """Facts of objects whose parts are not what they should be are there, and say nothing."""
    texts = [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: istiod}\nspec: {replicas: "
        f"{junk}, selector: {junk}, template: {{spec: {{containers: [{{name: discovery,"
        " image: istio/pilot:1}]}}}\n",
        f"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: istiod}}\n"
        f"spec: {{minAvailable: {junk}, selector: {junk}}}\n",
        *(
            f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: istiod}}\nspec: {body}\n"
            for version, kind in (
                ("keda.sh/v1alpha1", "ScaledObject"),
                ("autoscaling/v2", "HorizontalPodAutoscaler"),
            )
            for body in (junk, f"{{scaleTargetRef: {junk}, triggers: {junk}, metrics: {junk}}}")
        ),
        f"resources: {junk}\nreplicas: {junk}\nlabels: {junk}\n",
        f"replicas: [{junk}, {{name: {junk}, count: {junk}}}]\n",
    ]
    names = [
        f"{n}/kustomization.yaml" if "apiVersion" not in t else f"{n}.yaml"
        for n, t in enumerate(texts)
    ]
    files = dict(zip(names, texts, strict=True))
    kinds = {type(fact) for fact in placed(files)}
    assert {Istiod, Budget, Scaler} <= kinds
    for code in (ZERO, BUDGET, SELECTOR, SHARED):
        assert found(code, files) == []
