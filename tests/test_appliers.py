"""Argo CD, Flux and Helm releases: which folder goes where, and which Namespaces are made."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from meshlint.facts import facts
from meshlint.finding import Fields, Value
from meshlint.mesh.inject import decide
from meshlint.mesh.model import Mesh
from meshlint.resources.applicationset import Series
from meshlint.resources.applier import Applier, Made
from meshlint.resources.glob import admits, names
from meshlint.resources.namespace import Namespace
from meshlint.units.place import place
from tests.chart import control_plane, deployment, namespace
from tests.lint import lint_text


def made(text: str) -> list[Made | Series]:
    """What the appliers in a text say, whatever else is there."""
    found = facts("apps/all.yaml", text.encode()).resources
    made = (item for item in found if not isinstance(item, Namespace) or item.more)
    return [item for item in made if isinstance(item, Applier | Series | Namespace)]


def told(item: Made | Series) -> str:
    """An applier, a Namespace or a series in one line."""
    if isinstance(item, Series):
        inner = "; ".join(told(one) for one in item.made)
        return f"each of {','.join(item.patterns)} but {','.join(item.excluded)}: {inner}"
    words = [_namespace(item)] if isinstance(item, Namespace) else list(_applier(item))
    cluster = item.meta.at.cluster if isinstance(item, Namespace) else item.cluster
    return " ".join([*words, *([f"on {cluster}"] if cluster else [])])


def _namespace(item: Namespace) -> str:
    partial = "perhaps " if item.partial else ""
    return f"{partial}Namespace {item.meta.subject.name} {pairs(item.meta.labels)}"


def _applier(item: Applier) -> Iterator[str]:
    layer = item.layer
    yield item.folder.text + ("/**" if item.recursive else "")
    for word, value in (("sets", layer.namespace), ("else", layer.fallback)):
        if value:
            yield f"{word} {text(value)}"
    if layer.prefix or layer.suffix:
        yield f"names {layer.prefix}*{layer.suffix}"
    for one in layer.labels:
        yield f"labels {pairs(one.pairs)}" + (" to templates" if one.templates else "")
    if layer.annotations:
        yield f"annotations {pairs(layer.annotations)}"
    if layer.patches:
        yield f"patches {len(layer.patches)}"
    if layer.opaque:
        yield f"opaque {layer.opaque}"


def pairs(fields: Fields) -> str:
    return "{" + ", ".join(f"{name}={text(f.value)}" for name, f in sorted(fields.items())) + "}"


def text(value: Value) -> str:
    return "?" if value.known is None else value.text


def application(spec: str, kind: str = "Application") -> str:
    head = f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: shop}}\nspec:\n"
    return head + "".join(f"  {line}\n" for line in spec.strip().splitlines())


HERE = "destination: {server: https://kubernetes.default.svc, namespace: shop}\n"
THERE = "destination: {name: far, namespace: shop}\n"


def source(more: str = "", path: str = "apps/cart") -> str:
    return f"source: {{repoURL: https://git.example.com/a, path: {path}{more}}}\n"


APPLICATIONS = {
    "own cluster by server": (HERE + source(), ["apps/cart else shop"]),
    "own cluster by name": (
        "destination: {name: in-cluster, server: ''}\n" + source(),
        ["apps/cart"],
    ),
    "another cluster": (THERE + source(), ["apps/cart else shop on far"]),
    "no cluster": ("destination: {namespace: shop}\n" + source(), []),
    "two clusters": ("destination: {name: a, server: https://b}\n" + source(), []),
    "subfolders": (
        HERE + source(", directory: {recurse: true}"),
        ["apps/cart/** else shop"],
    ),
    "subfolders by a word": (
        HERE + source(", directory: {recurse: 'true'}"),
        ["apps/cart else shop"],
    ),
    "a number for the cluster": ("destination: {name: 7, namespace: shop}\n" + source(), []),
    "a chart": (HERE + "source: {repoURL: r, chart: cart}\n", []),
    "a chart's folder": (HERE + source(", helm: {}"), []),
    "a plugin": (HERE + source(", plugin: {name: x}"), []),
    "the whole repository": (HERE + source(path="./."), []),
    "outside of the repository": (HERE + source(path="../cart"), []),
    "a placeholder for the folder": (HERE + source(path="'apps/${CART}'"), []),
    "a fragment": (HERE + "source: {path: apps/cart}\n", []),
    "several sources, and a stale single one": (
        HERE + source(path="old") + "sources:\n- {repoURL: r, path: one}\n- {repoURL: r, ref: v}\n"
        "- {repoURL: r, path: two, helm: {valueFiles: [a]}}\n- {repoURL: r, path: three}\n",
        ["one else shop", "three else shop"],
    ),
    "hydrated": (
        HERE + "sourceHydrator:\n  drySource: {repoURL: r, path: dry}\n  syncSource: {path: wet}\n",
        ["dry else shop"],
    ),
    "a namespace of kustomize": (
        HERE + source(", kustomize: {namespace: cart, namePrefix: a-, nameSuffix: -z}"),
        ["apps/cart sets cart else shop names a-*-z"],
    ),
    "labels of kustomize": (
        HERE + source(", kustomize: {commonLabels: {a: b}, commonAnnotations: {c: d}}"),
        ["apps/cart else shop labels {a=b} to templates annotations {c=d}"],
    ),
    "labels without selectors": (
        HERE + source(", kustomize: {commonLabels: {a: b}, labelWithoutSelector: true}"),
        ["apps/cart else shop labels {a=b}"],
    ),
    "labels without selectors, on templates": (
        HERE
        + source(
            ", kustomize: {commonLabels: {a: '${B}'}, labelWithoutSelector: true,"
            " labelIncludeTemplates: true}"
        ),
        ["apps/cart else shop labels {a=?} to templates"],
    ),
    "patches of kustomize": (
        HERE + source(", kustomize: {patches: [{patch: '[{op: remove, path: /a}]'}, {path: p}]}"),
        ["apps/cart else shop patches 1 opaque patches"],
    ),
    "what is not followed": (
        HERE + source(", kustomize: {namePrefix: '${P}', components: [../c]}"),
        ["apps/cart else shop opaque namePrefix, components"],
    ),
    "nothing to apply": (HERE, []),
}


@pytest.mark.parametrize(("spec", "expected"), APPLICATIONS.values(), ids=APPLICATIONS)
def test_applications(spec: str, expected: list[str]) -> None:
    assert [told(item) for item in made(application(spec))] == expected


def policy(options: str = "[CreateNamespace=true]", managed: str = "{labels: {a: b}}") -> str:
    return f"syncPolicy: {{syncOptions: {options}, managedNamespaceMetadata: {managed}}}\n"


NAMESPACES = {
    "labels": (HERE + policy(), ["Namespace shop {a=b}"]),
    "labels in another cluster": (THERE + policy(), ["Namespace shop {a=b} on far"]),
    "no labels": (HERE + policy(managed="null"), ["Namespace shop {}"]),
    "not created, so not managed": (HERE + policy("[CreateNamespace=false]"), []),
    "no options": (HERE + policy("null"), []),
    "no namespace": ("destination: {name: far}\n" + policy(), []),
    "a placeholder for the namespace": (
        "destination: {name: far, namespace: '${NS}'}\n" + policy(),
        [],
    ),
    "what is no string": (
        HERE + policy(managed="{labels: {a: true, b: 1, c: '${C}', d: 'true'}}"),
        ["Namespace shop {a=?, b=?, c=?, d=true}"],
    ),
    "for a chart": (
        HERE + "source: {repoURL: r, chart: cart}\n" + policy(),
        ["Namespace shop {a=b}"],
    ),
}


@pytest.mark.parametrize(("spec", "expected"), NAMESPACES.values(), ids=NAMESPACES)
def test_namespaces_of_applications(spec: str, expected: list[str]) -> None:
    assert [told(item) for item in made(application(spec))] == expected


def test_in_an_unrendered_chart_an_application_may_not_be_there() -> None:
    spec = HERE + source() + policy() + "project: '{{ .Values.project }}'\n"
    assert [told(item) for item in made(application(spec))] == ["perhaps Namespace shop {a=b}"]


def test_places_are_those_of_the_labels() -> None:
    spec = (
        "destination:\n  name: far\n  namespace: shop\nsyncPolicy:\n"
        "  syncOptions: [CreateNamespace=true]\n"
        "  managedNamespaceMetadata:\n    labels:\n      istio.io/rev: prod\n"
    )
    whole = application(spec)
    (item,) = made(whole)
    assert isinstance(item, Namespace)
    assert str(item.meta.subject) == "Namespace/shop"
    for value in (item.meta.name, item.meta.labels["istio.io/rev"].value):
        assert value is not None
        where = value.where
        line = whole.splitlines()[where.line - 1]
        assert line[where.column - 1 : where.end_column - 1] == value.text


def applications(generators: str, more: str = "", *, path: str, rev: str = "x") -> str:
    """An ApplicationSet; `path` and `rev` may have placeholders."""
    template = HERE if "destination" not in more else ""
    template += source(path=f"'{path}'")
    template += policy(managed=f"{{labels: {{istio.io/rev: '{rev}'}}}}")
    inner = "".join(f"    {line}\n" for line in (template + more).splitlines())
    return application(f"generators:\n{generators}\ntemplate:\n  spec:\n{inner}", "ApplicationSet")


LIST = "- list: {elements: [{n: cart, rev: a}, {n: till, rev: b}, {n: 7, rev: c}]}"
NESTED = "- list: {elements: [{n: cart, values: {rev: a}}]}"
GIT = "- git: {repoURL: r, directories: [{path: apps/*}, {path: apps/old, exclude: true}]}"
CLUSTERS = "- clusters: {}"
MATRIX = (
    "- matrix:\n    generators:\n    - git: {directories: [{path: apps/*}]}\n"
    "    - list: {elements: [{rev: a}, {rev: b}]}"
)
TO = "destination: {{name: '{}', namespace: '{}'}}\n"

SETS = {
    "each element": (
        applications(LIST, path="apps/{{n}}", rev="v-{{ rev }}"),
        [
            "apps/cart else shop",
            "Namespace shop {istio.io/rev=v-a}",
            "apps/till else shop",
            "Namespace shop {istio.io/rev=v-b}",
            "Namespace shop {istio.io/rev=v-c}",
        ],
    ),
    "values of an element": (
        applications(NESTED, path="apps/{{n}}", rev="{{values.rev}}"),
        ["apps/cart else shop", "Namespace shop {istio.io/rev=a}"],
    ),
    "cluster and namespace": (
        applications(NESTED, TO.format("c-{{n}}", "{{n}}"), path="apps"),
        ["apps else cart on c-cart", "Namespace cart {istio.io/rev=x} on c-cart"],
    ),
    "the own cluster among them": (
        applications(
            "- list: {elements: [{url: https://kubernetes.default.svc}, {url: https://far}]}",
            "destination: {server: '{{url}}', namespace: shop}\n",
            path="apps",
        ),
        [
            "apps else shop",
            "Namespace shop {istio.io/rev=x}",
            "apps else shop on https://far",
            "Namespace shop {istio.io/rev=x} on https://far",
        ],
    ),
    "clusters, and a Namespace without labels": (
        applications(CLUSTERS, path="apps").replace("managedNamespaceMetadata", "x"),
        ["apps else shop"],
    ),
    "the same for each": (
        applications(LIST, path="apps"),
        ["apps else shop", "Namespace shop {istio.io/rev=x}"],
    ),
    "what is set elsewhere": (
        applications(
            "- list:\n    elements:\n    - n: cart # kpt-set: ${n}", path="apps/{{n}}", rev="{{n}}"
        ),
        ["Namespace shop {istio.io/rev=?}"],
    ),
    "what no element has": (
        applications(NESTED, TO.format("{{server}}", "{{other}}"), path="apps"),
        ["apps else ? on {{server}}"],
    ),
    "no element": (applications("- list: {elements: []}", path="apps"), []),
    "no generator": (applications("[]", path="apps"), []),
    "elements in text": (
        applications("- list: {elementsYaml: '[]', elements: []}", path="apps"),
        ["apps else shop", "perhaps Namespace shop {istio.io/rev=x}"],
    ),
    "clusters": (
        applications(CLUSTERS, TO.format("{{name}}", "shop"), path="apps"),
        ["apps else shop on {{name}}", "perhaps Namespace shop {istio.io/rev=x} on {{name}}"],
    ),
    "a filter behind a generator": (
        applications(LIST + "\n  selector: {matchLabels: {n: cart}}", path="apps/{{n}}"),
        ["perhaps Namespace shop {istio.io/rev=x}"],
    ),
    "a template in a generator": (
        applications("- list: {elements: [{n: cart}], template: {spec: {}}}", path="apps"),
        [],
    ),
    "a patch of the template": (
        applications(LIST, path="apps").replace("generators:", "templatePatch: '{}'\n  generators:"),
        [],
    ),
    "folders": (
        applications(GIT, TO.format("far", "{{path.basename}}"), path="{{path}}"),
        [
            "each of apps/* but apps/old: {{path}} else ? on far;"
            " Namespace {{path.basename}} {istio.io/rev=x} on far"
        ],
    ),
    "folders, with other names for them": (
        applications(
            "- git: {pathParamPrefix: my, directories: [{path: apps/*}]}", path="{{my.path}}"
        ),
        ["perhaps Namespace shop {istio.io/rev=x}"],
    ),
    "files": (
        applications("- git: {files: [{path: apps/*/c.json}]}", path="{{path}}"),
        ["perhaps Namespace shop {istio.io/rev=x}"],
    ),
    "a product": (
        applications(MATRIX, path="{{path}}", rev="{{rev}}"),
        [
            f"each of apps/* but : {{{{path}}}} else shop; Namespace shop {{istio.io/rev={rev}}}"
            for rev in "ab"
        ],
    ),
    "a product with what is not known": (
        applications(
            MATRIX.replace("list: {elements: [{rev: a}, {rev: b}]}", "clusters: {}"), path="{{path}}"
        ),
        [
            "each of apps/* but : {{path}} else shop;"
            " perhaps Namespace shop {istio.io/rev=x}"
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("whole", "expected"), SETS.values(), ids=SETS)
def test_application_sets(whole: str, expected: list[str]) -> None:
    assert [told(item) for item in made(whole)] == expected


GO = [
    ("{{ .n }}", "cart"),
    ("{{.deep.er}}", "x"),
    ("a-{{ .n }}-{{.n}}", "a-cart-cart"),
    ("{{ n }}", None),
    ("{{ .n | lower }}", None),
    ("{{ .none }}", None),
    ("{{ .count }}", None),
]


@pytest.mark.parametrize(("written", "expected"), GO)
def test_templates_of_go(written: str, expected: str | None) -> None:
    elements = "- list: {elements: [{n: cart, count: 7, deep: {er: x}}]}"
    whole = applications(elements, path=written).replace(
        "generators:", "goTemplate: true\n  generators:"
    )
    folders = [item.folder.text for item in made(whole) if isinstance(item, Applier)]
    assert folders == ([expected] if expected else [])


def series(path: str, *, go: bool = False) -> Series:
    space = "{{ .path.basename }}" if go else "{{path.basename}}"
    whole = applications(GIT, TO.format("far", space), path=path)
    if go:
        whole = whole.replace("generators:", "goTemplate: true\n  generators:")
    (found,) = made(whole)
    assert isinstance(found, Series)
    return found


FOLDERS = ["apps", "apps/cart", "apps/cart/base", "apps/old", "apps/.git", "other/cart"]
TAGS = {
    "{{path}}": "apps/cart",
    "{{path[0]}}/x/{{ path[1] }}": "apps/x/cart",
    "x/{{path.basenameNormalized}}": "x/cart",
    "{{path.filename}}": None,
}
GO_TAGS = {
    "{{ .path.path }}": "apps/cart",
    "{{ index .path.segments 0 }}/{{.path.basename}}": "apps/cart",
    "{{ path }}": None,
}


@pytest.mark.parametrize(
    ("path", "go", "folder"),
    [*((p, False, f) for p, f in TAGS.items()), *((p, True, f) for p, f in GO_TAGS.items())],
)
def test_a_series_over_folders(path: str, go: bool, folder: str | None) -> None:
    found = [told(item) for item in series(path, go=go).over(FOLDERS)]
    space = "Namespace cart {istio.io/rev=x} on far"
    assert found == ([f"{folder} else cart on far"] if folder else []) + [space]


def test_a_series_tells_each_thing_once() -> None:
    (found,) = made(applications(GIT, path="{{path}}"))
    assert isinstance(found, Series)
    told_of = [told(item) for item in found.over(["apps/cart", "apps/till"])]
    space = "Namespace shop {istio.io/rev=x}"
    assert told_of == ["apps/cart else shop", space, "apps/till else shop"]


def test_names_are_normal_as_argo_has_them() -> None:
    found = series("x/{{path.basenameNormalized}}")
    assert [i.folder.text for i in found.over(["apps/My_App."]) if isinstance(i, Applier)] == [
        "x/my-app"
    ]


def flux(spec: str, kind: str = "Kustomization", group: str = "kustomize.toolkit.fluxcd.io") -> str:
    head = (
        f"apiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: shop, namespace: flux}}\nspec:\n"
    )
    return head + "".join(f"  {line}\n" for line in spec.strip().splitlines())


GIVEN = "path: ./apps/cart\nsourceRef: {kind: GitRepository, name: flux-system}\n"

KUSTOMIZATIONS = {
    "a folder": (GIVEN, ["./apps/cart/**"]),
    "a fragment": ("path: ./apps/cart\n", []),
    "the whole repository": (GIVEN.replace("./apps/cart", "./"), []),
    "no folder": (GIVEN.replace("path: ./apps/cart", ""), []),
    "a placeholder": (GIVEN.replace("cart", "${cluster}"), []),
    "a namespace": (GIVEN + "targetNamespace: shop\n", ["./apps/cart/** sets shop"]),
    "names": (GIVEN + "namePrefix: a-\nnameSuffix: -z\n", ["./apps/cart/** names a-*-z"]),
    "metadata": (
        GIVEN + "commonMetadata: {labels: {a: b}, annotations: {c: d}}\n",
        ["./apps/cart/** labels {a=b} annotations {c=d}"],
    ),
    "another cluster": (
        GIVEN + "kubeConfig: {secretRef: {name: far}}\n",
        ["./apps/cart/** on flux:flux/far"],
    ),
    "another cluster by a ConfigMap": (
        GIVEN + "kubeConfig: {configMapRef: {name: far}}\n",
        ["./apps/cart/** on flux:flux/far"],
    ),
    "patches": (
        GIVEN + "patches:\n- patch: |\n    - {op: remove, path: /metadata/labels}\n"
        "  target: {kind: Namespace}\n",
        ["./apps/cart/** patches 1"],
    ),
    "components": (GIVEN + "components: [../x]\n", ["./apps/cart/** opaque components"]),
    "patches of old": (
        GIVEN + "patchesStrategicMerge: [{kind: Pod}]\n",
        ["./apps/cart/** opaque patchesStrategicMerge"],
    ),
}


@pytest.mark.parametrize(("spec", "expected"), KUSTOMIZATIONS.values(), ids=KUSTOMIZATIONS)
def test_flux_kustomizations(spec: str, expected: list[str]) -> None:
    assert [told(item) for item in made(flux(spec))] == expected


HELM = ("HelmRelease", "helm.toolkit.fluxcd.io")
RELEASES = [
    ("targetNamespace: shop\ninstall: {createNamespace: true}\n", HELM, ["Namespace shop {}"]),
    ("install: {createNamespace: true}\n", HELM, []),
    ("targetNamespace: shop\ninstall: {createNamespace: false}\n", HELM, []),
    ("targetNamespace: shop\n", HELM, []),
    (
        "targetNamespace: shop\ninstall: {createNamespace: true}\n"
        "kubeConfig: {secretRef: {name: far}}\n",
        HELM,
        ["Namespace shop {} on flux:flux/far"],
    ),
    (
        "targetNamespace: shop\ncreateNamespace: true\n",
        ("HelmChart", "helm.cattle.io"),
        ["Namespace shop {}"],
    ),
    ("targetNamespace: shop\n", ("HelmChart", "helm.cattle.io"), []),
    ("targetNamespace: shop\ncreateNamespace: true\n", ("HelmChart", "other.example.com"), []),
]


@pytest.mark.parametrize(("spec", "kind", "expected"), RELEASES)
def test_releases(spec: str, kind: tuple[str, str], expected: list[str]) -> None:
    assert [told(item) for item in made(flux(spec, *kind))] == expected


def test_other_groups_have_applications_too() -> None:
    for whole in (application(HERE + source() + policy()), applications(LIST, path="apps")):
        assert made(whole)
        assert made(whole.replace("argoproj.io/v1alpha1", "app.k8s.io/v1beta1")) == []
    assert made(flux(GIVEN, group="kustomize.config.k8s.io")) == []
    spec = "targetNamespace: shop\ninstall: {createNamespace: true}\n"
    assert made(flux(spec, "HelmRelease", "other.example.com")) == []


GLOBS = [
    ("*.yaml", "a.yaml", True),
    ("*.yaml", "sub/a.yaml", True),
    ("*.yaml", "a.json", False),
    ("{a,b}.yaml", "b.yaml", True),
    ("{a,b}.yaml", "c.yaml", False),
    ("{*.yml,**/x-?.yaml}", "d/x-1.yaml", True),
    ("a[!0-9].yaml", "a1.yaml", False),
    ("{a,{b,c}}.yaml", "c.yaml", None),
    ("a}.yaml", "a}.yaml", None),
    ("\\*.yaml", "*.yaml", None),
    ("{{name}}.yaml", "a.yaml", None),
    ("{a,b}" * 9, "a", None),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), GLOBS)
def test_patterns_for_files(pattern: str, path: str, expected: bool | None) -> None:
    assert admits(pattern, path) is expected


TAKEN = [
    ("", "", "a.yaml", True),
    ("*.yaml", "", "a.yaml", True),
    ("*.yaml", "", "a.json", False),
    ("", "a.*", "a.yaml", False),
    ("*.yaml", "a.*", "a.yaml", False),
    ("*.yaml", "b.*", "a.yaml", True),
    ("\\a", "", "a.yaml", None),
    ("\\a", "a.*", "a.yaml", False),
    ("b.*", "\\a", "a.yaml", False),
    ("", "\\a", "a.yaml", None),
]


@pytest.mark.parametrize(("include", "exclude", "file", "expected"), TAKEN)
def test_which_files_an_application_takes(
    include: str, exclude: str, file: str, expected: bool | None
) -> None:
    settings = json.dumps({"include": include, "exclude": exclude})
    (item,) = made(application(HERE + source(f", directory: {settings}")))
    assert isinstance(item, Applier)
    assert item.takes(file) is expected


@pytest.mark.parametrize(
    ("pattern", "folder", "expected"),
    [
        ("apps/*", "apps/cart", True),
        ("apps/*", "apps/cart/base", False),
        ("apps/*", "apps", False),
        ("*/c[^x]rt", "apps/cart", True),
        ("apps/c?rt", "apps/cart", True),
        ("apps/**", "apps/cart/base", False),
    ],
)
def test_patterns_for_folders(pattern: str, folder: str, expected: bool) -> None:
    assert names(pattern, folder) is expected


SECRET = "s3cr3t"
FULL: dict[str, Any] = {
    "destination": {"name": "far", "namespace": "shop"},
    "source": {
        "repoURL": f"https://me:{SECRET}@git.example.com/a",
        "path": "apps/cart",
        "directory": {"recurse": True, "include": "*.yaml", "exclude": "x.yaml"},
        "kustomize": {
            "namespace": "cart",
            "namePrefix": "a-",
            "commonLabels": {"a": "b"},
            "commonAnnotations": {"c": "d"},
            "patches": [{"target": {"kind": "Secret"}, "patch": f"data: {{a: {SECRET}}}"}],
            "components": [SECRET],
        },
    },
    "sources": [{"repoURL": SECRET, "path": "two", "helm": {"values": f"password: {SECRET}"}}],
    "syncPolicy": {
        "syncOptions": ["CreateNamespace=true"],
        "managedNamespaceMetadata": {"labels": {"istio.io/rev": "x"}, "annotations": {"c": "d"}},
    },
}
SET: dict[str, Any] = {
    "goTemplate": False,
    "generators": [
        {"list": {"elements": [{"n": "cart", "password": SECRET}]}},
        {
            "matrix": {
                "generators": [
                    {"git": {"repoURL": SECRET, "directories": [{"path": "apps/*"}]}},
                    {"clusters": {"values": {"password": SECRET}}},
                ]
            }
        },
    ],
    "template": {"spec": {**FULL, "sources": None}},
}
FLUX: dict[str, Any] = {
    "path": "./apps/cart",
    "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
    "targetNamespace": "shop",
    "namePrefix": "a-",
    "commonMetadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
    "patches": [{"target": {"kind": "Secret"}, "patch": f"data: {{a: {SECRET}}}"}],
    "components": [SECRET],
    "kubeConfig": {"secretRef": {"name": "far", "key": SECRET}},
    "postBuild": {"substitute": {"password": SECRET}},
    "decryption": {"provider": SECRET},
}
RELEASE: dict[str, Any] = {
    "targetNamespace": "shop",
    "install": {"createNamespace": True},
    "values": {"password": SECRET},
    "kubeConfig": {"secretRef": {"name": "far"}},
}
DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Application": ("argoproj.io/v1alpha1", FULL),
    "ApplicationSet": ("argoproj.io/v1alpha1", SET),
    "Kustomization": ("kustomize.toolkit.fluxcd.io/v1", FLUX),
    "HelmRelease": ("helm.toolkit.fluxcd.io/v2", RELEASE),
    "HelmChart": ("helm.cattle.io/v1", {"targetNamespace": "shop", "createNamespace": True}),
}


def document(kind: str, spec: Any) -> str:
    version = DOCUMENTS[kind][0]
    whole = {"apiVersion": version, "kind": kind, "metadata": {"name": "shop"}, "spec": spec}
    return json.dumps(whole, indent=1)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_no_secret_travels(kind: str) -> None:
    found = made(document(kind, DOCUMENTS[kind][1]))
    assert found
    assert SECRET not in repr(found)
    assert pickle.loads(pickle.dumps(found)) == found


ODD: tuple[Any, ...] = (
    None, 7, 1.5, True, "", "x", "{{ x }}", "${X}", "..", [], [None], [[]], ["x", 7], [{}],
    {}, {"x": None}, {"name": {"name": []}}, [{"name": 7, "path": {}}],
)  # fmt: skip


def twisted(value: Any) -> Iterator[Any]:
    """The value with each of its parts in turn, and itself, replaced by what is odd."""
    yield from ODD
    if isinstance(value, dict):
        for key, part in value.items():
            for other in twisted(part):
                yield {**value, key: other}
    elif isinstance(value, list):
        for i, part in enumerate(value):
            for other in twisted(part):
                yield [*value[:i], other, *value[i + 1 :]]


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_odd_shapes_never_raise(kind: str) -> None:
    for spec in twisted(DOCUMENTS[kind][1]):
        for item in made(document(kind, spec)):
            if isinstance(item, Series):
                list(item.over(FOLDERS))
            elif isinstance(item, Applier):
                assert item.folder.known
                item.takes("a.yaml")


def test_hostile_sets_are_not_multiplied() -> None:
    """Aliases make a small text large: many elements, many times; matrices in matrices."""
    elements = ", ".join(f"{{n: a{i}}}" for i in range(200))
    lists = f"- &l {{list: {{elements: [{elements}]}}}}\n" + "- *l\n" * 2000
    assert made(applications(lists, path="apps/{{n}}")) == []
    inner = "- &m0 {clusters: {}}\n"
    for i in range(1, 60):
        inner += f"- &m{i} {{matrix: {{generators: [*m{i - 1}, *m{i - 1}]}}}}\n"
    assert len(made(applications(inner, path="apps/cart"))) == 2


PLATFORM = control_plane() + "---\n" + control_plane("1-29")


def mesh(files: dict[str, str]) -> Mesh:
    """The mesh of files, placed, with a platform beside them."""
    every = {"platform/istiod.yaml": PLATFORM, **files}
    return Mesh(place(r for p, text in every.items() for r in facts(p, text.encode()).resources))


def homes(found: Mesh, name: str = "cart") -> list[str]:
    """Namespace, cluster and verdict of each placed copy of a workload."""
    lines = []
    for workload in found.workloads:
        if workload.meta.subject.name == name:
            verdict = decide(found, workload).verdict.value
            words = (found.home(workload).name or "?", workload.meta.at.cluster, verdict)
            lines.append(" ".join(word for word in words if word))
    return sorted(lines)


CART = {"apps/cart/deploy.yaml": deployment(ns="")}
ELSEWHERE = {"apps/cart/deploy.yaml": deployment(ns="other")}
MANAGED = "  managedNamespaceMetadata: {labels: {istio-injection: enabled}}\n"
ENABLED = "syncPolicy:\n  syncOptions: [CreateNamespace=true]\n" + MANAGED
DISABLED = ENABLED.replace("enabled", "disabled")
UNIT = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
COPIES = "- list: {elements: [{name: x, c: a, ns: shop}, {name: x, c: b, ns: till}]}"
TO_BOTH = "destination: {name: 'c-{{c}}', namespace: '{{ns}}'}\n"

DECISIONS: dict[str, tuple[dict[str, str], list[str]]] = {
    "nobody applies it": (CART, ["? unknown"]),
    "labels that Argo CD manages inject": (
        {**CART, "argo/a.yaml": application(HERE + source() + ENABLED)},
        ["shop injected"],
    ),
    "labels that Argo CD manages keep the injector away": (
        {**CART, "argo/a.yaml": application(HERE + source() + DISABLED)},
        ["shop not injected"],
    ),
    "labels that are not managed do not count": (
        {
            **CART,
            "argo/a.yaml": application(HERE + source() + ENABLED.replace("=true", "=false")),
        },
        ["shop unknown"],
    ),
    "what is managed against what stands in a file": (
        {
            **CART,
            "argo/a.yaml": application(HERE + source() + ENABLED),
            "spaces.yaml": namespace("shop", {"istio-injection": "disabled"}),
        },
        ["shop unknown"],
    ),
    "a second Application that manages nothing": (
        {
            **CART,
            "argo/a.yaml": application(HERE + source() + ENABLED),
            "argo/b.yaml": application(HERE + policy(managed="null")),
        },
        ["shop injected"],
    ),
    "labels in another cluster do not count here": (
        {
            **CART,
            "argo/a.yaml": application(HERE + source()),
            "argo/b.yaml": application(THERE + ENABLED),
        },
        ["shop unknown"],
    ),
    "in another cluster, whose control planes are not known": (
        {**CART, "argo/a.yaml": application(THERE + source() + DISABLED)},
        ["shop far not injected"],
    ),
    "the destination only fills in": (
        {**ELSEWHERE, "argo/a.yaml": application(HERE + source() + DISABLED)},
        ["other unknown"],
    ),
    "a namespace of kustomize puts everything elsewhere": (
        {
            **ELSEWHERE,
            "apps/cart/kustomization.yaml": UNIT + "resources: [deploy.yaml]\n",
            "argo/a.yaml": application(HERE + source(", kustomize: {namespace: shop}") + DISABLED),
        },
        ["shop not injected"],
    ),
    "Flux puts everything elsewhere": (
        {
            **ELSEWHERE,
            "flux/a.yaml": flux(GIVEN + "targetNamespace: shop\n"),
            "spaces.yaml": namespace("shop", {"istio-injection": "disabled"}),
        },
        ["shop not injected"],
    ),
    "Flux leaves it where it is": (
        {
            **ELSEWHERE,
            "flux/a.yaml": flux(GIVEN),
            "spaces.yaml": namespace("other", {"istio-injection": "enabled"}),
        },
        ["other injected"],
    ),
    "a release that makes the namespace says nothing of its labels": (
        {
            **ELSEWHERE,
            "flux/a.yaml": flux(
                "targetNamespace: other\ninstall: {createNamespace: true}\n", *HELM
            ),
        },
        ["other unknown"],
    ),
    "one for each element": (
        {**CART, "argo/a.yaml": applications(COPIES, TO_BOTH, path="apps/cart")},
        ["shop c-a unknown", "till c-b unknown"],
    ),
    "one for each element, in one cluster": (
        {**CART, "argo/a.yaml": applications(COPIES, TO_BOTH.replace("c-{{c}}", "in-cluster"), path="apps/cart")},
        ["shop unknown", "till unknown"],
    ),
    "one for each folder": (
        {
            **CART,
            "apps/old/deploy.yaml": deployment(ns=""),
            "argo/a.yaml": applications(
                GIT, "destination: {name: in-cluster, namespace: '{{path.basename}}'}\n" + DISABLED,
                path="{{path}}",
            ),
        },
        ["? unknown", "cart not injected"],
    ),
    "files that are left out": (
        {**CART, "argo/a.yaml": application(HERE + source(", directory: {exclude: 'd*'}"))},
        ["? unknown"],
    ),
    "an Application in a kustomization makes the namespace that it names": (
        {
            **CART,
            "argo/kustomization.yaml": UNIT + "namespace: argocd\nresources: [a.yaml]\n",
            "argo/a.yaml": application(HERE + source() + DISABLED),
        },
        ["shop not injected"],
    ),
    "an Application of Applications": (
        {
            **CART,
            "argo/a.yaml": application(HERE + source() + DISABLED),
            "root.yaml": application(
                "destination: {name: far, namespace: argocd}\n" + source(path="argo")
            ),
        },
        ["shop far not injected"],
    ),
    "a patch of an applier is none": (
        {
            **CART,
            "flux/kustomization.yaml": UNIT + "patches: [{path: patch.yaml}]\n",
            "flux/patch.yaml": flux(GIVEN + "targetNamespace: shop\n"),
        },
        ["? unknown"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), DECISIONS.values(), ids=DECISIONS)
def test_decisions(files: dict[str, str], expected: list[str]) -> None:
    assert homes(mesh(files)) == expected


def test_findings_stand_in_the_application() -> None:
    """A rule about Namespaces finds what is wrong at the label in the Application."""
    managed = HERE + policy(managed="{labels: {istio-injection: 'true'}}")
    (finding,) = lint_text(application(managed)).findings
    assert finding.rule == "namespace-injection-value"
    assert (
        finding.where.pointer == "/spec/syncPolicy/managedNamespaceMetadata/labels/istio-injection"
    )
