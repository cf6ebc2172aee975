"""How facts reach clusters: sites, appliers, what stays unknown, positions, and bounds."""

from __future__ import annotations

import pickle
import random

import pytest

from meshlint.facts import facts
from meshlint.finding import Fields, Location
from meshlint.resources.control_plane import Elsewhere, Revision
from meshlint.resources.injector import Settings
from meshlint.resources.layer import Patch
from meshlint.resources.reader import Resource
from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Workload
from meshlint.units.place import place
from meshlint.unread import Unread
from tests.layouts import INJECTED, LAYOUTS, NS, Files, deployment, operations, patch
from tests.manifests import injector, istiod
from tests.placing import placed, read, shown

WEB = "Deployment /web {} pods {app: web}"
SHOP = WEB.replace("/web", "shop/web", 1)
HERE = "https://kubernetes.default.svc"


def flux(folder: str, more: str = "", name: str = "apps") -> str:
    """A Flux Kustomization of a folder."""
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\nspec:\n"
        f"  path: {folder}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}"
    )


def argo(folder: str, more: str = "", server: str = HERE, ns: str = "shop") -> str:
    """An Application of a folder, with destination namespace `shop`."""
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
        "metadata: {name: apps, namespace: argocd}\nspec:\n"
        f"  source: {{repoURL: https://git.example.com/r, path: {folder}{more}}}\n"
        f"  destination: {{server: '{server}', namespace: {ns}}}\n"
    )


BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": deployment()}
BUILT = "base/kustomization.yaml"
PLAIN = {"apps/web.yaml": deployment(), "apps/sub/ns.yaml": NS}
TEAM = "Namespace /shop {team: a}"
SYNCED = "clusters/eu/flux-system/sync.yaml"

