"""The revision for which Istio's base chart makes the validator of what has no revision label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Value
from meshlint.resources.carrier import releases
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.unread import Unread

CHART = "base"


@dataclass(frozen=True, slots=True)
class DefaultValidator:
    """`revision` is the value `defaultRevision`, given where the chart is installed.

    With it the chart makes istiod-default-validator, which calls the istiod of that revision
    (manifests/charts/base/templates/defaultrevision-validatingwebhookconfiguration.yaml).
    """

    meta: Meta
    partial: Unread | None
    revision: Value


@reads("HelmRelease", "Application", "ApplicationSet", "HelmChart", hints=("istio",))
@reads("Kustomization")
def default_validator(document: Document) -> Iterator[DefaultValidator]:
    """A chart `base` is Istio's only where the document says so."""
    if "istio" in document.root.page.lower:
        for release in releases(document):
            field = release.field("defaultRevision") if release.chart == CHART else None
            if field and field.value.text:
                yield DefaultValidator(document.meta, document.partial, field.value)
