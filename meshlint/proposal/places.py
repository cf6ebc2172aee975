"""What a tree shows of its folders: clusters, charts, and objects whose namespace is not told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname

from meshlint.config import glob, names
from meshlint.mesh.model import Mesh
from meshlint.proposal.seen import Name
from meshlint.render.chart import charts
from meshlint.resources.document import Meta
from meshlint.resources.keys import IGNORED_NAMESPACES
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.unread import Skip, Unread

FOREIGN = frozenset("vendor third_party thirdparty testdata test-data fixtures".split())
"""Names of folders with what others wrote, or what tests read."""


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and namespaces, with numbers of workloads or files.

    `undeclared` are namespaces of workloads that no file makes; `nameless` folders of workloads
    that name no namespace and get none. `clusters` are folders that meshlint takes for one each.
    `broken` are files with a document that is no valid YAML.
    """

    undeclared: Mapping[str, int]
    nameless: Mapping[str, int]
    clusters: Mapping[str, int]
    foreign: Mapping[str, int]
    broken: tuple[str, ...]
    charts: tuple[str, ...]


def places(mesh: Mesh, paths: Iterable[str], skips: Iterable[Skip], name: Name) -> Places:
    """All that the paths and their objects show."""
    named = sorted(filter(None, map(name, paths)))
    whole = {w.meta.where: w for w in mesh.workloads if w.partial is not Unread.PATCH}
    broken = {name(skip.path) for skip in skips if skip.reason is Unread.BROKEN}
    return Places(
        undeclared=_undeclared(mesh),
        nameless=Counter(_globs(name(w.meta.where.path) for w in _nameless(mesh, whole.values()))),
        clusters=Counter(_clusters(mesh, named, name)),
        foreign=Counter(filter(None, map(_foreign, named))),
        broken=tuple(sorted(path for path in broken if _usable(path))),
        charts=tuple(path for path in charts(named) if path and names.inside(path) is None),
    )


def _undeclared(mesh: Mesh) -> Mapping[str, int]:
    found: defaultdict[str, set[object]] = defaultdict(set)
    for workload in (w for w in mesh.workloads if not w.discovers):
        home = mesh.home(workload)
        plain = names.namespace(home.name) is None if home.name else False
        if plain and not home.copies and home.name not in IGNORED_NAMESPACES:
            found[home.name].add(workload.meta.where)
    return {name: len(found[name]) for name in sorted(found)}


def _nameless(mesh: Mesh, whole: Iterable[Workload]) -> Iterator[Workload]:
    """Those that name no namespace, and get none on any way to a cluster."""
    placed = {w.meta.where for w in mesh.workloads if w.meta.namespace is not None}
    return (w for w in whole if w.meta.where not in placed)


def _globs(paths: Iterable[str]) -> Iterator[str]:
    """The folders of files, as patterns of the configuration; files at the top by themselves."""
    for path in paths:
        folder = dirname(path)
        pattern = f"{folder}/**" if folder else path
        if _usable(pattern):
            yield pattern


def _clusters(mesh: Mesh, named: Iterable[str], name: Name) -> Iterator[str]:
    """For each object the folder that tells its cluster; not the name that an Application gives."""
    paths = tuple(named)
    metas = (*map(_meta, mesh.workloads), *map(_meta, mesh.namespaces))
    ways = {(mesh.environment(meta.at), meta.where) for meta in metas if meta.where.path}
    told = Counter(environment for environment, _ in ways)
    for environment in filter(None, sorted(told)):
        folder = name(environment)
        if _usable(f"{folder}/**") and any(path.startswith(f"{folder}/") for path in paths):
            yield from [folder] * told[environment]


def _meta(item: Workload | Namespace) -> Meta:
    return item.meta


def _foreign(path: str) -> str:
    """The outermost folder around a file that has such a name; "" for none."""
    parts = path.split("/")[:-1]
    number = next((i for i, part in enumerate(parts, 1) if part in FOREIGN), 0)
    found = "/".join(parts[:number])
    return found if found and _usable(f"{found}/**") else ""


def _usable(pattern: str) -> bool:
    """Whether a path stands for itself as a pattern."""
    plain = pattern.removesuffix("/**")
    return glob.fault(pattern) is None and not set("*?") & set(plain) and plain.isprintable()
