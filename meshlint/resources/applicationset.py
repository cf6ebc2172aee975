"""ApplicationSets: what their generators fill into the template of an Application.

Followed are list generators, git generators of directories, and matrices of both
(argoproj/argo-cd applicationset/generators). What others fill in is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from posixpath import basename

from meshlint.finding import Location, Value
from meshlint.resources.applier import Applier, Made, given, settled, switched_on
from meshlint.resources.filling import Lookup, filled
from meshlint.resources.glob import names
from meshlint.source.node import Node
from meshlint.unread import Unread

MAX_SOURCES = 1000
"""A set with more Applications than this is not followed: no hand wrote it."""


@dataclass(frozen=True, slots=True)
class Series:
    """Applications that an ApplicationSet makes, one for each folder that its patterns take.

    `made` is what one of them applies and makes, `{{path}}` and the like left open; in Go's
    templates (`go`) it is `{{.path.path}}`. Folders that are `excluded` are left out in any case.
    """

    where: Location
    patterns: tuple[str, ...]
    excluded: tuple[str, ...]
    go: bool
    made: tuple[Made, ...]

    def over(self, folders: Iterable[str]) -> Iterator[Made]:
        """What the Applications for these folders, given from the repository's root, do."""
        taken = (folder for folder in folders if self._takes(folder))
        tags = (_path_tags(folder, self.where, self.go) for folder in taken)
        made = (filled(item, t.get) for t in tags for item in self.made)
        yield from settled({repr(item): item for item in made}.values())  # each once

    def _takes(self, folder: str) -> bool:
        """As filterApps of applicationset/generators/git.go; Argo CD skips hidden folders."""
        if any(part.startswith(".") for part in folder.split("/")):
            return False
        taken = any(names(pattern, folder) for pattern in self.patterns)
        return taken and not any(names(pattern, folder) for pattern in self.excluded)


def _path_tags(folder: str, where: Location, go: bool) -> dict[str, Value]:
    """The parameters of a git generator for one directory (generateParamsFromApps)."""
    name = basename(folder)
    normal = re.sub(r"[^-a-z0-9.]", "-", name.lower())[:253].strip("-.")
    path, segment = (".path.path", "index .path.segments {}") if go else ("path", "path[{}]")
    own = ".path" if go else "path"
    tags = {path: folder, f"{own}.basename": name, f"{own}.basenameNormalized": normal}
    tags |= {segment.format(i): part for i, part in enumerate(folder.split("/"))}
    return {tag: Value(text, where) for tag, text in tags.items()}


@dataclass(frozen=True, slots=True)
class Source:
    """What a generator gives for some Applications: values, and folders one by one.

    `sure` is False where there may be any number of them, of which not all is known. `where` is
    the element that tells one of them from the others.
    """

    lookup: Lookup
    sure: bool = True
    folders: Series | None = None
    where: Location | None = None


def generated(spec: Node, made: tuple[Made, ...]) -> Iterator[Made | Series]:
    """What the Applications of a set do; `made` is what its template says."""
    plain: dict[str, Made] = {}
    for source in _followed(spec):
        items = [filled(item, source.lookup) for item in made]
        items = items if source.sure else list(_doubtful(items))
        if source.folders and items:
            standing = (_standing(item, source.where) for item in items)
            yield replace(source.folders, made=tuple(standing))
        elif not source.folders:
            for item in items:
                plain.setdefault(repr(item), _standing(item, source.where))
    yield from settled(plain.values())


def _standing(item: Made, where: Location | None) -> Made:
    """An applier at the element that it is made for: others of the set may have its folder."""
    return replace(item, where=where) if where and isinstance(item, Applier) else item


def _followed(spec: Node) -> list[Source]:
    go = switched_on(spec.field("goTemplate"))
    generators = spec.get("generators")
    items = generators.items() if generators else ()
    sources = (source for item in items for source in _sources(item, go))
    found = list(islice(sources, MAX_SOURCES + 1))
    return found if len(found) <= MAX_SOURCES else []


def _doubtful(items: Iterable[Made]) -> Iterator[Made]:
    """Without Namespaces of which nothing is known: there may be no Application to make them."""
    for item in items:
        if isinstance(item, Applier):
            yield item
        elif item.meta.labels:
            yield replace(item, partial=item.partial or Unread.PLACEHOLDER)


def _sources(generator: Node, go: bool, inside: bool = False) -> list[Source]:
    """What one generator gives, maybe `inside` of a matrix.

    Nothing, where it has a template of its own, which changes the common one.
    """
    inner = [child for child in generator.children() if child.is_map and child.name != "selector"]
    if len(inner) != 1 or inner[0].get("template") is not None:
        return []
    kind = inner[0].name
    if generator.get("selector") is None:
        if kind == "list":
            return _elements(inner[0], go)
        if kind == "git" and inner[0].get("directories") is not None:
            return [_directories(inner[0], go)]
        if kind == "matrix" and not inside:
            return _matrix(inner[0], go)
    return [OPEN]


def _nothing(tag: str) -> Value | None:
    return None


OPEN = Source(_nothing, sure=False)
"""A generator that is not followed."""


def _elements(node: Node, go: bool) -> list[Source]:
    elements = node.get("elements")
    items = elements.items() if elements else []
    found = [Source(_element(item, go), where=_start(item)) for item in items]
    return [*found, OPEN] if node.get("elementsYaml") is not None else found


def _start(item: Node) -> Location:
    return next((child.key_where for child in item.children()), item.where)


def _element(item: Node, go: bool) -> Lookup:
    """Only strings: others are an error to Argo CD, or printed as Go prints them."""

    def lookup(tag: str) -> Value | None:
        if go:
            keys = tag.removeprefix(".").split(".")
            return given(item, *keys) if tag.startswith(".") else None
        head, _, rest = tag.partition(".")
        return given(item, "values", rest) if head == "values" else given(item, tag)

    return lookup


def _directories(node: Node, go: bool) -> Source:
    directories = node.get("directories")
    patterns: dict[bool, list[str]] = {True: [], False: []}
    for item in directories.items() if directories else ():
        path = given(item, "path")
        if path is None or path.known is None or "\\" in path.text:
            return OPEN
        patterns[switched_on(item.field("exclude"))].append(path.text)
    if node.get("pathParamPrefix") is not None:
        return OPEN
    where = node.key_where
    series = Series(where, tuple(patterns[False]), tuple(patterns[True]), go, ())
    return Source(_nothing, folders=series)


def _matrix(node: Node, go: bool) -> list[Source]:
    """The product of two generators; parameters of both are there."""
    generators = node.get("generators")
    items = generators.items() if generators else []
    if len(items) != 2:
        return [OPEN]
    pairs = product(*(_sources(item, go, inside=True) for item in items))
    return [_joined(first, second) for first, second in islice(pairs, MAX_SOURCES + 1)]


def _joined(first: Source, second: Source) -> Source:
    def lookup(tag: str) -> Value | None:
        return first.lookup(tag) or second.lookup(tag)

    if first.folders and second.folders:
        return OPEN
    sure, folders = first.sure and second.sure, first.folders or second.folders
    return Source(lookup, sure, folders, first.where or second.where)
