"""Bindings and accounts after kustomizations rename and move them, against kustomize itself."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from meshlint.finding import Value
from meshlint.resources.istiod_account import IstiodAccount
from meshlint.resources.rbac import Binding, Role, ServiceAccount
from meshlint.resources.reader import Resource
from tests.chart import istiod, together
from tests.lint import lint_paths
from tests.placing import placed, read
from tests.roles import SYSTEM, WIDE, account, binding, permitted, role

KUSTOMIZE = shutil.which("kustomize")
needs_kustomize = pytest.mark.skipif(KUSTOMIZE is None, reason="kustomize is not installed")
MINE = f"{SYSTEM}/istiod"
TITLE = f"istiod-clusterrole-{SYSTEM}"
USER = f"User:system:serviceaccount:{SYSTEM}:istiod"
GROUP = f"Group:system:serviceaccounts:{SYSTEM}"

BASE = together(
    istiod(),
    account(),
    role(TITLE, "- pods list"),
    role("istiod", "- secrets list", ns=SYSTEM),
    binding(TITLE, MINE, "elsewhere/istiod", f"{SYSTEM}/other", USER, GROUP),
    binding("istiod", MINE, ns=SYSTEM),
    binding("istiod-more", MINE, ns=SYSTEM, to=TITLE, kind="ClusterRole"),
)
BARE = together(
    istiod().replace(f"  namespace: {SYSTEM}\n", ""),
    account(ns=""),
    role("istio", "- pods list"),
    binding("istio", "istiod", "default/istiod", "a/default", "User:default"),
)

CASES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a prefix": (
        {"k/kustomization.yaml": "resources: [all.yaml]\nnamePrefix: a-\n", "k/all.yaml": BASE},
        (
            "ClusterRole /a-istiod-clusterrole-istio-system",
            "ClusterRoleBinding /a-istiod-clusterrole-istio-system to ClusterRole"
            " a-istiod-clusterrole-istio-system for ServiceAccount istio-system/a-istiod,"
            " ServiceAccount elsewhere/istiod, ServiceAccount istio-system/other,"
            f" User /{USER[5:]}, Group /{GROUP[6:]}",
            "Deployment istio-system/a-istiod as a-istiod",
            "Role istio-system/a-istiod",
            "RoleBinding istio-system/a-istiod to Role a-istiod"
            " for ServiceAccount istio-system/a-istiod",
            "RoleBinding istio-system/a-istiod-more to ClusterRole"
            " a-istiod-clusterrole-istio-system for ServiceAccount istio-system/a-istiod",
            "ServiceAccount istio-system/a-istiod",
        ),
    ),
    "another namespace": (
        {"k/kustomization.yaml": "resources: [all.yaml]\nnamespace: mesh\n", "k/all.yaml": BASE},
        (
            "ClusterRole /istiod-clusterrole-istio-system",
            "ClusterRoleBinding /istiod-clusterrole-istio-system to ClusterRole"
            " istiod-clusterrole-istio-system for ServiceAccount mesh/istiod,"
            " ServiceAccount elsewhere/istiod, ServiceAccount istio-system/other,"
            f" User /{USER[5:]}, Group /{GROUP[6:]}",
            "Deployment mesh/istiod as istiod",
            "Role mesh/istiod",
            "RoleBinding mesh/istiod to Role istiod for ServiceAccount mesh/istiod",
            "RoleBinding mesh/istiod-more to ClusterRole istiod-clusterrole-istio-system"
            " for ServiceAccount mesh/istiod",
            "ServiceAccount mesh/istiod",
        ),
    ),
    "both, and a suffix, in two layers": (
        {
            "k/kustomization.yaml": "resources: [../b]\nnamespace: mesh\nnameSuffix: -b\n",
            "b/kustomization.yaml": "resources: [all.yaml]\nnamePrefix: a-\n",
            "b/all.yaml": together(account(), binding("istio", MINE, "mesh/istiod")),
        },
        (
            "ClusterRoleBinding /a-istio-b to ClusterRole istio for"
            " ServiceAccount mesh/a-istiod-b, ServiceAccount mesh/a-istiod-b",
            "ServiceAccount mesh/a-istiod-b",
        ),
    ),
    "accounts without a namespace": (
        {"k/kustomization.yaml": "resources: [all.yaml]\nnamespace: mesh\n", "k/all.yaml": BARE},
        (
            "ClusterRole /istio",
            "ClusterRoleBinding /istio to ClusterRole istio for ServiceAccount mesh/istiod,"
            " ServiceAccount mesh/istiod, ServiceAccount mesh/default, User mesh/default",
            "Deployment mesh/istiod as istiod",
            "ServiceAccount mesh/istiod",
        ),
    ),
    "accounts without a namespace, and a prefix": (
        {"k/kustomization.yaml": "resources: [all.yaml]\nnamePrefix: a-\n", "k/all.yaml": BARE},
        (
            "ClusterRole /a-istio",
            "ClusterRoleBinding /a-istio to ClusterRole a-istio for ServiceAccount /a-istiod,"
            " ServiceAccount default/a-istiod, ServiceAccount a/default, User /default",
            "Deployment /a-istiod as a-istiod",
            "ServiceAccount /a-istiod",
        ),
    ),
    "the old field is left alone": (
        {
            "k/kustomization.yaml": "resources: [all.yaml]\nnamePrefix: a-\n",
            "k/all.yaml": together(istiod().replace("serviceAccountName", "serviceAccount"), account()),
        },
        ("Deployment istio-system/a-istiod as istiod", "ServiceAccount istio-system/a-istiod"),
    ),
    "roles that are not there": (
        {
            "k/kustomization.yaml": "resources: [all.yaml]\nnamePrefix: a-\n",
            "k/all.yaml": together(
                role("istiod", "- pods list", ns="shop"),
                binding("istiod", MINE, ns=SYSTEM),
                binding("istio", MINE),
            ),
        },
        (
            "ClusterRoleBinding /a-istio to ClusterRole istio for ServiceAccount istio-system/istiod",
            "Role shop/a-istiod",
            "RoleBinding istio-system/a-istiod to Role istiod"
            " for ServiceAccount istio-system/istiod",
        ),
    ),
}  # fmt: skip


def shown(facts: Iterable[Resource]) -> tuple[str, ...]:
    return tuple(sorted(line for fact in facts if (line := _line(fact))))


def _line(fact: Resource) -> str:
    if not isinstance(fact, IstiodAccount | Binding | Role | ServiceAccount):
        return ""
    own = fact.meta.subject
    line = f"{own.kind} {own.namespace}/{own.name}"
    if isinstance(fact, IstiodAccount):
        return f"{line} as {fact.account}"
    if isinstance(fact, Binding):
        bound = (f"{g.kind} {_text(g.namespace)}/{g.name.text}" for g in fact.grantees)
        return f"{line} to {fact.role_kind} {_text(fact.role)} for {', '.join(bound)}"
    return line


def _text(value: Value | None) -> str:
    return value.text if value else ""


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=list(CASES))
def test_references_follow(files: dict[str, str], expected: tuple[str, ...]) -> None:
    assert shown(placed(files)) == expected


@needs_kustomize
@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=list(CASES))
def test_kustomize_comes_to_the_same(
    files: dict[str, str], expected: tuple[str, ...], tmp_path: Path
) -> None:
    _write(files, tmp_path)
    command = [str(KUSTOMIZE), "build", "k"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert shown(read({"built.yaml": run.stdout})) == expected


def _write(files: dict[str, str], folder: Path) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_what_a_patch_says_of_an_istiod_elsewhere_is_said_once() -> None:
    files = {
        "k/kustomization.yaml": "resources: [github.com/o/r//base]\npatches: [path: p.yaml]\n",
        "k/p.yaml": istiod(),
    }
    found = placed(files)
    assert [type(fact) for fact in found].count(IstiodAccount) == 1
    assert all(fact.partial for fact in found if isinstance(fact, IstiodAccount))


PATCH = """patches:
- target: {kind: ClusterRole}
  patch: '[{op: add, path: /rules/-, value: {apiGroups: [""], resources: [nodes], verbs: [list]}}]'
