"""Paths of a scan as places: from the top of the tree, with links followed as kustomize does."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from posixpath import normpath

from meshlint.render.tree import Tree

MAX_LINKS = 20


class Places:
    """Files of a tree by their paths from its top; "" is the top itself."""

    def __init__(self, tree: Tree, names: Iterable[str]) -> None:
        """`names` are the files of the scan: they keep the names that the user has given them."""
        self._tree = tree
        self._top = os.path.normpath(Path.cwd() / tree.top)
        self._links: dict[str, str | None] = {}
        self._bytes: dict[str, bytes | None] = {}
        self._names: dict[str, str] = {}
        for name in names:
            place = self.place(name)
            if place is not None:
                self._names[place] = name

    def place(self, name: str) -> str | None:
        """Where a path of the scan is in the tree; None for one outside of it."""
        inside = os.path.relpath(os.path.normpath(Path.cwd() / name), self._top)
        return None if _outside(inside) else plain(Path(inside).as_posix())

    def name(self, place: str) -> str:
        """How the scan names a place, or would name it."""
        known = self._names.get(place)
        return known or Path(os.path.relpath(os.path.normpath(f"{self._top}/{place}"))).as_posix()

    def read(self, place: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        if place not in self._bytes:
            self._bytes[place] = self._tree.read(self.name(place))
        return self._bytes[place]

    def real(self, place: str, links: dict[str, str]) -> str | None:
        """A place without links; those that were followed are added to `links`.

        None where one leads out of the tree, or begins at the root of the machine.
        """
        done: list[str] = []
        rest, found, hops = place.split("/"), dict[str, str](), 0
        while rest:
            part = rest.pop(0)
            if part == "..":
                if not done:
                    return None
                done.pop()
            elif part not in ("", "."):
                target = self._link("/".join((*done, part)))
                if target is None:
                    done.append(part)
                    continue
                found["/".join((*done, part))] = target
                hops += 1
                if target.startswith("/") or hops > MAX_LINKS:
                    return None
                rest = target.split("/") + rest
        links.update(found)
        return "/".join(done)

    def _link(self, place: str) -> str | None:
        if place not in self._links:
            self._links[place] = self._tree.link(self.name(place))
        return self._links[place]


def plain(path: str) -> str:
    """A path without `.` and `..` inside, "" for the folder itself."""
    clean = normpath(path) if path else ""
    return "" if clean == "." else clean


def _outside(path: str) -> bool:
    return path == ".." or path.startswith(("../", "/"))
