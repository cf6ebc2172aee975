"""The files of a tree that Git has stored, under paths as users give them."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import join

from meshlint.source.files import Collection, Source, clean, readable
from meshlint.source.objects import Blob
from meshlint.source.stored import SUBMODULE, Stored
from meshlint.source.text import MAX_BYTES
from meshlint.unread import Skip, Unread


def collect(stored: Stored, paths: Iterable[str]) -> Collection:
    """The stored files under the paths, named as the user would name them in the work tree."""
    collection = Collection()
    found: dict[str, Source] = {}
    for asked in paths:
        path = stored.path(asked)
        named = _below(stored, path) if path is not None else []
        if path is None or not named:
            why = f"not in {stored.words}"
            collection.skips.append(Skip(Unread.UNREADABLE, asked, 0, why))
        for name in named:
            shown = clean(join(asked, name[len(path or "") :].lstrip("/")))
            if name == path or readable(name) or _submodule(stored, name):
                _take(stored, name, shown, found, collection.skips)
    _weigh(stored, found, collection.skips)
    collection.sources = [found[name] for name in sorted(found)]
    return collection


def _below(stored: Stored, path: str) -> list[str]:
    """The file at a path, or all below it."""
    if path in stored.entries:
        return [path]
    head = f"{path}/" if path else ""
    return [name for name in stored.entries if name.startswith(head)]


def _submodule(stored: Stored, name: str) -> bool:
    return stored.entries[name].mode == SUBMODULE


def _take(
    stored: Stored, name: str, shown: str, found: dict[str, Source], skips: list[Skip]
) -> None:
    """One entry, under the name by which the user would know it."""
    if _submodule(stored, name):
        skips.append(Skip(Unread.SUBMODULE, shown))
    elif name in stored.unmerged:
        skips.append(Skip(Unread.UNREADABLE, shown, 0, "it has a merge conflict"))
    else:
        source = stored.source(name, shown)
        if source is None:
            skips.append(Skip(Unread.LINK, shown))
        else:
            found.setdefault(shown, source)


def _weigh(stored: Stored, found: dict[str, Source], skips: list[Skip]) -> None:
    """Takes out what is too large, and what a partial clone lacks."""
    oids = {name: s.blob.oid for name, s in found.items() if isinstance(s.blob, Blob)}
    sizes = stored.objects.sizes(oids.values())
    for name, oid in oids.items():
        if sizes.get(oid, 0) > MAX_BYTES:
            skips.append(Skip(Unread.LARGE, name))
            del found[name]
