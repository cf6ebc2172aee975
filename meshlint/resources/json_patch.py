"""JSON patches (RFC 6902): what a list of operations does to labels, annotations and the like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Location, Type, Value
from meshlint.resources.branch import branch
from meshlint.resources.layer import Change, Patch, Step
from meshlint.source.node import Node

Path = tuple[str, ...]

TEMPLATES: tuple[Path, ...] = (
    ("spec", "template"),
    ("spec", "jobTemplate", "spec", "template"),
    ("template",),
)
"""Where objects of any kind keep their pod template; a Pod is its own."""

LISTS = ("containers", "initContainers")
METADATA = ("name", "namespace", "labels", "annotations")
SETTING = ("add", "replace")
OPERATIONS = frozenset({*SETTING, "remove", "move", "copy", "test"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `value` is None where it sets nothing, or nothing that can be known."""

    name: str
    path: Path
    where: Location
    value: Node | None

    @property
    def sets(self) -> bool:
        return self.name in SETTING


def is_json_patch(root: Node) -> bool:
    """A list of maps, each with an operation that there is, and a path."""
    items = root.items()
    return bool(items) and all(item.is_map and _name(item) in OPERATIONS for item in items)


def _name(item: Node) -> str:
    name = item.field("op") if item.get("path") is not None else None
    return name.value.text if name else ""


def json_patch(root: Node) -> Patch:
    """The patch without its target, which stands beside it or nowhere."""
    work = _Work(root.items()[0].where)
    for item in root.items():
        for operation in _operations(item):
            work.apply(operation)
    return work.patch()


def _operations(item: Node) -> Iterator[Operation]:
    """An operation as it is; a move as a removal and a setting of what is not known."""
    name, path, origin = _name(item), item.field("path"), item.field("from")
    if name == "test" or path is None:
        return
    where = path.value.where
    if path.value.known is None:
        yield Operation("copy", (), where, None)  # of something to anywhere
        return
    if name == "move" and origin is not None:
        yield Operation("remove", pointer(origin.value.text), where, None)
    keys = pointer(path.value.text)
    if keys in ((), ("metadata",)):  # kustomize loses track of an object whose metadata is new
        yield Operation("copy", keys, where, None)
        return
    yield Operation(name, keys, where, item.get("value") if name in SETTING else None)


