"""What istiod may do, of which account it runs as, and what is said where that is not enough."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meshlint.facts import facts
from meshlint.resources.rbac import Binding, Role
from meshlint.rules.control_plane.granting import Grant, Thing
from tests.certificates import block, bundle, made
from tests.chart import configuration, istiod, together
from tests.lint import lint_paths, lint_text
from tests.roles import OWN, SYSTEM, WIDE, account, binding, permitted, role

RULES = ("istiod-role-insufficient", "istiod-binding-astray", "istiod-service-account-missing")
TITLE = f"istiod-clusterrole-{SYSTEM}"
PODS = "- pods,nodes,services,namespaces,endpoints get,list,watch"
GATEWAY = (
    "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: web, namespace: a}\n"
)
VALIDATOR = """apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: istio-validator-istio-system
  labels: {istio.io/rev: default}
webhooks:
- name: rev.validation.istio.io
  failurePolicy: Ignore
  clientConfig: {service: {name: istiod, namespace: istio-system, path: /validate}}
"""

Told = list[tuple[str, str]]
"""Severities, and the lines that the findings stand at."""


def told(*documents: str) -> Told:
    text = together(*documents)
    lines = text.splitlines()
    findings = lint_text(text, *RULES).findings
    return [(f.severity.value, lines[f.where.line - 1].strip()) for f in findings]


def words(*documents: str) -> str:
    return "\n".join(f.message for f in lint_text(together(*documents), *RULES).findings)


def without(line: str, verb: str) -> tuple[str, ...]:
    """The ClusterRole's rules, one of them without a verb."""
    groups, resources, verbs = line.split()
    rest = ",".join(v for v in verbs.split(",") if v != verb) or "get"
    return tuple(f"{groups} {resources} {rest}" if one == line else one for one in WIDE)


def wide(*changes: tuple[str, str]) -> tuple[str, ...]:
    """The ClusterRole's rules with other texts in them."""
    every = "\n".join(WIDE)
    for before, after in changes:
        assert before in every
        every = every.replace(before, after)
    return tuple(line for line in every.split("\n") if line)


@pytest.mark.parametrize("version", ["1.6.14", "1.12.9", "1.18.7", "1.28.2", "1.30.0", "latest"])
@pytest.mark.parametrize("revision", ["", "canary"])
def test_what_the_charts_allow_is_enough(version: str, revision: str) -> None:
    assert told(*permitted(revision, version=version), VALIDATOR, GATEWAY) == []


ADMISSION, VALIDATION, ISTIO, CRDS, CORE, SLICES, MAPS, TOKENS, REVIEWS, SECRETS = WIDE
EACH = {
    (ADMISSION, "list"): "error",
    (ADMISSION, "watch"): "warning",
    (ADMISSION, "update"): "error",
    (VALIDATION, "list"): "warning",
    (VALIDATION, "watch"): "warning",
    (VALIDATION, "update"): "warning",
    (ISTIO, "list"): "warning",
    (ISTIO, "watch"): "warning",
    (CRDS, "list"): "error",
    (CRDS, "watch"): "warning",
    (CORE, "list"): "error",
    (CORE, "watch"): "warning",
    (SLICES, "list"): "error",
    (SLICES, "watch"): "warning",
    (MAPS, "create"): "warning",
    (MAPS, "update"): "warning",
    (MAPS, "list"): "warning",
    (MAPS, "watch"): "warning",
    (TOKENS, "create"): "warning",
    (REVIEWS, "create"): "warning",
    (SECRETS, "list"): "error",
    (SECRETS, "watch"): "warning",
}
"""By rule and verb, how bad it is that an istiod 1.28 may not do that."""


