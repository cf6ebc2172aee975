"""What Istio's own tests expect of its analyzers, held against meshlint on the same files.

Source: istio/istio pkg/config/analysis/analyzers/analyzers_test.go and the files in its testdata.
Each case is one run over its files, as there.
"""

from __future__ import annotations

import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from meshlint.engine import run
from meshlint.finding import Finding, Severity
from meshlint.rules.words import named
from meshlint.source.files import collect
from tests.conftest import ROOT

ARCHIVE = ROOT.parent / "shared/corpus/istio+istio.tar.xz"
DATA = "istio+istio/pkg/config/analysis/analyzers/testdata"

pytestmark = pytest.mark.skipif(
    not ARCHIVE.is_file(), reason="the corpus (../shared/corpus) is not here"
)

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

ANSWERS = {
    "IST0102": {"MESH130"},
    "IST0103": {"MESH610"},
    "IST0107": {"MESH106", "MESH107", "MESH108", "MESH109", "MESH131"},
    "IST0108": {"MESH114"},
    "IST0123": {"MESH104", "MESH113"},
    "IST0125": {"MESH602"},
    "IST0135": {"MESH120", "MESH132"},
    "IST0139": {"MESH306", "MESH402"},
    "IST0144": {"MESH626"},
    "IST0146": {"MESH601"},
    "IST0147": {"MESH601"},
    "IST0148": {"MESH133"},
    "IST0163": {"MESH305"},
    "IST0164": set(),
}
"""The rules that say what a message of Istio's says. None says IST0164, an information: a URL with
an IP address is as good as any other, if the certificate has that address."""


@dataclass(frozen=True)
class Message:
    """A message that Istio's test expects of an object, and who says so here, how loudly."""

    istio: str
    about: str
    code: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.istio} {self.about} {self.code}"


@dataclass(frozen=True)
class Case:
    """Files that are analyzed together. `more` is what only meshlint says, with the reason."""

    files: tuple[str, ...]
    silent: tuple[str, ...]
    expected: tuple[Message, ...]
    more: dict[tuple[str, str], str] = field(default_factory=dict)


MANY = (
    Message("IST0123", "Namespace busted", "MESH104", WARNING),
    Message("IST0123", "Namespace multi-ns-1", "MESH104", WARNING),
    Message("IST0123", "Namespace multi-ns-2", "MESH113", WARNING),
    # the revision of a namespace in ambient mode may be meant for its waypoints
    Message("IST0123", "Namespace multi-ns-3", "MESH113", NOTE),
)
MISSING = Message("IST0103", "Pod default/noninjectedpod", "MESH610", NOTE)
"""A warning of Istio's, which sees the live Pod. Here nothing shows that it is one."""
OVERLAP = "MutatingWebhookConfiguration istio-sidecar-injector-overlap"
MISSING_OVERLAP = "MutatingWebhookConfiguration istio-sidecar-injector-missing-overlap"
GATEWAY = "Deployment not-injected/non-injected-gateway-deployment"
EXTERNAL = "istio-sidecar-injector-external-istiod", "istio-validator-external-istiod"
CUSTOM = "istio-sidecar-injector-custom-ns", "istio-validator-custom-ns"


def blank(injector: str, validator: str) -> tuple[Message, Message]:
    """A warning of Istio's; the API server refuses what has neither url nor service."""
    return (
        Message("IST0163", f"MutatingWebhookConfiguration {injector}", "MESH305", ERROR),
        Message("IST0163", f"ValidatingWebhookConfiguration {validator}", "MESH305", ERROR),
    )


def as_proxy(about: str) -> tuple[Message]:
    """A warning of Istio's; a note here, as nothing says that these pods are injected."""
    return (Message("IST0144", about, "MESH626", NOTE),)


