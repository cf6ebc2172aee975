"""`meshlint context`: what a platform repository knows, in a file that others lint against."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint import __version__
from meshlint.cli.help import formatter
from meshlint.cli.knowledge import given, options
from meshlint.cli.streams import CLEAN, UNREAD, Usage, put, replace, say

if TYPE_CHECKING:
    from meshlint.snapshot.form import Header, Json
    from meshlint.source.files import Source
    from meshlint.unread import Unread

EPILOG = """\
A live cluster can be read too; --complete says that these are all webhooks it has:

  kubectl get mutatingwebhookconfigurations,namespaces -o yaml | meshlint context --complete -

exit codes:
  0  written
  2  wrong usage, or a fault in the configuration
  3  written, but something could not be read, or there was nothing to write
"""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint context`."""
    made = argparse.ArgumentParser(
        prog="meshlint context",
        usage="meshlint context [options] [PATH ...] > mesh.json",
        description="Writes revisions, tags, webhooks and namespaces for 'meshlint --context'.",
        epilog=EPILOG,
        formatter_class=formatter,
    )
    add = made.add_argument
    add("paths", nargs="*", metavar="PATH", help="what to read, - for standard input (default: .)")
    add("-o", "--output", metavar="FILE", help="where to write it (default: standard output)")
    add("--name", default="", metavar="NAME", help="the name of the cluster, where there is one")
    add(
        "--complete",
        action="store_true",
        help="the revisions and tags in sight are installed, and are all there are",
    )
    add("-q", "--quiet", action="store_true", help="no summary on standard error")
    add("-v", "--verbose", action="store_true", help="tell which configuration is used")
    options(made)
    made.set_defaults(namespace=None)
    return made


def context(words: Sequence[str]) -> int:
    """Writes the snapshot; returns the exit code."""
    arguments = parser().parse_args(words)
    from meshlint.snapshot.form import text

    seen = _look(arguments)
    whole = text(_header(arguments, seen), seen.clusters)
    if arguments.output:
        replace(Path(arguments.output), whole)
    else:
        put(whole)
    if not arguments.quiet:
        _summarize(seen)
    for line in seen.lost:
        say(f"meshlint: {line}")
    return UNREAD if seen.lost or not seen.clusters else CLEAN


def rewritten(path: str, complete: bool, name: str) -> tuple[list[Json], list[str]]:
    """The content that a snapshot of a path would have today, and what could not be read."""
    said = [*(["--complete"] if complete else []), *(["--name", name] if name else [])]
    arguments = parser().parse_args(["--quiet", *said, "--", path])
    arguments.compare = False  # or two repositories that build on each other never end
    seen = _look(arguments)
    return seen.clusters, seen.lost


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read, what became of it, and what did not: see engine.census."""

    paths: list[str]
    sources: list[Source]
    clusters: list[Json]
    lost: list[str]
    unread: Mapping[Unread, int]


def _look(arguments: argparse.Namespace) -> Seen:
    from meshlint.engine import census
    from meshlint.snapshot.write import content

    paths = arguments.paths or ["."]
    work = given(arguments, paths, quiet=arguments.quiet)
    mesh, lost, unread = census(work.collection, work.known)
    clusters = content(mesh, arguments.complete, arguments.name)
    if arguments.name and len(clusters) > 1:
        names = ", ".join(str(cluster["name"]) or "(shared)" for cluster in clusters)
        raise Usage(f"--name is for one cluster, and here are {len(clusters)}: {names}")
    return Seen(paths, list(work.sources), clusters, lost, unread)


def _header(arguments: argparse.Namespace, seen: Seen) -> Header:
    from meshlint.clock import now
    from meshlint.report.summary import QUIET
    from meshlint.snapshot.form import Header
    from meshlint.snapshot.origin import origin

    told = None if "-" in seen.paths else origin(seen.paths, seen.sources)
    return Header(
        meshlint=__version__,
        created=told.created if told and not told.dirty else now(),
        commit=told.commit if told else "",
        dirty=told is not None and told.dirty,
        complete=arguments.complete,
        name=arguments.name,
        unread={reason.name.lower(): n for reason, n in seen.unread.items() if reason not in QUIET},
    )


def _summarize(seen: Seen) -> None:
    """What is in the snapshot, and what is not."""
    from meshlint.report.model import count
    from meshlint.report.summary import QUIET
    from meshlint.snapshot.words import hidden, known

    say(f"meshlint: written: {known(seen.clusters)}")
    number = hidden(seen.clusters)
    if number:
        labels = count(number, "label")
        say(f"  left out: the values of {labels} of namespaces, for which no webhook asks")
    for reason in (r for r in seen.unread if r not in QUIET):
        say(f"  not read: {reason.value} ({seen.unread[reason]})")
    if not seen.clusters:
        say("  nothing was found: no namespace and no control plane")
