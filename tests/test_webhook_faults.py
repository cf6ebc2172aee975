"""Webhooks that are never asked, deactivated, patched or filled by others: each with its repair."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import indent

import pytest

from meshlint.finding import Severity
from meshlint.mesh.inject import Verdict
from tests.chart import configuration, control_plane, decision, deployment, namespace, together
from tests.lint import golden, lint_paths, lint_text
from tests.test_mutations import Edit, Mutation, Place, error, note, rows, told, wanted, warning
from tests.test_webhook_mutations import (
    BASE_VALIDATOR,
    CALL,
    CANARY,
    CATALOG,
    CHOSEN_BY_TAG,
    CLIENT,
    DEFAULT,
    DELIVERY,
    DEPOT,
    EVENTS,
    HOOK,
    INJECTOR,
    ISTIODS,
    NEW,
    OLD,
    SECOND_CALL,
    SWITCHED_OFF,
    TWO,
    document,
    rewritten,
)

RULE = '  - operations: [ "CREATE" ]\n    apiGroups: [""]\n    apiVersions: ["v1"]\n'
RULES = f'  sideEffects: None\n  rules:\n{RULE}    resources: ["pods"]\n'
RULED, SECOND_RULED = CALL + RULES, SECOND_CALL + RULES
OTHERS = 'resources: ["deployments"]'
SECOND = HOOK.replace("namespace", "object")

RULE_ROWS = rows(
    INJECTOR,
    (
        "rules: Deployments",
        RULED,
        RULED.replace('resources: ["pods"]', OTHERS),
        error("MESH318", f"{CALL}  sideEffects: None\n  rules:"),
    ),
    (
        "rules: only updates",
        RULED,
        RULED.replace("CREATE", "UPDATE"),
        error("MESH318", f"{CALL}  sideEffects: None\n  rules:"),
    ),
    (
        "rules: another group",
        SECOND_RULED,
        SECOND_RULED.replace('[""]', '["v1"]'),
        error("MESH318", f"{SECOND_CALL}  sideEffects: None\n  rules:"),
    ),
    ("rules: none", RULED, CALL + "  sideEffects: None\n", error("MESH318", HOOK)),
    (
        "rules: an empty list",
        SECOND_RULED,
        f"{SECOND_CALL}  sideEffects: None\n  rules: []\n",
        error("MESH318", "rules: []"),
    ),
    ("rules: any", RULED, RULED.replace('["pods"]', '["*"]').replace("CREATE", "*")),
)


def off(place: Place) -> Edit:
    """Every hook of a configuration switched off, as istioctl does."""
    text = document(place)
    head, *hooks = text.split("- name: ")
    switched = (hook.partition("  namespaceSelector:\n")[0] + SWITCHED_OFF for hook in hooks)
    return Edit(Place(place.path), text, "- name: ".join((head, *switched)))


DEACTIVATED = [
    Mutation(
        "deactivated: of a revision that is asked for",
        (off(INJECTOR),),
        (error("MESH201", "rev: 1-29-1", EVENTS),),
    ),
    Mutation(
        "deactivated: of a tag that is asked for",
        (off(CANARY),),
        (error("MESH201", "rev: canary", DELIVERY),),
    ),
    Mutation(
        "deactivated: of the default tag",
        (off(DEFAULT),),
        (
            error("MESH203", "istio-injection: enabled", CATALOG),
            error("MESH203", 'sidecar.istio.io/inject: "true"', DEPOT),
        ),
    ),
]

TAG_SELECTORS = rewritten(CANARY, ('      - "canary"', '      - "kanary"'))

TAG_ROWS = [
    Mutation(
        "tag: another one in all selectors",
        (TAG_SELECTORS,),
        (error("MESH303", CHOSEN_BY_TAG.replace("canary", "kanary"), CANARY),),
    ),
]


def job(command: str, name: str = "bundle", kind: str = "Job") -> str:
    template = (
        "spec:\n  template:\n    metadata: {labels: {sidecar.istio.io/inject: 'false'}}\n    spec:\n"
        f"      containers:\n      - name: patch\n        image: example/patch\n        args: {command}\n"
    )
    spec = template if kind == "Job" else f"spec:\n  jobTemplate:\n{indent(template, '    ')}"
    place = f"metadata: {{name: {name}, namespace: istio-system}}"
    return f"apiVersion: batch/v1\nkind: {kind}\n{place}\n{spec}"


PATCHES = "[patch, --webhook-name=istio-sidecar-injector-1-29-1, --patch-validating=false]"
SWITCH = "          - name: {}_WEBHOOK_CONFIG_NAME\n            value: {}\n"
CLUSTER = "          - name: CLUSTER_ID\n"
SWITCHED = f"{SWITCH.format('INJECTION', chr(34) * 2)}{CLUSTER}"
BUNDLE = "platform/bundle.yaml"

JOB_ROWS = [
    Mutation(
        "certgen: beside an istiod that patches",
        (),
        (note("MESH709", "name: bundle", Place(BUNDLE)),),
        {BUNDLE: job(PATCHES)},
    ),
    Mutation(
        "certgen: again and again",
        (),
        (warning("MESH709", "name: bundle", Place(BUNDLE)),),
        {BUNDLE: job(PATCHES, kind="CronJob")},
    ),
    Mutation(
        "certgen: instead of istiod, where one of two is meant",
        (Edit(ISTIODS, CLUSTER, SWITCHED),),
        (error("MESH315", 'value: ""', ISTIODS),),
        {BUNDLE: job(PATCHES)},
    ),
    Mutation(
        "certgen: instead of istiod",
        (Edit(ISTIODS, CLUSTER, SWITCHED),),
        (),
        {
            BUNDLE: job(PATCHES),
            "platform/tag.yaml": job(
                "[sh, -c, kubectl patch mutatingwebhookconfiguration istio-revision-tag-canary"
                " --patch-file /bundle/patch.yaml]",
                "tag",
            ),
        },
    ),
    Mutation("certgen: of another webhook", (), (), {BUNDLE: job("[patch, --webhook-name=other]")}),
]

MUTATIONS = [*RULE_ROWS, *DEACTIVATED, *TAG_ROWS, *JOB_ROWS]


def copied(mutation: Mutation, root: Path) -> None:
    """The platform with a mutation."""
    shutil.copytree(TWO, root, dirs_exist_ok=True)
    for edit in mutation.edits:
        edit.apply(root)
    for path, added in mutation.added.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(added)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_mutation(mutation: Mutation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied(mutation, tmp_path)
    monkeypatch.chdir(tmp_path)
    findings = lint_paths(["."]).findings
    assert sorted(map(told, findings)) == sorted(wanted(mutation, tmp_path)), golden(findings)


PLATFORM = ("base.yaml", "istiod-1-28-3.yaml", "istiod-1-29-1.yaml")
TOP = "resources:\n" + "".join(f"- {name}\n" for name in PLATFORM)


def merged(kind: str, name: str, hook: str, client: str) -> str:
    """An entry of `patches` that merges into the clientConfig of one hook."""
    return f"""- patch: |-
    apiVersion: admissionregistration.k8s.io/v1
    kind: {kind}
    metadata: {{name: {name}}}
    webhooks:
    - name: {hook}
      {client}