def pointer(text: str) -> Path:
    """The keys of a JSON pointer, `~1` and `~0` decoded; "" is the whole document."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


class _Map:
    """What operations do to one map, one after the other."""

    def __init__(self) -> None:
        self.set: dict[str, Field] = {}
        self.deleted: dict[str, Field] = {}
        self.replaced = False
        self.torn = False

    def change(self) -> Change:
        return Change(self.set, self.deleted, self.replaced, self.torn)

    def clear(self, node: Node | None) -> None:
        """Everything that was there is gone, and at best the entries of a node take its place."""
        self.set = dict(node.fields()) if node else {}
        self.deleted, self.replaced, self.torn = {}, True, False

    def entry(self, key: str, operation: Operation) -> None:
        """One entry set, removed, or not known."""
        unknown = Value("", operation.where, literal=False)
        value = operation.value.value() if operation.value else unknown
        field = Field(Value(key, operation.where), value)
        there, other = (self.set, self.deleted)[:: -1 if operation.name == "remove" else 1]
        there[key] = field
        other.pop(key, None)


class _Work:
    """The state of all that is told of an object, while operations are applied."""

    def __init__(self, where: Location) -> None:
        self._where = where
        own, pods = (_Map(), _Map()), (_Map(), _Map())
        self._maps = {"labels": (own[0], pods[0]), "annotations": (own[1], pods[1])}
        self._scalars: dict[str, Value] = {}
        self._containers: set[str] | None = set()
        self._other: set[str] = set()
        self._hooks: list[Step] = []

    def patch(self) -> Patch:
        (labels, pod_labels), (annotations, pod_annotations) = self._maps.values()
        return Patch(
            target=None,
            where=self._where,
            labels=labels.change(),
            annotations=annotations.change(),
            pod_labels=pod_labels.change(),
            pod_annotations=pod_annotations.change(),
            host_network=self._scalars.get("pods"),
            own_host_network=self._scalars.get("pod"),
            name=self._scalars.get("name"),
            namespace=self._scalars.get("namespace"),
            other=frozenset(self._other),
            webhooks=tuple(self._hooks),
            replicas=self._scalars.get("replicas"),
            containers=None if self._containers is None else frozenset(self._containers),
        )

    def apply(self, operation: Operation) -> None:
        for name, (own, pods) in self._maps.items():
            _touch(operation, ("metadata", name), own)
            for template in TEMPLATES:
                if not _beaten(operation, template):
                    _touch(operation, (*template, "metadata", name), pods)
        self._scalar("name", operation, ("metadata", "name"))
        self._scalar("namespace", operation, ("metadata", "namespace"))
        self._scalar("pod", operation, ("spec", "hostNetwork"))
        self._scalar("replicas", operation, ("spec", "replicas"))
        self._scalar("pods", operation, *((*t, "spec", "hostNetwork") for t in TEMPLATES))
        self._other.update(_other(operation.path))
        if operation.path[:1] == ("webhooks",):
            self._hooks.append(_step(operation))
        self._contain(operation)

    def _scalar(self, key: str, operation: Operation, *paths: Path) -> None:
        """A scalar that stands at one of some paths, set, removed, or not known."""
        touched = [path for path in paths if operation.path == path[: len(operation.path)]]
        if touched:
            nodes = (_below(operation, path) for path in touched)
            node = next((node for node in nodes if node), None)
            kind = Type.NULL if operation.sets or operation.name == "remove" else Type.STRING
            gone = Value("", operation.where, kind, kind is Type.NULL)
            self._scalars[key] = node.value() if node else gone

    def _contain(self, operation: Operation) -> None:
        """Which containers get another image or environment, as far as paths tell."""
        path = operation.path
        at = next((i for i, part in enumerate(path) if part in LISTS), None)
        if at is None:
            specs = ((*template, "spec") for template in ((), *TEMPLATES))
            if any(spec[: len(path)] == path for spec in specs):
                self._containers = None
            return
        field = path[at + 2 : at + 3]
        if field and field[0] not in ("image", "env", "name"):
            return
        added = operation.value.field("name") if operation.value and not field else None
        if operation.name == "add" and added and self._containers is not None:
            self._containers.add(added.value.text)
        else:
            self._containers = None


def _step(operation: Operation) -> Step:
    value = branch(operation.value) if operation.value else None
    return Step(operation.name, operation.path[1:], value)


def _other(path: Path) -> Iterator[str]:
    """What a path is of, unless of the name, the namespace, labels or annotations."""
    head, *rest = path or ("*",)
    if head == "spec":
        yield f"spec.{rest[0]}" if rest else "*"
    elif head != "metadata" or not rest:
        yield head if head != "metadata" else "*"
    elif rest[0] not in METADATA:
        yield f"metadata.{rest[0]}"


def _beaten(operation: Operation, path: Path) -> bool:
    """Whether a path is none of this object's kind: a whole `spec` is set, and has it not."""
    first = TEMPLATES[0]
    wide = operation.sets and operation.path == first[: len(operation.path)]
    return wide and path != first and _below(operation, path) is None


def _below(operation: Operation, path: Path) -> Node | None:
    """The node that a setting brings to a path at or below its own."""
    rest = path[len(operation.path) :]
    return operation.value.get(*rest) if operation.value and operation.sets else None


def _touch(operation: Operation, path: Path, entries: _Map) -> None:
    """What an operation on the map, on one of its entries, or on what holds it, does to it."""
    if operation.path[: len(path)] == path and len(operation.path) == len(path) + 1:
        entries.entry(operation.path[-1], operation)
    elif operation.path == path[: len(operation.path)]:
        if operation.sets or operation.name == "remove":
            entries.clear(_below(operation, path))
        else:
            entries.torn = True
