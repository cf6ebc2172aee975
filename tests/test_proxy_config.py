"""What istiod makes of proxy.istio.io/config, of quantities and of addresses, case by case.

The answers are those of istiod's own code (istio/istio 1.32, pkg/kube/inject/validate.go with
pkg/config/validation/agent, golang/protobuf jsonpb 1.5.4, k8s.io/apimachinery 0.33), which was
asked once for each line here.
"""

from __future__ import annotations

import pytest

from meshlint.finding import Finding
from meshlint.resources.address import host_and_port, mended, service_host, unfit
from meshlint.resources.proxy_config import text_faults
from meshlint.resources.quantity import QUANTITY, amount
from tests.lint import lint_text
from tests.manifests import injector, istiod, namespace

GOOD_ADDRESSES = (
    "istiod.istio-system.svc:15012",
    "istiod:1",
    "istiod.:15012",
    "Istiod-1.X:65535",
    "10.0.0.1:15012",
    "[::1]:15012",
    "[fe80::1%eth0]:15012",
    "[istiod]:15012",
    "istiod:+15012",
    "istiod:00015012",
    "1istiod:15012",
)
BAD_ADDRESSES = (
    "",
    "istiod",
    ":15012",
    "istiod:",
    "istiod:0",
    "istiod:65536",
    "istiod:-1",
    "istiod:xds",
    "istiod:15012 ",
    " istiod:15012",
    "istiod:0x3aa4",
    "istiod:1_5012",
    "http://istiod:15012",
    "istiod:15012/xds",
    "istiod:15012:15012",
    "::1:15012",
    "[::1:15012",
    "[::1]",
    "[[::1]]:15012",
    "istiod]:15012",
    "1.2.3:15012",
    "01.2.3.4:15012",
    "istiod.1:15012",
    "is_tiod:15012",
    "-istiod:15012",
    "istiod-:15012",
    "istiod..svc:15012",
    "*.svc:15012",
    f"{'x' * 64}:15012",
)


@pytest.mark.parametrize("address", GOOD_ADDRESSES)
def test_addresses_that_istiod_takes(address: str) -> None:
    assert unfit(address) is None
    host_and_port(address)


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_addresses_that_istiod_refuses(address: str) -> None:
    assert unfit(address)


@pytest.mark.parametrize(
    ("address", "better"),
    [
        ("istiod.istio-system.svc", "istiod.istio-system.svc:15012"),
        ("https://istiod.istio-system.svc:15012/", "istiod.istio-system.svc:15012"),
        ("istiod.istio-system.svc:15012 ", "istiod.istio-system.svc:15012"),
        ("istiod.istio-system.svc:https", "istiod.istio-system.svc:15012"),
        ("", None),
        ("is_tiod", None),
    ],
)
def test_what_was_meant(address: str, better: str | None) -> None:
    assert mended(address) == better


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("istiod.istio-system.svc", ("istiod", "istio-system", True)),
        ("istiod-1-29.mesh.svc.cluster.local", ("istiod-1-29", "mesh", False)),
        ("istiod.istio-system", ("istiod", "istio-system", False)),
        ("istiod", ("istiod", "", False)),
        ("mesh.istio-system.svc", ("mesh", "istio-system", True)),
        ("mesh.istio-system", None),
        ("istiod.example.com", None),
        ("10.0.0.1", None),
    ],
)
def test_services_by_their_hosts(host: str, found: tuple[str, str, bool] | None) -> None:
    service = service_host(host)
    assert (service and (service.name, service.namespace, service.certain)) == found


