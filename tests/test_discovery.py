"""discoveryAddress in every place that may set it, and when nothing can be said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshlint.finding import Finding, Severity
from tests.lint import lint_paths, lint_text
from tests.manifests import injector, istiod, namespace, workload

WRONG = "istiod.istio-system.svc"
"""An address without a port, wherever it stands."""

CONFIG = f"meshConfig: {{defaultConfig: {{discoveryAddress: {WRONG}}}}}"
SOURCE = "repoURL: https://charts.example.com, chart: istiod, targetRevision: 1.29.1"

PLACES = {
    "ConfigMap": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-1-29, namespace: istio-system}\n"
        f"data:\n  mesh: |-\n    # of revision 1-29\n    defaultConfig:\n"
        f"      discoveryAddress: {WRONG}\n"
    ),
    "ConfigMap by its proto name": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\n"
        f"data:\n  mesh: |\n    defaultConfig:\n      discovery_address: {WRONG}\n"
    ),
    "ConfigMap in quotes": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\n"
        f'data:\n  mesh: "defaultConfig: {{discoveryAddress: {WRONG}}}"\n'
    ),
    "ConfigMap as JSON": (
        '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio"},\n'
        f' "data": {{"mesh": "defaultConfig:\\n  discoveryAddress: {WRONG}\\n"}}}}\n'
    ),
    "IstioOperator": (
        "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh}\n"
        f"spec:\n  {CONFIG}\n"
    ),
    "IstioOperator values": (
        "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh}\n"
        f"spec:\n  values:\n    {CONFIG}\n"
    ),
    "HelmRelease": (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod}\n"
        f"spec:\n  chart: {{spec: {{chart: istiod}}}}\n  values:\n    {CONFIG}\n"
    ),
    "HelmChart": (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: istiod}\n"
        f"spec:\n  chart: istio/istiod\n  valuesContent: |-\n    {CONFIG}\n"
    ),
    "Application": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: istiod}\n"
        f"spec:\n  source:\n    {SOURCE.replace(', ', chr(10) + '    ')}\n    helm:\n"
        f"      values: |\n        {CONFIG}\n"
    ),
    "Application by parameters": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: istiod}\n"
        f"spec:\n  source:\n    {SOURCE.replace(', ', chr(10) + '    ')}\n    helm:\n"
        "      parameters:\n      - name: meshConfig.defaultConfig.discoveryAddress\n"
        f"        value: {WRONG}\n"
    ),
    "ApplicationSet": (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: istiod}\n"
        "spec:\n  generators: []\n  template:\n    metadata: {name: istiod}\n    spec:\n"
        f"      sources:\n      - {SOURCE.replace(', ', chr(10) + '        ')}\n        helm:\n"
        f"          valuesObject:\n            {CONFIG}\n"
    ),
    "Istio": (
        "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\n"
        f"spec:\n  version: v1.29.1\n  values:\n    {CONFIG}\n"
    ),
    "IstioRevision": (
        "apiVersion: sailoperator.io/v1\nkind: IstioRevision\nmetadata: {name: blue}\n"
        f"spec:\n  version: v1.29.1\n  values:\n    {CONFIG}\n"
    ),
    "annotation": workload(inject='"true"').replace(
        "    spec:\n",
        "      annotations:\n        proxy.istio.io/config: |\n          concurrency: 2\n"
        f"          discoveryAddress: {WRONG}\n    spec:\n",
    ),
    "annotation in one line": workload(inject='"true"').replace(
        "    spec:\n",
        f"      annotations: {{proxy.istio.io/config: 'discoveryAddress: {WRONG}'}}\n    spec:\n",
    ),
    "annotation as JSON": workload(inject='"true"').replace(
        "    spec:\n",
        "      annotations:\n        proxy.istio.io/config:"
        f' \'{{"discoveryAddress": "{WRONG}", "image": {{"imageType": "debug"}}}}\'\n    spec:\n',
    ),
    "deprecated annotation": workload(inject='"true"').replace(
        "    spec:\n",
        f"      annotations: {{sidecar.istio.io/discoveryAddress: {WRONG}}}\n    spec:\n",
    ),
}


def of(findings: tuple[Finding, ...], *codes: str) -> list[Finding]:
    return [f for f in findings if f.code in codes]


def codes(text: str) -> set[str]:
    return {f.code for f in of(lint_text(text).findings, *(f"MESH{n}" for n in range(620, 625)))}


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_read(place: str) -> None:
    """The finding stands in the line that has the address."""
    text = PLACES[place]
    (finding,) = of(lint_text(text).findings, "MESH620")
    assert WRONG in text.splitlines()[finding.where.line - 1]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_right_is_left_alone(place: str) -> None:
    assert codes(PLACES[place].replace(WRONG, f"{WRONG}:15012")) == set()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("blank", ["${ISTIOD}", "$(ISTIOD):15012"])
def test_what_is_filled_in_is_left_alone(place: str, blank: str) -> None:
    assert codes(PLACES[place].replace(WRONG, blank)) == set()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("odd", ["null", "[]", "{a: b}", "true", "''", "&a x", "1.5"])
def test_odd_values_do_no_harm(place: str, odd: str) -> None:
    lint_text(PLACES[place].replace(WRONG, odd))


SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: istio-system}\nspec:\n"
    "  selector: {app: istiod, istio.io/rev: %s}\n  ports:\n"
    "  - {name: xds, port: 15012}\n  - {name: webhook, port: 443, targetPort: 15017}\n"
)
MAP = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: istio-%s\n  namespace: istio-system\n"
    "  labels: {istio.io/rev: %s}\ndata:\n  mesh: |\n    defaultConfig:\n"
    "      discoveryAddress: %s\n"
)


def plane(revision: str, address: str = "", *services: str) -> str:
    """A whole control plane, with its mesh configuration if an address is given."""
    parts = [istiod(revision), injector(revision)]
    parts += [SERVICE % (name, revision) for name in services or (f"istiod-{revision}",)]
    parts += [MAP % (revision, revision, address)] if address else []
    return "---\n".join(parts)


def annotated(annotation: str, *, rev: str = "a") -> str:
    """An injected pod."""
    pod = workload().replace("    spec:\n", f"      annotations: {{{annotation}}}\n    spec:\n")
    return "---\n".join((namespace("shop", rev=rev), pod))


def config(text: str) -> str:
    return f"proxy.istio.io/config: '{text}'"


A, B = "istiod-a.istio-system.svc", "istiod-b.istio-system.svc"

REVISIONS = {
    "its own": (plane("a", f"{A}:15012"), None),
    "its own by another name": (plane("a", f"{A}.cluster.local:15012"), None),
    "one that is not there": (plane("a", f"{B}:15012"), "error"),
    "one that is there": ("---\n".join((plane("a", f"{B}:15012"), plane("b"))), "warning"),
    "one that is known from values": (
        "---\n".join((plane("a", f"{B}:15012"), PLACES["IstioRevision"].replace("blue", "b"))),
        "warning",
    ),
    "the Service of all, which is its own": (
        plane("a", "istiod.istio-system.svc:15012", "istiod-a", "istiod"),
        None,
    ),
    "an alias of its own": (plane("a", f"{B}:15012", "istiod-a", "istiod-b"), None),
    "another host": (plane("a", "istiod-b.example.com:15012"), None),
    "its own, of another mesh": (plane("a", "istiod-a.example.com:15012"), None),
    "none": (plane("a", "null"), "warning"),
    "none, and the Service of all is its own": (plane("a", "null", "istiod-a", "istiod"), None),
    "one that is filled in": (plane("a", "istiod-${REV}.istio-system.svc:15012"), None),
    "a tag that points to it": (
        "---\n".join(
            (plane("a", "istiod-revision-tag-t.istio-system.svc:15012"), injector("a", tag="t"))
        ),
        None,
    ),
    "a tag that points to another": (
        "---\n".join(
            (
                plane("a", "istiod-revision-tag-t.istio-system.svc:15012"),
                plane("b"),
                injector("b", tag="t"),
            )
        ),
        "warning",
    ),
    "another one's in a map of nobody": (
        "---\n".join((plane("b"), MAP % ("a", "a", f"{B}:15012"))),
        None,
    ),
}


@pytest.mark.parametrize("case", REVISIONS)
def test_the_revision_that_is_named(case: str) -> None:
    text, severity = REVISIONS[case]
    found = of(lint_text(text).findings, "MESH622")
    assert [f.severity for f in found] == ([severity] if severity else [])


CERTIFICATES = {
    "its own name": (plane("a"), A, False),
    "in capitals": (plane("a"), A.upper(), False),
    "longer": (plane("a"), f"{A}.cluster.local", True),
    "shorter": (plane("a"), "istiod-a.istio-system", True),
    "longer, as the mesh has it": (
        plane("a", f"{A}.cluster.local:15012"),
        f"{A}.cluster.local",
        False,
    ),
    "longer, as nobody can tell of the mesh": (plane("a", "${X}"), f"{A}.cluster.local", False),
    "a Service of one's own": (
        plane("a", "", "istiod-a", "mesh"),
        "mesh.istio-system.svc",
        True,
    ),
    "a Service of one's own, of the mesh": (
        plane("a", "mesh.istio-system.svc:15012", "istiod-a", "mesh"),
        "mesh.istio-system.svc",
        False,
    ),
    "longer, as a mesh configuration alone has it": (
        MAP % ("a", "a", f"{A}.cluster.local:15012"),
        f"{A}.cluster.local",
        False,
    ),
    "elsewhere": (plane("a"), "istiod-a.example.com", False),
    "an address": (plane("a"), "10.0.0.1", False),
}


@pytest.mark.parametrize("case", CERTIFICATES)
def test_the_names_of_the_certificate(case: str) -> None:
    platform, host, told = CERTIFICATES[case]
    pods = annotated(config(f"discoveryAddress: {host}:15012"))
    assert ("MESH623" in codes(f"{platform}---\n{pods}")) is told


@pytest.mark.parametrize(
    "environment",
    [
        "{name: ISTIOD_CUSTOM_HOST, value: 'a.example.com,mesh.istio-system.svc'}",
        "{name: ISTIOD_CUSTOM_HOST, value: '*.istio-system.svc'}",
        "{name: ISTIOD_CUSTOM_HOST, value: '${HOSTS}'}",
        "{name: PILOT_CERT_PROVIDER, value: custom}",
        "{name: SHARED_MESH_CONFIG, value: all}",
    ],
)
def test_other_certificates(environment: str) -> None:
    image = "        image: istio/pilot:1.29.1\n"
    platform = plane("a", f"{A}:15012", "istiod-a", "mesh")
    other = platform.replace(image, f"{image}        env: [{environment}]\n")
    pods = annotated(config("discoveryAddress: mesh.istio-system.svc:15012"))
    assert codes(f"{platform}---\n{pods}") == {"MESH623"}
    assert codes(f"{other}---\n{pods}") == set()


def test_webhooks_may_call_the_host_of_the_mesh() -> None:
    """The same certificate serves webhooks, and has the mesh configuration's host in it."""
    called = plane("a", f"{A}:15012", "istiod-a", "mesh").replace(
        "      name: istiod-a\n      namespace", "      name: mesh\n      namespace"
    )
    assert of(lint_text(called).findings, "MESH312")
    named = called.replace(f"{A}:15012", "mesh.istio-system.svc:15012")
    assert not of(lint_text(named).findings, "MESH312")


