"""The entries of kustomizations and patches that put a value where a finding has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from posixpath import dirname, join, normpath

from meshlint.finding import Location
from meshlint.origin.walk import Files, Spot, alike, indices, place, walk
from meshlint.render.note import Note
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse

PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
SELECTING = ("labels", "matchLabels", "selector")
GENERATORS = {"ConfigMapGenerator": "configMapGenerator", "SecretGenerator": "secretGenerator"}


@dataclass(frozen=True, slots=True)
class Setter:
    """A place that sets a value; `node` if it is under the very key, and says the same."""

    where: Location
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """What is looked for, and where: in one kustomization."""

    files: Files
    spot: Spot
    names: tuple[str, ...]
    folder: str

    @property
    def value(self) -> str:
        return self.spot.node.value().text

    def exact(self, node: Node) -> Setter:
        return Setter(place(node, self.spot), node)

    def about(self, node: Node) -> Setter:
        """An entry that may bring the value, in other words."""
        return Setter(replace(node.where, pointer=self.spot.where.pointer))


def setters(files: Files, spot: Spot, told: Note, base: Node | None) -> Iterator[Setter]:
    """All that put the value there, in the order in which they do; each place once."""
    own = spot.root.field("metadata", "name")
    old = base.field("metadata", "name") if base is not None else None
    names = tuple(field.value.text for field in (own, old) if field)
    seen: set[Location] = set()
    steps = ((told.maker, told.kind), *told.changes) if told.maker else told.changes
    for path, kind in steps:
        case = _Case(files, spot, names, dirname(path))
        for root in files.roots(path):
            for found in _found(case, root, kind):
                if found.where not in seen:
                    seen.add(found.where)
                    yield found


def _found(case: _Case, root: Node, kind: str) -> Iterator[Setter]:
    if kind.startswith("Patch"):
        yield from _patches(case, root)
    elif kind in GENERATORS:
        yield from _generator(case, root, GENERATORS[kind])
    elif kind in FIELDS:
        yield from FIELDS[kind](case, root)


def _labels(case: _Case, root: Node) -> Iterator[Setter]:
    """`labels`, `commonLabels`; of a LabelTransformer, its `labels`."""
    if len(case.spot.path) < 2 or case.spot.path[-2] not in SELECTING:
        return
    listed = root.get("labels")
    pairs = [item.get("pairs") for item in listed.items()] if listed and listed.is_list else []
    own = listed if listed and listed.is_map else None
    for node in (*pairs, own, root.get("commonLabels")):
        yield from _entry(case, node)


def _annotations(case: _Case, root: Node) -> Iterator[Setter]:
    if "annotations" in case.spot.path[-2:-1]:
        for key in ("commonAnnotations", "annotations"):
            yield from _entry(case, root.get(key))


def _entry(case: _Case, node: Node | None) -> Iterator[Setter]:
    """The entry of a map that has the key, and the value."""
    found = node.get(case.spot.path[-1]) if node is not None and node.is_map else None
    if found is not None and alike(case.spot.node, found):
        yield case.exact(found)


def _namespace(case: _Case, root: Node) -> Iterator[Setter]:
    node = root.get("namespace") or root.get("metadata", "namespace")
    if node is None or node.value().text != case.value:
        return
    if case.spot.path[-1:] == ("namespace",):
        yield case.exact(node)
    elif case.spot.path == ("metadata", "name"):
        yield case.about(node)


def _images(case: _Case, root: Node) -> Iterator[Setter]:
    listed = root.get("images")
    for item in listed.items() if listed and case.spot.path[-1:] == ("image",) else ():
        name = next((f.value.text for f in map(item.field, ("newName", "name")) if f), "")
        if name and case.value.startswith(name):
            yield case.about(item.get("newTag") or item.get("name") or item)


def _replicas(case: _Case, root: Node) -> Iterator[Setter]:
    listed = root.get("replicas")
    for item in listed.items() if listed and case.spot.path == ("spec", "replicas") else ():
        count = item.get("count")
        if count is not None and count.value().text == case.value:
            yield case.about(count)


def _generator(case: _Case, root: Node, key: str) -> Iterator[Setter]:
    """The entry that makes the object: one of its `literals`, or its options; else its name."""
    listed = root.get(key)
    for item in listed.items() if listed else ():
        name = item.field("name")
        if name is None or not any(name.value.text in one for one in case.names):
            continue
        made = item.get("literals") if case.spot.path[:1] in (("data",), ("stringData",)) else None
        for literal in made.items() if made else ():
            if literal.value().text == f"{case.spot.path[-1]}={case.value}":
                yield case.exact(literal)
                return
        yield case.about(item.get("name") or item)


FIELDS: dict[str, Callable[[_Case, Node], Iterator[Setter]]] = {
    "LabelTransformer": _labels,
    "AnnotationsTransformer": _annotations,
    "NamespaceTransformer": _namespace,
    "ImageTagTransformer": _images,
    "ReplicaCountTransformer": _replicas,
}
"""By kustomize's transformers, where kustomizations configure them."""


