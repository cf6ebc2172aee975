"""Argo CD Applications and Flux Kustomizations: who applies which folder of the tree, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from posixpath import normpath

from meshlint.finding import Field, Fields, Location, Subject, Type, Value
from meshlint.resources.document import Meta
from meshlint.resources.glob import admits
from meshlint.resources.layer import Layer, Patch, PatchFile
from meshlint.resources.namespace import Namespace
from meshlint.resources.site import Site
from meshlint.source.node import Node
from meshlint.unread import Unread

AFFIXES = ("namePrefix", "nameSuffix")
UNFOLLOWED = ("components", "patchesStrategicMerge", "patchesJson6902")
"""Lists of a Flux Kustomization or an Application that may change more than is read here."""


IN_CLUSTER = ("in-cluster", "https://kubernetes.default.svc")
"""How an Application names the cluster that Argo CD itself runs in."""


@dataclass(frozen=True, slots=True)
class Applier:
    """`folder` is as written, from the root of a repository or artifact.

    That it is one of the scanned tree cannot be proven: it counts only where the tree has it.
    `recursive` tells whether plain files of subfolders are applied too, where the folder has no
    kustomization. `cluster` is the destination's name or server as written, "" for the cluster in
    which the applier itself stands (Argo's https://kubernetes.default.svc; always so for Flux
    without kubeConfig). `layer` is what it changes on all that it applies.
    """

    subject: Subject
    where: Location
    folder: Value
    recursive: bool
    cluster: str = ""
    layer: Layer = field(default_factory=Layer)
    site: Site | None = None
    include: str = ""
    exclude: str = ""
    """Patterns for plain files (Argo's directory.include and exclude); "" for none. See `takes`."""

    @property
    def at(self) -> Site:
        """From where the applier itself reaches a cluster; by default its own file."""
        return self.site or Site(self.where.path)

    def takes(self, file: str) -> bool | None:
        """Whether a plain file is applied, by its path from the folder; None if unknown.

        Exclusion wins (argoproj/argo-cd reposerver/repository, getPotentiallyValidManifestFile).
        """
        left_out = admits(self.exclude, file) if self.exclude else False
        let_in = admits(self.include, file) if self.include else True
        if left_out or let_in is False:
            return False
        return None if None in (left_out, let_in) else True


Made = Applier | Namespace
"""What an Application or a release does to a cluster, as far as it is read."""


def made_namespace(
    name: Value,
    cluster: str,
    partial: Unread | None,
    labels: Fields | None = None,
    annotations: Fields | None = None,
) -> Namespace:
    """The Namespace that an applier or a release creates, if it is not there already."""
    path = name.where.path
    meta = Meta(
        subject=Subject("v1", "Namespace", "", name.text),
        name=name,
        namespace=None,
        labels=labels or {},
        annotations=annotations or {},
        where=name.where,
        site=Site(path, path, cluster) if cluster else None,
    )
    return Namespace(meta, partial, more=True)


def settled(found: Iterable[Made]) -> Iterator[Made]:
    """Those whose folder or name is known; a folder that is a whole repository may be any one."""
    for item in found:
        if isinstance(item, Namespace):
            if item.meta.name and item.meta.name.known is not None:
                yield item
        elif item.folder.known is not None and _below(item.folder.known):
            yield item


def _below(folder: str) -> bool:
    """Whether a folder is below a repository's root, and neither that nor outside of it."""
    return normpath(folder.lstrip("/") or ".").split("/")[0] not in (".", "..")


def kustomized(node: Node, namespace: str) -> Layer:
    """What a map adds to the kustomization of a folder, as Argo CD and Flux both spell it.

    `namespace` is the key under which the map names the namespace of everything in the folder.
    """
    from meshlint.resources.patch import listed  # most small scans have no applier

    affixes = {key: given(node, key) for key in AFFIXES}
    blank = [key for key, value in affixes.items() if value and value.known is None]
    unfollowed = [key for key in UNFOLLOWED if _items(node, key)]
    patches = list(listed(node.get("patches"), ""))
    in_files = ["patches"] if any(isinstance(patch, PatchFile) for patch in patches) else []
    prefix, suffix = (value.known or "" if value else "" for value in affixes.values())
    return Layer(
        namespace=given(node, namespace),
        prefix=prefix,
        suffix=suffix,
        patches=tuple(patch for patch in patches if isinstance(patch, Patch)),
        opaque=", ".join((*blank, *in_files, *unfollowed)),
    )


def _items(node: Node, key: str) -> list[Node]:
    child = node.get(key)
    return child.items() if child else []


def given(node: Node | None, *keys: str) -> Value | None:
    """The string at a path of keys, be it a placeholder; None where it is empty or no string."""
    field = node.field(*keys) if node else None
    value = field.value if field else None
    if value is None or not value.text or (value.literal and value.type is not Type.STRING):
        return None
    return value


def switched_on(field: Field | None) -> bool:
    """Whether a field is true to Kubernetes, which reads `yes` and `on` so too."""
    value = field.value if field else None
    true = ("true", "yes", "y", "on")
    return value is not None and value.type is Type.BOOL and value.text.lower() in true