PORTS = {
    f"discoveryAddress: {A}:443": True,
    f"discoveryAddress: {A}:15010": True,
    f"discoveryAddress: {A}:15012": False,
    f"{{discoveryAddress: {A}:15010, controlPlaneAuthPolicy: NONE}}": False,
    f"{{discoveryAddress: {A}:443, controlPlaneAuthPolicy: NONE}}": True,
    "discoveryAddress: istiod-a.example.com:443": False,
    "discoveryAddress: 10.0.0.1:443": False,
    "discoveryAddress: istio-pilot.istio-system:15011": False,
}


@pytest.mark.parametrize("text", PORTS)
def test_ports(text: str) -> None:
    pods = annotated(config(text))
    assert ("MESH621" in codes(f"{plane('a', f'{A}:15012')}---\n{pods}")) is PORTS[text]


def test_a_port_of_the_service_may_lead_there() -> None:
    text = plane("a", f"{A}:5443")
    assert codes(text) == {"MESH621"}
    assert codes(text.replace("port: 15012}", "port: 5443, targetPort: 15012}")) == set()
    assert codes(text.replace("port: 15012}", "port: 5443, targetPort: tls}")) == set()
    assert codes(text.replace("port: 15012}", "port: 5443, targetPort: 15014}")) == {"MESH621"}