@pytest.mark.parametrize(
    ("line", "verb"), [(line, verb) for line in WIDE for verb in line.split()[2].split(",")]
)
def test_each_verb_that_is_needed_is_missed_at_its_rule(line: str, verb: str) -> None:
    documents = permitted(wide=without(line, verb))
    text, findings = together(*documents), told(*documents)
    severity = EACH.get((line, verb))
    assert [found for found, _ in findings] == ([severity] if severity else [])
    resources = line.split()[1].replace(",", '", "')
    for _, where in findings:
        assert where.startswith("verbs:")
        assert f'resources: ["{resources}"]\n    {where}' in text


@pytest.mark.parametrize("line", WIDE)
def test_each_rule_is_missed(line: str) -> None:
    rest = tuple(one for one in WIDE if one != line)
    findings = told(*permitted(wide=rest))
    assert findings
    assert {where for _, where in findings} == {f"name: {TITLE}"}


VERSIONS = {
    "a list may come by a watch": ("1.30.0", without(CORE, "list"), ["warning"]),
    "a list may not, up to 1.28": ("1.28.9", without(CORE, "list"), ["error"]),
    "of an unknown version it may": ("latest", without(CORE, "list"), ["warning"]),
    "neither list nor watch": ("1.30.0", wide((PODS, PODS.replace("list,watch", "x"))), ["error"]),
    "WasmPlugin is new in 1.12": ("1.12.1", wide((",extensions.istio.io", "")), ["warning"]),
    "and not asked for before": ("1.11.8", wide((",extensions.istio.io", "")), []),
    "nor where the version is unknown": ("latest", wide((",extensions.istio.io", "")), []),
    "Telemetry is new in 1.11": ("1.11.1", wide((",telemetry.istio.io", "")), ["warning"]),
    "and not asked for earlier": ("1.10.6", wide((",telemetry.istio.io", "")), []),
    "1.8 patches webhooks": ("1.8.6", without(ADMISSION, "patch"), ["error"]),
    "and does not update them": ("1.8.6", without(ADMISSION, "update"), []),
    "1.9 updates webhooks": ("1.9.1", without(ADMISSION, "update"), ["error"]),
    "an unknown version may do either": ("latest", without(ADMISSION, "update"), []),
    "but it must do one of them": ("latest", wide((",update,patch", "")), ["error"]),
    "which is said once": ("1.28.2", wide((",update,patch", "")), ["error"]),
    "slices are new in 1.19": ("1.18.7", tuple(r for r in WIDE if r != SLICES), []),
    "secrets of all namespaces, since 1.18": ("1.17.8", without(SECRETS, "list"), []),
}


@pytest.mark.parametrize(("version", "rules", "severities"), VERSIONS.values(), ids=list(VERSIONS))
def test_the_version_decides(version: str, rules: tuple[str, ...], severities: list[str]) -> None:
    assert [s for s, _ in told(*permitted(version=version, wide=rules))] == severities


LESS = without(CORE, "list")
ENOUGH = {
    "wildcards": wide(
        (ADMISSION, "admissionregistration.k8s.io * *"),
        (CORE, "* pods,nodes,services,namespaces *"),
    ),
    "everything": ("* * *",),
    "a rule each": (*LESS, "- pods list", "- nodes list", "- services list", "- namespaces list"),
    "by group": (*wide((CORE, "discovery.k8s.io pods get")), "* pods,nodes,services,namespaces *"),
    "names of what is updated": (
        *without(ADMISSION, "update"),
        "admissionregistration.k8s.io mutatingwebhookconfigurations update istio-sidecar-injector",
    ),
    "the one ConfigMap by name": (
        *wide((MAPS, "- configmaps create")),
        "- configmaps list,watch,update istio-ca-root-cert",
    ),
}


@pytest.mark.parametrize("rules", ENOUGH.values(), ids=list(ENOUGH))
def test_enough_in_other_words(rules: tuple[str, ...]) -> None:
    assert told(*permitted(wide=rules)) == []


NOT_ENOUGH = {
    "names": wide((CORE, f"{CORE} istiod")),
    "subresources": wide((CORE, "- pods/*,nodes/status,services,namespaces list,watch")),
    "another group": wide((CORE, "apps pods,nodes,services,namespaces list,watch")),
    "a part of the word": wide((CORE, "- pod,node,services,namespaces list,watch")),
}


