"""Fifteen facts of injection that a careless implementation gets wrong, and some more.

What is expected follows from Istio's source: the selectors of mutatingwebhook.yaml, injectRequired
and AnnotationValidation (pkg/kube/inject), the patchers of caBundle (pkg/webhooks), istiod's
certificate (pilot/pkg/bootstrap/server.go).
"""

from __future__ import annotations

import json

import pytest

from meshlint.finding import Finding, Severity
from meshlint.mesh.inject import Verdict
from tests.chart import (
    CONFIG,
    INJ,
    REV,
    SI,
    configuration,
    control_plane,
    decision,
    deployment,
    istiod,
    namespace,
    settings,
    together,
)
from tests.lint import lint_text

R, GONE = "canary-1-29", "blue-1-28"
YES, NO, UNKNOWN = Verdict.INJECTED, Verdict.NOT_INJECTED, Verdict.UNKNOWN
ENABLED = namespace("shop", {INJ: "enabled"})
TRUE, PLAIN = deployment({SI: "true"}), deployment()
OLD, NEW = "1.26.8", "1.27.0"


def rules(*documents: str) -> set[str]:
    """The names of all rules that find something."""
    return {finding.rule for finding in findings(*documents)}


def findings(*documents: str) -> tuple[Finding, ...]:
    return tuple(lint_text(together(*documents)).findings)


def severe(*documents: str) -> set[str]:
    """The names of rules that say more than a note."""
    return {found.rule for found in findings(*documents) if found.severity is not Severity.NOTE}


def at(rule: str, *documents: str) -> list[str]:
    """The lines that a rule points at."""
    lines = together(*documents).splitlines()
    return [lines[f.where.line - 1].strip() for f in findings(*documents) if f.rule == rule]


def verdicts(*documents: str, pods: dict[str, str] | None = None) -> Verdict:
    return decision(*documents, deployment(pods)).verdict


@pytest.mark.parametrize(
    "documents",
    [
        (control_plane(), ENABLED, PLAIN),
        (control_plane(R, tags=("prod", "default")), namespace("shop", {REV: "prod"}), PLAIN),
        (control_plane(), control_plane(R), namespace("shop", {REV: R}), deployment({SI: "false"})),
    ],
)
def test_nothing_is_said_of_what_the_charts_render(documents: tuple[str, ...]) -> None:
    """Or the facts below would prove nothing."""
    assert findings(*documents) == ()


# --- 1 to 7: labels -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["true", "Enabled", "enable", "yes", ""])
def test_01_any_value_but_enabled_disables_and_blocks_every_other_way_in(value: str) -> None:
    plane = together(control_plane(), control_plane(R))
    for more in ({}, {REV: R}, {REV: "default"}):
        space = namespace("shop", {INJ: value, **more})
        for pod in ({}, {SI: "true"}, {REV: R}, {REV: R, SI: "true"}):
            assert verdicts(plane, space, pods=pod) is NO, (more, pod)
    space = namespace("shop", {INJ: value})
    assert at("namespace-injection-value", plane, space) == [f"{INJ}: {json.dumps(value)}"]


def test_01_disabled_itself_is_no_mistake_but_blocks_too() -> None:
    space = namespace("shop", {INJ: "disabled"})
    assert verdicts(control_plane(), space, pods={SI: "true"}) is NO
    assert rules(control_plane(), space, PLAIN) == set()
    assert rules(control_plane(), space, TRUE) == {"pod-opt-in-blocked"}


def test_02_enabled_beats_the_namespaces_revision() -> None:
    space = namespace("shop", {INJ: "enabled", REV: R})
    assert decision(control_plane(), control_plane(R), space, PLAIN).revision == "default"
    assert rules(control_plane(), control_plane(R), space) == {"namespace-conflicting-labels"}


def test_02_enabled_and_a_revision_inject_nothing_where_only_that_revision_is() -> None:
    space = namespace("shop", {INJ: "enabled", REV: R})
    assert verdicts(control_plane(R), space) is NO
    assert "namespace-conflicting-labels" in rules(control_plane(R), space)


