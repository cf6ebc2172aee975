"""Which of Istio's charts a document installs: those that bring webhook configurations."""

from __future__ import annotations

from meshlint.resources.carrier import Release, releases
from meshlint.resources.document import Document

INJECTING = frozenset({"istiod", "istio-discovery", "istiod-remote"})
WITH_WEBHOOKS = INJECTING | {"base", "default"}
"""Charts of istio/istio manifests/charts that render webhook configurations."""


def istio_releases(document: Document) -> list[Release]:
    """Charts with webhooks; `base` and `default` are Istio's only where the document says so."""
    found = [r for r in releases(document) if r.chart in WITH_WEBHOOKS]
    istios = "istio" in document.root.page.lower
    return [r for r in found if r.chart in INJECTING or istios]