PLACES: dict[str, tuple[Files, tuple[str, ...]]] = {
    "no unit at all": ({"web.yaml": deployment()}, (f"{WEB} @ web.yaml",)),
    "beside a kustomization, but not in it": (
        {**BASE, "base/other.yaml": NS},
        (f"{WEB} @ {BUILT}", f"{TEAM} @ base/other.yaml"),
    ),
    "a base is applied by its overlays only": (
        {
            **BASE,
            "a/kustomization.yaml": "resources: [../base]\nnamespace: shop\n",
            "b/kustomization.yaml": "resources: [../base/]\n",
        },
        (f"{SHOP} @ a/kustomization.yaml", f"{WEB} @ b/kustomization.yaml"),
    ),
    "a base on two ways is there once": (
        {
            **BASE,
            "a/kustomization.yaml": "resources: [../base]\n",
            "b/kustomization.yaml": "resources: [../base]\n",
            "k/kustomization.yaml": "resources: [../a, ../b]\n",
        },
        (f"{WEB} @ k/kustomization.yaml",),
    ),
    "a component by itself is not applied": (
        {
            "c/kustomization.yaml": "kind: Component\nresources: [web.yaml]\nnamespace: x\n",
            "c/web.yaml": deployment(),
        },
        (f"{WEB} @ c/web.yaml",),
    ),
    "a kustomization in the topmost folder": (
        {"kustomization.yaml": "resources: [k/web.yaml]\n", "k/web.yaml": deployment()},
        (f"{WEB} @ kustomization.yaml",),
    ),
    "another name is no kustomization": (
        {
            "k/kustomize.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\n"
            "kind: Kustomization\nresources: [web.yaml]\nnamespace: a\n",
            "k/web.yaml": deployment(),
        },
        (f"{WEB} @ k/web.yaml",),
    ),
    "patches without their base stay fragments": (
        {
            "k/kustomization.yaml": "namespace: a\nresources: [github.com/o/r//base]\n"
            "patches: [path: p.yaml]\n",
            "k/p.yaml": f"{NS}---\napiVersion: apps/v1\nkind: Deployment\n"
            f"metadata: {{name: web}}\n{INJECTED}",
        },
        (
            "Deployment a/web {} pods {sidecar.istio.io/inject: true} ... @ k/kustomization.yaml",
            "Namespace /a {team: a} ... @ k/kustomization.yaml",
        ),
    ),
    "a patch of a component that nobody includes": (
        {"c/kustomization.yaml": "kind: Component\npatches: [path: p.yaml]\n", "c/p.yaml": NS},
        (f"{TEAM} ... @ c/p.yaml",),
    ),
    "a circle": (
        {
            "a/kustomization.yaml": "resources: [../b, web.yaml]\nnamespace: a\n",
            "b/kustomization.yaml": "resources: [../a]\n",
            "c/kustomization.yaml": "resources: [../a]\n",
            "a/web.yaml": deployment(),
        },
        (f"{WEB} ... @ a/web.yaml",),
    ),
    "an Application of a kustomization": (
        {**BASE, "argocd/a.yaml": argo("base")},
        (f"{SHOP} @ {BUILT} by argocd/a.yaml",),
    ),
    "an Application of a base that an overlay includes": (
        {
            **BASE,
            "a/kustomization.yaml": "resources: [../base]\nnamespace: a\n",
            "argocd/a.yaml": argo("./base/"),
        },
        (
            f"{WEB.replace('/web', 'a/web', 1)} @ a/kustomization.yaml",
            f"{SHOP} @ {BUILT} by argocd/a.yaml",
        ),
    ),
    "the destination's namespace is for what has none": (
        {
            "base/kustomization.yaml": "resources: [web.yaml]\nnamespace: own\n",
            "base/web.yaml": deployment(),
            "argocd/a.yaml": argo("base"),
        },
        (f"{WEB.replace('/web', 'own/web', 1)} @ {BUILT} by argocd/a.yaml",),
    ),
    "another cluster": (
        {**BASE, "argocd/a.yaml": argo("base", server="https://eu.example.com")},
        (f"{SHOP} @ {BUILT} by argocd/a.yaml in https://eu.example.com",),
    ),
    "targetNamespace is for all": (
        {
            "base/kustomization.yaml": "resources: [web.yaml, ns.yaml]\nnamespace: own\n",
            "base/web.yaml": deployment(),
            "base/ns.yaml": NS,
            "a.yaml": flux("./base", "  targetNamespace: put\n"),
        },
        (
            f"{WEB.replace('/web', 'put/web', 1)} @ {BUILT} by a.yaml",
            f"{TEAM.replace('shop', 'put')} @ {BUILT} by a.yaml",
        ),
    ),
    "plain files of a folder": (
        {**PLAIN, "a.yaml": argo("apps")},
        (f"{SHOP} @ apps/web.yaml by a.yaml", f"{TEAM} @ apps/sub/ns.yaml"),
    ),
    "plain files of subfolders": (
        {**PLAIN, "a.yaml": argo("apps", ", directory: {recurse: true}")},
        (f"{SHOP} @ apps/web.yaml by a.yaml", f"{TEAM} @ apps/sub/ns.yaml by a.yaml"),
    ),
    "kustomizations in subfolders": (
        {**{f"apps/{path}": text for path, text in BASE.items()}, "a.yaml": flux("apps")},
        (f"{WEB} @ apps/{BUILT} by a.yaml",),
    ),
    "a file that is left out": (
        {**PLAIN, "a.yaml": argo("apps", ", directory: {exclude: web.*}")},
        (f"{WEB} @ apps/web.yaml", f"{TEAM} @ apps/sub/ns.yaml"),
    ),
    "a folder of another repository": (
        {**BASE, "a.yaml": argo("elsewhere")},
        (f"{WEB} @ {BUILT}",),
    ),
    "the end of one path": (
        {**{f"/r/deploy/{path}": text for path, text in BASE.items()}, "/r/a.yaml": argo("base")},
        (f"{SHOP} @ /r/deploy/{BUILT} by /r/a.yaml",),
    ),
    "the end of two paths": (
        {
            **{f"/r/{part}/{path}": text for path, text in BASE.items() for part in "xy"},
            "/r/a.yaml": argo("base"),
        },
        (f"{WEB} @ /r/x/{BUILT}", f"{WEB} @ /r/y/{BUILT}"),
    ),
    "Applications of Applications": (
        {**BASE, "root.yaml": argo("argocd"), "argocd/a.yaml": argo("base")},
        (f"{SHOP} @ {BUILT} by root.yaml",),
    ),
    "Applications of Applications in another cluster": (
        {**BASE, "root.yaml": argo("argocd", server="eu"), "argocd/a.yaml": argo("base")},
        (f"{SHOP} @ {BUILT} by root.yaml in eu",),
    ),
    "Flux, which applies itself": (
        {
            **BASE,
            "clusters/eu/ns.yaml": NS,
            "clusters/eu/apps.yaml": flux("./base"),
            "clusters/eu/flux-system/kustomization.yaml": "resources: [sync.yaml]\n",
            SYNCED: flux("./clusters/eu", name="flux-system"),
        },
        (f"{WEB} @ {BUILT} by {SYNCED}", f"{TEAM} @ clusters/eu/ns.yaml by {SYNCED}"),
    ),
    "patches of a Flux Kustomization": (
        {
            **BASE,
            "a.yaml": flux(
                "base",
                "  patches:\n  - target: {kind: Deployment}\n    patch: |\n      - op: add\n"
                "        path: /spec/template/metadata/labels/istio.io~1rev\n        value: a\n",
            ),
        },
        (f"Deployment /web {{}} pods {{app: web, istio.io/rev: a}} @ {BUILT} by a.yaml",),
    ),
    "two clusters of one folder": (
        {
            **BASE,
            "clusters/eu/a.yaml": flux("base"),
            "clusters/us/a.yaml": flux("base", "  targetNamespace: shop\n"),
        },
        (f"{SHOP} @ {BUILT} by clusters/us/a.yaml", f"{WEB} @ {BUILT} by clusters/eu/a.yaml"),
    ),
    "an applier in a kustomization": (
        {
            **BASE,
            "eu/kustomization.yaml": "resources: [a.yaml]\nnamespace: other\n",
            "eu/a.yaml": flux("base"),
        },
        (f"{WEB} @ {BUILT} by eu/a.yaml",),
    ),
    "an applier that a patch points elsewhere": (
        {
            **BASE,
            "eu/kustomization.yaml": "resources: [a.yaml]\npatches:\n"
            + operations("- {op: replace, path: /spec/path, value: x}\n", "{kind: Kustomization}"),
            "eu/a.yaml": flux("base"),
        },
        ("Deployment ?/web {} pods {app: ?} ... @ base/kustomization.yaml by eu/a.yaml",),
    ),
    "an applier with a harmless patch": (
        {
            **BASE,
            "eu/kustomization.yaml": "resources: [a.yaml]\npatches:\n"
            + operations("- {op: add, path: /spec/wait, value: true}\n", "{kind: Kustomization}"),
            "eu/a.yaml": flux("base"),
        },
        (f"{WEB} @ {BUILT} by eu/a.yaml",),
    ),
}