"""


def operated(operation: str, name: str) -> str:
    return f"""- target: {{kind: .*WebhookConfiguration, name: {name}}}
  patch: |-
    - {operation}
"""


OWN = "MutatingWebhookConfiguration", "istio-sidecar-injector-1-29-1", HOOK
AT = "path: /webhooks/0/clientConfig/caBundle"
NOTHING: list[str] = []

PATCHED = {
    "an empty bundle": (merged(*OWN, 'clientConfig: {caBundle: ""}'), ["warning MESH301:12"]),
    "a blank": (merged(*OWN, "clientConfig: {caBundle: CA_BUNDLE}"), ["warning MESH301:12"]),
    "no base64": (merged(*OWN, "clientConfig: {caBundle: '%%'}"), ["error MESH301:12"]),
    "an operation": (
        operated(f"{{op: add, {AT}, value: Cg==}}", "istio-revision-tag-canary"),
        ["warning MESH301:8"],
    ),
    "a URL beside the Service": (
        merged(*OWN, "clientConfig: {url: https://istiod.example.com/inject}"),
        ["error MESH305:12"],
    ),
    "another Service": (
        merged(*OWN, "clientConfig: {service: {name: istoid-1-29-1}}"),
        ["error MESH306:12"],
    ),
    "another port": (merged(*OWN, "clientConfig: {service: {port: 15017}}"), ["error MESH309:12"]),
    "another path": (merged(*OWN, "clientConfig: {service: {path: /}}"), ["error MESH311:12"]),
    "other rules": (merged(*OWN, "rules: [{apiGroups: [apps]}]"), ["error MESH318:12"]),
    "a right one": (merged(*OWN, "clientConfig: {service: {port: 443}}"), NOTHING),
    "an operation that does nothing": (
        operated("{op: replace, path: /webhooks/0/failurePolicy, value: Fail}", "istio-.*"),
        NOTHING,
    ),
}


@pytest.mark.parametrize("name", PATCHED)
def test_patches_are_judged_like_objects(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform below a kustomization, with one patch in it."""
    patch, expected = PATCHED[name]
    shutil.copytree(TWO, tmp_path, dirs_exist_ok=True)
    top = tmp_path / "platform/kustomization.yaml"
    top.write_text(f"{TOP}patches:\n{patch}")
    monkeypatch.chdir(tmp_path)
    findings = lint_paths(["."]).findings
    shown = [f"{f.severity} {f.code}:{f.where.line}" for f in findings]
    assert shown == expected, golden(findings)
    assert {f.where.path for f in findings} <= {"platform/kustomization.yaml"}