TAKEN = (
    "",
    "null",
    "{}",
    "aFieldOfTomorrow: {a: [1, true]}",
    "Concurrency: two",
    "concurrency: 2",
    'concurrency: "2"',
    'concurrency: " 2 "',
    "concurrency: 2.0",
    "concurrency: 1e3",
    "concurrency: 0o7",
    "concurrency: 1_000",
    "concurrency: -1",
    "concurrency: null",
    "holdApplicationUntilProxyStarts: yes",
    "hold_application_until_proxy_starts: true",
    'proxyMetadata: {A: "true", B: null, 1: c}',
    "proxyMetadata: null",
    "drainDuration: 1h2m",
    "drainDuration: 2.0s",
    "drainDuration: null",
    "terminationDrainDuration: -5s",
    "terminationDrainDuration: 500ms",
    'terminationDrainDuration: "0"',
    "discoveryAddress: null",
    "image: {imageType: distroless}",
    "image: null",
    "controlPlaneAuthPolicy: 1",
    "interceptionMode: TPROXY",
    "interceptionMode: 9",
    "tracing: {zipkin: null}",
    'tracing: {sampling: "1.5", zipkin: {address: "zipkin:9411"}}',
    'tracing: {datadog: {address: "$(HOST_IP):8126"}}',
    "tracing: {zipkin: {address: nowhere}, stackdriver: {}}",
    "tracing: {customTags: {a: null, b: {}}}",
    'statsdUdpAddress: ""',
    "extraStatTags: [null, a]",
    'serviceCluster: ""\ntracingServiceName: CANONICAL_NAME_ONLY',
    "privateKeyProvider: {cryptomb: {pollDelay: 10ms}}",
    "readinessProbe: {httpGet: {port: 80}}",
    "---\nconcurrency: 1\n---\nconcurrency: two",
    "concurrency: two\nconcurrency: 2",
)
"""Texts that istiod takes."""

REFUSED = {
    "[]": "",
    "two": "",
    "concurrency: [": "",
    "\tconcurrency: 1": "",
    "concurrency: two": "concurrency",
    'concurrency: ""': "concurrency",
    "concurrency: 1.5": "concurrency",
    'concurrency: "1.0"': "concurrency",
    "concurrency: true": "concurrency",
    "concurrency: 3000000000": "concurrency",
    'holdApplicationUntilProxyStarts: "true"': "holdApplicationUntilProxyStarts",
    "holdApplicationUntilProxyStarts: 1": "holdApplicationUntilProxyStarts",
    "proxyMetadata: {A: true}": "proxyMetadata.A",
    "proxy_metadata: {A: 1}": "proxyMetadata.A",
    "proxyMetadata: [A]": "proxyMetadata",
    "runtimeValues: {a: 1}": "runtimeValues.a",
    "drainDuration: 45": "drainDuration",
    'drainDuration: "45"': "drainDuration",
    "drainDuration: 1d": "drainDuration",
    'drainDuration: ""': "drainDuration",
    "drainDuration: 0s": "drainDuration",
    "drainDuration: -1s": "drainDuration",
    "drainDuration: 500ms": "drainDuration",
    "drainDuration: 1.5s": "drainDuration",
    "discoveryAddress: 15012": "discoveryAddress",
    'discoveryAddress: ""': "discoveryAddress",
    "discoveryAddress: istiod": "discoveryAddress",
    "statusPort: 0": "statusPort",
    "statusPort: 70000": "statusPort",
    "proxyAdminPort: 0": "proxyAdminPort",
    "controlPlaneAuthPolicy: INHERIT": "controlPlaneAuthPolicy",
    "controlPlaneAuthPolicy: mutual": "controlPlaneAuthPolicy",
    "controlPlaneAuthPolicy: 7": "controlPlaneAuthPolicy",
    "interceptionMode: redirect": "interceptionMode",
    "image: distroless": "image",
    "image: {imageType: 1}": "image.imageType",
    'tracing: {zipkin: {address: ""}}': "tracing.zipkin.address",
    "tracing: {zipkin: {}}": "tracing.zipkin.address",
    "tracing: {zipkin: {address: 'http://z:9411/api'}}": "tracing.zipkin.address",
    "tracing: {lightstep: {address: 'l:1'}}": "tracing.lightstep",
    "tracing: {sampling: all}": "tracing.sampling",
    "tracing: {maxPathTagLength: -1}": "tracing.maxPathTagLength",
    "tracing: {customTags: {a: {literal: b}}}": "tracing.customTags.a.literal",
    "statsdUdpAddress: statsd": "statsdUdpAddress",
    "envoyAccessLogService: {address: als}": "envoyAccessLogService.address",
    "envoyMetricsServiceAddress: ms": "envoyMetricsServiceAddress",
    "extraStatTags: a": "extraStatTags",
    "extraStatTags: [a, 1]": "extraStatTags",
    "caCertificatesPem: x": "caCertificatesPem",
    "proxyStatsMatcher: {inclusionPrefixes: a}": "proxyStatsMatcher.inclusionPrefixes",
    'serviceCluster: ""': "serviceCluster",
    "serviceCluster: 5": "serviceCluster",
    'configPath: ""': "configPath",
    "tracingServiceName: APP": "tracingServiceName",
    "privateKeyProvider: {}": "privateKeyProvider",
    "privateKeyProvider: {qat: {}}": "privateKeyProvider",
    "gatewayTopology: {numTrustedProxies: -1}": "gatewayTopology.numTrustedProxies",
    "gatewayTopology: {forwardClientCertDetails: ALWAYS}": (
        "gatewayTopology.forwardClientCertDetails"
    ),
    "readinessProbe: {httpGet: {port: http}}": "readinessProbe.httpGet.port",
    "proxyHeaders: {requestId: true}": "proxyHeaders.requestId",
    "meshId: 5": "meshId",
}
"""Texts that istiod refuses, and the field that it stumbles over; "" for the whole."""