@pytest.mark.parametrize(("files", "expected"), PLACES.values(), ids=list(PLACES))
def test_where_objects_come_from(files: Files, expected: tuple[str, ...]) -> None:
    assert shown(placed(files)) == tuple(sorted(expected))


DOUBTS = {
    "transformers": ("transformers: [t.yaml]\n", "Deployment ?/web {} pods {app: ?} ..."),
    "transformers, then a namespace": (
        "namespace: shop\ntransformers: [t.yaml]\n",
        "Deployment ?/web {} pods {app: ?} ...",
    ),
    "a schema": ("openapi: {path: s.json}\n", "Deployment /web {} pods {app: ?} ..."),
    "a placeholder for the namespace": ("namespace: ${NS}\n", WEB.replace("/web", "?/web", 1)),
    "a narrower target": (
        "patches:\n" + patch(INJECTED, "{kind: Deployment, labelSelector: a=b}"),
        "Deployment /web {} pods {app: web, sidecar.istio.io/inject: ?}",
    ),
    "a narrower target that may delete": (
        "patches:\n" + patch("$patch: delete\n", "{kind: Deployment, labelSelector: a=b}"),
        f"{WEB} ...",
    ),
    "a pattern that may take forever": (
        "patches:\n" + patch(INJECTED, "{name: (w+)+x}"),
        "Deployment /web {} pods {app: web, sidecar.istio.io/inject: ?}",
    ),
    "a null that kustomize may write out": (
        "patchesStrategicMerge:\n- |-\n  apiVersion: apps/v1\n  kind: Deployment\n"
        "  metadata: {name: web, labels: {a: null}}\n",
        "Deployment /web {a: ?} pods {app: web}",
    ),
    "a label from elsewhere": (
        "replacements:\n- source: {kind: ConfigMap, name: c, fieldPath: data.x}\n  targets:\n"
        "  - select: {kind: Deployment}\n"
        "    fieldPaths: ['spec.template.metadata.labels.[istio.io/rev]']\n",
        "Deployment /web {} pods {app: web, istio.io/rev: ?}",
    ),
    "a replacement of what does not matter": (
        "replacements:\n- source: {kind: ConfigMap, name: c, fieldPath: data.x}\n  targets:\n"
        "  - {select: {kind: Deployment}, fieldPaths: [spec.replicas]}\n",
        WEB,
    ),
    "a namespace from elsewhere": (
        "replacements:\n- source: {kind: ConfigMap, name: c, fieldPath: data.x}\n  targets:\n"
        "  - {select: {name: web}, fieldPaths: [metadata.namespace]}\n",
        WEB.replace("/web", "?/web", 1),
    ),
    "a patch that is a template": (
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n    {{ x }}\n",
        "Deployment ?/web {} pods {app: ?} ...",
    ),
    "a patch for a name that is filled in": (
        "patches:\n" + patch(INJECTED, name="'{{ x }}'"),
        "Deployment /web {} pods {app: web, sidecar.istio.io/inject: ?}",
    ),
    "template marks in the text of a ConfigMap": (
        "patches:\n- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: c}\n"
        "    data:\n      x: |\n        {{ y }}\n",
        WEB,
    ),
    "a patch file that is not there": (
        "patches: [{path: gone.yaml, target: {kind: Deployment}}]\n",
        "Deployment ?/web {} pods {app: ?} ...",
    ),
    "a patch file for something else": (
        "patches: [{path: gone.yaml, target: {kind: Ingress}}]\n",
        WEB,
    ),
    "labels in places of one's own": (
        "labels: [pairs: {a: b}]\nconfigurations: [c.yaml]\n",
        "Deployment /web {a: b} pods {a: ?, app: web}",
    ),
    "one label for two places, changed in one": (
        "commonLabels: {a: b}\npatchesJson6902:\n- target: {version: v1, kind: Deployment}\n"
        "  patch: '[{op: replace, path: /metadata/labels/a, value: c}]'\n",
        "Deployment /web {a: ?} pods {a: ?, app: web}",
    ),
}