CASES = {
    "misannotated": Case(
        ("misannotated.yaml",),
        ("IST0107", "IST0108", "IST0125", "IST0135"),
        (
            Message("IST0108", "Service httpbin", "MESH114", NOTE),
            Message("IST0125", "Pod invalid-annotations", "MESH602", WARNING),
            Message("IST0107", "Pod grafana-test", "MESH131", NOTE),
            Message("IST0107", "Deployment fortio-deploy", "MESH106", WARNING),
            Message("IST0107", "Namespace staging", "MESH131", NOTE),
            Message("IST0135", "Deployment fortio-deploy", "MESH132", NOTE),
        ),
        {("MESH114", "Ingress gateway"): "Istio looks at four kinds, and Ingress is none of them"},
    ),
    "injection": Case(
        ("injection.yaml",),
        ("IST0102", "IST0103", "IST0123", "IST0148"),
        (Message("IST0102", "Namespace bar", "MESH130", NOTE), MISSING, *MANY),
    ),
    "injection by default": Case(
        ("injection.yaml", "common/sidecar-injector-enabled-nsbydefault.yaml"),
        ("IST0102", "IST0103", "IST0123", "IST0148"),
        (Message("IST0148", "Namespace bar", "MESH133", NOTE), MISSING, *MANY),
    ),
    "webhook": Case(
        ("webhook.yaml",),
        ("IST0139",),
        (
            Message("IST0139", MISSING_OVERLAP, "MESH306", WARNING),
            Message("IST0139", MISSING_OVERLAP, "MESH402", ERROR),
            Message("IST0139", OVERLAP, "MESH402", ERROR),
        ),
    ),
    "image auto": Case(
        ("image-auto.yaml",),
        ("IST0146", "IST0147"),
        # notes, as neither namespace is among the files
        (
            Message("IST0146", "Pod default/injected-pod", "MESH601", NOTE),
            Message("IST0147", GATEWAY, "MESH601", NOTE),
        ),
    ),
    "pod as 1337": Case(("pod-sec-uid.yaml",), ("IST0144",), as_proxy("Pod pod-sec-uid")),
    "container as 1337": Case(("pod-con-sec-uid.yaml",), ("IST0144",), as_proxy("Pod con-sec-uid")),
    "template as 1337": Case(
        ("deployment-pod-sec-uid.yaml",), ("IST0144",), as_proxy("Deployment deploy-pod-sec-uid")
    ),
    "template container as 1337": Case(
        ("deployment-con-sec-uid.yaml",), ("IST0144",), as_proxy("Deployment deploy-con-sec-uid")
    ),
    "external without urls": Case(
        ("externalcontrolplane-missing-urls.yaml",), ("IST0163", "IST0164"), blank(*EXTERNAL)
    ),
    "external without urls elsewhere": Case(
        ("externalcontrolplane-missing-urls-custom-ns.yaml",),
        ("IST0163", "IST0164"),
        blank(*CUSTOM),
    ),
    "external by address": Case(
        ("externalcontrolplane-using-ip-addr.yaml",), ("IST0163", "IST0164"), ()
    ),
    "external": Case(("externalcontrolplane-valid-urls.yaml",), ("IST0163", "IST0164"), ()),
    "external elsewhere": Case(
        ("externalcontrolplane-valid-urls-custom-ns.yaml",), ("IST0163", "IST0164"), ()
    ),
}

EXPECTED = [(name, message) for name, case in CASES.items() for message in case.expected]

LOUD = {
    ("image auto", "MutatingWebhookConfiguration istio-sidecar-injector"): (
        "it has no label istio.io/rev, so istiod never fills in its caBundle"
    ),
    ("external by address", f"MutatingWebhookConfiguration {EXTERNAL[0]}"): (
        "one hook calls an address, and the others a host"
    ),
}
"""Objects of which Istio's tests expect nothing, and that have a fault which Istio does not look
for."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of all cases, unpacked outside of the project."""
    folder = tmp_path_factory.mktemp("istio")
    wanted = {f"{DATA}/{file}" for case in CASES.values() for file in case.files}
    with tarfile.open(ARCHIVE) as tar:
        members = [member for member in tar if member.name.removeprefix("./") in wanted]
        tar.extractall(folder, members, filter="data")
    assert len(members) == len(wanted)
    return folder / DATA


def findings(data: Path, name: str) -> tuple[Finding, ...]:
    report = run(collect([str(data / file) for file in CASES[name].files]))
    assert not report.failures
    return report.findings


def about(finding: Finding) -> str:
    return named(finding.subject) if finding.subject else ""


@pytest.mark.parametrize(("name", "message"), EXPECTED, ids=str)
def test_what_istio_expects_is_reported(data: Path, name: str, message: Message) -> None:
    found = {(about(f), f.code, f.severity) for f in findings(data, name)}
    assert message.code in ANSWERS[message.istio]
    assert (message.about, message.code, message.severity) in found


@pytest.mark.parametrize("name", CASES)
def test_what_istio_expects_to_be_silent_is(data: Path, name: str) -> None:
    """No rule that stands for one of the case's messages says it of another object."""
    case = CASES[name]
    codes = set().union(*(ANSWERS[istio] for istio in case.silent))
    expected = {(message.code, message.about) for message in case.expected}
    found = {(f.code, about(f)) for f in findings(data, name) if f.code in codes}
    assert found - expected == case.more.keys()


@pytest.mark.parametrize("name", CASES)
def test_other_objects_stay_below_a_warning(data: Path, name: str) -> None:
    expected = {message.about for message in CASES[name].expected}
    loud = {about(f) for f in findings(data, name) if f.severity is not NOTE}
    assert loud - expected == {thing for case, thing in LOUD if case == name}
