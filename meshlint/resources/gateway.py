"""Gateway API Gateways: `istio.io/rev` on them names the control plane that runs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.unread import Unread


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway.networking.k8s.io Gateway."""

    meta: Meta
    partial: Unread | None


@reads("Gateway")
def gateway(document: Document) -> Iterator[Gateway]:
    """Only the Gateway API's; Istio's own Gateway CR is read by label of its revision."""
    if document.group == "gateway.networking.k8s.io":
        yield Gateway(document.meta, document.partial)
