"""Which of Istio's charts a document installs: those that bring webhook configurations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Value
from meshlint.resources.carrier import Release, releases
from meshlint.resources.document import Document
from meshlint.resources.values import Values

INJECTING = frozenset({"istiod", "istio-discovery", "istiod-remote"})
WITH_WEBHOOKS = INJECTING | {"base", "default"}
"""Charts of istio/istio manifests/charts that render webhook configurations."""


def istio_releases(document: Document) -> list[Release]:
    """Charts with webhooks; `base` and `default` are Istio's only where the document says so."""
    found = [r for r in releases(document) if r.chart in WITH_WEBHOOKS]
    istios = "istio" in document.root.page.lower
    return [r for r in found if r.chart in INJECTING or istios]


@dataclass(frozen=True, slots=True)
class Given:
    """Helm values for Istio's charts; `version` is the chart's, None where that is not known."""

    values: Values
    version: Field | None = None

    def tags(self) -> tuple[Value, ...]:
        """The revision tags that the chart makes."""
        return tuple(tag for node in self.values.maps for tag in node.scalars("revisionTags"))


def istio_values(document: Document) -> Iterator[Given]:
    """What a document gives to Istio's charts, be it a release or an IstioOperator."""
    yield from (Given(release.given, release.version) for release in istio_releases(document))
    values = document.root.get("spec", "values")
    operators = document.kind == "IstioOperator" or document.group == "sailoperator.io"
    if operators and values is not None and values.is_map:
        sail = document.group == "sailoperator.io"
        yield Given(Values((values,)), document.root.field("spec", "version" if sail else "tag"))
