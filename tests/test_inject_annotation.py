"""The deprecated annotation: whether the label would do more depends on the age of the mesh."""

from __future__ import annotations

import pytest

from tests.lint import lint_text
from tests.manifests import istiod, workload


@pytest.mark.parametrize(
    ("images", "told"),
    [
        ((), True),
        (("istio/pilot:1.10.0",), True),
        (("istio/pilot:1.9.9",), False),
        (("istio/pilot:1.29.1", "istio/pilot:1.9.9"), False),
        (("istio/pilot@sha256:0",), True),
    ],
)
def test_only_newer_meshes_go_by_the_label(images: tuple[str, ...], told: bool) -> None:
    """Before 1.10 the webhooks did not select pods by it."""
    platform = [istiod(f"r{number}", image=image) for number, image in enumerate(images)]
    report = lint_text("---\n".join([*platform, workload(note='"false"')]))
    assert ("MESH120" in {finding.code for finding in report.findings}) is told