"""
REBOUND = """patches:
- target: {kind: ClusterRoleBinding}
  patch: '[{op: replace, path: /roleRef/name, value: cluster-admin}]'
"""
RERUN = """patches:
- target: {kind: Deployment}
  patch: '[{op: replace, path: /spec/template/spec/serviceAccountName, value: admin}]'
"""
LINTED = {
    "as it is": ("", []),
    "renamed": ("namePrefix: a-\nnameSuffix: -b\n", []),
    "moved": ("namespace: mesh\n", []),
    "without what it needs": ("resources: [less.yaml]\n", ["MESH520"]),
    "without, renamed": ("resources: [less.yaml]\nnamePrefix: a-\n", ["MESH520"]),
    "without, moved": ("resources: [less.yaml]\nnamespace: mesh\n", ["MESH520"]),
    "without, and a patch brings it": (f"resources: [less.yaml]\n{PATCH}", []),
    "without, and a patch binds another role": (f"resources: [less.yaml]\n{REBOUND}", []),
    "without, and a patch names another account": (f"resources: [less.yaml]\n{RERUN}", []),
}


@pytest.mark.parametrize(("body", "codes"), LINTED.values(), ids=list(LINTED))
def test_permissions_of_what_a_kustomization_comes_to(
    body: str, codes: list[str], tmp_path: Path
) -> None:
    less = tuple(line.replace("pods,nodes", "pods") for line in WIDE)
    files = {
        "k/kustomization.yaml": body if "resources:" in body else f"resources: [all.yaml]\n{body}",
        "k/all.yaml": together(*permitted()),
        "k/less.yaml": together(*permitted(wide=less)),
    }
    del files["k/less.yaml" if "less.yaml" not in body else "k/all.yaml"]
    _write(files, tmp_path)
    rules = ("istiod-role-insufficient", "istiod-binding-astray", "istiod-service-account-missing")
    assert [f.code for f in lint_paths([str(tmp_path)], *rules).findings] == codes