def test_the_mesh_may_have_no_tls() -> None:
    plain = plane("a", f"{A}:15010\n      controlPlaneAuthPolicy: NONE")
    pods = annotated(config(f"discoveryAddress: {A}:15010"))
    assert codes(f"{plain}---\n{pods}") == set()


def test_the_deprecated_annotation_goes_over_the_other() -> None:
    both = f"{config(f'discoveryAddress: {A}:15012')}, sidecar.istio.io/discoveryAddress: '{A}:443'"
    (finding,) = of(lint_text(f"{plane('a')}---\n{annotated(both)}").findings, "MESH621")
    assert "sidecar.istio.io/discoveryAddress" in finding.message


def test_the_deprecated_annotation_has_the_protocol_of_the_other() -> None:
    both = (
        f"{config('controlPlaneAuthPolicy: NONE')}, sidecar.istio.io/discoveryAddress: '{A}:15010'"
    )
    assert codes(f"{plane('a')}---\n{annotated(both)}") == set()


def test_the_injector_does_not_look_at_the_deprecated_annotation() -> None:
    """A pod with it is created, and fails later."""
    pods = annotated(f"sidecar.istio.io/discoveryAddress: {WRONG}")
    found = lint_text(f"{plane('a')}---\n{pods}").findings
    assert [f.severity for f in of(found, "MESH620")] == [Severity.ERROR]
    assert not of(found, "MESH602")


