"""Kustomizations and components: what they include, and the layer that they put around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from posixpath import basename, dirname, join, normpath

from meshlint.finding import Field, Location, Value
from meshlint.resources.control_plane import Elsewhere
from meshlint.resources.document import Document
from meshlint.resources.layer import Change, Image, Labelling, Layer, Patch, PatchFile, Target
from meshlint.resources.reader import reads
from meshlint.source.files import BARE
from meshlint.source.node import Node

NAMES = ("kustomization.yaml", "kustomization.yml", BARE)
"""The files that kustomize looks for in a folder (api/konfig/general.go)."""

REMOTE = re.compile(r"[a-z+]+:{1,2}|git@|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev)[/:]")
MESH = re.compile(r"istio|asm|servicemesh|service-mesh|sail")
SEGMENT = re.compile(r"\[([^\]=]+)\]|([^.\[]+)(?:\[[^\]]*\])?")
COUNTED = "Deployment|ReplicaSet|ReplicationController|StatefulSet"
"""The kinds whose `spec.replicas` the field `replicas` sets."""

TEMPLATES = ("spec.template.", "spec.jobTemplate.spec.template.", "template.")


@dataclass(frozen=True, slots=True)
class Kustomization:
    """`path` is its file. A component (`component`) adds to the kustomization that includes it.

    `resources` (with the old `bases`) and `components` are files and folders, named as the scan
    names files; `remote` are those that are fetched from elsewhere, as written.
    """

    path: str
    component: bool = False
    resources: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    remote: tuple[str, ...] = ()
    layer: Layer = field(default_factory=Layer)


@reads("Kustomization", "Component")
def kustomization(document: Document) -> Iterator[Kustomization | Elsewhere]:
    """Kustomize's Kustomization and Component (Flux has a Kustomization kind of its own)."""
    root, path = document.root, document.root.page.path
    if document.group != "kustomize.config.k8s.io" or basename(path) not in NAMES:
        return
    folder = dirname(path)
    resources = [v for key in ("resources", "bases") for v in root.scalars(key)]
    components = list(root.scalars("components"))
    remote = [v for v in (*resources, *components) if REMOTE.match(v.text)]
    found = Kustomization(
        path=path,
        component=document.kind == "Component",
        resources=_local(resources, folder),
        components=_local(components, folder),
        remote=tuple(v.text for v in remote),
        layer=_layer(root, folder),
    )
    if document.partial:
        found = replace(found, layer=replace(found.layer, opaque="template marks"))
    yield found
    yield from (
        Elsewhere(v.where, "it is fetched from elsewhere")
        for v in remote
        if MESH.search(v.text.lower())
    )


def _local(values: list[Value], folder: str) -> tuple[str, ...]:
    names = (v.known for v in values if v.known and not REMOTE.match(v.text))
    return tuple(folder_name(join(folder, name)) for name in names)


def folder_name(path: str) -> str:
    """A path as `dirname` would give it: without `.` and `..`, and "" for the current folder."""
    plain = normpath(path)
    return "" if plain == "." else plain


def _layer(root: Node, folder: str) -> Layer:
    from meshlint.resources.patch import listed  # most small scans have no kustomization

    namespace = root.field("namespace")
    affixes = [root.field(key) for key in ("namePrefix", "nameSuffix")]
    prefix, suffix = (field.value.known or "" if field else "" for field in affixes)
    blank = any(field and not field.value.literal for field in affixes)
    return Layer(
        namespace=namespace.value if namespace and namespace.value.text else None,
        prefix=prefix,
        suffix=suffix,
        labels=tuple(_labels(root)),
        annotations=root.fields("commonAnnotations"),
        patches=(
            *listed(root.get("patchesStrategicMerge"), folder, writes_nulls=True),
            *listed(root.get("patches"), folder),
        ),
        late=(
            *listed(root.get("patchesJson6902"), folder),
            *counted(root.get("replicas")),
            *_replacements(root),
        ),
        images=tuple(_images(root)),
        further=_filled(root, "configurations") or _filled(root, "crds"),
        opaque=_opaque(root) or ("a placeholder" if blank else ""),
    )