def test_02_the_namespaces_revision_beats_the_pods() -> None:
    space, pod = namespace("shop", {REV: R}), deployment({REV: "default"})
    assert decision(control_plane(), control_plane(R), space, pod).revision == R
    assert rules(control_plane(), control_plane(R), space, pod) == {"pod-revision-overridden"}


def test_02_no_pod_label_rescues_an_unknown_revision_of_the_namespace() -> None:
    plane, space = together(control_plane(), control_plane(R)), namespace("shop", {REV: GONE})
    for pod in ({SI: "true"}, {REV: R}, {REV: R, SI: "true"}, {REV: "default"}):
        assert verdicts(plane, space, pods=pod) is NO
    assert at("revision-unknown", plane, space) == [f'{REV}: "{GONE}"']


@pytest.mark.parametrize(
    ("space", "pod"),
    [({INJ: "enabled"}, {}), ({}, {SI: "true"}), ({REV: "default"}, {}), ({}, {REV: "default"})],
)
def test_03_a_revision_alone_ignores_all_that_asks_for_the_default(
    space: dict[str, str], pod: dict[str, str]
) -> None:
    documents = namespace("shop", space), deployment(pod)
    assert decision(control_plane(R), *documents).verdict is NO
    assert rules(control_plane(R), *documents) == {"injection-without-default"}
    tagged = control_plane(R, tags=("default",))
    assert decision(tagged, *documents).verdict is YES
    assert rules(tagged, *documents) == set()


def test_03_only_a_revision_label_gets_in() -> None:
    assert verdicts(control_plane(R), namespace("shop", {REV: R})) is YES
    assert verdicts(control_plane(R), namespace("shop"), pods={REV: R}) is YES


@pytest.mark.parametrize("value", ["False", "FALSE", "no", "0", "f", "off"])
def test_04_only_false_itself_stops_the_webhook(value: str) -> None:
    """Istio before 1.27 declines afterwards; the CNI plugin reads the label in yet another way."""
    pod = deployment({SI: value})
    new = decision(control_plane(version=NEW), ENABLED, pod)
    old = decision(control_plane(version=OLD), ENABLED, pod)
    assert (new.verdict, old.verdict) == (YES, NO)
    assert len(new.calls) == len(old.calls) == 1
    assert decision(control_plane(), ENABLED, deployment({SI: "false"})).calls == ()
    assert at("pod-inject-value", control_plane(), ENABLED, pod) == [f'{SI}: "{value}"']


@pytest.mark.parametrize("label", ["", "true", "x"])
def test_05_a_label_silences_the_annotation(label: str) -> None:
    pod = deployment({SI: label}, notes={SI: "false"})
    assert decision(control_plane(version=NEW), ENABLED, pod).verdict is YES


def test_05_the_annotation_true_lets_nobody_in() -> None:
    pod = deployment(notes={SI: "true"})
    assert decision(control_plane(), namespace("shop"), pod).verdict is NO
    assert "inject-annotation-ineffective" in rules(control_plane(), namespace("shop"), pod)


def test_05_the_annotation_false_keeps_out_and_needs_the_webhook_for_it() -> None:
    found = decision(control_plane(), ENABLED, deployment(notes={SI: "false"}))
    assert found.verdict is NO
    assert len(found.calls) == 1


CRON_JOB = """apiVersion: batch/v1
kind: CronJob
metadata:
  name: cart
  namespace: shop
  labels:
    OWN
spec:
  schedule: "0 * * * *"
  jobTemplate:
    metadata:
      labels:
        JOB
    spec:
      template:
        metadata:
          labels:
            POD
        spec:
          restartPolicy: Never
          containers:
          - name: cart
            image: example/cart:1
"""


def cron_job(own: str = "a: b", job: str = "a: b", pod: str = "a: b") -> str:
    return CRON_JOB.replace("OWN", own).replace("JOB", job).replace("POD", pod)


def test_06_labels_of_the_workload_are_decoys() -> None:
    stop = f'{SI}: "false"'
    decoy = deployment().replace(
        "  namespace: shop\n", f"  namespace: shop\n  labels:\n    {stop}\n"
    )
    assert decision(control_plane(), ENABLED, decoy).verdict is YES
    assert at("pod-key-on-workload", control_plane(), ENABLED, decoy) == [stop]