UNKNOWN = (
    "concurrency: ${N}",
    "{{ toYaml .Values.proxy }}",
    "discoveryAddress: $(ISTIOD):15012",
    "interceptionMode: MODE_OF_THE_MESH",
)


@pytest.mark.parametrize("text", [*TAKEN, *UNKNOWN])
def test_configurations_that_istiod_may_take(text: str) -> None:
    assert text_faults(text) == ()


@pytest.mark.parametrize(("text", "path"), REFUSED.items())
def test_configurations_that_istiod_refuses(text: str, path: str) -> None:
    assert [fault.path for fault in text_faults(text)] == [path]


def test_what_has_a_wrong_type_hides_what_makes_no_sense() -> None:
    """istiod does not come to look at values where it cannot read all of them."""
    assert [f.path for f in text_faults("concurrency: two\nstatusPort: 0")] == ["concurrency"]


QUANTITIES = ("100m", "1Gi", "0", ".5", "1.", "2", "-1", "+1", "1e3", "1E-2", "12e1", "m", "+")
NO_QUANTITIES = (
    "",
    " ",
    "1 Gi",
    " 1",
    "1gi",
    "1KI",
    "128MB",
    "1,5",
    "0x1",
    "1e",
    "--1",
    "１",
    "1\n",
)


@pytest.mark.parametrize("text", QUANTITIES)
def test_quantities(text: str) -> None:
    assert QUANTITY.match(text)


@pytest.mark.parametrize("text", NO_QUANTITIES)
def test_no_quantities(text: str) -> None:
    assert not QUANTITY.match(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "999m"),
        ("1Gi", "1023Mi"),
        ("1G", "953Mi"),
        ("1Gi", "1G"),
        ("1.5", "1499m"),
        ("2e3", "1999"),
        ("1k", "999.9"),
        ("0", "-1"),
    ],
)
def test_the_first_is_more(one: str, other: str) -> None:
    more, less = amount(one), amount(other)
    assert more is not None
    assert less is not None
    assert more > less


@pytest.mark.parametrize(
    ("one", "other"), [("1", "1000m"), ("1Gi", "1024Mi"), ("1k", "1e3"), (".5", "500m"), ("", "")]
)
def test_they_are_the_same(one: str, other: str) -> None:
    assert amount(one) == amount(other)


POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: cart\n  namespace: shop\n  annotations:\n"
SPEC = "spec:\n  containers:\n    - {name: cart, image: cart:1}\n"
KEY = "proxy.istio.io/config"


def found(text: str, code: str = "MESH602") -> list[Finding]:
    return [f for f in lint_text(text).findings if f.code == code]


def shown(text: str, finding: Finding) -> str:
    """What stands where the finding is."""
    where = finding.where
    line = text.splitlines()[where.line - 1]
    return line[where.column - 1 : where.end_column - 1]


@pytest.mark.parametrize(
    ("annotation", "place"),
    [
        (f"    {KEY}: |\n      concurrency: two\n", "two"),
        (f"    {KEY}: |-\n\n      # a comment\n      concurrency: two\n", "two"),
        (f"    {KEY}: |2\n      concurrency: two\n", "two"),
        (f"    {KEY}: |+\n            proxyMetadata:\n              A: true\n\n", "true"),
        (f"    {KEY}: | # a comment\n     drainDuration: '45'\n", "'45'"),
        (f"    {KEY}: |\n      extraStatTags: [a, 1]\n", "1"),
        (f"    {KEY}: |\n      tracing:\n        zipkin:\n", None),
        (f"    {KEY}: |\n      tracing:\n        zipkin:\n          address: z\n", "z"),
        (f"    {KEY}: |\n      tracing:\n        zipkin: {{}}\n", "zipkin"),
        (f"    {KEY}: 'concurrency: two'\n", "'concurrency: two'"),
        (f'    {KEY}: "concurrency: two\\nmeshId: a\\n"\n', '"concurrency: two\\nmeshId: a\\n"'),
        (f"    {KEY}: >\n      concurrency: two\n", KEY),
        (f'    {KEY}: \'{{"proxyMetadata": {{"A": 1}}}}\'\n', '\'{"proxyMetadata": {"A": 1}}\''),
        (f'    {KEY}: \'{{"proxyMetadata": {{"A": "1"}}}}\'\n', None),
    ],
)
def test_places(annotation: str, place: str | None) -> None:
    text = POD + annotation + SPEC
    assert [shown(text, finding) for finding in found(text)] == ([place] if place else [])


