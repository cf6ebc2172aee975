"""What commands know beside the files they read: `.meshlint.yaml`, snapshots, `--namespace`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.cli import (
    baselines,
    ignoring,
    judging,
    own_policies,
    rendering,
    snapshots,
    trees,
)
from meshlint.cli.streams import Usage, say
from meshlint.finding import printable

if TYPE_CHECKING:
    from meshlint.config.apply import Ground
    from meshlint.config.find import Place
    from meshlint.config.model import Chart, Config
    from meshlint.engine import Knowledge, Terms
    from meshlint.finding import Value
    from meshlint.source.files import Collection, Source
    from meshlint.source.stored import Stored


@dataclass(frozen=True, slots=True)
class Given:
    """What a command works on: the files, what is known beside them, and where lint fails.

    `stored` is the tree that the files are of, where it is one that Git has stored. `symptoms` are
    files and folders with error texts, from the folder of the configuration that names them.
    `charts` are those that the configuration says how to render, their paths from `root`. `terms`
    are how the files are judged, and `baseline` is the file of findings that are known.
    """

    collection: Collection
    known: Knowledge
    terms: Terms
    fail_on: str = "warning"
    stored: Stored | None = None
    symptoms: tuple[Value, ...] = ()
    charts: tuple[Chart, ...] = ()
    root: Path = field(default_factory=Path.cwd)
    baseline: Source | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """All files in which anything may stand."""
        return (*self.known.sources, *self.collection.sources)


def options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that looks at manifests."""
    group = parser.add_mutually_exclusive_group()
    words = "what Git does not show (default: .meshlint.yaml of the work tree)"
    group.add_argument("--config", metavar="FILE", help=words)
    group.add_argument("--no-config", action="store_true", help="use no .meshlint.yaml")
    trees.options(parser)
    rendering.options(parser)
    snapshots.options(parser)


def given(
    arguments: argparse.Namespace,
    paths: list[str],
    *,
    quiet: bool = False,
    stored: Stored | None = None,
) -> Given:
    """The files under the paths, and all that is known beside them.

    `stored` is the tree to look at, where it is another than the user asks for.

    Raises:
        Usage: the configuration is faulty; all its faults are told.
    """
    from meshlint.config.fault import Faulty, told

    try:
        return _given(arguments, paths, quiet, stored or trees.tree(arguments, paths))
    except Faulty as error:
        raise Usage(told(error)) from None


def _given(
    arguments: argparse.Namespace, paths: list[str], quiet: bool, stored: Stored | None
) -> Given:
    place = _place(arguments, paths, stored)
    if arguments.verbose:
        say(f"meshlint: configuration: {printable(place.file) or 'none'}")
    config, fallback = _config(place), _fallback(arguments.namespace)
    wants = snapshots.wanted(arguments, config, Path(place.file).parent)
    work = replace(
        _plain(arguments, paths, stored),
        symptoms=config.symptoms,
        charts=config.charts,
        root=place.root,
    )
    if place.file or fallback is not None:
        from meshlint.config.apply import Ground

        work = _applied(Ground(config, place.root, fallback), work, paths, quiet)
        work = replace(work, known=replace(work.known, sources=tuple(_sources(place))))
    work = rendering.rendered(arguments, work)
    work = own_policies.ruled(config, place, work)
    work = ignoring.ignoring(arguments, config, place.root, paths, work)
    work = judging.judged(arguments, config, place.root, work)
    work = baselines.settled(arguments, config, place, work)
    if not wants and arguments.cluster is None:
        return work
    known = snapshots.combined(work.known, wants, arguments.cluster, quiet=quiet)
    return replace(work, known=known)


def _plain(arguments: argparse.Namespace, paths: list[str], stored: Stored | None) -> Given:
    from meshlint.engine import NOTHING, USUAL

    return Given(trees.collected(arguments, stored, paths), NOTHING, USUAL, stored=stored)


def _place(arguments: argparse.Namespace, paths: list[str], stored: Stored | None) -> Place:
    from meshlint.config.find import Place, find, find_in, named

    if arguments.no_config:
        return Place("", Path.cwd())
    if arguments.config:
        return named(arguments.config, paths)
    return find_in(stored) if stored else find(paths)


def _config(place: Place) -> Config:
    from meshlint.config.find import load
    from meshlint.config.model import Config

    if not place.file:
        return Config()
    from meshlint.config.read import read  # most trees have none

    return read(place.file, load(place))


def _sources(place: Place) -> Iterator[Source]:
    """The configuration's file, in which findings may stand."""
    from meshlint.source.files import Source

    if place.file:
        yield place.stored or Source(place.file)


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


def _applied(ground: Ground, work: Given, paths: list[str], quiet: bool) -> Given:
    """The files that the configuration leaves, and what it says of them."""
    from meshlint.config.facts import facts
    from meshlint.config.fault import Faulty
    from meshlint.engine import Knowledge

    config, found = ground.config, work.collection
    for fault in ground.idle(found) if ground.covered(paths) and not quiet else ():
        say(f"meshlint: {fault}")
    collection = ground.leave_out(found, paths)
    contested = list(ground.contested(collection))
    if contested:
        raise Faulty(contested)
    known = Knowledge(facts=tuple(facts(config)), adjust=ground.adjust)
    return replace(work, collection=collection, known=known, fail_on=config.fail_on or "warning")
