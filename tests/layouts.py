"""Small trees of kustomizations, and what they come to: one line an object.

`test_units.py` holds them against `place`, and `test_kustomize.py` against kustomize itself.
"""

from __future__ import annotations

from dataclasses import dataclass

Files = dict[str, str]


def deployment(name: str = "web", ns: str = "", labels: str = "app: web", kind: str = "") -> str:
    """An apps/v1 workload with the pod label `app: web`."""
    where = f", namespace: {ns}" if ns else ""
    return (
        f"apiVersion: apps/v1\nkind: {kind or 'Deployment'}\nmetadata: {{name: {name}{where}}}\n"
        "spec:\n  selector: {matchLabels: {app: web}}\n  template:\n"
        f"    metadata: {{labels: {{{labels}}}}}\n"
        "    spec: {containers: [{name: web, image: web}]}\n"
    )


POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: one, labels: {app: web}}\n"
    "spec: {hostNetwork: true, containers: [{name: web, image: web}]}\n"
)
CRON = (
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\nspec:\n"
    "  schedule: '@daily'\n  jobTemplate: {spec: {template: {metadata: {labels: {app: web}},"
    " spec: {restartPolicy: Never, containers: [{name: web, image: web}]}}}}\n"
)
ROLLOUT = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: slow}\nspec: {template:"
    " {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}\n"
)
NS = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n"


def patch(body: str, target: str = "", kind: str = "Deployment", name: str = "web") -> str:
    """An entry of `patches`: inline, strategic, with `body` below the name of the object."""
    version = "v1" if kind in ("Namespace", "Pod") else "apps/v1"
    lines = f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n{body}".splitlines()
    text = "".join(f"    {line}\n" for line in lines)
    return f"- patch: |-\n{text}" + (f"  target: {target}\n" if target else "")


def operations(body: str, target: str = "{kind: Deployment}") -> str:
    """An entry of `patches`: inline, a JSON patch."""
    text = "".join(f"    {line}\n" for line in body.splitlines())
    return f"- patch: |-\n{text}  target: {target}\n"


INJECTED = "spec: {template: {metadata: {labels: {sidecar.istio.io/inject: 'true'}}}}\n"


@dataclass(frozen=True)
class Layout:
    """`root` is the folder to build; `expected` are its objects, in the words of `shown`."""

    files: Files
    expected: tuple[str, ...]
    root: str = "k"


def one(kustomization: str, *expected: str, **files: str) -> Layout:
    """A single folder: files by their names without `.yaml`, web.yaml there anyway."""
    named = {"web": deployment(), **files}
    listed = "".join(f"- {name}.yaml\n" for name in named if not name.startswith("p_"))
    texts = {f"k/{name}.yaml": text for name, text in named.items()}
    return Layout(
        {**texts, "k/kustomization.yaml": f"resources:\n{listed}{kustomization}"}, expected
    )


def two(outer: str, inner: str, *expected: str, **files: str) -> Layout:
    """A base around web.yaml, and an overlay over it."""
    layout = one(inner, *expected, **files)
    base = {path.replace("k/", "base/"): text for path, text in layout.files.items()}
    return Layout(
        {**base, "k/kustomization.yaml": f"resources: [../base]\n{outer}"}, layout.expected
    )


WEB = "Deployment /web {} pods {app: web}"