def test_a_patch_can_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TWO, tmp_path, dirs_exist_ok=True)
    Edit(INJECTOR, CLIENT, f'{CLIENT}    caBundle: ""\n').apply(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert [f.code for f in lint_paths(["."]).findings] == ["MESH301"]
    top = tmp_path / "platform/kustomization.yaml"
    top.write_text(f"{TOP}patches:\n{merged(*OWN, 'clientConfig: {caBundle: null}')}")
    assert lint_paths(["."]).findings == ()


VALIDATOR = """apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: istiod
  labels:
    app: istiod
    istio: pilot{label}
webhooks:
- name: validation.istio.io
  admissionReviewVersions: [v1]
  timeoutSeconds: 10
  clientConfig:
    service:
      name: istiod
      namespace: istio-system
      path: /validate{bundle}
  rules:
  - operations: [CREATE, UPDATE]
    apiGroups: [security.istio.io, networking.istio.io]
    apiVersions: ['*']
    resources: ['*']
  failurePolicy: Ignore
  sideEffects: None
"""
LABEL, EMPTY = "\n    istio.io/rev: default", '\n    caBundle: ""'
EMPTY = EMPTY.replace("    caBundle", "    caBundle")


def validator(label: str, bundle: str) -> str:
    return VALIDATOR.format(label=label, bundle=bundle)


@pytest.mark.parametrize("bundle", ["", EMPTY])
@pytest.mark.parametrize("beside", ["", control_plane()], ids=["alone", "with istiod"])
def test_before_and_after_the_label(bundle: str, beside: str) -> None:
    """Istio 1.11 began to find webhooks by the label; who had none lost the caBundle."""

    def loud(text: str) -> list[tuple[str, int]]:
        whole = together(text, beside) if beside else text
        found = lint_text(whole).findings
        return [(f.code, f.where.line) for f in found if f.severity is not Severity.NOTE]

    assert ("MESH302", 4) in loud(validator("", bundle))
    after = loud(validator(LABEL, bundle))
    wiped = [("MESH301", 18)] if bundle and beside else []
    assert after == wiped


def test_a_hook_without_rules_for_pods_injects_nobody() -> None:
    asked = namespace(labels={"istio.io/rev": "a"})
    plane, cart = control_plane("a"), deployment()
    assert decision(plane, asked, cart).verdict is Verdict.INJECTED
    for before, after in (('["pods"]', '["deployments"]'), ("CREATE", "UPDATE")):
        mute = plane.replace(before, after)
        assert mute != plane
        assert decision(mute, asked, cart).verdict is Verdict.NOT_INJECTED


def test_where_no_hook_has_rules_they_are_taken_for_granted() -> None:
    whole = configuration("a")
    (rule,) = {piece.partition("  failurePolicy")[0] for piece in whole.split("  rules:\n")[1:]}
    bare = whole.replace(f"  rules:\n{rule}", "")
    asked, cart = namespace(labels={"istio.io/rev": "a"}), deployment()
    plane = control_plane("a").replace(whole, bare)
    assert decision(plane, asked, cart).verdict is Verdict.INJECTED
    beside = configuration("b")
    assert decision(together(plane, beside), asked, cart).verdict is Verdict.NOT_INJECTED


def test_the_default_revision_without_its_webhooks() -> None:
    """As istioctl leaves them when a tag `default` is set, which is gone again since."""
    asked = namespace(labels={"istio-injection": "enabled"})
    for plane, codes in (
        (together(control_plane(off=True), control_plane("a")), ["MESH203"]),
        (control_plane(off=True), []),
        (control_plane(), []),
        (together(control_plane(off=True), control_plane("a", tags=("default",))), []),
    ):
        found = lint_text(together(plane, asked), "injection-without-default").findings
        assert [f.code for f in found] == codes, golden(found)


def test_what_is_dropped_of_a_selector_does_not_make_flux_delete() -> None:
    """An unknown field is answered with another code than 409 and 422."""
    whole = configuration("a").replace(
        "  labels:\n", "  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}\n  labels:\n", 1
    )
    dropped = whole.replace("  objectSelector:\n", "  objectSelector:\n    x: y\n")
    invalid = whole.replace("operator: NotIn", "operator: NotAmong")
    for text, count in ((whole, 0), (dropped, 0), (invalid, 1)):
        assert len(lint_text(text, "flux-force-deletes-webhook").findings) == count


def test_a_selector_that_is_none_overlaps_with_nothing() -> None:
    """What the API server drops of it is not known to be left out on purpose."""
    one = configuration("a")
    nested = one.replace("  objectSelector:\n", "    objectSelector:\n      x: y\n  unused:\n")
    copy = nested.replace("name: istio-sidecar-injector-a", "name: other")
    codes = [f.code for f in lint_text(together(nested, copy)).findings]
    assert "MESH316" in codes
    assert "MESH402" not in codes


def test_the_default_validator_is_no_injector() -> None:
    """Rules for Istio's resources are right there."""
    assert "networking.istio.io" in document(BASE_VALIDATOR)
    assert {Place(OLD).path, Place(NEW).path} <= {f"platform/{name}" for name in PLATFORM}
