"""Strategic-merge patches: fragments of objects, in which null deletes and `$patch` directs.

How they merge is told by sigs.k8s.io/kustomize/kyaml/yaml/merge2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Subject, Type, Value
from meshlint.resources.branch import branch
from meshlint.resources.document import Document
from meshlint.resources.json_patch import LISTS, METADATA, TEMPLATES
from meshlint.resources.layer import Change, Patch, Step, Target
from meshlint.resources.workload import PATHS
from meshlint.source.node import Node
from meshlint.source.placeholder import marked

HEAD = ("apiVersion", "kind", "metadata")
DECIDING = ("image", "env", "$patch")
"""What of a container tells on a proxy or an istiod."""


def strategic(document: Document, target: Target | None = None) -> Patch:
    """A strategic-merge patch, for the object that it names if no target is given."""
    root, own = document.root, document.meta
    template = _template(document)
    return Patch(
        target=target or _own(own.subject),
        where=own.where,
        labels=_change(root, "metadata", "labels"),
        annotations=_change(root, "metadata", "annotations"),
        pod_labels=_change(root, *template, "metadata", "labels") if template else Change(),
        pod_annotations=(
            _change(root, *template, "metadata", "annotations") if template else Change()
        ),
        host_network=_host(root, *template, "spec") if template else None,
        own_host_network=None if template else _host(root, "spec"),
        deletes=_directive(root) == "delete",
        other=_others(root),
        webhooks=tuple(_hooks(root)),
        replicas=_replicas(root),
        containers=_containers(root, *template, "spec"),
    )


def _own(subject: Subject) -> Subject | Target:
    """The object that a patch names; where a template will fill in its name, any of its kind.

    What is filled in after kustomize, such as `${X}`, is a name like others to it.
    """
    if marked(subject.name) or marked(subject.namespace):
        return Target(kind=re.escape(subject.kind), exact=False)
    return subject


def _template(document: Document) -> tuple[str, ...]:
    """The path to the pod template: by what the patch has, since its kind need not be right."""
    usual = PATHS.get((document.group, document.kind), TEMPLATES[0])
    there = (path for path in TEMPLATES if document.root.get(*path) is not None)
    return usual if usual == () else next(there, usual)


def _others(root: Node) -> frozenset[str]:
    """What is in the patch beside labels and annotations; of a pod template, these too."""
    if _directive(root):
        return frozenset("*")
    metadata = root.get("metadata")
    found = [f"metadata.{n.name}" for n in _children(metadata) if n.name not in METADATA]
    for child in _children(root):
        below = [f"spec.{n.name}" for n in child.children()] if child.name == "spec" else []
        found += below or ([child.name] if child.name not in HEAD else [])
    return frozenset(found)


def _hooks(root: Node) -> Iterator[Step]:
    """What becomes of the list `webhooks`."""
    listed = root.get("webhooks")
    if listed is not None:
        yield Step("", (), branch(listed))


def _children(node: Node | None) -> Iterator[Node]:
    yield from node.children() if node else ()


def _directive(node: Node) -> str:
    field = node.field("$patch")
    return field.value.text if field else ""


def _walk(root: Node, *keys: str) -> tuple[Node | None, bool]:
    """The map at a path, and whether what the object had there is gone."""
    node, gone = root, _directive(root) == "replace"
    for key in keys:
        child = node.get(key)
        if child is None:
            return None, gone
        if not child.is_map or _directive(child) == "delete":
            return None, True
        gone = gone or _directive(child) == "replace"
        node = child
    return node, gone


def _change(root: Node, *keys: str) -> Change:
    node, gone = _walk(root, *keys)
    entries = node.entries() if node else {}
    fields = {name: n.as_field for name, n in entries.items() if not name.startswith("$")}
    deleted = {name: f for name, f in fields.items() if f.value.type is Type.NULL}
    kept = {name: f for name, f in fields.items() if name not in deleted}
    return Change(kept, deleted, gone)


def _host(root: Node, *keys: str) -> Value | None:
    spec, gone = _walk(root, *keys)
    field = spec.field("hostNetwork") if spec else None
    if field:
        return field.value
    return Value("false", root.where, Type.BOOL) if gone else None


def _replicas(root: Node) -> Value | None:
    field = root.field("spec", "replicas")
    return field.value if field else None


def _containers(root: Node, *keys: str) -> frozenset[str] | None:
    spec, gone = _walk(root, *keys)
    lists = [spec.get(key) for key in LISTS] if spec else []
    if gone or any(node is not None and not node.is_list for node in lists):
        return None
    items = [item for node in lists if node for item in node.items()]
    named = [item.field("name") for item in items if any(item.get(key) for key in DECIDING)]
    texts = [field.value.known if field else None for field in named]
    return None if None in texts else frozenset(text for text in texts if text is not None)
