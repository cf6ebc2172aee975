"""What is read, what is counted, and what is never taken for a whole object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshlint.facts import facts
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.unread import Unread

NS = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
TEMPLATE = (
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {{ .Release.Name }}\n  {{- with .x }}\n"
)

KINDS = [
    ("a namespace", "a.yaml", NS, {}, 1),
    ("a template", "t.yaml", TEMPLATE, {Unread.TEMPLATE: 1}, 0),
    ("template and object", "t.yaml", TEMPLATE + "---\n" + NS, {Unread.TEMPLATE: 1}, 1),
    (
        "template marks in a value",
        "t.yaml",
        NS.replace("shop", '"{{ x }}"'),
        {Unread.PLACEHOLDER: 1},
        1,
    ),
    (
        "template marks without quotes",
        "t.yaml",
        NS.replace("shop", "{{ x }}"),
        {Unread.PLACEHOLDER: 1},
        1,
    ),
    ("template marks in a comment", "t.yaml", "# {{- if x }}\n" + NS, {Unread.PLACEHOLDER: 1}, 1),
    (
        "a shell-like variable",
        "t.yaml",
        NS.replace("{name: shop}", "\n  name: ${NS}"),
        {Unread.PLACEHOLDER: 1},
        1,
    ),
    ("a kpt setter", "t.yaml", NS.replace("}", "} # kpt-set: ${ns}"), {Unread.PLACEHOLDER: 1}, 1),
    ("ytt", "t.yaml", "#@ load('x')\n" + NS, {Unread.PLACEHOLDER: 1}, 1),
    ("a patch that deletes", "p.yaml", NS + "$patch: delete\n", {Unread.PATCH: 1}, 1),
    ("values by name", "chart/values-prod.yaml", NS, {Unread.VALUES: 1}, 0),
    ("no object", "a.yaml", "replicas: 3\n", {Unread.KINDLESS: 1}, 0),
    ("no version", "a.yaml", "kind: Deployment\nx: 1\n", {Unread.KINDLESS: 1}, 0),
    (
        "a secret",
        "s.yaml",
        "apiVersion: v1\nkind: Secret\ndata: {a: b: }\n",
        {Unread.OTHER_KIND: 1},
        0,
    ),
    ("a kind nobody reads", "a.yaml", "apiVersion: x/v1\nkind: Thing\n", {Unread.OTHER_KIND: 1}, 0),
    (
        "broken",
        "a.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata:\n\tname: x\n",
        {Unread.BROKEN: 1},
        0,
    ),
    ("bad bytes", "a.yaml", b"apiVersion: v1\n\xff\n", {Unread.ENCODING: 1}, 0),
    ("too deep", "a.json", '{"apiVersion":"v1","kind":' + "[" * 900, {Unread.DEEP: 1}, 0),
    (
        "an editor's settings",
        "tasks.json",
        '// c\n{"group": {"kind": "build"}}',
        {Unread.KINDLESS: 1},
        0,
    ),
    ("comments", "a.yaml", "# only\n", {}, 0),
    (
        "json",
        "a.json",
        '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}',
        {},
        1,
    ),
    (
        "a list",
        "a.yaml",
        "apiVersion: v1\nkind: List\nitems:\n- " + NS.replace("\n", "\n  "),
        {},
        1,
    ),
    ("bom", "a.yaml", "\ufeff" + NS, {}, 1),
    ("crlf", "a.yaml", NS.replace("\n", "\r\n"), {}, 1),
    (
        "anchors",
        "a.yaml",
        "x: &m {name: shop}\napiVersion: v1\nkind: Namespace\nmetadata: *m\n",
        {},
        1,
    ),
]


@pytest.mark.parametrize(
    ("path", "text", "unread", "namespaces"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS]
)
def test_what_is_read(
    path: str, text: str | bytes, unread: dict[Unread, int], namespaces: int
) -> None:
    found = facts(path, text if isinstance(text, bytes) else text.encode())
    assert dict(found.unread) == unread
    assert sum(isinstance(r, Namespace) for r in found.resources) == namespaces


def test_values_in_block_scalars_are_text() -> None:
    """An injection template inside of a ConfigMap does not make the ConfigMap a template."""
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-x, labels: {istio.io/rev: a}}\n"
    found = facts("a.yaml", (text + "data:\n  config: |\n    {{ .Values.x }}\n").encode())
    assert found.unread == {}
    assert len(found.resources) == 1


PODS = {
    "v1 Pod": "metadata: {labels: {a: b}}\nspec: {containers: [{name: c}]}",
    "apps/v1 Deployment": "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "apps/v1 StatefulSet": "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "apps/v1 DaemonSet": "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "apps/v1 ReplicaSet": "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "v1 ReplicationController": "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "batch/v1 Job": "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "apps.openshift.io/v1 DeploymentConfig":
        "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "batch/v1 CronJob":
        "spec: {jobTemplate: {spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}}}",
    "argoproj.io/v1alpha1 Rollout":
        "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "serving.knative.dev/v1 Service":
        "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "serving.knative.dev/v1 Configuration":
        "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}",
    "v1 PodTemplate": "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}",
}  # fmt: skip


@pytest.mark.parametrize("kind", list(PODS))
def test_pod_labels_of_every_workload_kind(kind: str) -> None:
    version, name = kind.split()
    text = f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: x}}\n{PODS[kind]}\n"
    if name == "Pod":
        text = f"apiVersion: v1\nkind: Pod\n{PODS[kind]}\n"
    (found,) = [r for r in facts("a.yaml", text.encode()).resources if isinstance(r, Workload)]
    assert found.pod.label("a") == "b"
    assert found.partial is None


@pytest.mark.parametrize(
    "kind", ["serving.knative.dev/v1 Deployment", "example.com/v1 Service", "x/v1 Job"]
)
def test_kinds_of_other_groups_are_no_workloads(kind: str) -> None:
    version, name = kind.split()
    text = (
        f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: istio}}\n{PODS['batch/v1 Job']}\n"
    )
    assert not [r for r in facts("a.yaml", text.encode()).resources if isinstance(r, Workload)]


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    facts("a.yaml", data)


PARTS = ["apiVersion: v1\n", "kind: Namespace\n", "kind: List\n", "metadata:\n", "  labels:\n", "---\n",
         "    istio-injection: on\n", "  - x\n", "{{ x }}\n", "items:\n", "- kind: Pod\n", "  <<: *a\n",
         "a: &a\n", "webhooks: [\n", "]\n", "\t\n", "? x\n", "spec: null\n", "kind: [x]\n", "metadata: [1]\n",
         "kind: MutatingWebhookConfiguration\n", "webhooks: [1, {name: a}]\n"]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_no_shape_breaks_the_reader(text: str) -> None:
    facts("a.yaml", text.encode())


def test_a_secret_is_read_for_the_fingerprint_of_its_root_alone() -> None:
    """Neither another entry nor a broken line of a Secret leaves the file."""
    from tests.certificates import block, made

    text = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: cacerts, namespace: istio-system}\n"
        "stringData:\n  ca-key.pem: hidden-key\n  root-cert.pem: |\n"
    )
    text += "".join(f"    {line}\n" for line in block(made()).decode().splitlines())
    found = facts("a.yaml", text.encode())
    assert [type(resource).__name__ for resource in found.resources] == ["Root"]
    assert "hidden-key" not in repr(found)
    broken = facts("a.yaml", text.replace("hidden-key", '"hidden-key').encode())
    assert (broken.hits, broken.resources) == ((), ())
    assert broken.unread == {Unread.BROKEN: 1}
    assert "hidden-key" not in repr(broken)
