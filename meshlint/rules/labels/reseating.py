"""Entries of metadata under the key that was meant, in the map where that is read."""

from __future__ import annotations

from meshlint.finding import Fix, Type
from meshlint.resources.document import Document
from meshlint.resources.keys import (
    IGNORED_NAMESPACES,
    INJECT,
    NAMESPACE_KEYS,
    POD_ANNOTATIONS,
    REVISION,
)
from meshlint.resources.workload import PATHS, selected
from meshlint.rules.meaning import spelled
from meshlint.rules.mending import Path, rename, rewrite, slot
from meshlint.rules.spelling import distance
from meshlint.source.node import Node

WEBHOOKS = "admissionregistration.k8s.io"
NAMESPACE = ("", "Namespace")


def reseated(document: Document, entry: Node, key: str) -> Fix | None:
    """The entry as one that Istio reads, if its value is one and nothing else is said there."""
    field, here = entry.as_field, _path(document, entry.parent)
    home = _home(document, key, here)
    scalar = field.value.literal and field.value.type in (Type.STRING, Type.BOOL)
    value = spelled(key, field.value.text) if scalar else None
    if home is None or here is None or value is None or _said(document, home, key, entry):
        return None
    if _vain(document, key, value) or entry.name in selected(document.root):
        return None
    return rewrite(field, key, value, home if here != home else ())


def indented(document: Document, entry: Node) -> Fix | None:
    """The entry in the map where it is read; or that map by its right name, if it has none."""
    fix, holder = reseated(document, entry, entry.name), entry.parent
    metadata = holder.parent if holder else None
    own = slot(entry.name)
    misnamed = holder is not None and holder.name != "metadata" and distance(holder.name, own) <= 2
    if fix is None or holder is None or metadata is None or not misnamed or metadata.get(own):
        return fix
    alone = len(fix.edits) == 1 and (*(_path(document, metadata) or ()), own) == _home(
        document, entry.name, None
    )
    return rename(holder.as_field.key, own) if alone else fix


def _path(document: Document, node: Node | None) -> Path | None:
    """The way to a map from the root, through maps alone."""
    names: list[str] = []
    while node is not None and node is not document.root:
        if node.parent is None or not node.parent.is_map:
            return None
        names.append(node.name)
        node = node.parent
    return tuple(reversed(names)) if node is not None else None


def _home(document: Document, key: str, here: Path | None) -> Path | None:
    """Where a key is read on this kind of object; what pods take only from there is not moved."""
    kind = (document.group, document.kind)
    if kind == NAMESPACE:
        return ("metadata", "labels") if key in NAMESPACE_KEYS else None
    if document.group == WEBHOOKS:
        return ("metadata", "labels") if key == REVISION else None
    if kind not in PATHS or document.partial:
        return None
    home = (*PATHS[kind], "metadata", slot(key))
    return home if key in POD_ANNOTATIONS or key == INJECT or here == home else None


def _said(document: Document, home: Path, key: str, entry: Node) -> bool:
    """Whether there is another word on the same already."""
    metadata = document.root.get(*home[:-1])
    maps = [metadata.get(name) for name in ("labels", "annotations")] if metadata else []
    rivals = NAMESPACE_KEYS if key in NAMESPACE_KEYS and home[0] == "metadata" else {key}
    found = (m.get(rival) for m in maps if m for rival in {key, *rivals})
    return any(other is not None and other.raw is not entry.raw for other in found)


def _vain(document: Document, key: str, value: str) -> bool:
    """Whether the right key would be as good as nothing."""
    kind, own = (document.group, document.kind), document.meta.subject
    space = own.name if kind == NAMESPACE else own.namespace
    pods = PATHS.get(kind)
    host = document.root.get(*pods, "spec", "hostNetwork") if pods is not None else None
    return space in IGNORED_NAMESPACES or (key == INJECT and value == "true" and host is not None)
