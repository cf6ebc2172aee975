"""What a kustomization reaches: the files that kustomize may read for it, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import basename, join

from meshlint.finding import quoted
from meshlint.render.confined import Failed
from meshlint.render.place import Places, plain
from meshlint.render.tree import MAX_BYTES, MAX_FILES
from meshlint.resources.kustomization import NAMES, REMOTE
from meshlint.source.loader import ScalarNode
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import split
from meshlint.source.text import NotText, decode

INCLUDED = ("resources", "bases", "components")
"""Lists of files and folders whose objects come out of the build."""

PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
PLUGINS = ("generators", "transformers", "validators")
"""Lists of files, folders or inline texts that configure what is built into kustomize."""

FETCHED = re.compile(r"(?:[^/=]+=)?https?://")
LOOPBACK = re.compile(r"https?://(?:[^/@]*@)?(?:localhost|127\.|\[?[0:]*(?::1|:ffff:))", re.I)
"""The machine itself, to which Go does not go by way of a proxy."""

LONGEST = 1000
"""Characters that a path may have; a longer text is none."""


@dataclass(slots=True)
class Reach:
    """Files and links by their places. `taken` are those whose objects, or whose changes of them,
    come out of the build: kustomizations, resources and patches."""

    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)


def reach(places: Places, folder: str) -> Reach:
    """What the kustomization of a folder reaches.

    What is not there is left to kustomize to complain of.

    Raises:
        Failed: it includes something from elsewhere, or more than can be meant.
    """
    walk = _Walk(places)
    real = places.real(folder, walk.found.links)
    if real is None:
        raise Failed("a link leads out of the tree")
    walk.folder(real, taken=True)
    return walk.found


class _Walk:
    def __init__(self, places: Places) -> None:
        self._places = places
        self._seen: set[tuple[str, bool]] = set()
        self._size = 0
        self.found = Reach()

    def folder(self, folder: str, *, taken: bool) -> None:
        """The kustomization of a folder, and what that reaches."""
        waiting = [(folder, taken)]
        while waiting:  # not by recursion: nobody bounds how deep bases are
            step = waiting.pop()
            if step not in self._seen:
                self._seen.add(step)
                waiting += self._one(*step)

    def _one(self, folder: str, taken: bool) -> list[tuple[str, bool]]:
        """Adds the files of one kustomization; returns the folders that it names."""
        further: list[tuple[str, bool]] = []
        for name in NAMES:
            place = plain(join(folder, name))
            data = self._add(place, taken)
            for root in _roots(place, data) if data is not None else ():
                further += self._named(root, folder, taken)
        return further

    def _named(self, root: Node, folder: str, taken: bool) -> Iterator[tuple[str, bool]]:
        for text in _texts(root, INCLUDED):
            yield from self._entry(folder, text, taken)
        for text in _patch_files(root):
            self._file(folder, text, taken)
        for text in _texts(root, PLUGINS):
            yield from self._plugin(folder, text)
        for text in _configured(root, folder):
            self._mention(folder, text)
        for text in _inputs(root):
            self._file(folder, text, False)

    def _entry(self, folder: str, text: str, taken: bool) -> Iterator[tuple[str, bool]]:
        """A file; or a folder with a kustomization."""
        if self._file(folder, text, taken) is None:
            inner = self._local(folder, text)
            if inner is not None and self._built(inner):
                yield inner, taken
            elif REMOTE.match(text) and "\n" not in text:
                raise Failed(f"it includes {quoted(text)}: nothing is fetched")

    def _plugin(self, folder: str, text: str) -> Iterator[tuple[str, bool]]:
        """As an entry; what a file of it names is reached too."""
        data = self._file(folder, text, False)
        if data is None:
            yield from self._entry(folder, text, False)
            return
        for root in _roots(text, data):
            for inner in _scalars(root):
                self._mention(folder, inner)

    def _mention(self, folder: str, text: str) -> None:
        """A text in the configuration of a plugin: it may be the path of a file, or anything."""
        if LOOPBACK.match(text):
            raise Failed(f"it includes {quoted(text)}: nothing is fetched")
        if not FETCHED.match(text):
            self._file(folder, text, False)

    def _file(self, folder: str, text: str, taken: bool) -> bytes | None:
        """A file that is named as `path` or `key=path`; None where there is none."""
        if FETCHED.match(text):
            raise Failed(f"it includes {quoted(text)}: nothing is fetched")
        for path in (text, text.partition("=")[2]):
            place = self._local(folder, path)
            data = self._add(place, taken) if place else None
            if data is not None:
                return data
        return None

    def _local(self, folder: str, text: str) -> str | None:
        """A place in the tree; None for what is no path there."""
        if not text or len(text) > LONGEST or text.startswith("/") or not text.isprintable():
            return None
        inside = plain(join(folder, text))
        return None if inside.startswith("..") else self._places.real(inside, self.found.links)

    def _built(self, folder: str) -> bool:
        return any(self._places.read(plain(join(folder, name))) is not None for name in NAMES)

    def _add(self, place: str, taken: bool) -> bytes | None:
        real = self._places.real(place, self.found.links)
        data = self._places.read(real) if real else None
        if real is None or data is None:
            return None
        if taken:
            self.found.taken |= {place, real}
        if real not in self.found.files:
            self._size += len(data)
            if self._size > MAX_BYTES or len(self.found.files) >= MAX_FILES:
                raise Failed(f"it reaches more than {MAX_BYTES >> 20} MiB, or too many files")
            self.found.files[real] = data
        return data


def _roots(place: str, data: bytes) -> list[Node]:
    """The documents of a file; none where it is no YAML, of which kustomize will complain."""
    try:
        return [parse(basename(place), piece) for piece in split(decode(data))]
    except (NotText, Unparsable):
        return []


def _texts(root: Node, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        yield from (value.text for value in root.scalars(key))


def _patch_files(root: Node) -> Iterator[str]:
    for key in PATCHES:
        node = root.get(key)
        for item in node.items() if node else ():
            path = item.field("path") if item.is_map else None
            yield path.value.text if path else item.value().text


def _configured(root: Node, folder: str) -> Iterator[str]:
    """The paths that inline configurations of plugins have in them."""
    for text in _texts(root, PLUGINS):
        for inner in _roots(folder, text.encode()) if "\n" in text else ():
            yield from _scalars(inner)


def _inputs(root: Node) -> Iterator[str]:
    """Files that are read for the build, and whose objects are not in it."""
    yield from _texts(root, ("configurations", "crds"))
    schema = root.field("openapi", "path")
    yield schema.value.text if schema else ""
    for key in ("replacements", "configMapGenerator", "secretGenerator"):
        node = root.get(key)
        for item in node.items() if node else ():
            fields = (item.field(name) for name in ("path", "env"))
            yield from (found.value.text for found in fields if found)
            yield from _texts(item, ("files", "envs"))


def _scalars(root: Node) -> Iterator[str]:
    """All texts of a document that stand in one line."""
    stack = [root.raw]
    seen: set[int] = set()
    while stack:
        raw = stack.pop()
        if isinstance(raw, ScalarNode):
            yield raw.value
        elif id(raw) not in seen:
            seen.add(id(raw))
            for part in raw.value:
                stack += part if isinstance(part, tuple) else (part,)
