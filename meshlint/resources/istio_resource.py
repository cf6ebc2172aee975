"""Istio's own resources that name a revision: only the istiod of that revision reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.resources.document import Document, Meta
from meshlint.resources.keys import REVISION
from meshlint.resources.reader import reads
from meshlint.unread import Unread

ISTIO_KINDS = {
    **dict.fromkeys(
        "DestinationRule EnvoyFilter Gateway ProxyConfig ServiceEntry Sidecar VirtualService"
        " WorkloadEntry WorkloadGroup".split(),
        "networking.istio.io",
    ),
    **dict.fromkeys(
        "AuthorizationPolicy PeerAuthentication RequestAuthentication".split(),
        "security.istio.io",
    ),
    **dict.fromkeys("TrafficExtension WasmPlugin".split(), "extensions.istio.io"),
    "Telemetry": "telemetry.istio.io",
}
"""What istiod reads by revision, with its API group (pkg/config/schema/collections, Pilot)."""


@dataclass(frozen=True, slots=True)
class IstioResource:
    """One of ISTIO_KINDS with the label istio.io/rev; those without it are for every istiod."""

    meta: Meta
    partial: Unread | None


@reads(*ISTIO_KINDS, hints=())
def istio_resource(document: Document) -> Iterator[IstioResource]:
    """Only those that are labelled: of the others nothing is asked."""
    if document.group == ISTIO_KINDS[document.kind] and REVISION in document.meta.labels:
        yield IstioResource(document.meta, document.partial)
