"""Kustomizations: which files are patches and no whole objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from meshlint.resources.document import Document
from meshlint.resources.reader import reads


@dataclass(frozen=True, slots=True)
class Kustomization:
    """`patches` are the paths of patch files, as the scan names files."""

    path: str
    patches: tuple[str, ...]


@reads("Kustomization", "Component")
def kustomization(document: Document) -> Iterator[Kustomization]:
    """Kustomize's Kustomization and Component (Flux has a Kustomization kind of its own)."""
    if document.group == "kustomize.config.k8s.io":
        path = document.root.page.path
        names = (*_paths(document, "patchesStrategicMerge"), *_paths(document, "patches"))
        names += _paths(document, "patchesJson6902")
        yield Kustomization(path, tuple(normpath(join(dirname(path), name)) for name in names))


def _paths(document: Document, key: str) -> tuple[str, ...]:
    """File names in a patch list: plain items (not inline YAML), or the `path:` of maps."""
    node = document.root.get(key)
    found = []
    for item in node.items() if node else ():
        field = item.field("path") if item.is_map else None
        value = field.value if field else item.value()
        if value.known and "\n" not in value.text:
            found.append(value.text)
    return tuple(found)