@pytest.mark.parametrize("rules", NOT_ENOUGH.values(), ids=list(NOT_ENOUGH))
def test_not_enough_in_other_words(rules: tuple[str, ...]) -> None:
    assert {severity for severity, _ in told(*permitted(wide=rules))} == {"error"}


def test_all_that_belongs_at_one_place_is_told_there() -> None:
    rest = tuple(line for line in WIDE if line not in (MAPS, TOKENS, CORE))
    assert told(*permitted(wide=rest)) == [("error", f"name: {TITLE}")]
    message = words(*permitted(wide=rest))
    places = [message.index(f" {name}") for name in ("pods", "configmaps", "tokenreviews")]
    assert places == sorted(places)
    none = words(*permitted(wide=(CORE, SLICES, CRDS, SECRETS, ISTIO)))
    assert none.count("may not") == 3
    assert "; and 2 more." in none
    assert words(*permitted(wide=wide((",update,patch", "")))).count("may not") == 1


def test_names_do_not_make_up_a_list() -> None:
    rules = wide((ADMISSION, f"{ADMISSION} istio-sidecar-injector"))
    assert "resourceNames" in words(*permitted(wide=rules))
    assert told(*permitted(wide=rules)) == [
        ("error", 'verbs: ["get", "list", "watch", "update", "patch"]')
    ]


def test_what_others_of_its_kind_have_is_added_beside_them() -> None:
    rules = wide(("pods,nodes,", "pods,"))
    assert told(*permitted(wide=rules)) == [
        ("error", 'resources: ["pods", "services", "namespaces", "endpoints"]')
    ]
    assert "Add 'nodes'." in words(*permitted(wide=rules))


def test_what_another_role_has_of_it_is_not_the_place() -> None:
    rest = tuple(line for line in WIDE if line != CORE)
    more = [role("istiod-x", "- services *"), binding("istiod-x", f"{SYSTEM}/istiod")]
    assert told(*permitted(wide=rest), *more) == [("error", f"name: {TITLE}")]


def test_the_place_is_the_rule_for_all_objects() -> None:
    named = "discovery.k8s.io endpointslices list,get a"
    lines = (named, *without(SLICES, "list"))
    assert told(*permitted(wide=lines)) == [("error", 'verbs: ["get", "watch"]')]


def extra(*subjects: str, kind: str = "", ns: str = "") -> list[str]:
    """Another role, with what the first one lacks, and its binding."""
    made = role("istio-extra", "- pods,nodes,services,namespaces list", ns="" if kind else ns)
    return [*permitted(wide=LESS), made, binding("istio-extra", *subjects, ns=ns, kind=kind)]


SUBJECTS = {
    "its account": ([f"{SYSTEM}/istiod"], True),
    "its account as a user": ([f"User:system:serviceaccount:{SYSTEM}:istiod"], True),
    "among others": (["a/b", f"{SYSTEM}/istiod"], True),
    "all accounts": (["Group:system:serviceaccounts"], True),
    "all accounts of its namespace": ([f"Group:system:serviceaccounts:{SYSTEM}"], True),
    "whoever has logged in": (["Group:system:authenticated"], True),
    "another account": ([f"{SYSTEM}/other"], False),
    "another namespace": (["shop/istiod"], False),
    "all accounts of another namespace": (["Group:system:serviceaccounts:shop"], False),
    "a user of the same name": (["User:istiod"], False),
    "a group of another name": (["Group:system:masters"], False),
}


@pytest.mark.parametrize(("subjects", "enough"), SUBJECTS.values(), ids=list(SUBJECTS))
def test_roles_add_up(subjects: list[str], enough: bool) -> None:
    assert (told(*extra(*subjects)) == []) is enough