def test_06_labels_of_a_cron_jobs_jobs_are_decoys() -> None:
    stop = f'{SI}: "false"'
    for job, wanted in (
        (cron_job(own=stop), YES),
        (cron_job(job=stop), YES),
        (cron_job(pod=stop), NO),
    ):
        assert decision(control_plane(), ENABLED, job).verdict is wanted
    assert at("cronjob-label-wrong-level", control_plane(), ENABLED, cron_job(job=stop)) == [stop]
    assert rules(control_plane(), ENABLED, cron_job(pod=stop)) == set()


def test_06_a_label_in_the_selector_is_none_of_the_pods() -> None:
    chosen = deployment().replace("      app: cart\n", f'      app: cart\n      {SI}: "false"\n', 1)
    assert decision(control_plane(), ENABLED, chosen).verdict is YES


def test_07_sidecars_win_over_ambient() -> None:
    mode = {"istio.io/dataplane-mode": "ambient"}
    enabled = namespace("shop", {INJ: "enabled", **mode})
    assert verdicts(control_plane(), enabled) is YES
    assert verdicts(control_plane(), namespace("shop", {REV: "default", **mode})) is YES
    assert at("namespace-sidecar-and-ambient", control_plane(), enabled)


def test_07_ambient_alone_is_no_sidecar_and_no_mistake() -> None:
    alone = namespace("shop", {"istio.io/dataplane-mode": "ambient"})
    assert verdicts(control_plane(), alone) is NO
    assert rules(control_plane(), alone, PLAIN) == set()


# --- 8 to 14: webhooks and control planes --------------------------------------------------------


def edited(old: str, new: str, *, count: int = -1, plane: str | None = None) -> str:
    """The default control plane with something of it replaced."""
    text = plane or control_plane()
    assert old in text
    return text.replace(old, new, count)


def bundle(value: str) -> str:
    return edited("      port: 443\n", f"      port: 443\n    caBundle: {value}\n")


URL = """    service:
      name: istiod
      namespace: "istio-system"
      path: "/inject"
      port: 443
"""


def test_08_no_ca_bundle_is_right_and_an_empty_one_is_not() -> None:
    assert rules(control_plane()) == set()
    for empty in ('""', "Cg=="):
        assert "webhook-cabundle-value" in severe(bundle(empty)), empty


def test_08_a_url_with_a_public_certificate_needs_no_bundle() -> None:
    url = "    url: https://mesh.example.com/inject\n"
    assert rules(edited(URL, url)) == set()
    assert "webhook-cabundle-value" not in severe(edited(URL, f'{url}    caBundle: ""\n'))


def test_09_istiod_patches_by_its_own_revision() -> None:
    labelled = f'  labels:\n    {REV}: "default"\n    app: "sidecar-injector"'
    bare = edited(labelled, '  labels:\n    app: "sidecar-injector"')
    assert rules(bare) == {"webhook-revision-label-missing"}
    other = edited(
        labelled, labelled.replace("default", R), plane=control_plane() + "---\n" + control_plane(R)
    )
    assert "webhook-revision-inconsistent" in severe(other)


def test_09_istiod_patches_hooks_by_the_suffix_of_their_name() -> None:
    renamed = edited(
        "- name: namespace.sidecar-injector.istio.io", "- name: namespace.inject.example.com"
    )
    assert rules(renamed) == {"webhook-hook-name-unpatchable"}
    prefixed = edited("- name: namespace.sidecar", "- name: mine.namespace.sidecar")
    assert rules(prefixed) == set()


def test_09_of_the_configured_name_only_its_emptiness_counts() -> None:
    """If INJECTION_WEBHOOK_CONFIG_NAME is empty, something else must bring the caBundle."""
    entry = "        - name: REVISION\n"
    for value in ("istio-sidecar-injector", "another", ""):
        env = f'        - name: INJECTION_WEBHOOK_CONFIG_NAME\n          value: "{value}"\n'
        wanted = set() if value else {"webhook-cabundle-never-filled"}
        assert rules(edited(entry, env + entry)) == wanted, value


