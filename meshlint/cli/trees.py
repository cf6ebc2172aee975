"""`--rev`, `--staged` and `--tracked`: which state of a Git repository commands look at."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.cli.streams import Usage, stdin_for

if TYPE_CHECKING:
    from meshlint.source.files import Collection
    from meshlint.source.stored import Stored


def options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that looks at manifests."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--rev", metavar="REV", help="a commit, branch or tag; nothing is checked out"
    )
    group.add_argument("--staged", action="store_true", help="what is staged for the next commit")
    group.add_argument("--tracked", action="store_true", help="only files that Git tracks")


def tree(arguments: argparse.Namespace, paths: Sequence[str]) -> Stored | None:
    """The tree that Git has stored and the user asks for; None for files as they are.

    Raises:
        Usage: it is not there, or standard input is asked for as well.
    """
    if arguments.rev is None and not arguments.staged:
        return None
    if "-" in paths:
        raise Usage("standard input is in no commit: give --rev and --staged without -")
    from meshlint.source.stored import NotStored, commit, index

    folder = _around(paths)
    try:
        return index(folder) if arguments.staged else commit(folder, arguments.rev)
    except NotStored as error:
        raise Usage(str(error)) from None


def base(arguments: argparse.Namespace, paths: Sequence[str], revision: str) -> Stored:
    """The commit that the files have in common with a revision.

    Raises:
        Usage: there is none.
    """
    from meshlint.source.stored import NotStored
    from meshlint.source.stored import base as common

    try:
        return common(_around(paths), revision, arguments.rev or "HEAD")
    except NotStored as error:
        raise Usage(str(error)) from None


def collected(arguments: argparse.Namespace, stored: Stored | None, paths: list[str]) -> Collection:
    """The files under the paths, in the tree that Git has stored if one is given."""
    if stored is not None:
        from meshlint.source.stored_files import collect as collect_stored

        return collect_stored(stored, paths)
    from meshlint.source.files import collect

    return collect(paths, stdin_for(paths), untracked=not arguments.tracked)


def _around(paths: Sequence[str]) -> Path:
    """The folder of the first path that stands somewhere; it need not be there any more."""
    first = Path.cwd() / next((path for path in paths if path != "-"), ".")
    return next(folder for folder in (first, *first.parents) if folder.is_dir())