def test_a_role_in_a_namespace_does_not_serve_the_cluster() -> None:
    mine = f"{SYSTEM}/istiod"
    assert told(*extra(mine, ns=SYSTEM))
    assert told(*extra(mine, ns=SYSTEM, kind="ClusterRole"))


AGGREGATED = "aggregationRule:\n  clusterRoleSelectors: []\n"
FULL = permitted(wide=LESS)
DEPLOYMENT, OWN_ACCOUNT, LITTLE, BOUND, IN_PLACE, BOUND_THERE, HOOKS = FULL


def having(text: str, before: str, after: str) -> str:
    assert before in text
    return text.replace(before, after)


def environment(name: str, value: str) -> str:
    """The Deployment with one more variable, written as it is."""
    return f"{DEPLOYMENT}        - name: {name}\n          {value}\n"


SILENT = {
    "no deployment": FULL[1:],
    "no bindings": [DEPLOYMENT, OWN_ACCOUNT, LITTLE, IN_PLACE, HOOKS],
    "no binding in all namespaces": [DEPLOYMENT, OWN_ACCOUNT, IN_PLACE, BOUND_THERE, HOOKS],
    "roles that others add to": [*FULL, role("istio-x", more=AGGREGATED), binding("istio-x", f"{SYSTEM}/istiod")],
    "a role that is elsewhere": [*FULL, binding("istio-x", f"{SYSTEM}/istiod")],
    "everything by a role of Kubernetes'": [*FULL, binding("x", f"{SYSTEM}/istiod", to="cluster-admin")],
    "a binding with a placeholder": [*FULL, having(BOUND, "name: istiod\n", "name: ${ACCOUNT}\n")],
    "a namespace with a placeholder": [*FULL, binding("istio-x", "${NS}/istiod")],
    "a subject without a namespace": [*FULL, binding("istio-x", "istiod")],
    "a binding without subjects": [*FULL, having(BOUND, "subjects:\n", "x:\n")],
    "a role with placeholders": [having(d, '"pods"', '"${PODS}"') if d is LITTLE else d for d in FULL],
    "a role without rules": [having(d, "rules:", "x:") if d is LITTLE else d for d in FULL],
    "verbs that are no list": [
        having(d, 'verbs: ["create"]', "verbs: create") if d is LITTLE else d for d in FULL
    ],
    "bound in other namespaces too": [*FULL, binding("istio-x", f"{SYSTEM}/istiod", ns="shop", to=TITLE, kind="ClusterRole")],
    "an account with a placeholder": [having(DEPLOYMENT, "Name: istiod", "Name: ${A}"), *FULL[1:]],
    "a namespace that is not known": [having(DEPLOYMENT, "  namespace: istio-system\n", ""), *FULL[1:]],
    "another cluster's istiod": [environment("EXTERNAL_ISTIOD", 'value: "true"'), *FULL[1:]],
    "another cluster's Secrets": [environment("LOCAL_CLUSTER_SECRET_WATCHER", 'value: "true"'), *FULL[1:]],
    "another cluster's API": [environment("KUBECONFIG", "value: /etc/x"), *FULL[1:]],
    "one namespace only": [having(DEPLOYMENT, "[discovery,", "[discovery, -a, shop,"), *FULL[1:]],
    "files instead of a cluster": [having(DEPLOYMENT, "[discovery,", "[discovery, --configDir=/x,"), *FULL[1:]],
    "webhooks of another cluster": [
        re.sub(r"service:\n(?: {6}.*\n)+", "url: https://istiod.example.com/inject\n", d)
        if d is HOOKS else d for d in FULL
    ],
    "most is given elsewhere": [
        role(TITLE, "- secrets get,list,watch") if d is LITTLE else d for d in FULL
    ],
}  # fmt: skip


@pytest.mark.parametrize("documents", SILENT.values(), ids=list(SILENT))
def test_silent_where_more_may_be_allowed(documents: list[str]) -> None:
    assert "may not" not in words(*documents)