def test_only_one_rule_speaks_of_an_address() -> None:
    pods = annotated(config(f"discoveryAddress: {WRONG}"))
    assert codes(f"{plane('a')}---\n{pods}") == {"MESH620"}
    assert not of(lint_text(f"{plane('a')}---\n{pods}").findings, "MESH602")


@pytest.mark.parametrize(
    ("wanted", "services", "severity"),
    [
        ("istiod-a.istio-system.svc", ("istiod-a",), None),
        ("istiod-a.istio-system.svc", ("istiod",), Severity.ERROR),
        ("istod-a.istio-system.svc", ("istiod-a",), Severity.ERROR),
        ("istiod-a.istio-sytem.svc", ("istiod-a",), Severity.WARNING),
        ("istiod-a", ("istiod-a",), Severity.WARNING),
        ("mesh.edge.svc", ("istiod-a",), None),
        ("istiod-remote.istio-system.svc", ("istiod-a",), None),
    ],
)
def test_missing_services(wanted: str, services: tuple[str, ...], severity: str | None) -> None:
    found = of(lint_text(plane("a", f"{wanted}:15012", *services)).findings, "MESH624")
    assert [f.severity for f in found] == ([severity] if severity else [])


def test_half_a_control_plane_may_have_more_services() -> None:
    whole = plane("a", f"{A}:15012", "istiod")
    half = "---\n".join(part for part in whole.split("---\n") if "MutatingWebhook" not in part)
    assert codes(whole) == {"MESH624"}
    assert codes(half) == set()


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


KUSTOMIZATION = (
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n"
)
TARGET = "patches:\n- target: {kind: %s}\n  patch: |-\n%s"


@pytest.mark.parametrize(
    ("patch", "where"),
    [
        ("", "a.yaml"),
        (
            TARGET
            % (
                "ConfigMap",
                "    - op: replace\n      path: /data/mesh\n      value: 'defaultConfig: {}'\n",
            ),
            None,
        ),
        ("namespace: mesh\n", "a.yaml"),
        ("transformers: [change.yaml]\n", None),
    ],
)
def test_a_patched_mesh_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patch: str, where: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"a.yaml": PLACES["ConfigMap"], "kustomization.yaml": KUSTOMIZATION + patch})
    found = of(lint_paths(["."]).findings, "MESH620")
    assert [f.where.path for f in found] == ([where] if where else [])


@pytest.mark.parametrize(
    ("address", "told"), [(f"{A}:15012", set()), (WRONG, {"kustomization.yaml"})]
)
def test_a_patched_annotation_is_the_one_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, told: set[str]
) -> None:
    """The lines of the block that it replaces are no place for it."""
    patch = (
        "    - op: replace\n      path: /spec/template/metadata/annotations/proxy.istio.io~1config\n"
        f"      value: 'discoveryAddress: {address}'\n"
    )
    monkeypatch.chdir(tmp_path)
    overlay = KUSTOMIZATION + TARGET % ("Deployment", patch)
    write(tmp_path, {"a.yaml": PLACES["annotation"], "kustomization.yaml": overlay})
    assert {f.where.path for f in of(lint_paths(["."]).findings, "MESH620")} == told


def test_another_clusters_istiod_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing in one cluster may be there in the other, and is no answer."""
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        {
            "clusters/one/platform.yaml": plane("a", f"{B}:15012"),
            "clusters/two/platform.yaml": plane("b", f"{B}:15012"),
        },
    )
    found = of(lint_paths(["."]).findings, "MESH622", "MESH624")
    assert [(f.code, f.where.path, f.severity) for f in found] == [
        ("MESH622", "clusters/one/platform.yaml", Severity.ERROR)
    ]


def test_limits_of_pods_without_a_sidecar_template() -> None:
    """Templates that do not look at these annotations refuse nothing."""
    limits = 'sidecar.istio.io/proxyCPU: "2", sidecar.istio.io/proxyCPULimit: "1"'
    for templates, severity in (
        ("", [Severity.ERROR]),
        (", inject.istio.io/templates: sidecar", [Severity.ERROR]),
        (", inject.istio.io/templates: grpc-agent", [Severity.WARNING]),
        (", inject.istio.io/templates: gateway", []),
    ):
        pods = annotated(limits + templates)
        found = of(lint_text(f"{plane('a')}---\n{pods}").findings, "MESH625")
        assert [f.severity for f in found] == severity
