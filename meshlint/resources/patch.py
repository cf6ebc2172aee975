"""Patches as kustomize, Flux and Argo CD list them: inline or in files, with targets or without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from posixpath import join, normpath

from meshlint.finding import Field, Location, Value
from meshlint.resources.document import Document
from meshlint.resources.json_patch import is_json_patch, json_patch
from meshlint.resources.layer import Change, Patch, PatchFile, Target
from meshlint.resources.strategic import strategic
from meshlint.source.loader import NotYaml, compose
from meshlint.source.node import Node, Page
from meshlint.source.parse import Unparsable, parse
from meshlint.source.placeholder import marked
from meshlint.source.split import Slice, breaks

ANY = Target(exact=False)
SEPARATOR = re.compile(r"(?:\A|(?<=[\r\n]))[ \t]*---[ \t]*(?:\r\n|\n|\r|\Z)")
TORN = Change(torn=True)


def nulls_written(patch: Patch) -> Patch:
    """A patch whose nulls in an object's own labels and annotations may not delete.

    With `patchesStrategicMerge` and for a given target kustomize first reads them as strings
    (api/resource, CopyMergeMetaDataFieldsFrom), and so writes "null"; earlier ones deleted.
    """
    return replace(patch, labels=_written(patch.labels), annotations=_written(patch.annotations))


def _written(change: Change) -> Change:
    null = {k: Field(f.key, replace(f.value, literal=False)) for k, f in change.deleted.items()}
    emptied = change.replaced and not change.set
    return Change({**change.set, **null}, {}, change.replaced, change.torn or emptied)


def listed(
    node: Node | None, folder: str, *, writes_nulls: bool = False
) -> Iterator[Patch | PatchFile]:
    """A list of patches: maps with `path` or `patch` and a `target`, or files, or inline text.

    That is `patches`, `patchesStrategicMerge` and `patchesJson6902` of a kustomization, `patches`
    of a Flux Kustomization, and `kustomize.patches` of an Argo CD Application.
    """
    for item in node.items() if node else ():
        if item.is_map:
            yield from _entry(item, folder)
        elif not item.is_list:
            text = item.value()
            if item.block is None and "\n" not in text.text:
                yield from _file(text, folder, None, writes_nulls)
            else:
                found = _inline(item, None)
                yield from map(nulls_written, found) if writes_nulls else found


def _entry(item: Node, folder: str) -> Iterator[Patch | PatchFile]:
    target, path, inline = _target(item.get("target")), item.field("path"), item.get("patch")
    found: list[Patch | PatchFile] = list(_inline(inline, target) if inline else ())
    if path and path.value.text:
        found += _file(path.value, folder, target)
    renames = item.field("options", "allowNameChange")
    yield from found if renames is None else (_renaming(patch) for patch in found)


def _renaming(patch: Patch | PatchFile) -> Patch | PatchFile:
    """With `allowNameChange` the name in a patch is a new one, which is not followed here."""
    if isinstance(patch, PatchFile):
        return blind(patch.target or ANY, Location(patch.path, 1, 1, 1, 1))
    return replace(patch, name=Value("", patch.where, literal=False))


def _file(
    path: Value, folder: str, target: Target | None, writes_nulls: bool = False
) -> Iterator[Patch | PatchFile]:
    if path.known is None:
        yield blind(target or ANY, path.where)
    else:
        yield PatchFile(normpath(join(folder, path.text)), target, writes_nulls)


def _target(node: Node | None) -> Target | None:
    if node is None or not node.is_map:
        return None
    keys = ("group", "version", "kind", "name", "namespace")
    given = {key: field.value for key in keys if (field := node.field(key))}
    texts = {key: value.known or "" for key, value in given.items()}
    selectors = (node.field(key) for key in ("labelSelector", "annotationSelector"))
    narrowed = any(field is not None and field.value.text for field in selectors)
    vague = any(value.text and value.known is None for value in given.values())
    return Target(**texts, exact=not narrowed and not vague)


def blind(target: Target, where: Location) -> Patch:
    """A patch of which nothing is known but, at best, what it is for."""
    return Patch(
        target,
        where,
        *(TORN, TORN, TORN, TORN),
        name=Value("", where, literal=False),
        namespace=Value("", where, literal=False),
        other=frozenset("*"),
        containers=None,
    )


def blind_for_any(where: Location) -> Patch:
    """A patch of which nothing at all is known."""
    return blind(ANY, where)


def _inline(node: Node, target: Target | None) -> Iterator[Patch]:
    """The patches in a text."""
    roots = texts(node)
    if roots is None:
        yield blind(target or ANY, node.where)
        return
    for root in roots:
        if is_json_patch(root):
            yield replace(json_patch(root), target=target)
        else:
            yield from _merging(root, target)


def _merging(root: Node, target: Target | None) -> Iterator[Patch]:
    """A strategic-merge patch; one without a kind is none, as kustomize has it."""
    kind, version = root.field("kind"), root.field("apiVersion")
    if not kind or not version:
        if any(marked(child.name) or not child.name for child in root.children()):
            yield blind(target or ANY, root.where)
    elif kind.value.known is None or version.value.known is None:
        yield blind(target or ANY, root.where)
    else:
        patch = strategic(Document(root, version.value.text, kind.value.text), target)
        yield nulls_written(patch) if target else patch


def texts(node: Node) -> list[Node] | None:
    """The YAML documents in a scalar; None where they cannot be read."""
    try:
        if node.block is not None:
            return [parse(node.page.path, piece) for piece in _pieces(node.inner)]
        text = node.value().text
        pieces = (Slice(part, 0, 1) for part in SEPARATOR.split(text) if part.strip())
        return [Node(compose(p.text), _Still(node.where, p)) for p in pieces]
    except (Unparsable, NotYaml):
        return None


def _pieces(whole: Slice) -> Iterator[Slice]:
    """The documents of a block, whose separators are indented with it."""
    start, text = 0, whole.text
    ends = [(m.start(), m.end()) for m in SEPARATOR.finditer(text)]
    for end, following in (*ends, (len(text), len(text))):
        part = text[start:end]
        if part.strip():
            yield Slice(part, whole.start + start, whole.first_line + breaks(text, 0, start))
        start = following


class _Still(Page):
    """Text that stands in a scalar with escapes or folds: its every place is the scalar's."""

    def __init__(self, where: Location, piece: Slice) -> None:
        super().__init__(where.path, piece)
        self._where = where

    def span(self, start: int, end: int, pointer: str) -> Location:
        return self._where