@pytest.mark.parametrize("name", ["an account with a placeholder", "a namespace that is not known"])
def test_silent_of_accounts_that_are_not_known(name: str) -> None:
    assert told(*SILENT[name]) == []


def test_there_is_something_to_be_silent_about() -> None:
    assert told(*FULL) == [("error", 'verbs: ["get", "watch"]')]
    stock = environment("KUBECONFIG", "value: /var/run/secrets/remote/config")
    assert told(stock, *FULL[1:]) == told(*FULL)


SWITCHES = {
    "injector": (ADMISSION, "INJECTION_WEBHOOK_CONFIG_NAME", 'value: ""'),
    "injector, as nothing": (ADMISSION, "INJECTION_WEBHOOK_CONFIG_NAME", "# no value"),
    "injector, from elsewhere": (ADMISSION, "INJECTION_WEBHOOK_CONFIG_NAME", "valueFrom: {}"),
    "validator": (VALIDATION, "VALIDATION_WEBHOOK_CONFIG_NAME", 'value: ""'),
    "no CA": (MAPS, "ENABLE_CA_SERVER", 'value: "false"'),
    "another CA": (MAPS, "PILOT_CERT_PROVIDER", "value: k8s.io/x"),
    "trust bundles": (MAPS, "ENABLE_CLUSTER_TRUST_BUNDLE_API", 'value: "true"'),
    "other tokens": (TOKENS, "JWT_RULE", "value: '{}'"),
    "other tokens, from elsewhere": (TOKENS, "JWT_RULE", "valueFrom: {}"),
    "no identities": (REVIEWS, "PILOT_ENABLE_XDS_IDENTITY_CHECK", 'value: "false"'),
    "no Secrets": (SECRETS, "PILOT_ENABLE_XDS_IDENTITY_CHECK", 'value: "false"'),
    "resources left out": (ISTIO, "PILOT_IGNORE_RESOURCES", "value: '*.istio.io'"),
}


@pytest.mark.parametrize(("line", "name", "value"), SWITCHES.values(), ids=list(SWITCHES))
def test_what_is_switched_off_is_not_missed(line: str, name: str, value: str) -> None:
    documents = permitted(wide=tuple(one for one in WIDE if one != line))
    assert told(*documents)
    assert told(environment(name, value), *documents[1:]) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [(ADMISSION, "INJECTION_WEBHOOK_CONFIG_NAME"), (MAPS, "ENABLE_CA_SERVER")],
)
def test_what_is_switched_on_is_missed_as_before(line: str, name: str) -> None:
    documents = permitted(wide=tuple(one for one in WIDE if one != line))
    on = environment(name, 'value: "true"')
    assert told(on, *documents[1:]) == told(*documents)


def test_environment_from_elsewhere_may_switch_anything_off() -> None:
    documents = permitted(wide=tuple(one for one in WIDE if one != MAPS))
    more = f"{DEPLOYMENT}        envFrom: [{{configMapRef: {{name: more}}}}]\n"
    assert told(more, *documents[1:]) == []


def test_other_control_planes_may_bring_roles() -> None:
    assert [s for s, _ in told(*permitted(wide=LESS, hooks=False))] == ["warning"]


FILLED = {
    "cert-manager": "  annotations: {cert-manager.io/inject-ca-from: a/b}\n  labels:",
    "nobody": "  labels:",
}


@pytest.mark.parametrize(("filler", "silent"), [("cert-manager", True), ("nobody", False)])
def test_webhooks_that_are_filled_in_by_others(filler: str, silent: bool) -> None:
    *rest, hooks = permitted(wide=without(ADMISSION, "update"))
    found = told(*rest, having(hooks, "  labels:", FILLED[filler]))
    assert (found == []) is silent


def test_validating_webhooks_that_wait_for_their_bundle() -> None:
    documents = permitted(wide=without(VALIDATION, "update"))
    assert [s for s, _ in told(*documents, VALIDATOR)] == ["error"]


