"""What Argo CD, Flux and Config Sync do with what istiod writes: undone, left alone, or pruned."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshlint.facts import facts
from meshlint.resources.site import Site
from meshlint.resources.sync import Customized, Sync
from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Workload
from tests.lint import golden, lint_paths
from tests.placing import placed


def application(spec: str, name: str = "mesh", path: str = "mesh") -> str:
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n"
        f"  source: {{repoURL: https://git.example.com/a, path: {path}}}\n"
        "  destination: {server: https://kubernetes.default.svc, namespace: istio-system}\n"
        + "".join(f"  {line}\n" for line in spec.splitlines())
    )


def flux(spec: str, name: str = "mesh", path: str = "./mesh") -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: {path}\n"
        "  sourceRef: {kind: GitRepository, name: a}\n"
        + "".join(f"  {line}\n" for line in spec.splitlines())
    )


def root_sync(spec: str, kind: str = "RootSync") -> str:
    return (
        f"apiVersion: configsync.gke.io/v1beta1\nkind: {kind}\n"
        f"metadata: {{name: root, namespace: team}}\nspec:\n  {spec}\n"
    )


HEAL = "syncPolicy: {automated: {selfHeal: true}}"
VWC = "ValidatingWebhookConfiguration"


def ignoring(*words: str) -> str:
    return f"ignoreDifferences:\n- {{{', '.join(words)}}}"


POINTER = "jsonPointers: [/webhooks/0/failurePolicy]"

TOLD = {
    "argo, by hand": (application(""), "Argo CD ['mesh'] prunes False"),
    "argo heals": (application(HEAL), "Argo CD ['mesh'] heals prunes False"),
    "argo, switched off": (
        application("syncPolicy: {automated: {selfHeal: true, prune: true, enabled: false}}"),
        "Argo CD ['mesh'] prunes False",
    ),
    "argo prunes": (
        application("syncPolicy: {automated: {prune: true}}"),
        "Argo CD ['mesh'] prunes True",
    ),
    "argo, another folder": (
        application("", path="'{{path}}'").replace("kind: Application\n", "kind: Application\n"),
        "Argo CD [None] prunes False",
    ),
    "argo, a chart": (
        application("").replace("path: mesh", "chart: istiod"),
        "Argo CD [] prunes False",
    ),
    "argo ignores": (
        application(ignoring(f"kind: {VWC}", POINTER)),
        "Argo CD ['mesh'] prunes False failurePolicy",
    ),
    "argo ignores another kind": (
        application(ignoring("kind: Service", POINTER)),
        "Argo CD ['mesh'] prunes False",
    ),
    "argo ignores another name": (
        application(ignoring("kind: '*'", "name: other", POINTER)),
        "Argo CD ['mesh'] prunes False",
    ),
    "argo ignores what istiod writes": (
        application(ignoring("kind: '*'", "managedFieldsManagers: [pilot-discovery]")),
        "Argo CD ['mesh'] prunes False caBundle failurePolicy",
    ),
    "argo ignores all webhooks": (
        application(ignoring(f"kind: {VWC}", "jqPathExpressions: ['.webhooks[]']")),
        "Argo CD ['mesh'] prunes False caBundle failurePolicy",
    ),
    "argo ignores and heeds": (
        application(
            f"{ignoring(f'kind: {VWC}', POINTER)}\n"
            "syncPolicy: {syncOptions: [RespectIgnoreDifferences=true]}"
        ),
        "Argo CD ['mesh'] prunes False heeds failurePolicy",
    ),
    "flux": (flux("prune: true"), "Flux ['./mesh'] heals prunes True heeds"),
    "flux, no pruning": (flux("prune: false"), "Flux ['./mesh'] heals prunes False heeds"),
    "flux, not said": (flux(""), "Flux ['./mesh'] heals prunes None heeds"),
    "flux, suspended": (flux("suspend: true"), "Flux ['./mesh'] prunes None heeds"),
    "flux, force": (flux("force: true"), "Flux ['./mesh'] heals prunes None heeds force"),
    "flux ignores": (
        flux(f"ignore: [{{paths: [/webhooks/0/failurePolicy], target: {{kind: {VWC}}}}}]"),
        "Flux ['./mesh'] heals prunes None heeds failurePolicy",
    ),
    "flux ignores by a pattern": (
        flux("ignore: [{paths: [/webhooks], target: {kind: .*WebhookConfiguration}}]"),
        "Flux ['./mesh'] heals prunes None heeds caBundle failurePolicy",
    ),
    "flux ignores another name": (
        flux("ignore: [{paths: [''], target: {name: other.*}}]"),
        "Flux ['./mesh'] heals prunes None heeds",
    ),
    "config sync": (
        root_sync("git: {repo: a, dir: mesh}"),
        "Config Sync ['mesh'] heals prunes True heeds",
    ),
}


def words(sync: Sync) -> str:
    spared = (f for f in ("caBundle", "failurePolicy") if sync.spares(VWC, "istio-validator", f))
    marks = (("heals", sync.heals), (f"prunes {sync.prunes}", True), ("heeds", sync.respects))
    more = [word for word, on in marks if on] + (["force"] if sync.force else [])
    return " ".join([f"{sync.tool} {list(sync.folders)}", *more, *spared])


@pytest.mark.parametrize(("text", "expected"), TOLD.values(), ids=TOLD)
def test_what_is_told(text: str, expected: str) -> None:
    found = facts("apps/all.yaml", text.encode()).resources
    assert [words(item) for item in found if isinstance(item, Sync)] == [expected]


def validator(annotation: str = "") -> str:
    notes = f"  annotations: {{{annotation}}}\n" if annotation else ""
    return (
        f"apiVersion: admissionregistration.k8s.io/v1\nkind: {VWC}\nmetadata:\n"
        f"  name: istio-validator-a-istio-system\n{notes}  labels: {{istio.io/rev: a}}\nwebhooks:\n"
        "- name: rev.validation.istio.io\n  clientConfig:\n    service:"
        " {name: istiod-a, namespace: istio-system, path: /validate}\n"
        "  objectSelector: {matchLabels: {istio.io/rev: a}}\n"
        "  sideEffects: None\n  admissionReviewVersions: [v1]\n  failurePolicy: Ignore\n"
    )


CUSTOM = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm, namespace: argocd}\ndata:\n"
    "  resource.customizations.ignoreDifferences.admissionregistration.k8s.io_"
    f"{VWC}: |\n    jqPathExpressions: ['.webhooks[]?.failurePolicy']\n"
)
TREE = {"mesh/v.yaml": validator()}
HEALING = {"apps.yaml": application(HEAL)}

FOUND = {
    "healed": ({**TREE, **HEALING}, "warning"),
    "only synced": ({**TREE, "apps.yaml": application("")}, "note"),
    "applied by nobody": (TREE, ""),
    "ignored by Argo CD itself": ({**TREE, **HEALING, "cm.yaml": CUSTOM}, "note"),
    "something else ignored there": (
        {**TREE, **HEALING, "cm.yaml": CUSTOM.replace("failurePolicy", "caBundle")},
        "warning",
    ),
    "beside another Application of the file": (
        {**TREE, "apps.yaml": f"{application(HEAL)}---\n{application('', 'other', 'other')}"},
        "warning",
    ),
    "by two that disagree": (
        {**TREE, "apps.yaml": f"{application(HEAL)}---\n{application('', 'other', 'mesh')}"},
        "note",
    ),
    "by an Application of an Application": (
        {
            **TREE,
            "apps/mesh.yaml": application(HEAL),
            "root.yaml": application("", "root", "apps"),
        },
        "warning",
    ),
    "through a kustomization": (
        {
            **TREE,
            "mesh/kustomization.yaml": "resources: [v.yaml]\n",
            **HEALING,
        },
        "warning",
    ),
    "an Application with placeholders": (
        {**TREE, "apps.yaml": application("project: '{{ .Values.project }}'\n" + HEAL)},
        "",
    ),
    "by Config Sync": ({**TREE, "root.yaml": root_sync("git: {repo: a, dir: mesh}")}, "warning"),
    "by Config Sync, of an image": (
        {**TREE, "root.yaml": root_sync("oci: {image: a, dir: mesh}")},
        "warning",
    ),
    "left alone by Config Sync": (
        {
            "mesh/v.yaml": validator("client.lifecycle.config.k8s.io/mutation: ignore"),
            "root.yaml": root_sync("git: {repo: a, dir: mesh}"),
        },
        "",
    ),
    "the annotation of another tool": (
        {"mesh/v.yaml": validator("kustomize.toolkit.fluxcd.io/ssa: Ignore"), **HEALING},
        "warning",
    ),
    "a hook of Argo CD": (
        {"mesh/v.yaml": validator("argocd.argoproj.io/hook: PostSync"), **HEALING},
        "",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_who_sets_it_back(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, severity = FOUND[name]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    findings = lint_paths(["."], "validator-failure-policy-ignore").findings
    assert [str(f.severity) for f in findings] == ([severity] if severity else []), golden(findings)


def test_config_sync_applies_a_folder() -> None:
    files = {
        "mesh/deep/v.yaml": validator(),
        "root.yaml": root_sync("git: {repo: a, dir: mesh}"),
        "other/v.yaml": validator(),
    }
    sites = [f.meta.at for f in placed(files) if isinstance(f, Configuration)]
    assert sorted(sites) == [Site("mesh/deep/v.yaml", "root.yaml"), Site("other/v.yaml")]


def test_a_repo_sync_gives_its_namespace() -> None:
    workload = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart}\nspec: {template: {spec:"
        " {containers: [{name: cart}]}}}\n"
    )
    for kind, expected in (("RepoSync", "team"), ("RootSync", "")):
        files = {"a/w.yaml": workload, "sync.yaml": root_sync("git: {dir: a}", kind)}
        spaces = {f.meta.subject.namespace for f in placed(files) if isinstance(f, Workload)}
        assert spaces == {expected}


def test_the_own_configuration_of_argo_is_read_by_its_name_only() -> None:
    for name, count in (("argocd-cm", 1), ("argocd-cm-old", 0)):
        text = CUSTOM.replace("name: argocd-cm", f"name: {name}")
        found = facts("cm.yaml", text.encode()).resources
        assert len([item for item in found if isinstance(item, Customized)]) == count