def test_places_with_windows_line_ends() -> None:
    text = (POD + f"    {KEY}: |\n      concurrency: two\n" + SPEC).replace("\n", "\r\n")
    assert [shown(text, finding) for finding in found(text)] == ["two"]


def test_a_line_is_told_where_it_cannot_be_shown() -> None:
    text = POD + f'    {KEY}: "meshId: a\\nconcurrency: two\\n"\n' + SPEC
    assert "(line 2 of the value)" in found(text)[0].message


def mesh(config: str, image: str = "istio/pilot:1.29.1") -> str:
    """A pod with a ProxyConfig, in a mesh of one revision and version."""
    platform = (istiod("r", image=image), injector("r"), namespace("shop", rev="r"))
    annotation = f"    {KEY}: '{config}'\n"
    return "---\n".join((*platform, POD + annotation + SPEC))


@pytest.mark.parametrize(
    ("config", "image", "severity"),
    [
        ("concurrency: two", "istio/pilot:1.29.1", "error"),
        ("concurrency: two", "istio/pilot@sha256:0", "error"),
        ("fileFlushInterval: 5", "istio/pilot:1.29.1", "error"),
        ("fileFlushInterval: 5", "istio/pilot:1.28.1", "warning"),
        ("fileFlushInterval: 5", "istio/pilot@sha256:0", "warning"),
        ("proxyHeaders: {requestId: true}", "istio/pilot:1.19.0", "warning"),
        ("proxyHeaders: {requestId: true}", "istio/pilot:1.20.0", "error"),
    ],
)
def test_newer_fields_need_a_newer_istiod(config: str, image: str, severity: str) -> None:
    assert [f.severity for f in found(mesh(config, image))] == [severity]


@pytest.mark.parametrize(
    ("value", "image", "severity"),
    [
        ('" 100m"', "istio/pilot:1.28.1", "warning"),
        ('" 100m"', "istio/pilot:1.29.1", "error"),
        ('"100 m"', "istio/pilot:1.28.1", "error"),
        ('""', "istio/pilot:1.28.1", "error"),
    ],
)
def test_spaces_around_quantities(value: str, image: str, severity: str) -> None:
    """Before 1.29 only the API's own decoder looked at them, and it trims."""
    text = mesh("{}", image).replace(f"{KEY}: '{{}}'", f"sidecar.istio.io/proxyCPU: {value}")
    assert [f.severity for f in found(text)] == [severity]


def test_the_message_is_in_the_injectors_words() -> None:
    text = POD + "    status.sidecar.istio.io/port: http\n" + SPEC
    words = "\"invalid value 'http' for annotation 'status.sidecar.istio.io/port'\""
    assert words in found(text)[0].message


ODD = ("null", "~", "5", "true", "[]", "{}", "{a: b}", '"\\0"', "!!binary aGk=", "*nowhere", "&a x")


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    "key", [KEY, "sidecar.istio.io/proxyCPU", "sidecar.istio.io/discoveryAddress"]
)
def test_odd_annotations_do_no_harm(key: str, value: str) -> None:
    lint_text(POD + f"    {key}: {value}\n" + SPEC)


@pytest.mark.parametrize("value", [*ODD, "[[[[", "a: &x [*x]", "<<: {a: 1}", "? {a: b}\n      : c"])
@pytest.mark.parametrize(
    "field", ["proxyMetadata", "tracing", "drainDuration", "statusPort", "image"]
)
def test_odd_fields_do_no_harm(field: str, value: str) -> None:
    lint_text(POD + f"    {KEY}: |\n      {field}: {value}\n" + SPEC)
