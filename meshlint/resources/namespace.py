"""The Namespace fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.unread import Unread


@dataclass(frozen=True, slots=True)
class Namespace:
    """A Namespace object; a partial one (a patch) only adds labels to another.

    `more` is True for one that an Application or a release makes: it has the labels given, and
    may have others.
    """

    meta: Meta
    partial: Unread | None
    more: bool = False


@reads("Namespace")
def namespace(document: Document) -> Iterator[Namespace]:
    """Kubernetes' own Namespace (Fleet's and others' kinds of the same name are no namespaces)."""
    if document.api_version == "v1":
        yield Namespace(document.meta, document.partial)