@pytest.mark.parametrize(("kustomization", "expected"), DOUBTS.values(), ids=list(DOUBTS))
def test_what_cannot_be_followed_is_not_known(kustomization: str, expected: str) -> None:
    files = {"k/kustomization.yaml": f"resources: [web.yaml]\n{kustomization}"}
    found = placed({**files, "k/web.yaml": deployment()})
    assert shown(found, "k/kustomization.yaml") == (expected,)


def test_a_null_in_a_file_may_be_written_out() -> None:
    files = {
        "k/kustomization.yaml": "resources: [web.yaml]\npatchesStrategicMerge: [p.yaml]\n",
        "k/web.yaml": deployment(),
        "k/p.yaml": "apiVersion: apps/v1\nkind: Deployment\n"
        "metadata: {name: web, labels: {a: null}}\n",
    }
    assert shown(placed(files)) == (
        "Deployment /web {a: ?} pods {app: web} @ k/kustomization.yaml",
    )


PROXIES = {
    "nothing": ("", True),
    "the proxy's resources": (
        "spec: {template: {spec: {containers: [{name: istio-proxy, resources: {}}]}}}\n",
        True,
    ),
    "another container": (
        "spec: {template: {spec: {containers: [{name: x, image: x}]}}}\n",
        True,
    ),
    "its image": (
        "spec: {template: {spec: {containers: [{name: istio-proxy, image: x}]}}}\n",
        False,
    ),
    "all of the pods": ("spec: {template: {spec: {$patch: replace}}}\n", False),
}


