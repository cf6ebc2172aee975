"""Config Sync: which folder a RootSync or RepoSync applies.

The fields are those of GoogleContainerTools/kpt-config-sync pkg/api/configsync/v1beta1. A folder
with a kustomization is rendered, of any other all YAML below it is applied.
"""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Value
from meshlint.resources.applier import Applier, Made, given, settled
from meshlint.resources.document import Document
from meshlint.resources.layer import Layer
from meshlint.resources.reader import reads
from meshlint.resources.sync import CONFIG_SYNC

SOURCES = ("git", "oci")


@reads("RootSync", "RepoSync", hints=("dir",))
def synced(document: Document) -> Iterator[Made]:
    """The folder of a repository or an image."""
    if document.group == CONFIG_SYNC and document.partial is None:
        spec = document.root.get("spec")
        folders = (given(spec, key, "dir") for key in SOURCES)
        yield from settled(_applier(document, folder) for folder in folders if folder)


def _applier(document: Document, folder: Value) -> Applier:
    return Applier(
        subject=document.meta.subject,
        where=document.meta.where,
        folder=folder,
        recursive=True,
        layer=Layer(fallback=_fallback(document)),
    )


def _fallback(document: Document) -> Value | None:
    """The namespace of what names none (pkg/validate/scoped/hydrate/namespace_hydrator.go).

    What a RootSync applies may be copied into several that a NamespaceSelector chooses.
    """
    return document.meta.namespace if document.kind == "RepoSync" else None
