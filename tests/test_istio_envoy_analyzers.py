"""What Istio's tests expect of its analyzer of EnvoyFilters, held against meshlint.

Source: istio/istio pkg/config/analysis/analyzers/analyzers_test.go (EnvoyPatchAnalyzer) and the
files in its testdata; the CRD's own cases are in pkg/config/validation/testdata/crds.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from meshlint.engine import run
from meshlint.finding import Finding, Severity
from meshlint.source.files import collect
from tests.test_istio_analyzers import ARCHIVE

DATA = "istio+istio/pkg/config"
ANALYZERS = "analysis/analyzers/testdata"
CRDS = "validation/testdata/crds"

pytestmark = pytest.mark.skipif(
    not ARCHIVE.is_file(), reason="the corpus (../shared/corpus) is not here"
)

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

ANSWERS = {
    "IST0151": {"MESH652"},
    "IST0152": {"MESH651"},
    "IST0153": {"MESH651"},
    "IST0154": {"MESH651"},
    "IST0155": {"MESH652"},
}
"""The rules that say what a message of Istio's says."""

EXPECTED = {
    "relative-envoy-filter-operation": (
        ("IST0151", "test-relative-1"),
        ("IST0151", "test-relative-2"),
        ("IST0151", "test-relative-3"),
        ("IST0155", "test-relative-3"),
    ),
    "envoy-filter-filterchain": (),
    "absolute-envoy-filter-operation": (),
    "envoy-filter-replace-operation": (
        ("IST0152", "test-replace-1"),
        ("IST0155", "test-replace-3"),
        ("IST0151", "test-replace-3"),
    ),
    "envoy-filter-add-operation": (("IST0153", "test-auth-2"), ("IST0153", "test-auth-3")),
    "envoy-filter-remove-operation": (
        ("IST0151", "test-remove-1"),
        ("IST0154", "test-remove-2"),
        ("IST0154", "test-remove-3"),
        ("IST0151", "test-remove-5"),
    ),
}
"""Every message that Istio's test expects of a file, and the EnvoyFilter that it is about."""

STOCK = "it is put at a filter that istiod itself generates, before any EnvoyFilter is applied"
ROUTES = "istiod does add and remove routes (patchHTTPRoutes): the analyzer is behind the code"
UNSAID = {
    ("IST0151", "test-relative-1"): STOCK,
    ("IST0151", "test-relative-2"): STOCK,
    ("IST0151", "test-relative-3"): "no EnvoyFilter adds the filter that it is put at",
    ("IST0155", "test-relative-3"): "the same, said of its second patch",
    ("IST0151", "test-replace-3"): "its patches name no filter, or one of istiod's own",
    ("IST0155", "test-replace-3"): "the same, said of another of its patches",
    ("IST0153", "test-auth-3"): ROUTES,
    ("IST0154", "test-remove-3"): ROUTES,
    ("IST0151", "test-remove-1"): "no EnvoyFilter adds the filter that it removes",
    ("IST0151", "test-remove-5"): "it names no filter that another EnvoyFilter could add",
}
"""What Istio expects and is not said in its words, with the reason."""

MORE = {
    ("MESH640", "test-remove-4", ERROR): "it has no patch: the webhook refuses it",
    ("MESH642", "test-remove-2", ERROR): "a route configuration is matched by its listener",
    ("MESH642", "test-remove-3", ERROR): "a route is matched by its listener",
    ("MESH642", "test-relative-3", ERROR): "a cluster is matched by its listener",
    ("MESH643", "test-auth-4", NOTE): "a field 'app' that EnvoyFilters do not have",
    ("MESH643", "test-auth-5", NOTE): "the same",
    ("MESH647", "test-replace-3", WARNING): "a cluster is put in as a network filter",
    ("MESH649", "test-relative-3", WARNING): "HTTP filters are not where it looks for them",
    ("MESH649", "test-remove-1", NOTE): "a filter that istiod does not generate",
    ("MESH650", "test-auth-1", ERROR): "ADD puts it behind the router (istio/istio#32638)",
    ("MESH650", "test-auth-4", ERROR): "the same",
    ("MESH650", "test-auth-5", ERROR): "the same",
    ("MESH650", "test-relative-2", ERROR): "it is put behind the router",
    ("MESH650", "test-replace-2", ERROR): "a filter that ends no chain replaces the router",
    ("MESH651", "test-remove-5", WARNING): "REMOVE without the name of a filter",
    ("MESH651", "test-replace-3", WARNING): "REPLACE without the name of a filter",
    ("MESH653", "test-auth-5", NOTE): "one filter twice in a chain, as in test-auth-1",
    ("MESH653", "test-reviews-lua-2", NOTE): "the same, as in test-reviews-lua-1",
}
"""What only meshlint says of these files, with the reason: Istio's analyzer does not look for it."""

CRD_CASES = {
    "envoyfilter-valid": {("MESH651", "merge-and-replace-list", NOTE)},
    "envoyfilter-invalid": {
        ("MESH641", "waypoint-wrong-context", WARNING),
        ("MESH641", "waypoint-wrong-match", ERROR),
        # an entry that is there for the test, and a filter without a patch
        ("MESH640", "waypoint-wrong-context", ERROR),
        ("MESH643", "waypoint-wrong-context", NOTE),
        ("MESH643", "waypoint-wrong-match", NOTE),
        ("MESH643", "waypoint-wrong-port", NOTE),
    },
}
"""What the CRD takes and refuses. The range of a port, waypoint-wrong-port, is not checked."""

FILES = {
    **{name: f"{ANALYZERS}/{name}.yaml" for name in EXPECTED},
    **{name: f"{CRDS}/{name}.yaml" for name in CRD_CASES},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of all cases, unpacked outside of the project."""
    folder = tmp_path_factory.mktemp("istio")
    wanted = {f"{DATA}/{file}" for file in FILES.values()}
    with tarfile.open(ARCHIVE) as tar:
        members = [member for member in tar if member.name.removeprefix("./") in wanted]
        tar.extractall(folder, members, filter="data")
    assert len(members) == len(wanted)
    return folder / DATA


def findings(data: Path, name: str) -> tuple[Finding, ...]:
    report = run(collect([str(data / FILES[name])]))
    assert not report.failures
    return report.findings


def said(found: tuple[Finding, ...]) -> set[tuple[str, str, Severity]]:
    return {(f.code, f.subject.name, f.severity) for f in found if f.subject}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_istio_expects_is_said_or_explained(data: Path, name: str) -> None:
    codes = {(code, about) for code, about, _ in said(findings(data, name))}
    for istio, about in EXPECTED[name]:
        answered = any((code, about) in codes for code in ANSWERS[istio])
        explained = (istio, about) in UNSAID
        assert answered or explained, (istio, about)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_only_meshlint_says_is_explained(data: Path, name: str) -> None:
    """Each finding answers a message of Istio's, or stands in the list with its reason."""
    expected = set(EXPECTED[name])
    for code, about, severity in said(findings(data, name)):
        answers = any((istio, about) in expected for istio in ANSWERS if code in ANSWERS[istio])
        assert answers or (code, about, severity) in MORE, (code, about, severity)


def test_nothing_is_explained_in_vain(data: Path) -> None:
    found = set().union(*(said(findings(data, name)) for name in EXPECTED))
    assert MORE.keys() <= found
    assert UNSAID.keys() <= {message for messages in EXPECTED.values() for message in messages}


@pytest.mark.parametrize("name", CRD_CASES)
def test_the_cases_of_the_crd(data: Path, name: str) -> None:
    assert said(findings(data, name)) == CRD_CASES[name]