def _labels(root: Node) -> Iterator[Labelling]:
    """In kustomize's order: the new `labels`, then the old `commonLabels`."""
    node = root.get("labels")
    for item in node.items() if node else ():
        selectors = _true(item, "includeSelectors")
        templates = selectors or _true(item, "includeTemplates")
        yield Labelling(item.fields("pairs"), templates, _filled(item, "fields"), selectors)
    common = root.fields("commonLabels")
    if common:
        yield Labelling(common, True, selectors=True)


def _true(node: Node, key: str) -> bool:
    field = node.field(key)
    return field is not None and field.value.text.lower() in ("true", "yes", "y", "on")


def _filled(node: Node, key: str) -> bool:
    child = node.get(key)
    return child is not None and bool(child.items())


def _opaque(root: Node) -> str:
    """What is not followed here and can change anything; see `_replacements` for the rest."""
    if _filled(root, "transformers"):
        return "transformers"
    schema = root.field("openapi", "path")
    return "openapi" if schema and schema.value.text else ""


def _images(root: Node) -> Iterator[Image]:
    node = root.get("images")
    for item in node.items() if node else ():
        name, new, tag, digest = map(item.field, ("name", "newName", "newTag", "digest"))
        version = digest or tag
        place = version or new or name
        if name and place:
            text = f"{'@' if digest else ':'}{version.value.text}" if version else None
            literal = all(field.value.literal for field in (name, new, version) if field)
            where = place.value.where
            yield Image(name.value.text, new.value.text if new else None, text, where, literal)


def counted(node: Node | None) -> Iterator[Patch]:
    """A list of `replicas`: names, and the `count` for each (builtinpluginconsts/replicas.go).

    Argo CD's `kustomize.replicas` is written the same.
    """
    for item in node.items() if node else ():
        name, count = item.field("name"), item.field("count")
        if name and count:
            known = name.value.known
            target = Target(kind=COUNTED, name=re.escape(known or ""), exact=known is not None)
            yield Patch(
                target, count.value.where, other=frozenset({"spec.replicas"}), replicas=count.value
            )


def _replacements(root: Node) -> Iterator[Patch | PatchFile]:
    """Replacements write values that come from other objects: what they write to is unknown."""
    node = root.get("replacements")
    for item in node.items() if node else ():
        path, targets = item.field("path"), item.get("targets")
        if path:
            yield _writing(Target(exact=False), "", path.value.where)
        for target in targets.items() if targets else ():
            yield from _replaced(target)


def _replaced(target: Node) -> Iterator[Patch]:
    select = target.get("select")
    given = {key: select.field(key) for key in SELECT} if select else {}
    texts = {key: re.escape(f.value.known or "") for key, f in given.items() if f}
    narrowed = _filled(target, "reject") or any(
        select and select.get(key) for key in ("labelSelector", "annotationSelector")
    )
    chosen = Target(**texts, exact=not narrowed)
    for value in target.scalars("fieldPaths"):
        yield _writing(chosen, value.text if value.literal else "", value.where)


SELECT = ("group", "version", "kind", "name", "namespace")


def _writing(target: Target, path: str, where: Location) -> Patch:
    """A patch that sets what a field path names to something unknown; "" may be any path."""
    keys = tuple(match.group(1) or match.group(2) for match in SEGMENT.finditer(path))
    unknown = Value("", where, literal=False)
    change = _entry(keys[-1], unknown) if keys else Change(torn=True)
    pods = next((t for t in TEMPLATES if path.startswith(t)), "")
    tail = path.removeprefix(pods)
    labels, annotations = (not keys or tail.startswith(f"metadata.{k}") for k in MAPS)
    own, none = not pods, Change()
    return Patch(
        target=target,
        where=where,
        labels=change if labels and own else none,
        annotations=change if annotations and own else none,
        pod_labels=change if labels and (pods or not keys) else none,
        pod_annotations=change if annotations and (pods or not keys) else none,
        name=unknown if path in ("", "metadata.name") else None,
        namespace=unknown if path in ("", "metadata.namespace") else None,
        other=frozenset() if tail.startswith("metadata.") else frozenset("*"),
        containers=None if not keys or "ontainers" in path else frozenset(),
    )


MAPS = ("labels", "annotations")


def _entry(key: str, value: Value) -> Change:
    if key in MAPS:
        return Change(torn=True)
    return Change({key: Field(Value(key, value.where), value)})
