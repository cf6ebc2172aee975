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

from meshlint.resources.site import Site

PARENTS = frozenset("clusters cluster envs env environments overlays sites regions stages".split())
NOWHERE = "//"
"""The directory of what is known of a cluster and stands in no file of the tree."""

STAGE = re.compile(
    r"(dev|develop|development|test|testing|qa|uat|int|integration|stage|staging|preprod|pre-prod"
    r"|prod|production|sandbox|demo|canary-cluster)([-_]?\d+)?\Z"
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A control-plane object at a site: `key` names it, `content` is what must not differ."""

    site: Site
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
    """For each site, the largest directory around it without contradicting control planes."""

    def __init__(
        self, sightings: Iterable[Sighting], root: str = "", named: Iterable[str] = ()
    ) -> None:
        """`root` is where absolute paths begin to mean something: nothing above it is looked at.

        `named` are clusters that directories may have the names of.
        """
        self._root = root.rstrip("/") + "/" if root else ""
        self._named = sorted(named, key=len, reverse=True)
        self._environments: dict[Site, str] = {}
        self._scopes: dict[Site, tuple[str, str]] = {}
        self._below: defaultdict[tuple[str, str], set[Site]] = defaultdict(set)
        self._contents: defaultdict[str, Contents] = defaultdict(lambda: defaultdict(set))
        for sighting in sightings:
            env, path = self.environment(sighting.site), sighting.site.path
            for directory in (*_above(path), path) if path else (NOWHERE,):
                self._below[env, directory].add(sighting.site)
                if directory != path:
                    self._contents[env][directory, sighting.key].add(sighting.content)
        shared = _torn(self._contents[""])
        self._torn = {env: shared | self._tear(env) for env in self._contents}

    def environment(self, site: Site) -> str:
        """The cluster of a site: its name, or the directory that tells it; "" for what all share.

        Where the object's own path tells nothing, that of the Application which applies it may.
        """
        if site not in self._environments:
            paths = (p.removeprefix(self._root) for p in (site.path, site.by))
            told = next((env for env in map(environment, paths) if env), "")
            known = (name for name in self._named if f"/{told}".endswith(f"/{name}"))
            self._environments[site] = site.cluster or next(known, told)
        return self._environments[site]

    def visible(self, site: Site, other: Site) -> bool:
        """Whether what stands at `other` is there for `site`: its own environment's, or shared."""
        return self.environment(other) in ("", self.environment(site))

    def scope(self, site: Site) -> tuple[str, str]:
        """Environment and directory (or file) that a site shares its control planes with.

        An environment without control planes of its own sees just the shared ones.
        """
        if site not in self._scopes:
            self._scopes[site] = self._scope(site)
        return self._scopes[site]

    def _scope(self, site: Site) -> tuple[str, str]:
        env = self.environment(site)
        env = env if env in self._torn else ""
        best = site.path
        for directory in reversed(_above(site.path)):
            if directory in self._torn[env]:
                break
            best = directory
        return env, best

    def together(self, site: Site, other: Site) -> bool:
        """Whether what stands at `other` is in the cluster of `site`."""
        directory = self.scope(site)[1]
        inside = directory in ("", other.path) or other.path.startswith(directory + "/")
        return (inside or not other.path) and self.visible(site, other)

    def members(self, scope: tuple[str, str]) -> set[Site]:
        """The sites of control-plane objects that a scope sees."""
        env, directory = scope
        places = ((e, d) for e in (env, "") for d in (directory, NOWHERE))
        return set().union(*(self._below.get(place, set()) for place in places))

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