@pytest.mark.parametrize(("body", "known"), PROXIES.values(), ids=list(PROXIES))
def test_a_proxy_is_known_while_nothing_changes_it(body: str, known: bool) -> None:
    proxy = deployment().replace("name: web, image: web", "name: istio-proxy, image: auto")
    text = f"resources: [web.yaml]\npatches:\n{patch(body)}"
    (web,) = (
        r
        for r in placed({"k/kustomization.yaml": text, "k/web.yaml": proxy})
        if isinstance(r, Workload)
    )
    assert (web.auto_image is not None) is known


def test_a_namespace_of_an_outer_layer_is_known_again() -> None:
    files = {
        "a/kustomization.yaml": "resources: [web.yaml]\ntransformers: [t.yaml]\n",
        "a/web.yaml": deployment(),
        "k/kustomization.yaml": "resources: [../a]\nnamespace: shop\n",
    }
    assert shown(placed(files), "k/kustomization.yaml") == (
        "Deployment shop/web {} pods {app: ?} ...",
    )


SLICED = {
    "inline": ("patches:\n" + patch("  labels: {istio.io/rev: a}\n"), {}),
    "JSON": (
        "patches:\n"
        + operations("- {op: add, path: /metadata/labels, value: {istio.io/rev: a}}\n"),
        {},
    ),
    "a file": (
        "patches: [path: p.yaml]\n",
        {
            "k/p.yaml": "apiVersion: apps/v1\nkind: Deployment\n"
            "metadata: {name: web, labels: {istio.io/rev: a}}\n"
        },
    ),
    "commonLabels": ("commonLabels:\n  istio.io/rev: a\n", {}),
}


@pytest.mark.parametrize(("kustomization", "more"), SLICED.values(), ids=list(SLICED))
def test_values_stand_where_they_are_set(kustomization: str, more: Files) -> None:
    files = {
        "k/kustomization.yaml": f"resources: [web.yaml]\nnamespace: shop\n{kustomization}",
        "k/web.yaml": deployment(),
        **more,
    }
    (web,) = (r for r in placed(files) if isinstance(r, Workload))
    assert web.meta.namespace
    assert sliced(files, web.meta.namespace.where) == "shop"
    assert sliced(files, web.meta.labels["istio.io/rev"].value.where) == "a"
    assert sliced(files, web.meta.where) == "web"


def sliced(files: Files, where: Location) -> str:
    line = files[where.path].splitlines()[where.line - 1]
    return line[where.column - 1 : where.end_column - 1]


def test_a_patch_in_quotes_stands_where_its_text_does() -> None:
    """Escapes and folds move columns, so the whole text is the place."""
    text = '{"a": "b"}'
    files = {
        "k/kustomization.yaml": "resources: [web.yaml]\npatches:\n- target: {kind: Deployment}\n"
        f'  patch: \'[{{"op": "add", "path": "/metadata/labels", "value": {text}}}]\'\n',
        "k/web.yaml": deployment(),
    }
    (web,) = (r for r in placed(files) if isinstance(r, Workload))
    assert web.meta.labels["a"].value.where.line == 4


PLANE = {"k/istiod.yaml": istiod("a"), "k/hooks.yaml": injector("a")}


def evidence(kustomization: str) -> tuple[list[Revision], list[Elsewhere], list[Configuration]]:
    """What is left of a control plane with a kustomization around it."""
    text = f"resources: [istiod.yaml, hooks.yaml]\n{kustomization}"
    found = placed({"k/kustomization.yaml": text, **PLANE})
    return (
        [r for r in found if isinstance(r, Revision)],
        [r for r in found if isinstance(r, Elsewhere)],
        [r for r in found if isinstance(r, Configuration)],
    )


