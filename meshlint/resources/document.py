"""One Kubernetes object in a file, before anything of it is interpreted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from meshlint.finding import Fields, Location, Subject, Value
from meshlint.resources.keys import KNOWN
from meshlint.resources.site import Site
from meshlint.source.node import Node
from meshlint.unread import Unread

METADATA_MAPS = frozenset({"labels", "annotations", "managedFields"})


@dataclass(frozen=True, slots=True)
class Meta:
    """An object's metadata; `where` is the grip for what is missing: its name, else its kind."""

    subject: Subject
    name: Value | None
    namespace: Value | None
    labels: Fields
    annotations: Fields
    where: Location
    strays: frozenset[str] = frozenset()
    """Keys of Istio that stand in the metadata outside of labels and annotations."""
    site: Site | None = None
    """Where a kustomization or the like applies the object; see `at`."""

    @property
    def at(self) -> Site:
        """From where the object reaches a cluster; by default its own file."""
        return self.site or Site(self.where.path)

    def label(self, key: str) -> str | None:
        """A label's value, where it is known and a string."""
        field = self.labels.get(key)
        return field.value.known if field else None


@dataclass(frozen=True)
class Document:
    """A map with apiVersion and kind; `partial` says why it must not count for what it lacks."""

    root: Node
    api_version: str
    kind: str
    partial: Unread | None = None

    @property
    def group(self) -> str:
        """`apps` of `apps/v1`; "" for the core group."""
        return self.api_version.rpartition("/")[0]

    @cached_property
    def meta(self) -> Meta:
        return meta(self.root, self.api_version, self.kind)


def meta(root: Node, api_version: str, kind: str) -> Meta:
    """The metadata of an object, or of a pod template in one."""
    name = root.field("metadata", "name")
    namespace = root.field("metadata", "namespace")
    return Meta(
        subject=Subject(
            api_version,
            kind,
            namespace.value.text if namespace else "",
            name.value.text if name else "",
        ),
        name=name.value if name else None,
        namespace=namespace.value if namespace else None,
        labels=root.fields("metadata", "labels"),
        annotations=root.fields("metadata", "annotations"),
        where=_grip(root),
        strays=frozenset(node.name for node in strays(root.get("metadata"))),
    )


def strays(metadata: Node | None) -> Iterator[Node]:
    """Istio's keys in the metadata itself, or in a map there that is no labels or annotations."""
    for child in metadata.children() if metadata else ():
        if child.name in KNOWN:
            yield child
        elif child.is_map and child.name not in METADATA_MAPS:
            yield from (below for below in child.children() if below.name in KNOWN)


def _grip(root: Node) -> Location:
    for path in (("metadata", "name"), ("metadata", "generateName"), ("kind",), ("metadata",)):
        node = root.get(*path)
        if node is not None:
            return node.where
    return root.where


def documents(root: Node, partial: Unread | None) -> Iterator[Document]:
    """The objects of a parsed document: itself, or the items of a list kind; none if it is none."""
    api_version, kind = root.get("apiVersion"), root.get("kind")
    if api_version is None or kind is None:
        return
    items = root.get("items")
    if kind.value().text.endswith("List") and items is not None and items.is_list:
        for item in items.items():
            yield from documents(item, partial)
        return
    version, name = api_version.value(), kind.value()
    if version.known and name.known:
        patch = Unread.PATCH if root.get("$patch") is not None else None
        yield Document(root, version.text, name.text, partial or patch)
