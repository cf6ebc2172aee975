"""Which documents belong to one cluster: the parts of a tree whose control planes do not clash.

A directory below `clusters/`, `overlays/` and the like, or named after a stage, is an
environment: it sees itself and what lies outside all environments. Inside of what it sees, a
directory that holds two different versions of one control-plane object cannot be one cluster, so
its children are looked at one by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

PARENTS = frozenset("clusters cluster envs env environments overlays sites regions stages".split())
STAGE = re.compile(
    r"(dev|develop|development|test|testing|qa|uat|int|integration|stage|staging|preprod|pre-prod"
    r"|prod|production|sandbox|demo|canary-cluster)([-_]?\d+)?\Z"
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A control-plane object in a file: `key` names it, `content` is what must not differ."""

    path: str
    key: Hashable
    content: Hashable


def environment(path: str) -> str:
    """The environment directory of a file, given from the tree's root; "" for what all share."""
    parts = path.split("/")
    for i, part in enumerate(parts[:-1]):
        child = i + 2 if part in PARENTS and i + 2 < len(parts) else 0
        if child:
            return "/".join(parts[:child])
        if STAGE.match(part):
            return "/".join(parts[: i + 1])
    return ""


Contents = defaultdict[tuple[str, Hashable], set[Hashable]]
"""The contents that an object (by key) has below a directory."""


class Scopes:
    """For each path, the largest directory around it without contradicting control planes."""

    def __init__(self, sightings: Iterable[Sighting], root: str = "") -> None:
        """`root` is where absolute paths begin to mean something: nothing above it is looked at."""
        self._root = root.rstrip("/") + "/" if root else ""
        self._below: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._contents: defaultdict[str, Contents] = defaultdict(lambda: defaultdict(set))
        for sighting in sightings:
            env = self.environment(sighting.path)
            self._below[env, sighting.path].add(sighting.path)
            for directory in _above(sighting.path):
                self._below[env, directory].add(sighting.path)
                self._contents[env][directory, sighting.key].add(sighting.content)
        shared = _torn(self._contents[""])
        self._torn = {env: shared | self._tear(env) for env in self._contents}

    def environment(self, path: str) -> str:
        """The environment directory of a file, from the tree's root; "" for what all share."""
        return environment(path.removeprefix(self._root))

    def visible(self, path: str, other: str) -> bool:
        """Whether what stands in `other` is there for `path`: its own environment's, or shared."""
        return self.environment(other) in ("", self.environment(path))

    def scope(self, path: str) -> tuple[str, str]:
        """Environment and directory (or file) that a path shares its control planes with.

        An environment without control planes of its own sees just the shared ones.
        """
        env = self.environment(path)
        env = env if env in self._torn else ""
        best = path
        for directory in reversed(_above(path)):
            if directory in self._torn[env]:
                break
            best = directory
        return env, best

    def together(self, path: str, other: str) -> bool:
        """Whether what stands in `other` is in the cluster of `path`."""
        directory = self.scope(path)[1]
        inside = directory == "" or other == directory or other.startswith(directory + "/")
        return inside and self.visible(path, other)

    def members(self, scope: tuple[str, str]) -> set[str]:
        """The files with control-plane objects that a scope sees."""
        env, directory = scope
        return self._below.get((env, directory), set()) | self._below.get(("", directory), set())

    def shared_only(self, scope: tuple[str, str]) -> bool:
        """Whether the scope is the shared part, and environments add control planes to it."""
        return scope[0] == "" and any(self._contents.keys() - {""})

    def _tear(self, env: str) -> frozenset[str]:
        """Directories in which an environment's copy of an object differs from another it sees."""
        shared = self._contents[""]
        own = self._contents[env]
        return _torn({place: found | shared.get(place, set()) for place, found in own.items()})


def _torn(contents: Mapping[tuple[str, Hashable], set[Hashable]]) -> frozenset[str]:
    """Directories in which one object has two contents."""
    return frozenset(directory for (directory, _), found in contents.items() if len(found) > 1)


def _above(path: str) -> list[str]:
    """The directories around a file, from the top ("") down."""
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(len(parts))]