def test_09_the_name_of_the_object_is_irrelevant_to_injection() -> None:
    renamed = edited(
        'name: istio-sidecar-injector\n  labels:\n    istio.io/rev: "default"\n    app',
        'name: mine\n  labels:\n    istio.io/rev: "default"\n    app',
    )
    assert decision(renamed, ENABLED, PLAIN).verdict is YES
    assert severe(renamed, ENABLED, PLAIN) == set()


def validator(revision: str = "", policy: str = "Ignore", name: str = "") -> str:
    asked = revision or "default"
    service = f"istiod-{revision}" if revision else "istiod"
    title = name or f"istio-validator{'-' + revision if revision else ''}-istio-system"
    return f"""apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: {title}
  labels:
    app: istiod
    istio: istiod
    {REV}: "{asked}"
webhooks:
- name: rev.validation.istio.io
  clientConfig:
    service:
      name: {service}
      namespace: "istio-system"
      path: "/validate"
  rules:
  - operations: ["CREATE", "UPDATE"]
    apiGroups: ["networking.istio.io"]
    apiVersions: ["*"]
    resources: ["*"]
  failurePolicy: {policy}
  sideEffects: None
  admissionReviewVersions: ["v1"]
  objectSelector:
    matchExpressions:
    - key: {REV}
      operator: In
      values:
      - "{asked}"
"""


@pytest.mark.parametrize("policy", ["Ignore", "Fail"])
def test_10_both_failure_policies_of_the_validator_are_in_order(policy: str) -> None:
    assert rules(control_plane(), validator(policy=policy)) == set()


def test_10_healing_ignore_is_a_fight() -> None:
    healed = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: istiod, namespace: argocd}
spec:
  project: default
  source:
    repoURL: https://istio-release.storage.googleapis.com/charts
    chart: istiod
    targetRevision: 1.27.0
  destination: {server: "https://kubernetes.default.svc", namespace: istio-system}
  syncPolicy: {automated: {selfHeal: true}}
"""
    assert "argo-heals-validator" in severe(healed)
    assert "argo-heals-validator" not in rules(healed.replace("selfHeal: true", "selfHeal: false"))


def test_11_a_validator_is_named_after_its_namespace_too() -> None:
    assert rules(control_plane(R), validator(R)) == set()
    assert rules(control_plane(), validator()) == set()


def test_11_an_injectors_name_may_end_with_the_revision_or_with_the_namespace() -> None:
    """`istio-sidecar-injector-blue`: revision blue, or the default revision in namespace blue."""
    of_revision = control_plane("blue")
    elsewhere = control_plane().replace("istio-system", "blue").replace(
        "name: istio-sidecar-injector\n  labels", "name: istio-sidecar-injector-blue\n  labels"
    )  # fmt: skip
    assert "name: istio-sidecar-injector-blue" in of_revision
    assert "name: istio-sidecar-injector-blue" in elsewhere
    for plane, revision in ((of_revision, "blue"), (elsewhere, "default")):
        found = decision(plane, namespace("shop", {REV: revision}), PLAIN)
        assert (found.verdict, found.revision) == (YES, revision)
        assert rules(plane) == set()


def test_11_a_webhook_is_no_proof_of_a_living_revision() -> None:
    left = control_plane(R), configuration(GONE)
    assert "webhook-leftover" in severe(*left)
    assert "webhook-leftover" not in rules(configuration(GONE)), "alone it may be all there is"
    assert decision(*left, namespace("shop", {REV: GONE}), PLAIN).verdict is not YES


def test_12_a_deactivated_configuration_is_at_rest() -> None:
    inert = configuration(off=True)
    empty = inert.replace("      port: 443\n", '      port: 443\n    caBundle: ""\n')
    plane = control_plane(R, tags=("default",))
    for resting in (inert, empty):
        assert severe(plane, resting) == set()
        found = decision(plane, resting, ENABLED, PLAIN)
        assert (found.verdict, found.revision, len(found.calls)) == (YES, R, 1)
    awake = configuration()
    assert "webhooks-overlap" in severe(control_plane(), control_plane(R, tags=("default",)), awake)


HELM_RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: istiod, namespace: istio-system}
spec:
  interval: 30m
  chart: {spec: {chart: istiod, version: 1.29.1, sourceRef: {kind: HelmRepository, name: istio}}}
  values: {revision: REVISION}
"""