UNTOUCHED = {
    "nothing": "",
    "a label": "commonLabels: {team: mesh}\n",
    "resources of istiod": "patches:\n"
    + operations(
        "- {op: add, path: /spec/template/spec/containers/0/resources, value: {}}\n",
        "{kind: Deployment}",
    ),
    "an annotation": "patches:\n"
    + operations(
        "- {op: add, path: /metadata/annotations, value: {a: b}}\n",
        "{kind: MutatingWebhookConfiguration}",
    ),
}


@pytest.mark.parametrize("kustomization", UNTOUCHED.values(), ids=list(UNTOUCHED))
def test_evidence_that_nothing_changes(kustomization: str) -> None:
    revisions, elsewhere, hooks = evidence(kustomization)
    assert [r.name.text for r in revisions if r.partial is None] == ["a"]
    assert [c.partial for c in hooks] == [None]
    assert elsewhere == []
    assert {r.at.path for r in revisions} == {"k/kustomization.yaml"}


TOUCHED = {
    "its label": "commonLabels: {istio.io/rev: b}\n",
    "its environment": "patches:\n"
    + operations(
        "- {op: replace, path: /spec/template/spec/containers/0/env, value: []}\n",
        "{kind: Deployment}",
    ),
    "its pods' label": "patches:\n"
    + operations(
        "- {op: add, path: /spec/template/metadata/labels/istio.io~1rev, value: b}\n",
        "{kind: Deployment}",
    ),
    "anything": "transformers: [t.yaml]\n",
}


@pytest.mark.parametrize("kustomization", TOUCHED.values(), ids=list(TOUCHED))
def test_evidence_that_may_have_changed(kustomization: str) -> None:
    """Then another revision may be installed, and no set of them is whole."""
    revisions, elsewhere, _ = evidence(kustomization)
    assert all(r.partial for r in revisions)
    assert elsewhere


def test_a_configuration_is_no_whole_where_a_patch_of_it_is_not_followed() -> None:
    change = "- {op: copy, from: /metadata/name, path: /webhooks/0/name}\n"
    _, _, hooks = evidence(
        "patches:\n" + operations(change, "{kind: MutatingWebhookConfiguration}")
    )
    assert [c.partial for c in hooks] == [Unread.PATCH]


INJECTOR = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-sidecar-injector}\n"
    "data:\n  config: |\n    policy: disabled\n"
)
SETTINGS = {
    "nothing": ("", "disabled"),
    "a label": ("commonLabels: {a: b}\n", "disabled"),
    "another kind": (
        "patches:\n" + operations("- {op: replace, path: /data, value: {}}\n", "{kind: Secret}"),
        "disabled",
    ),
    "its data": (
        "patches:\n"
        + operations("- {op: replace, path: /data/config, value: x}\n", "{kind: ConfigMap}"),
        None,
    ),
}


@pytest.mark.parametrize(("kustomization", "policy"), SETTINGS.values(), ids=list(SETTINGS))
def test_settings_that_a_patch_changes_are_not_known(
    kustomization: str, policy: str | None
) -> None:
    files = {"k/kustomization.yaml": f"resources: [i.yaml]\n{kustomization}", "k/i.yaml": INJECTOR}
    (found,) = (r for r in placed(files) if isinstance(r, Settings))
    assert (found.policy.text if found.policy else None) == policy
    assert found.at.path == "k/kustomization.yaml"
    assert policy or not found.complete


def test_images_set_the_version() -> None:
    text = istiod("a").replace("image: ", "image: docker.io/istio/pilot:1.29.0 # ", 1)
    kustomization = "resources: [i.yaml]\nimages: [{name: docker.io/istio/pilot, newTag: 1.27.3}]\n"
    found = placed({"k/kustomization.yaml": kustomization, "k/i.yaml": text})
    (revision,) = (r for r in found if isinstance(r, Revision))
    assert (revision.version, revision.image and revision.image.text) == (
        (1, 27),
        "docker.io/istio/pilot:1.27.3",
    )


