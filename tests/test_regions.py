"""Each format's regions, read back in its own unit of columns, hold what the findings name."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meshlint.engine import run
from meshlint.finding import Severity
from meshlint.report.model import Report
from meshlint.source.files import collect
from tests.conftest import HERE, ROOT
from tests.regions import READERS, Place, of_findings

WAYS = {
    "as it is": lambda data: data,
    "CRLF": lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "CR": lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
    "BOM": lambda data: b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"),
}

FLOW = (
    "apiVersion: v1\nkind: Namespace\nmetadata: {{annotations: {{note: {0}}}, name: shop, labels: {{istio-injection: 'true'}}}}\n"
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{annotations: {{note: {0}, sidecar.istio.io/inject: 'true'}}, name: cart, namespace: shop}}\n"
    "spec: {{template: {{metadata: {{annotations: {{note: {0}}}, labels: {{sidecar.istio.io.inject: 'true'}}}}, spec: {{containers: []}}}}}}\n"
)  # fmt: skip
"""Faults behind text on the same line."""


def expected(report: Report, name: str) -> Counter[Place]:
    """What a format has to say: texts where it tells ends, and no notes in that of Azure."""
    told = [
        place
        for place, finding in zip(of_findings(report), report.findings, strict=True)
        if name != "azure" or finding.severity is not Severity.NOTE
    ]
    ends = name in ("json", "sarif", "rdjson", "github")
    return Counter((path, line, text if ends else None) for path, line, text in told)


@pytest.fixture(scope="module", params=WAYS)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What is found in the failing cases of all rules and in the examples, written in some way."""
    folder = tmp_path_factory.mktemp("tree")
    for fail in sorted((HERE / "rules").glob("*/fail")):
        shutil.copytree(fail, folder / fail.parent.name)
    shutil.copytree(ROOT / "examples", folder / "examples")
    for path in folder.rglob("*.yaml"):
        path.write_bytes(WAYS[request.param](path.read_bytes()))
    return run(collect([str(folder)]))


@pytest.mark.parametrize("name", READERS)
def test_regions_in_every_format(name: str, report: Report) -> None:
    assert len(report.findings) > 300
    assert Counter(READERS[name](report)) == expected(report, name)


@pytest.mark.parametrize("name", READERS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(note=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=6))
def test_regions_behind_any_text(name: str, note: str, tmp_path: Path) -> None:
    """Columns differ by unit only where characters before them are wide."""
    quoted = "'" + f"é𝄞{note}".replace("'", "''") + "'"
    (tmp_path / "a.yaml").write_text(FLOW.format(quoted), "utf-8")
    report = run(collect([str(tmp_path)]))
    assert {finding.code for finding in report.findings} >= {"MESH101", "MESH103", "MESH106"}
    assert Counter(READERS[name](report)) == expected(report, name)
    texts = {text for _, _, text in of_findings(report)}
    assert {"'true'", "sidecar.istio.io.inject", "sidecar.istio.io/inject"} <= texts