LAYOUTS: dict[str, Layout] = {
    "nothing but included": one("", WEB),
    "namespace": one("namespace: shop\n", "Deployment shop/web {} pods {app: web}"),
    "namespace over another": one(
        "namespace: shop\n",
        "Deployment shop/cart {} pods {app: web}",
        "Deployment shop/web {} pods {app: web}",
        cart=deployment("cart", "other"),
    ),
    "namespace renames Namespaces": one(
        "namespace: store\n",
        "Deployment store/web {} pods {app: web}",
        "Namespace /store {team: a}",
        ns=NS,
    ),
    "the outer namespace wins": two(
        "namespace: outer\n", "namespace: inner\n", "Deployment outer/web {} pods {app: web}"
    ),
    "affixes, not on Namespaces": two(
        "namePrefix: p-\n",
        "namePrefix: q-\nnameSuffix: -s\n",
        "Deployment /p-q-web-s {} pods {app: web}",
        "Namespace /shop {team: a}",
        ns=NS,
    ),
    "commonLabels reach templates": one(
        "commonLabels: {istio.io/rev: a}\n",
        "CronJob /nightly {istio.io/rev: a} pods {app: web, istio.io/rev: a}",
        "Deployment /web {istio.io/rev: a} pods {app: web, istio.io/rev: a}",
        "Namespace /shop {istio.io/rev: a, team: a}",
        "Pod /one {app: web, istio.io/rev: a} pods {app: web, istio.io/rev: a} host",
        "Rollout /slow {istio.io/rev: a} pods {app: web}",
        ns=NS,
        cron=CRON,
        pod=POD,
        rollout=ROLLOUT,
    ),
    "labels": one(
        "labels:\n- pairs: {istio.io/rev: a}\n",
        "Deployment /web {istio.io/rev: a} pods {app: web}",
        "Pod /one {app: web, istio.io/rev: a} pods {app: web, istio.io/rev: a} host",
        pod=POD,
    ),
    "labels in templates": one(
        "labels:\n- pairs: {istio.io/rev: a}\n  includeTemplates: true\n",
        "Deployment /web {istio.io/rev: a} pods {app: web, istio.io/rev: a}",
    ),
    "labels in selectors": one(
        "labels:\n- pairs: {istio.io/rev: a}\n  includeSelectors: true\n",
        "Deployment /web {istio.io/rev: a} pods {app: web, istio.io/rev: a}",
    ),
    "commonAnnotations": one(
        "commonAnnotations: {note: x}\n",
        "Deployment /web {} pods {app: web} notes {note: x}",
        "StatefulSet /db {} pods {app: web} notes {note: x}",
        db=deployment("db", kind="StatefulSet"),
    ),
    "a strategic patch": one(
        "patches:\n" + patch(INJECTED),
        "Deployment /web {} pods {app: web, sidecar.istio.io/inject: true}",
    ),
    "null deletes": one(
        "patches:\n" + patch("spec: {template: {metadata: {labels: {app: null, b: c}}}}\n"),
        "Deployment /web {} pods {b: c}",
    ),
    "a map that is null": one(
        "patches:\n" + patch("spec: {template: {metadata: {labels: null}}}\n"),
        "Deployment /web {} pods {}",
    ),
    "$patch replaces a map": one(
        "patches:\n" + patch("spec: {template: {metadata: {labels: {$patch: replace, b: c}}}}\n"),
        "Deployment /web {} pods {b: c}",
    ),
    "$patch replaces a template": one(
        "patches:\n"
        + patch(
            "spec: {template: {$patch: replace, metadata: {labels: {b: c}},"
            " spec: {containers: [{name: web, image: web}]}}}\n"
        ),
        "Deployment /web {} pods {b: c}",
    ),
    "$patch deletes the object": one(
        "patches:\n" + patch("$patch: delete\n"),
        "Namespace /shop {team: a}",
        ns=NS,
    ),
    "a label of a Namespace": one(
        "patches:\n" + patch("  labels: {istio.io/rev: a}\n", kind="Namespace", name="shop"),
        WEB,
        "Namespace /shop {istio.io/rev: a, team: a}",
        ns=NS,
    ),
    "several patches in one text": one(
        "patches:\n- patch: |\n    apiVersion: v1\n    kind: Namespace\n"
        "    metadata: {name: shop, labels: {a: b}}\n    ---\n    apiVersion: apps/v1\n"
        "    kind: Deployment\n    metadata: {name: web, labels: {c: d}}\n",
        "Deployment /web {c: d} pods {app: web}",
        "Namespace /shop {a: b, team: a}",
        ns=NS,
    ),
    "a patch in quotes": one(
        'patches:\n- patch: \'[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]\'\n'
        "  target: {kind: Deployment}\n",
        "Deployment /web {a: b} pods {app: web}",
    ),
    "a patch in a file": one(
        "patches: [path: p_a.yaml]\n",
        "Deployment /web {} pods {app: web, sidecar.istio.io/inject: true}",
        p_a="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n" + INJECTED,
    ),
    "patchesStrategicMerge": one(
        "patchesStrategicMerge: [p_a.yaml]\n",
        WEB,
        "Namespace /shop {istio-injection: enabled, team: a}",
        ns=NS,
        p_a="apiVersion: v1\nkind: Namespace\n"
        "metadata: {name: shop, labels: {istio-injection: enabled}}\n",
    ),
    "a file that nulls a map": one(
        "patches: [path: p_a.yaml]\n",
        WEB,
        "Namespace /shop {}",
        ns=NS,
        p_a="apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: null}\n",
    ),
    "JSON pointers": one(
        "patches:\n"
        + operations(
            "- {op: add, path: /spec/template/metadata/labels/sidecar.istio.io~1inject, value: 'true'}\n"
            "- {op: add, path: /metadata/labels, value: {istio.io/rev: a, x: y}}\n"
            "- {op: replace, path: /metadata/labels/istio.io~1rev, value: b}\n"
            "- {op: remove, path: /metadata/labels/x}\n"
            "- {op: test, path: /metadata/labels/istio.io~1rev, value: b}\n"
        ),
        "Deployment /web {istio.io/rev: b} pods {app: web, sidecar.istio.io/inject: true}",
    ),
    "JSON on what holds the maps": one(
        "patches:\n"
        + operations("- {op: replace, path: /spec/template/metadata, value: {labels: {b: c}}}\n"),
        "Deployment /web {} pods {b: c}",
    ),
    "JSON in a CronJob": one(
        "patches:\n"
        + operations(
            "- op: add\n  path: /spec/jobTemplate/spec/template/metadata/labels/istio.io~1rev\n"
            "  value: a\n",
            "{kind: CronJob}",
        ),
        "CronJob /nightly {} pods {app: web, istio.io/rev: a}",
        WEB,
        cron=CRON,
    ),
    "JSON on a Pod": one(
        "patches:\n"
        + operations(
            "- {op: add, path: /metadata/labels/istio.io~1rev, value: a}\n"
            "- {op: replace, path: /spec/hostNetwork, value: false}\n",
            "{kind: Pod}",
        ),
        WEB,
        "Pod /one {app: web, istio.io/rev: a} pods {app: web, istio.io/rev: a}",
        pod=POD,
    ),
    "JSON renames": one(
        "patches:\n"
        + operations("- {op: replace, path: /metadata/name, value: store}\n", "{kind: Namespace}"),
        WEB,
        "Namespace /store {team: a}",
        ns=NS,
    ),
    "JSON in a file, of the old kind, last": one(
        "labels: [pairs: {istio.io/rev: a}]\npatchesJson6902:\n- path: p_a.json.yaml\n"
        "  target: {group: apps, version: v1, kind: Deployment, name: web}\n",
        "Deployment /web {istio.io/rev: b} pods {app: web}",
        **{
            "p_a.json": '[{"op": "replace", "path": "/metadata/labels/istio.io~1rev", "value": "b"}]'
        },
    ),
    "host network": one(
        "patches:\n" + patch("spec: {template: {spec: {hostNetwork: true}}}\n"),
        "Deployment /web {} pods {app: web} host",
    ),
    "no host network": one(
        "patches:\n" + patch("spec: {hostNetwork: null}\n", kind="Pod", name="one"),
        WEB,
        "Pod /one {app: web} pods {app: web}",
        pod=POD,
    ),
    "targets are anchored": one(
        "patches:\n"
        + operations("- {op: add, path: /metadata/labels, value: {a: b}}\n", "{name: we}")
        + operations("- {op: add, path: /metadata/labels, value: {c: d}}\n", "{name: we.}")
        + operations("- {op: add, path: /metadata/labels, value: {e: f}}\n", "{name: 'w[e]'}"),
        "Deployment /web {c: d} pods {app: web}",
    ),
    "targets name the group": one(
        "patches:\n"
        + operations("- {op: add, path: /metadata/labels, value: {a: b}}\n", "{group: apps}"),
        "Deployment /web {a: b} pods {app: web}",
        "Rollout /slow {} pods {app: web}",
        rollout=ROLLOUT,
    ),
    "targets without a namespace are in the default one": one(
        "patches:\n"
        + operations(
            "- {op: add, path: /metadata/labels, value: {a: b}}\n", "{namespace: default}"
        ),
        "Deployment /web {a: b} pods {app: web}",
        "Deployment other/cart {} pods {app: web}",
        "Namespace /shop {team: a}",
        ns=NS,
        cart=deployment("cart", "other"),
    ),
    "the name in the file still counts": two(
        "patches:\n" + patch(INJECTED) + patch("  labels: {a: b}\n", "{name: web}"),
        "namePrefix: p-\nnamespace: shop\n",
        "Deployment shop/p-web {a: b} pods {app: web, sidecar.istio.io/inject: true}",
    ),
    "the present name counts too": two(
        "patches:\n" + patch("  namespace: shop\n" + INJECTED, name="p-web"),
        "namePrefix: p-\nnamespace: shop\n",
        "Deployment shop/p-web {} pods {app: web, sidecar.istio.io/inject: true}",
    ),
    "a target with a patch of another name": one(
        "patches:\n" + patch(INJECTED, "{kind: Deployment}", name="whatever"),
        "Deployment /web {} pods {app: web, sidecar.istio.io/inject: true}",
    ),
    "inner layers first": two(
        "commonLabels: {v: outer}\n",
        "commonLabels: {v: inner, w: inner}\n",
        "Deployment /web {v: outer, w: inner} pods {app: web, v: outer, w: inner}",
    ),
    "patches before labels of the same layer": one(
        "commonLabels: {v: label}\npatches:\n" + patch("  labels: {v: patch}\n"),
        "Deployment /web {v: label} pods {app: web, v: label}",
    ),
    "what is for kustomize alone": one(
        "",
        WEB,
        tool="apiVersion: v1\nkind: Namespace\nmetadata: {name: tool, annotations:"
        " {config.kubernetes.io/local-config: 'true'}}\n",
    ),
    "a component is around all before it": Layout(
        {
            "k/kustomization.yaml": "resources: [web.yaml]\ncomponents: [../c]\nnamePrefix: p-\n",
            "k/web.yaml": deployment(),
            "c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\n"
            "kind: Component\nresources: [ns.yaml]\npatches:\n" + patch(INJECTED),
            "c/ns.yaml": NS,
        },
        (
            "Deployment /p-web {} pods {app: web, sidecar.istio.io/inject: true}",
            "Namespace /shop {team: a}",
        ),
    ),
    "two bases over one": Layout(
        {
            "k/kustomization.yaml": "resources: [../a, ../b]\n",
            "a/kustomization.yaml": "resources: [../base]\nnamePrefix: a-\n",
            "b/kustomization.yaml": "bases: [../base]\nnamePrefix: b-\n",
            "base/kustomization.yml": "resources: [web.yaml]\n",
            "base/web.yaml": deployment(),
        },
        (
            "Deployment /a-web {} pods {app: web}",
            "Deployment /b-web {} pods {app: web}",
        ),
    ),
}