FOLLOWED = [
    (", namespace: istio-system", "namespace: mesh\n", ("mesh", "p-istiod-a")),
    (", namespace: istio-system", "", ("istio-system", "p-istiod-a")),
    ("", "namespace: istio-system\n", ("istio-system", "p-istiod-a")),
    ("", "namespace: mesh\n", ("istio-system", "istiod-a")),
]
"""As kustomize has it: a Service is known by its namespace of before, or of after."""


@pytest.mark.parametrize(("ns", "kustomization", "called"), FOLLOWED)
def test_webhooks_follow_the_service_that_they_call(
    ns: str, kustomization: str, called: tuple[str, str]
) -> None:
    files = {
        "k/kustomization.yaml": f"resources: [s.yaml, hooks.yaml]\nnamePrefix: p-\n{kustomization}",
        "k/s.yaml": f"apiVersion: v1\nkind: Service\nmetadata: {{name: istiod-a{ns}}}\n",
        "k/hooks.yaml": PLANE["k/hooks.yaml"],
    }
    hooks = [h for r in placed(files) if isinstance(r, Configuration) for h in r.hooks]
    pairs = [(h.client.service_namespace, h.client.service_name) for h in hooks]
    assert {tuple(field.value.text for field in pair if field) for pair in pairs} == {called}


def test_placing_depends_on_no_order() -> None:
    trees = [files for files, _ in PLACES.values()] + [lay.files for lay in LAYOUTS.values()]
    moved = [{f"t{n}/{p}": text for p, text in files.items()} for n, files in enumerate(trees)]
    every = [fact for files in moved for fact in read(files)]
    first = shown(place(every))
    for seed in range(5):
        shuffled = random.Random(seed).sample(every, len(every))
        assert shown(place(shuffled)) == first


def test_placing_changes_no_fact() -> None:
    for files, _ in PLACES.values():
        every = read(files)
        before = shown(every)
        list(place(every))
        assert shown(every) == before


def test_facts_travel() -> None:
    layout = LAYOUTS["JSON pointers"].files
    (fact,) = (r for r in read(layout) if type(r).__name__ == "Kustomization")
    copy = pickle.loads(pickle.dumps(fact))
    assert copy == fact


def layered(kustomizations: int) -> Files:
    """Two overlays over one, which are over two others, and so on: 2 ** n ways to the base."""
    files = {"k0/kustomization.yaml": "resources: [web.yaml]\n", "k0/web.yaml": deployment()}
    for n in range(1, kustomizations):
        files[f"k{n}/kustomization.yaml"] = f"resources: [../a{n}, ../b{n}]\n"
        for side in "ab":
            below = f"resources: [../k{n - 1}]\nnamePrefix: {side}-\n"
            files[f"{side}{n}/kustomization.yaml"] = below
    return files


def many(overlays: int) -> Files:
    """Overlays over one base of ten workloads."""
    names = [f"w{n}" for n in range(10)]
    files = {f"base/{name}.yaml": deployment(name) for name in names}
    listed = "".join(f"- {name}.yaml\n" for name in names)
    files["base/kustomization.yaml"] = f"resources:\n{listed}"
    for n in range(overlays):
        text = f"resources: [../../base]\nnamespace: n{n}\n"
        files[f"overlays/o{n}/kustomization.yaml"] = text
    return files


WIDE = {
    "ways without end": layered(40),
    "a long chain": {
        f"k{n}/kustomization.yaml": f"resources: [../k{n + 1}, w.yaml]\n" for n in range(500)
    },
    "components of components": {
        f"c{n}/kustomization.yaml": f"kind: Component\ncomponents: [../c{n + 1}, ../c{n + 1}]\n"
        for n in range(60)
    }
    | {
        "k/kustomization.yaml": "resources: [w.yaml]\ncomponents: [../c0]\n",
        "k/w.yaml": deployment(),
    },
    "patches by objects": {
        "k/kustomization.yaml": "resources: [w.yaml]\npatches:\n"
        + "".join(patch(INJECTED, "{kind: Dep.*}") for _ in range(600)),
        "k/w.yaml": "---\n".join(deployment(f"w{n}") for n in range(1200)),
    },
    "patterns": {
        "k/kustomization.yaml": "resources: [w.yaml]\npatches:\n"
        + patch(INJECTED, "{name: a*a*a*a*a*a*a*a*a*a*a*a*b}")
        + patch(INJECTED, "{name: (a|aa)+b}"),
        "k/w.yaml": deployment("a" * 250),
    },
    "appliers of one another": {
        f"a{n}/a.yaml": "---\n".join(flux(f"a{m}", name=f"to-{m}") for m in range(12))
        for n in range(12)
    },
}