def test_the_injector_of_another_revision_waits_for_another_istiod() -> None:
    documents = permitted("canary", wide=without(ADMISSION, "update"))
    assert [s for s, _ in told(*documents)] == ["error"]
    other = [configuration("old"), istiod("old")]
    assert [s for s, _ in told(*documents[:-1], *other)] == ["warning"]


OWNS = {
    "gateways, with a validator that ignores": (0, [VALIDATOR], [("warning", "name: istiod")]),
    "gateways, without one": (0, [], []),
    "gateways, with a strict one": (0, [VALIDATOR.replace("Ignore", "Fail")], []),
    "gateways, with one of another revision": (0, [VALIDATOR.replace("default", "other")], []),
    "secrets": (1, [], [("note", "name: istiod")]),
    "leases, with a Gateway": (2, [GATEWAY], [("note", "name: istiod")]),
    "leases, without one": (2, [], []),
}


@pytest.mark.parametrize(("number", "beside", "expected"), OWNS.values(), ids=list(OWNS))
def test_what_its_own_namespace_is_for(number: int, beside: list[str], expected: Told) -> None:
    rest = tuple(line for i, line in enumerate(OWN) if i != number)
    assert told(*permitted(own=rest), *beside) == expected


def test_without_a_role_of_its_own_nothing_is_said_of_that() -> None:
    assert told(*permitted(own=None), VALIDATOR, GATEWAY) == []


def test_a_plugged_in_root_needs_no_secret_to_be_written() -> None:
    rest = tuple(line for i, line in enumerate(OWN) if i != 1)
    root = bundle(block(made()))
    secret = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: cacerts, namespace: istio-system}\n"
        f"data:\n  root-cert.pem: {root}\n"
    )
    assert told(*permitted(own=rest), secret) == []


MINE = f"{SYSTEM}/istiod"
ASTRAY = {
    "another namespace": (binding(TITLE, "istio/istiod"), ("error", "namespace: istio")),
    "another name": (binding(TITLE, f"{SYSTEM}/istiod-x"), ("error", "name: istiod-x")),
    "a role that does not exist": (
        binding(TITLE, MINE, to="istiod-clusterrole"),
        ("warning", "name: istiod-clusterrole"),
    ),
}


@pytest.mark.parametrize(("bound", "expected"), ASTRAY.values(), ids=list(ASTRAY))
def test_bindings_that_miss(bound: str, expected: tuple[str, str]) -> None:
    assert told(*[bound if d is BOUND else d for d in FULL]) == [expected]


def test_a_role_of_another_namespace_is_not_the_one_that_is_bound() -> None:
    away = [d for d in permitted() if "kind: Role\nmetadata" not in d]
    assert told(*away, role("istiod", *OWN, ns="shop")) == [("warning", "name: istiod")]
    assert told(*away, role("istiod", *OWN, ns=SYSTEM)) == []


def test_bindings_of_what_is_for_gateways_only() -> None:
    title = f"istiod-gateway-controller-{SYSTEM}"
    more = [role(title, "apps deployments *"), binding(title, "istio/istiod")]
    assert told(*permitted(), *more) == [("warning", "namespace: istio")]


def test_bindings_of_another_folder_may_be_for_another_istiod(tmp_path: Path) -> None:
    lost = binding(TITLE, "istio/istiod")
    rest = [d for d in permitted(own=None) if d is not BOUND and "ClusterRoleBinding" not in d]
    for name, documents in {"a/one": rest, "b/two": [lost]}.items():
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "all.yaml").write_text(together(*documents))
    assert lint_paths([str(tmp_path)], *RULES).findings == ()
    (tmp_path / "a/one/more.yaml").write_text(lost)
    assert [f.code for f in lint_paths([str(tmp_path)], *RULES).findings] == ["MESH521"]