def test_13_default_as_a_revision_of_the_chart_is_not_the_default_revision() -> None:
    assert "helm-revision-default" in severe(HELM_RELEASE.replace("REVISION", "default"))
    assert rules(HELM_RELEASE.replace("REVISION", '""')) == set()
    sail = "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\n"
    assert rules(sail + "spec: {version: v1.29.1, namespace: istio-system}\n") == set()


def test_13_what_the_chart_renders_for_it_takes_no_istio_injection() -> None:
    rendered = control_plane("LITERAL").replace("LITERAL", "default")
    assert "namespace.sidecar-injector" not in rendered.replace("rev.namespace", "")
    assert decision(rendered, ENABLED, PLAIN).verdict is not YES
    assert decision(rendered, namespace("shop"), TRUE).verdict is not YES


SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: NAME
  namespace: istio-system
  labels: {app: istiod}
spec:
  selector: {app: istiod}
  ports:
  - {name: grpc-xds, port: 15010}
  - {name: https-webhook, port: 443, targetPort: 15017}
"""


def test_14_only_some_services_are_in_istiods_certificate() -> None:
    plane = control_plane(R, tags=("prod",))
    calls = f"      name: istiod-{R}\n"
    for name, wrong in (("istiod", False), ("istiod-revision-tag-prod", True), ("mine", True)):
        services = SERVICE.replace("NAME", f"istiod-{R}") + "---\n" + SERVICE.replace("NAME", name)
        tag = plane.index("istio-revision-tag-prod")
        text = plane[:tag] + plane[tag:].replace(calls, f"      name: {name}\n")
        assert ("webhook-host-not-in-certificate" in severe(text, services)) is wrong, name


@pytest.mark.parametrize(
    "host",
    [f"istiod-{R}.istio-system.svc", "istiod.istio-system.svc.cluster.local", "tag.example.com"],
)
def test_14_the_meshs_own_discovery_address_may_name_any_host(host: str) -> None:
    mesh = f"""apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-{R}
  namespace: istio-system
  labels: {{{REV}: {R}}}
data:
  mesh: |-
    defaultConfig:
      discoveryAddress: {host}:15012