def _patches(case: _Case, root: Node) -> Iterator[Setter]:
    for key in PATCHES:
        node = root.get(key)
        for item in node.items() if node else ():
            target = item.get("target") if item.is_map else None
            if target is None or _targets(case, target):
                for patch in _texts(case, item):
                    yield from _patched(case, patch, target is not None)


def _texts(case: _Case, item: Node) -> Iterator[Node]:
    """The documents of an entry: inline, or of a file."""
    inline = item.get("patch") if item.is_map else item
    if inline is not None and inline.block is not None:
        try:
            yield parse(inline.page.path, inline.inner)
        except Unparsable:
            return
    path = item.field("path") if item.is_map else None
    text = path.value.text if path else inline.value().text if inline is not None else ""
    if text and "\n" not in text:
        yield from case.files.roots(normpath(join(case.folder, text)))


def _targets(case: _Case, target: Node) -> bool:
    """Whether the object may be meant."""
    kind, name = target.field("kind"), target.field("name")
    own = case.spot.root.field("kind")
    other = kind is not None and own is not None and _plain(kind.value.text)
    if kind is not None and own is not None and other and kind.value.text != own.value.text:
        return False
    return name is None or not _plain(name.value.text) or name.value.text in case.names


def _plain(text: str) -> bool:
    """Whether a pattern stands for itself."""
    return bool(text) and text.replace("-", "").replace("_", "").isalnum()


def _patched(case: _Case, patch: Node, targeted: bool) -> Iterator[Setter]:
    if patch.is_list:
        for operation in patch.items():
            yield from _operation(case, operation)
        return
    kind, own = patch.field("kind"), case.spot.root.field("kind")
    name = patch.field("metadata", "name")
    meant = kind and own and kind.value.text == own.value.text
    if targeted or (meant and name and _named(case, name.value.text)):
        node = walk(patch, case.spot.path)
        if node is not None and node is not patch and alike(case.spot.node, node):
            yield case.exact(node)


def _named(case: _Case, name: str) -> bool:
    return any(name in own for own in case.names)


def _operation(case: _Case, operation: Node) -> Iterator[Setter]:
    """A step of a JSON patch: at its path, or inside of the value that it brings."""
    verb, path, value = operation.field("op"), operation.field("path"), operation.get("value")
    if verb is None or path is None or value is None or verb.value.text not in ("add", "replace"):
        return
    steps = [s.replace("~1", "/").replace("~0", "~") for s in path.value.text.split("/")[1:]]
    wanted = indices(case.spot.root, case.spot.path)
    if not _leads(steps, wanted):
        return
    if len(steps) == len(wanted):
        if alike(case.spot.node, value):
            where = replace(path.value.where, pointer=case.spot.where.pointer)
            yield Setter(where, operation.get("path") if steps[-1:] == wanted[-1:] else None)
        return
    node = walk(value, case.spot.path[len(steps) :])
    if node is None or not alike(case.spot.node, node):
        return
    if node.parent is not None and node.parent.is_list and len(wanted) == len(steps) + 1:
        where = replace(path.value.where, pointer=case.spot.where.pointer)
        yield Setter(where, node)  # the key of the list is that of the operation: `value`
    else:
        yield case.exact(node)


def _leads(steps: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a path leads there; the numbers of items may have changed since."""
    pairs = zip(steps, wanted, strict=False)
    same = (a == b or (b.isdigit() and (a.isdigit() or a == "-")) for a, b in pairs)
    return 0 < len(steps) <= len(wanted) and all(same)
