"""What an istiod's Deployment says beside its pods: how many, and which ones are its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Value
from meshlint.resources.control_plane import istiod as revisions
from meshlint.resources.document import Document, Meta
from meshlint.resources.label_selector import Selector, selector
from meshlint.resources.number import absent, whole
from meshlint.resources.reader import reads
from meshlint.unread import Unread


@dataclass(frozen=True, slots=True)
class Istiod:
    """An istiod's Deployment, joined with its Workload by place and site.

    `replicas` is None where it is left out: then there is one pod, or as many as an autoscaler
    wants. `selector` is None where there is none, which apps/v1 refuses.
    """

    meta: Meta
    partial: Unread | None
    replicas: Value | None = None
    selector: Selector | None = None

    @property
    def count(self) -> int | None:
        """How many pods it asks for; None where that is not known."""
        return 1 if absent(self.replicas) else whole(self.replicas)


@reads("Deployment", hints=("istiod", "discovery"))
def istiod(document: Document) -> Iterator[Istiod]:
    """The Deployments that tell of a revision."""
    replicas, own = document.root.field("spec", "replicas"), document.root.get("spec", "selector")
    for revision in revisions(document):
        yield Istiod(
            meta=document.meta,
            partial=revision.partial,
            replicas=replicas.value if replicas else None,
            selector=selector(own) if own else None,
        )
