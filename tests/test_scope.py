"""Which documents belong to one cluster, and when the set of revisions is closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshlint.facts import facts
from meshlint.mesh.model import Mesh
from meshlint.mesh.scope import environment
from meshlint.resources.site import Site
from tests.lint import lint_paths
from tests.manifests import injector, istiod, namespace, workload

ENVIRONMENTS = {
    "apps/cart.yaml": "",
    "clusters/eu/apps/cart.yaml": "clusters/eu",
    "k8s/overlays/prod/ns.yaml": "k8s/overlays/prod",
    "clusters/readme.yaml": "",
    "staging/apps/cart.yaml": "staging",
    "team/prod-2/cart.yaml": "team/prod-2",
    "products/cart.yaml": "",
    "prod.yaml": "",
}


@pytest.mark.parametrize(("path", "expected"), ENVIRONMENTS.items())
def test_environment_of_a_path(path: str, expected: str) -> None:
    assert environment(path) == expected


def mesh(**files: str) -> Mesh:
    """A mesh of files, `__` in a name standing for a slash."""
    return Mesh(
        resource
        for name, text in files.items()
        for resource in facts(name.replace("__", "/") + ".yaml", text.encode()).resources
    )


def names(found: Mesh, path: str) -> tuple[str, ...]:
    return found.plane(Site(path)).names


def test_one_tree_is_one_scope() -> None:
    found = mesh(
        platform__istiod=istiod("a"), platform__hooks=injector("a"), apps__ns=namespace("s")
    )
    assert names(found, "apps/ns.yaml") == ("a",)
    assert found.plane(Site("apps/ns.yaml")).closed


def test_environments_see_themselves_and_what_is_shared() -> None:
    found = mesh(
        base__istiod=istiod("a"), clusters__eu__istiod=istiod("b"), clusters__us__x=istiod("c")
    )
    assert names(found, "clusters/eu/ns.yaml") == ("a", "b")
    assert names(found, "clusters/us/ns.yaml") == ("a", "c")
    assert names(found, "clusters/asia/ns.yaml") == ("a",)
    assert names(found, "apps/ns.yaml") == ("a",)


def test_the_shared_part_is_open_where_environments_add_to_it() -> None:
    found = mesh(base__istiod=istiod("a"), base__hooks=injector("a"), clusters__eu__i=istiod("b"))
    assert not found.plane(Site("base/ns.yaml")).closed
    assert found.plane(Site("clusters/eu/ns.yaml")).closed


def test_contradicting_copies_are_different_clusters() -> None:
    """One name with two contents cannot be one object, so the copies are looked at apart."""
    other = injector("a").replace("operator: In", "operator: NotIn", 1)
    found = mesh(one__hooks=injector("a"), two__hooks=other, three__ns=namespace("s"))
    assert len(found.plane(Site("one/x.yaml")).configurations) == 1
    assert len(found.plane(Site("two/x.yaml")).configurations) == 1
    assert found.plane(Site("three/ns.yaml")).configurations == ()


def test_equal_copies_are_one_object() -> None:
    found = mesh(one__hooks=injector("a"), two__hooks=injector("a"))
    assert len(found.plane(Site("one/x.yaml")).injectors) == 1


CLOSED = {
    "whole": (True, istiod("a"), injector("a")),
    "without injector": (False, istiod("a")),
    "without istiod": (False, injector("a")),
    "of another revision": (False, istiod("a"), injector("b")),
    "tag only": (True, istiod("a"), injector("a", tag="t")),
    "with a placeholder": (False, istiod("a"), injector("a"), istiod("${REV}")),
    "values elsewhere": (
        False,
        istiod("a"),
        injector("a"),
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod}\nspec:\n"
        "  chart: {spec: {chart: istiod}}\n  valuesFrom: [{kind: ConfigMap, name: v}]\n",
    ),
}


@pytest.mark.parametrize(
    ("closed", "documents"), [(c[0], c[1:]) for c in CLOSED.values()], ids=list(CLOSED)
)
def test_closed_means_a_whole_control_plane(closed: bool, documents: tuple[str, ...]) -> None:
    assert mesh(all="\n---\n".join(documents)).plane(Site("all.yaml")).closed is closed


def test_the_nearest_copy_of_a_namespace_decides() -> None:
    found = mesh(
        far__ns=namespace("shop", rev="x"),
        near__ns=namespace("shop", rev="y"),
        near__cart=workload(),
        lost__cart=workload(),
    )
    states = {
        w.meta.where.path: found.home(w).labels.given.get("istio.io/rev") for w in found.workloads
    }
    assert states["near/cart.yaml"] == "y"
    unknown = {w.meta.where.path: found.home(w).labels.unknown for w in found.workloads}
    assert "istio.io/rev" in unknown["lost/cart.yaml"]


def test_a_patch_makes_labels_unknown() -> None:
    kustomization = (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "patches: [{path: ns-patch.yaml}]\n"
    )
    found = mesh(
        k__kustomization=kustomization,
        k__ns=namespace("shop", rev="x"),
        **{"k__ns-patch": namespace("shop", rev="y")},
        k__cart=workload(),
    )
    assert "istio.io/rev" in found.home(found.workloads[0]).labels.unknown


CARRIERS = {
    "IstioOperator": (
        "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: i}\n"
        "spec: {revision: a, values: {revisionTags: [t]}}\n",
        ("a", "t"),
    ),
    "IstioOperator, default": (
        "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: i}\nspec: {}\n",
        ("default",),
    ),
    "IstioOperator, remote": (
        "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: i}\n"
        "spec: {profile: remote}\n",
        (),
    ),
    "HelmRelease": (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod}\nspec:\n"
        "  chart: {spec: {chart: istiod}}\n  values: {revision: a, revisionTags: [t, u]}\n",
        ("a", "t", "u"),
    ),
    "Application, text": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: istiod}\nspec:\n"
        "  source:\n    chart: istiod\n    helm:\n      values: |\n        revision: a\n",
        ("a",),
    ),
    "Application, parameters": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: istiod}\nspec:\n"
        "  sources:\n  - chart: istiod\n    helm: {parameters: [{name: revision, value: a}]}\n",
        ("a",),
    ),
    "ApplicationSet": (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: istiod}\nspec:\n"
        "  template: {spec: {source: {chart: istiod, helm: {valuesObject: {revision: a}}}}}\n",
        ("a",),
    ),
    "HelmChart": (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: istiod}\nspec:\n"
        "  chart: istio/istiod\n  valuesContent: |-\n    revision: a\n",
        ("a",),
    ),
    "kustomize helmCharts": (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "helmCharts: [{name: istiod, valuesInline: {revision: a}}]\n",
        ("a",),
    ),
    "Sail, in place": (
        "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: a}\nspec: {version: v1.29.1}\n",
        ("a",),
    ),
    "Sail, by revision": (
        "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: a}\n"
        "spec: {version: v1.29.1, updateStrategy: {type: RevisionBased}}\n",
        ("a-v1-29-1",),
    ),
    "Sail, tag": (
        "apiVersion: sailoperator.io/v1\nkind: IstioRevisionTag\nmetadata: {name: t}\n"
        "spec: {targetRef: {kind: IstioRevision, name: a}}\n",
        ("t",),
    ),
    "ControlPlaneRevision": (
        "apiVersion: mesh.cloud.google.com/v1beta1\nkind: ControlPlaneRevision\n"
        "metadata: {name: asm-managed}\n",
        ("asm-managed",),
    ),
    "another chart": (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istio}\nspec:\n"
        "  chart: {spec: {chart: kiali}}\n  values: {revision: a}\n",
        (),
    ),
}


@pytest.mark.parametrize(("text", "expected"), CARRIERS.values(), ids=list(CARRIERS))
def test_where_revisions_are_declared(text: str, expected: tuple[str, ...]) -> None:
    assert mesh(all=text).plane(Site("all.yaml")).names == expected


def test_folders_above_the_tree_are_no_environments() -> None:
    """A checkout below ~/dev is not the environment `dev`."""
    resources = [
        resource
        for name, text in (("clusters/eu/i", istiod("a")), ("clusters/us/i", istiod("b")))
        for resource in facts(f"/home/me/dev/repo/{name}.yaml", text.encode()).resources
    ]
    found = Mesh(resources, "/home/me/dev/repo")
    assert names(found, "/home/me/dev/repo/clusters/eu/ns.yaml") == ("a",)
    assert names(found, "/home/me/dev/repo/clusters/us/ns.yaml") == ("b",)


def test_a_torn_scope_calls_no_target_surely_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One tag with two targets in one file keeps the istiod of the next file out of sight."""
    monkeypatch.chdir(tmp_path)
    tags = (injector("a-1", tag="prod"), injector("b-2", tag="prod"))
    (tmp_path / "one.yaml").write_text("---\n".join((istiod("a-1"), injector("a-1"), *tags)))
    (tmp_path / "two.yaml").write_text(istiod("b-2"))
    found = lint_paths(["."], "tag-target-missing").findings
    assert [finding.severity for finding in found] == ["warning"]
    (tmp_path / "two.yaml").unlink()
    found = lint_paths(["."], "tag-target-missing").findings
    assert [finding.severity for finding in found] == ["error"]
