"""A tree as Git has it stored: that of a commit, or the index. Nothing is checked out for it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from posixpath import dirname, join, normpath

from meshlint.source import git
from meshlint.source.files import Source
from meshlint.source.objects import Blob, Objects

COMMIT = re.compile(rb"(?P<mode>\d{6}) \w+ (?P<oid>[0-9a-f]+)\t(?P<name>.+)", re.S)
INDEX = re.compile(rb"(?P<mode>\d{6}) (?P<oid>[0-9a-f]+) (?P<stage>\d)\t(?P<name>.+)", re.S)
"""What `git ls-tree -z` and `git ls-files -z --stage` write."""

LINK, SUBMODULE = "120000", "160000"
MAX_LINKS = 10


class NotStored(Exception):
    """What was asked for is not there; the words say why, and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, link or submodule, as `ls-tree` tells of it."""

    mode: str
    oid: str


@dataclass(frozen=True)
class Stored:
    """`top` is where its paths begin: the work tree's root, or a bare repository.

    `words` name it to people. `commit` is the id of the commit, "" for the index. `entries` are by
    path from the top; `unmerged` are paths of which the index has several versions.
    """

    top: Path
    words: str
    commit: str
    entries: Mapping[str, Entry]
    unmerged: frozenset[str] = frozenset()

    @cached_property
    def objects(self) -> Objects:
        return Objects(self.top)

    def path(self, shown: str) -> str | None:
        """A path of the user's from the top, "" for the top itself; None for one outside of it."""
        whole = os.path.normpath(Path.cwd().resolve() / shown)
        inside = os.path.relpath(whole, self.top.resolve())
        if inside == ".":
            return ""
        return None if inside.startswith("..") else Path(inside).as_posix()

    def source(self, path: str, shown: str) -> Source | None:
        """A file by its path from the top, links followed inside of the tree."""
        entry, place = self.entries.get(path), path
        for _ in range(MAX_LINKS):
            if entry is None or entry.mode != LINK:
                break
            target = os.fsdecode(self.objects.read(entry.oid))
            place = normpath(join(dirname(place), target))
            entry = self.entries.get(place)
        if entry is None or entry.mode in (LINK, SUBMODULE):
            return None
        return Source(shown, blob=Blob(entry.oid, self.objects))


def commit(folder: Path, revision: str) -> Stored:
    """The tree of a commit, given as Git takes revisions.

    Raises:
        NotStored: there is no repository around the folder, or no such commit in it.
    """
    top = _top(folder)
    found = _ask(
        top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if not found:
        raise NotStored(f"{revision!r} is no commit here{_shallow(top)}")
    listing = git.run(top, "ls-tree", "-r", "-z", "--full-tree", found)
    if listing is None:
        raise NotStored(f"cannot list the files of {revision!r}: the repository lacks objects")
    entries = {os.fsdecode(m["name"]): _entry(m) for m in _matches(COMMIT, listing)}
    return Stored(top, f"{revision} ({found[:10]})", found, entries)


def index(folder: Path) -> Stored:
    """What is staged for the next commit.

    Raises:
        NotStored: there is no work tree around the folder.
    """
    top = _top(folder)
    listing = git.run(top, "ls-files", "-z", "--stage", "--full-name")
    if listing is None:
        raise NotStored("Git cannot list the index here")
    entries: dict[str, Entry] = {}
    unmerged = set()
    for match in _matches(INDEX, listing):
        name = os.fsdecode(match["name"])
        entries[name] = _entry(match)
        if match["stage"] != b"0":
            unmerged.add(name)
    return Stored(top, "the index", "", entries, frozenset(unmerged))


def base(folder: Path, revision: str, head: str = "HEAD") -> Stored:
    """The commit from which the one of `head` has gone its own way: their merge base.

    Raises:
        NotStored: one of them is not here, or they have no common history here.
    """
    top = _top(folder)
    commit(top, revision)
    found = _ask(top, "merge-base", "--end-of-options", revision, head)
    if not found:
        why = f"{revision!r} and {head} have no common history here{_shallow(top)}"
        raise NotStored(why)
    return replace(commit(top, found), words=f"the merge base with {revision} ({found[:10]})")


def _matches(pattern: re.Pattern[bytes], listing: bytes) -> Iterator[re.Match[bytes]]:
    found = (pattern.fullmatch(line) for line in listing.split(b"\0"))
    return (match for match in found if match)


def _entry(match: re.Match[bytes]) -> Entry:
    return Entry(match["mode"].decode(), match["oid"].decode())


def _top(folder: Path) -> Path:
    """The work tree's root; or the bare repository that the folder is."""
    bare = (folder / "objects").is_dir() and (folder / "HEAD").is_file()
    top = folder.resolve() if bare else git.root_of(folder.resolve())
    if top is None:
        raise NotStored(f"{folder} is in no Git repository")
    if git.run(top, "rev-parse", "--git-dir") is None:
        raise NotStored(f"Git does not answer for {top}: is it installed, and is the folder yours?")
    return top


def _shallow(top: Path) -> str:
    """What may help where only a part of the history was fetched."""
    shallow = _ask(top, "rev-parse", "--is-shallow-repository") == "true"
    return (
        "; the clone is shallow: fetch more of its history, as git fetch --unshallow does"
        if shallow
        else ""
    )


def _ask(top: Path, *question: str) -> str:
    return (git.run(top, *question) or b"").decode("utf-8", "replace").strip()


def renames(old: Stored, new: Stored | None) -> dict[str, str]:
    """Files by their paths from the top, and what they are called in a newer tree.

    That is a commit or the index. None is the work tree, of which what was not added to the index
    is unknown to Git.
    """
    options = ("-z", "-M", "--name-status", "--diff-filter=R", "--no-ext-diff", "--no-textconv")
    if new is not None and new.commit:
        answer = git.run(old.top, "diff-tree", "-r", *options, old.commit, new.commit)
    else:
        answer = git.run(old.top, "diff-index", "--cached", *options, old.commit)
    parts = [os.fsdecode(part) for part in (answer or b"").split(b"\0")]
    return dict(zip(parts[1::3], parts[2::3], strict=False))
