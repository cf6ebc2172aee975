"""What commands know beside the files they read: `.meshlint.yaml`, snapshots, `--namespace`."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.cli import snapshots
from meshlint.cli.streams import Usage, say, stdin_for
from meshlint.finding import printable

if TYPE_CHECKING:
    from meshlint.config.apply import Ground
    from meshlint.config.find import Place
    from meshlint.config.model import Config
    from meshlint.engine import Knowledge
    from meshlint.finding import Value
    from meshlint.source.files import Collection


@dataclass(frozen=True, slots=True)
class Given:
    """What a command works on: the files, what is known beside them, and where lint fails."""

    collection: Collection
    known: Knowledge
    fail_on: str = "warning"


def options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that looks at manifests."""
    group = parser.add_mutually_exclusive_group()
    words = "what Git does not show (default: .meshlint.yaml of the work tree)"
    group.add_argument("--config", metavar="FILE", help=words)
    group.add_argument("--no-config", action="store_true", help="use no .meshlint.yaml")
    snapshots.options(parser)


def given(arguments: argparse.Namespace, paths: list[str], *, quiet: bool = False) -> Given:
    """The files under the paths, and all that is known beside them.

    Raises:
        Usage: the configuration is faulty; all its faults are told.
    """
    from meshlint.config.fault import Faulty

    try:
        return _given(arguments, paths, quiet)
    except Faulty as error:
        number = len(error.faults)
        head = f"{number} error{'s' if number > 1 else ''} in the configuration"
        raise Usage(f"{head}\n{error}") from None


def _given(arguments: argparse.Namespace, paths: list[str], quiet: bool) -> Given:
    place = _place(arguments, paths)
    if arguments.verbose:
        say(f"meshlint: configuration: {printable(place.file) or 'none'}")
    config, fallback = _config(place), _fallback(arguments.namespace)
    wants = snapshots.wanted(arguments, config, Path(place.file).parent)
    work = _plain(paths)
    if place.file or fallback is not None:
        from meshlint.config.apply import Ground

        work = _applied(Ground(config, place.root, fallback), work.collection, paths, quiet)
    if not wants and arguments.cluster is None:
        return work
    known = snapshots.combined(work.known, wants, arguments.cluster, quiet=quiet)
    return replace(work, known=known)


def _plain(paths: list[str]) -> Given:
    from meshlint.engine import NOTHING
    from meshlint.source.files import collect

    return Given(collect(paths, stdin_for(paths)), NOTHING)


def _place(arguments: argparse.Namespace, paths: list[str]) -> Place:
    from meshlint.config.find import Place, find, named

    if arguments.no_config:
        return Place("", Path.cwd())
    return named(arguments.config, paths) if arguments.config else find(paths)


def _config(place: Place) -> Config:
    from meshlint.config.find import load
    from meshlint.config.model import Config
    from meshlint.config.read import read

    return read(place.file, load(place.file)) if place.file else Config()


def _fallback(namespace: str | None) -> Value | None:
    """The namespace that the user gives to what has none; it stands in no file."""
    if namespace is None:
        return None
    from meshlint.config import names
    from meshlint.config.model import NOWHERE
    from meshlint.finding import Value

    problem = names.namespace(namespace)
    if problem:
        raise Usage(f"--namespace {namespace!r} {problem}")
    return Value(namespace, NOWHERE)


def _applied(ground: Ground, found: Collection, paths: list[str], quiet: bool) -> Given:
    """The files that the configuration leaves, and what it says of them."""
    from meshlint.config.facts import facts
    from meshlint.config.fault import Faulty
    from meshlint.engine import Knowledge
    from meshlint.source.files import Source

    config = ground.config
    for fault in ground.idle(found) if ground.covered(paths) and not quiet else ():
        say(f"meshlint: {fault}")
    collection = ground.leave_out(found, paths)
    contested = list(ground.contested(collection))
    if contested:
        raise Faulty(contested)
    sources = (Source(config.path),) if config.path else ()
    known = Knowledge(facts=tuple(facts(config)), sources=sources, adjust=ground.adjust)
    return Given(collection, known, config.fail_on or "warning")