@pytest.mark.parametrize("files", WIDE.values(), ids=list(WIDE))
def test_no_tree_takes_forever(files: Files) -> None:
    """Without bounds these would not end, or come to far more."""
    assert len(list(place(read(files)))) < 5_000


def test_what_is_too_wide_is_not_claimed() -> None:
    found = placed(layered(40))
    assert all(line.endswith("... @ k0/web.yaml") or "k39" in line for line in shown(found))


def test_many_overlays_over_one_base() -> None:
    found = shown(placed(many(100)))
    assert len(found) == 1000
    assert found[0].endswith("@ overlays/o0/kustomization.yaml")


PATCH_FILES = [
    ("- op: add\n  path: /metadata/labels/a\n  value: b\n", 1),
    ('[{"op": "remove", "path": "/metadata/labels"}]', 1),
    ("- op: add\n  path: /a\n- name: other\n", 0),
    ("- op: nonsense\n  path: /a\n", 0),
    ("- name: copy\n  path: /opt\n  op: {{ x }}\n", 0),
    ("- op: add\n  path: [\n", 0),
]


@pytest.mark.parametrize(("text", "patches"), PATCH_FILES)
def test_json_patches_are_told_by_their_form(text: str, patches: int) -> None:
    found = facts("k/p.yaml", text.encode())
    assert sum(isinstance(r, Patch) for r in found.resources) == patches
    assert found.hits == ()


ODD = [
    "resources: web.yaml\npatches: x\nlabels: 3\nimages: [x]\n",
    "resources: [web.yaml, null, {a: b}]\npatches: [null, [], {path: null}, {patch: null}]\n",
    "resources: [web.yaml]\nlabels: [pairs: x]\ncommonLabels: [a]\nreplacements: [1, {targets: 2}]\n",
    "resources: [web.yaml]\npatches:\n- patch: |-\n    a: [\n",
    "resources: [web.yaml]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n"
    "    metadata: {name: web}\n    spec: []\n",
    "resources: [web.yaml]\npatches:\n- target: {kind: '('}\n  patch: '[{op: add, path: x}]'\n",
    "resources: [web.yaml]\npatches:\n- target: []\n  patch: '[{op: move, from: 1, path: /a}]'\n",
    "resources: [., .., /, '']\ncomponents: [../../../..]\nbases: [.]\n",
    "namespace: {a: b}\nnamePrefix: [1]\nresources: [web.yaml]\nopenapi: x\nconfigurations: 1\n",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_kustomizations_break_nothing(text: str) -> None:
    found = placed({"k/kustomization.yaml": text, "k/web.yaml": deployment()})
    assert len(shown(found)) == 1


def test_facts_of_one_object_stay_together() -> None:
    """What a patch deletes is gone with all that was told of it."""
    change = patch("$patch: delete\n", "{kind: Deployment}")
    files = {"k/kustomization.yaml": f"resources: [istiod.yaml]\npatches:\n{change}"}
    found: list[Resource] = placed({**files, "k/istiod.yaml": istiod("a")})
    assert not [r for r in found if isinstance(r, Workload | Revision)]


def test_labels_of_gateways_and_webhooks_change_too() -> None:
    gateway = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec: {}\n"
    )
    found = placed(
        {
            "k/kustomization.yaml": "resources: [g.yaml]\ncommonLabels: {istio.io/rev: a}\n",
            "k/g.yaml": gateway,
        }
    )
    labels: list[Fields] = [r.meta.labels for r in found if hasattr(r, "meta")]
    assert [list(fields) for fields in labels] == [["istio.io/rev"]]