"""
    assert severe(control_plane(R), mesh) == set()


def test_15_all_of_it_is_told_offline_from_one_scan() -> None:
    """istioctl analyze --use-kube=false drops Namespaces and pods, and says nothing of any of it."""
    broken = bundle('""')
    left = configuration(GONE)
    spaces = namespace("one", {REV: "x"}), namespace("two", {INJ: "true"})
    pod = deployment({SI: "no"}, ns="three")
    assert severe(broken, left, *spaces, namespace("three", {INJ: "enabled"}), pod) >= {
        "webhook-cabundle-value",
        "webhook-leftover",
        "revision-unknown",
        "namespace-injection-value",
        "pod-inject-value",
    }


# --- and some more ------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["off", '"off"', "Enabled", '""'])
def test_a_policy_that_is_none_disables_even_true(policy: str) -> None:
    plane = control_plane(config=CONFIG.replace("enabled", policy))
    assert decision(plane, ENABLED, TRUE).verdict is NO


def test_an_invalid_annotation_denies_the_pod() -> None:
    key = "traffic.sidecar.istio.io/excludeOutboundIPRanges"
    pod = deployment(notes={key: "10.0.0.1"})
    assert "injection-annotation-invalid" in severe(control_plane(), ENABLED, pod)
    fine = deployment(notes={key: "10.0.0.1/32"})
    assert rules(control_plane(), ENABLED, fine) == set()


def test_an_unknown_template_denies_the_pod() -> None:
    pod = deployment(notes={"inject.istio.io/templates": "mine"})
    assert "injection-template-unknown" in rules(control_plane(), ENABLED, pod)
    fine = deployment(notes={"inject.istio.io/templates": "sidecar,grpc-agent"})
    assert rules(control_plane(), ENABLED, fine) == set()


def test_a_tag_of_a_removed_revision_is_worse_than_an_unknown_revision() -> None:
    """The pods of the one cannot be created, those of the other run without a sidecar."""
    tag = configuration(GONE, tag="prod")
    space = namespace("shop", {REV: "prod"})
    assert "tag-target-missing" in severe(control_plane(R), tag, space)
    assert decision(control_plane(R), tag, space, PLAIN).verdict is not YES
    unknown = decision(control_plane(R), namespace("shop", {REV: GONE}), PLAIN)
    assert (unknown.verdict, unknown.calls) == (NO, ())


def test_istios_own_resources_do_not_follow_tags() -> None:
    virtual = f"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: cart\n  namespace: shop\n  labels:\n    {REV}: NAME\nspec:\n  hosts: [cart]\n  http: [{{route: [{{destination: {{host: cart}}}}]}}]\n"
    plane = control_plane(R, tags=("prod",))
    assert "istio-resource-revision-unknown" in rules(plane, virtual.replace("NAME", "prod"))
    assert rules(plane, virtual.replace("NAME", R)) == set()


def test_revisions_that_look_alike_are_not_the_same() -> None:
    """AKS's asm-1-22, Cloud Service Mesh's asm-1233-2, and its managed asm-managed."""
    assert rules(control_plane("asm-1-22", version="1.22.8")) == set()
    assert rules(control_plane("asm-1233-2", version="1.23.3-asm.2")) == set()
    assert "asm-revision-against-image" in rules(
        control_plane("asm-1233-2", version="1.23.4-asm.1")
    )
    aks = control_plane("asm-1-22", version="1.22.8")
    assert verdicts(aks, ENABLED) is NO
    assert verdicts(aks, namespace("shop", {REV: "asm-1-22"})) is YES
    assert verdicts(aks, namespace("shop", {REV: "asm-managed"})) is NO


MANAGED = """apiVersion: mesh.cloud.google.com/v1beta1
kind: ControlPlaneRevision
metadata:
  name: asm-managed
  namespace: istio-system
spec:
  type: managed_service
  channel: regular
"""


def test_istio_injection_is_no_mistake_with_a_managed_control_plane() -> None:
    assert severe(MANAGED, ENABLED, PLAIN) == set()
    assert decision(MANAGED, ENABLED, PLAIN).verdict is not NO
    assert severe(MANAGED, namespace("shop", {REV: "asm-managed"}), PLAIN) == set()
    assert decision(MANAGED, namespace("shop", {REV: "asm-managed"}), PLAIN).verdict is YES


@pytest.mark.parametrize("value", ["true", "on", "yes", "y", "off", "no", "n", "False"])
def test_words_that_yaml_11_takes_for_booleans_are_no_strings(value: str) -> None:
    """The API server refuses the object; a YAML 1.2 parser would see a string."""
    bare = namespace("shop", {INJ: "X"}).replace('"X"', value)
    assert "label-not-string" in severe(control_plane(), bare)
    assert verdicts(control_plane(), bare) is not YES
    pod = deployment({SI: "X"}).replace('"X"', value)
    assert "label-not-string" in severe(control_plane(), ENABLED, pod)


@pytest.mark.parametrize("value", ["1.20", "120", "1e3", "0x1F", "1_000"])
def test_numbers_are_no_revisions(value: str) -> None:
    bare = namespace("shop", {REV: "X"}).replace('"X"', value)
    assert "label-not-string" in severe(control_plane(R), bare)
    assert verdicts(control_plane(R), bare) is not YES


def test_settings_of_another_revision_say_nothing() -> None:
    off = settings(GONE, CONFIG.replace("enabled", "disabled"))
    assert verdicts(control_plane(), off, ENABLED) is YES


def test_istiod_itself_is_never_injected() -> None:
    space = namespace("istio-system", {INJ: "enabled"})
    found = decision(control_plane(), space, name="istiod")
    assert (found.verdict, found.calls) == (NO, ())
    assert istiod() in control_plane()
