"""The Service fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Unread
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads


@dataclass(frozen=True, slots=True)
class Service:
    """A core Service; what it is called and where is all that is needed of it."""

    meta: Meta
    partial: Unread | None


@reads("Service")
def service(document: Document) -> Iterator[Service]:
    """Kubernetes' own Service, not Knative's."""
    if document.api_version == "v1":
        yield Service(document.meta, document.partial)
