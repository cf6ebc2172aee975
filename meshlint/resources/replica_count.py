"""How many pods of istiod an installer is asked for, by an IstioOperator or by Helm values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Type, Value
from meshlint.resources.carrier import ISTIOD_CHARTS, Release, releases
from meshlint.resources.control_plane import operator
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

KUBERNETES = ("spec", "components", "pilot", "k8s")


@dataclass(frozen=True, slots=True)
class ReplicaCount:
    """What ends up as `spec.replicas` of istiod's Deployment; `key` is how it is written."""

    meta: Meta
    partial: Unread | None
    replicas: Value
    key: str


@reads("IstioOperator")
def operator_count(document: Document) -> Iterator[ReplicaCount]:
    """`k8s.replicaCount` and overlays, put on what the chart renders (operator/pkg/render).

    What an IstioOperator says in its `values` goes to the chart, for which 0 is no number: it
    leaves the replicas out. `hpaSpec.minReplicas: 0` goes there too, and makes no autoscaler.
    """
    if next(operator(document), None) is None:
        return
    field = document.root.field(*KUBERNETES, "replicaCount")
    if field:
        yield _count(document, field.value, "components.pilot.k8s.replicaCount")
    overlays = document.root.get(*KUBERNETES, "overlays")
    for overlay in overlays.items() if overlays else ():
        kind = overlay.field("kind")
        patches = overlay.get("patches") if kind and kind.value.known == "Deployment" else None
        for patch in patches.items() if patches else ():
            yield from _overlaid(document, patch)


def _overlaid(document: Document, patch: Node) -> Iterator[ReplicaCount]:
    path, value = patch.field("path"), patch.field("value")
    if path and value and path.value.known == "spec.replicas":
        yield _count(document, value.value, "the overlay of spec.replicas")


@reads("HelmRelease", "Application", "ApplicationSet", "HelmChart", hints=("istio",))
@reads("Kustomization")
def helm_count(document: Document) -> Iterator[ReplicaCount]:
    """Only where no autoscaler is asked for does the chart write replicas (deployment.yaml).

    To it the number 0 is as good as nothing, and the text "0" is not.
    """
    for release in releases(document):
        if release.chart not in ISTIOD_CHARTS or not _fixed(release):
            continue
        for key in ("pilot.replicaCount", "replicaCount"):
            field = release.field(*key.split("."))
            if field and field.value.type is Type.STRING and field not in _set(release):
                yield _count(document, field.value, key)


def _fixed(release: Release) -> bool:
    """Whether autoscaling is switched off."""
    found = (release.field(*path, "autoscaleEnabled") for path in (("pilot",), ()))
    return any(field and field.value.text == "false" for field in found)


def _set(release: Release) -> list[Field]:
    """Single parameters, of which Helm makes numbers whatever they are written as."""
    return list(release.parameters.values())


def _count(document: Document, value: Value, key: str) -> ReplicaCount:
    return ReplicaCount(document.meta, document.partial, value, key)