SOMEBODY = {
    "an account that is there": [binding(TITLE, "istio/istiod"), account(ns="istio")],
    "an account of any namespace": [binding(TITLE, "istio/istiod"), account(ns="")],
    "a user": [binding(TITLE, "User:somebody")],
    "a user too": [binding(TITLE, "istio/istiod", "User:somebody")],
    "a role of another istiod": [binding("istiod-clusterrole-old", f"{SYSTEM}/istiod-old", to=TITLE)],
    "the account is bound by another one": [binding(TITLE, "istio/istiod"), binding("b", MINE, to=TITLE)],
    "it has a role of its own": [binding(TITLE, "istio/istiod"), binding("b", MINE, to="mesh")],
    "it may have": [binding(TITLE, "istio/istiod"), binding("b", "${NS}/istiod", to=TITLE)],
    "the default account": [binding(TITLE, "istio/default")],
}  # fmt: skip


@pytest.mark.parametrize("documents", SOMEBODY.values(), ids=list(SOMEBODY))
def test_bindings_that_may_be_right(documents: list[str]) -> None:
    rest = [d for d in permitted() if d is not BOUND and "ClusterRoleBinding" not in d]
    found = told(*rest, *documents)
    wrong = "a role of another istiod"
    if documents is SOMEBODY[wrong]:
        assert found == [("error", "name: istiod-old")]
    else:
        assert found == []


def test_what_an_old_revision_left_behind_is_not_astray() -> None:
    left = [
        role("istiod-clusterrole-old", *WIDE),
        binding("istiod-clusterrole-old", f"{SYSTEM}/istiod-old"),
    ]
    assert told(*permitted("new"), *left) == []
    alone = [d for d in permitted("new") if "Binding" not in d]
    assert told(*alone, *left) == []


ALIAS = """apiVersion: sailoperator.io/v1
kind: Istio
metadata: {name: default}
spec: {version: v1.28-latest, updateStrategy: {type: RevisionBased}}
"""
"""Something that installs an istiod of which nothing else is known."""


def test_nothing_is_missed_where_more_is_installed() -> None:
    astray = [binding(TITLE, "istio/istiod") if d is BOUND else d for d in FULL]
    assert told(*astray)
    assert told(*astray, ALIAS) == []
    deployment, _, *rest = permitted()
    strange = [deployment, account("istiod-old"), *rest]
    assert told(*strange)
    assert told(*strange, ALIAS) == []


def test_a_binding_is_astray_only_beside_the_account_that_it_should_name() -> None:
    rest = [d for d in permitted(own=None) if "ClusterRoleBinding" not in d]
    lost = binding(TITLE, "istio/istiod")
    assert told(*rest, lost)
    assert told(*[d for d in rest if "kind: ServiceAccount" not in d], lost) == []


def test_accounts_of_another_folder_may_be_for_another_istiod(tmp_path: Path) -> None:
    deployment, _, *rest = permitted(own=None, hooks=False)
    for name, documents in {"a/one": [deployment, *rest], "b/two": [account("istiod-x")]}.items():
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "all.yaml").write_text(together(*documents))
    assert lint_paths([str(tmp_path)], *RULES).findings == ()
    (tmp_path / "a/one/more.yaml").write_text(account("istiod-x"))
    assert [f.code for f in lint_paths([str(tmp_path)], *RULES).findings] == ["MESH522"]


MISSING = {
    "another revision's": (account("istiod-old"), ("warning", "serviceAccountName: istiod")),
    "another namespace's": (account(ns="istio"), ("warning", "serviceAccountName: istiod")),
    "somebody else's": (account("reader"), ("note", "serviceAccountName: istiod")),
    "the old one, as charts keep it": (
        account("istiod-service-account"),
        ("note", "serviceAccountName: istiod"),
    ),
    "its own": (account(), None),
    "its own, in a namespace to be told": (account(ns=""), None),
    "one with a placeholder": (account("istio-${X}"), None),
}


