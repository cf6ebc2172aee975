"""Where an istiod reads what it is told: which ConfigMaps it looks for, by its own Deployment.

Source: istio/istio pilot/pkg/bootstrap, sidecarinjector.go and mesh.go. A file that is mounted wins
over the ConfigMap that has the revision in its name; so were the charts up to 1.9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from meshlint.finding import Type, Value
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.control_plane import istiod as revisions
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

BY_NAME = 8
"""Since Istio 1.8 istiod looks for ConfigMaps by their names."""

NO = frozenset({"false", "0", "f"})
ELSEWHERE = ("--kubeconfig", "--namespace", "-n")
"""Arguments by which it reads in another cluster, or another namespace."""


class Purpose(StrEnum):
    """What a ConfigMap is for, by its name for the default revision."""

    INJECTOR = "istio-sidecar-injector"
    MESH = "istio"


FOLDERS = {Purpose.INJECTOR: "/var/lib/istio/inject", Purpose.MESH: "/etc/istio/config"}
"""Where a mounted file is looked for."""


def map_name(purpose: Purpose, revision: str) -> str:
    """The ConfigMap of a revision (getInjectorConfigMapName, getMeshConfigMapName)."""
    return purpose.value if revision in ("", DEFAULT) else f"{purpose.value}-{revision}"


@dataclass(frozen=True, slots=True)
class IstiodSources:
    """What an istiod's Deployment says of its sources, joined with others by place and site.

    `revision` is its own, None where that is not known. `injector` and `mesh` are the names of
    ConfigMaps that it reads, None where these are not known or it reads in another cluster, and
    "" where it does not inject. `shared` is a second ConfigMap for the mesh; None if not known.
    """

    meta: Meta
    partial: Unread | None
    revision: Value | None
    injector: str | None
    mesh: str | None
    shared: str | None = ""

    def reads(self, purpose: Purpose) -> str | None:
        """The ConfigMap that it reads for a purpose."""
        return self.injector if purpose is Purpose.INJECTOR else self.mesh


@reads("Deployment", hints=("istiod", "discovery"))
def istiod_sources(document: Document) -> Iterator[IstiodSources]:
    """The Deployments that tell of a revision."""
    spec = document.root.get("spec", "template", "spec")
    containers = spec.get("containers") if spec is not None else None
    for revision in revisions(document):
        found = [c for c in (containers.items() if containers else ()) if _name(c) == "discovery"]
        if spec is None or len(found) != 1:
            yield IstiodSources(document.meta, revision.partial, None, None, None, None)
            continue
        yield _Discovery(spec, found[0]).sources(document, revision.partial, revision.version)


def _name(node: Node) -> str:
    name = node.field("name")
    return name.value.text if name else ""


class _Discovery:
    """The container of istiod in its pod."""

    def __init__(self, spec: Node, container: Node) -> None:
        self.spec, self.container = spec, container
        env = container.get("env")
        self.env = {_name(item): item for item in (env.items() if env else ())}
        self.open = container.get("envFrom") is not None

    def sources(
        self, document: Document, partial: Unread | None, version: tuple[int, int] | None
    ) -> IstiodSources:
        own = self.revision(document)
        name = own.known if own else None
        far = self.far() or (version is not None and version[1] < BY_NAME)
        injects = self.text("INJECT_ENABLED")
        injector = None if far else self.reads(Purpose.INJECTOR, name)
        off = injects is not None and injects.lower() in NO
        return IstiodSources(
            meta=document.meta,
            partial=partial,
            revision=own,
            injector="" if off else injector if injects is not None else None,
            mesh=None if far or self.says("--meshConfig") else self.reads(Purpose.MESH, name),
            shared=self.text("SHARED_MESH_CONFIG"),
        )

    def revision(self, document: Document) -> Value | None:
        """The variable REVISION; istiod knows nothing else of its revision."""
        text = self.text("REVISION")
        if text is None:
            return None
        field = self.env["REVISION"].field("value") if "REVISION" in self.env else None
        return field.value if field and text else Value(DEFAULT, document.meta.where)

    def text(self, name: str) -> str | None:
        """A variable of the environment; "" where it is not set, None where that is not known."""
        item = self.env.get(name)
        if item is None:
            return None if self.open else ""
        field = item.field("value")
        if field is None:
            return None if item.get("valueFrom") is not None else ""
        return "" if field.value.type is Type.NULL else field.value.known

    def far(self) -> bool:
        """Whether it may read in another cluster or namespace than its own."""
        external = self.text("EXTERNAL_ISTIOD")
        told = external is None or (external != "" and external.lower() not in NO)
        return told or any(self.says(argument) for argument in ELSEWHERE)

    def says(self, argument: str) -> bool:
        words = (*self.container.scalars("command"), *self.container.scalars("args"))
        texts = (word.text for word in words)
        return any(text == argument or text.startswith(f"{argument}=") for text in texts)

    def reads(self, purpose: Purpose, revision: str | None) -> str | None:
        """The ConfigMap that is mounted as the file, else the one with the revision's name."""
        mounts = self.container.get("volumeMounts")
        for mount in mounts.items() if mounts else ():
            path = mount.field("mountPath")
            if path is None or not path.value.literal:
                return None
            if _over(path.value.text, FOLDERS[purpose]):
                return self.mounted(mount, path.value.text, FOLDERS[purpose])
        return map_name(purpose, revision) if revision is not None else None

    def mounted(self, mount: Node, path: str, folder: str) -> str | None:
        """The ConfigMap of a volume, if it is all of one and stands right there."""
        volumes, name = self.spec.get("volumes"), _name(mount)
        volume = next((v for v in (volumes.items() if volumes else ()) if _name(v) == name), None)
        source = volume.get("configMap") if volume is not None else None
        bare = mount.get("subPath") is None and path.rstrip("/") == folder
        if source is None or not bare or source.get("items") or source.get("optional"):
            return None
        field = source.field("name")
        return field.value.known if field else None


def _over(path: str, folder: str) -> bool:
    """Whether a mount brings files into a folder: it is mounted there, above, or below."""
    mounted = path.rstrip("/") + "/"
    return f"{folder}/".startswith(mounted) or mounted.startswith(f"{folder}/")


@dataclass(frozen=True, slots=True)
class MeshMap:
    """A ConfigMap with a mesh configuration, by its name the one of a revision."""

    meta: Meta
    partial: Unread | None


@reads("ConfigMap", hints=("istio",))
def mesh_map(document: Document) -> Iterator[MeshMap]:
    """`istio` or `istio-REVISION`, with the key `mesh`."""
    name = document.meta.name
    fits = name is not None and f"{name.text}-".startswith(f"{Purpose.MESH}-")
    if fits and document.group == "" and document.root.get("data", "mesh") is not None:
        yield MeshMap(document.meta, document.partial)
