"""Charts: which folders are some, and what of them is there to be rendered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import basename, dirname, join, normpath

from meshlint.render.tree import Tree, gather
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import split
from meshlint.source.text import NotText, decode

CHART = "Chart.yaml"
REQUIREMENTS = "requirements.yaml"
"""Where charts of the first API keep their dependencies."""

DEEPEST = 6
RELEASE = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Release:
    """A chart (its folder) as it is installed.

    `namespace` is None where nobody says which. `values` are texts of values, in their order;
    `sets` what `--set` gives. `cluster` is the name of the cluster, "" for none.
    """

    chart: str
    name: str
    namespace: str | None = None
    values: tuple[bytes, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    cluster: str = ""


def charts(paths: Iterable[str]) -> list[str]:
    """The folders of charts among the files of a scan, but those that are parts of another."""
    folders = sorted({dirname(path) for path in paths if basename(path) == CHART})
    known = frozenset(folders)
    return [folder for folder in folders if not _part(folder, known)]


def _part(folder: str, known: frozenset[str]) -> bool:
    """Whether a folder is below `charts` of a chart."""
    parts = folder.split("/")
    return any(
        part == "charts" and "/".join(parts[:i]) in known for i, part in enumerate(parts) if i
    ) or (parts[0] == "charts" and "" in known)


def plain(tree: Tree, folder: str) -> Release | None:
    """A chart with nothing but its own values; None for a library, which makes no objects."""
    root = _yaml(tree.read(join(folder, CHART)) or b"", folder)
    if root is None or _text(root, "type") == "library":
        return None
    name = RELEASE.sub("-", _text(root, "name").lower()).strip("-")[:53]
    return Release(folder, name or "release")


def contents(tree: Tree, folder: str, depth: int = 0) -> dict[str, bytes]:
    """The files of a chart, with the charts beside it that it names by `file://`.

    Raises:
        TooLarge: there is more of it than can be meant.
    """
    files = gather(tree, folder)
    for name, place in _beside(files, folder) if depth < DEEPEST else ():
        inside = f"charts/{name}/"
        if not any(path.startswith((inside, f"charts/{name}-")) for path in files):
            other = contents(tree, place, depth + 1)
            files.update({inside + path: data for path, data in other.items()})
    return files


def _beside(files: dict[str, bytes], folder: str) -> Iterator[tuple[str, str]]:
    """Names and folders of dependencies with a local path."""
    for file in (CHART, REQUIREMENTS):
        root = _yaml(files.get(file, b""), folder)
        node = root.get("dependencies") if root else None
        for item in node.items() if node else ():
            where = _text(item, "repository")
            if where.startswith("file://"):
                yield _text(item, "name"), normpath(join(folder, where.removeprefix("file://")))


def _yaml(data: bytes, path: str) -> Node | None:
    try:
        piece = next(iter(split(decode(data))), None)
        return parse(path, piece) if piece else None
    except (NotText, Unparsable):
        return None


def _text(node: Node, key: str) -> str:
    field = node.field(key)
    return field.value.text if field else ""