@pytest.mark.parametrize(("there", "expected"), MISSING.values(), ids=list(MISSING))
def test_the_account_of_the_deployment(there: str, expected: tuple[str, str] | None) -> None:
    documents = [there if "kind: ServiceAccount\nmetadata" in d else d for d in permitted()]
    assert told(*documents) == ([expected] if expected else [])


def test_the_default_account_is_always_there() -> None:
    deployment, _, *rest = permitted()
    bare = having(deployment, "      serviceAccountName: istiod\n", "")
    assert told(bare, account("istiod-x"), *rest[:1], rest[-1]) == []


def test_nothing_is_said_of_accounts_without_others_beside() -> None:
    deployment, _, *rest = permitted()
    assert told(deployment, *rest) == []


def test_copies_elsewhere_do_not_make_up_for_what_is_missing(tmp_path: Path) -> None:
    """The same objects in another folder are for another cluster, or are replaced by these."""
    for name, documents in {"eu": permitted(wide=LESS), "us": permitted()}.items():
        folder = tmp_path / "clusters" / name
        folder.mkdir(parents=True)
        (folder / "istiod.yaml").write_text(together(*documents))
    found = lint_paths([str(tmp_path)], *RULES).findings
    assert [Path(f.where.path).parent.name for f in found] == ["eu"]


def test_roles_of_another_folder_may_be_for_another_istiod(tmp_path: Path) -> None:
    for name, documents in {"a/one": FULL[:1] + FULL[-1:], "b/two": FULL[1:-1]}.items():
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "all.yaml").write_text(together(*documents))
    assert lint_paths([str(tmp_path)], *RULES).findings == ()


ODD = (
    "rules: 3",
    "rules: [3, {verbs: x}, null, {resources: {a: b}}]",
    "rules: {a: b}",
    "rules:",
    "aggregationRule: null\nrules: null",
)
HALF = (
    "roleRef: 3\nsubjects: 3",
    "roleRef: {kind: ClusterRole}\nsubjects: [3, null, {kind: [a]}, {name: {}}]",
    "subjects: {}",
    "roleRef: {kind: null, name: null}\nsubjects: [{kind: ServiceAccount, name: null}]",
)


@pytest.mark.parametrize("kind", ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"])
@pytest.mark.parametrize("body", [*ODD, *HALF])
def test_odd_documents_are_read(kind: str, body: str) -> None:
    head = f"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: istio}}\n"
    found = facts("a.yaml", f"{head}{body}\n".encode()).resources
    assert all(fact.partial or not fact.rules for fact in found if isinstance(fact, Role))
    assert all(fact.partial for fact in found if isinstance(fact, Binding))


def test_what_does_not_speak_of_istio_is_not_parsed() -> None:
    text = together(role("a", *WIDE[3:4]), binding("a", "b/c"), account("a", "b"))
    assert facts("a.yaml", text.encode()).resources == ()
    everyone = binding("a", "Group:system:serviceaccounts")
    assert any(isinstance(f, Binding) for f in facts("a.yaml", everyone.encode()).resources)


GRANTS = (
    ("- pods list", "", "pods", "list", True),
    ("- pods list", "", "pods", "watch", False),
    ("- pods list", "apps", "pods", "list", False),
    ("* pods list", "apps", "pods", "list", True),
    ("- * list", "", "pods", "list", True),
    ("- pods *", "", "pods", "deletecollection", True),
    ("- pods/status list", "", "pods", "list", False),
    ("- pods list,get a", "", "pods", "list", False),
    ("- pods list,get a", "", "pods", "get", True),
    ("- pods create a", "", "pods", "create", False),
)


@pytest.mark.parametrize(("line", "group", "resource", "verb", "allowed"), GRANTS)
def test_one_rule(line: str, group: str, resource: str, verb: str, allowed: bool) -> None:
    (found,) = (
        fact
        for fact in facts("a.yaml", role("istio", line).encode()).resources
        if isinstance(fact, Role)
    )
    grant = Grant(found, found.rules[0], wide=True)
    assert grant.allows(Thing(group, resource), verb) is allowed
