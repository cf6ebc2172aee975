"""`--context`, `--platform` and `--cluster`: mesh snapshots, as commands use them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.cli.streams import Usage, say

if TYPE_CHECKING:
    from meshlint.config.model import Config
    from meshlint.engine import Knowledge
    from meshlint.snapshot.read import Snapshot


@dataclass(frozen=True, slots=True)
class Wanted:
    """A snapshot's file, and the folder to compare it with, "" for none."""

    file: str
    platform: str = ""


def options(parser: argparse.ArgumentParser) -> None:
    """The options of commands that look at manifests beside a snapshot."""
    add = parser.add_argument
    add(
        "--context",
        action="append",
        default=[],
        metavar="FILE",
        help="what 'meshlint context' wrote of a platform repository; may be given more than once",
    )
    add("--platform", metavar="PATH", help="the platform repository: warn if FILE is out of date")
    add("--cluster", metavar="NAME", help="the one cluster of the snapshots that all is meant for")


def wanted(arguments: argparse.Namespace, config: Config, root: Path) -> list[Wanted]:
    """The snapshots that the user names, else those of the configuration.

    Raises:
        Usage: a platform is given, and no one snapshot to compare with it.
    """
    named = [Wanted(file) for file in arguments.context]
    found = named or [
        Wanted(_shown(root, s.file.text), _shown(root, s.platform.text) if s.platform else "")
        for s in config.snapshots
    ]
    if not getattr(arguments, "compare", True):
        return [Wanted(want.file) for want in found]
    if arguments.platform is None:
        return found
    if len(found) != 1:
        raise Usage("--platform is compared with one snapshot: give one --context FILE")
    return [replace(found[0], platform=arguments.platform)]


def _shown(root: Path, path: str) -> str:
    """A path of the configuration as one would give it on the command line."""
    return Path(os.path.relpath(root / path)).as_posix()


def combined(
    known: Knowledge, wants: Sequence[Wanted], cluster: str | None, *, quiet: bool
) -> Knowledge:
    """What is known, with what the snapshots add.

    Raises:
        Usage: one cannot be read, or none has the cluster.
    """
    from meshlint.snapshot.join import NoCluster, joined
    from meshlint.source.files import Source

    if not wants:
        if cluster is not None:
            raise Usage("--cluster chooses a cluster of a snapshot: give --context FILE")
        return known
    found = [_read(want.file) for want in wants]
    for want, snapshot in zip(wants, found, strict=True):
        _tell(snapshot, quiet)
        if want.platform:
            _compare(snapshot, want.platform)
    try:
        all_known = joined(found, cluster)
    except NoCluster as error:
        raise Usage(str(error)) from None
    paths = [snapshot.path for snapshot in found]
    return replace(
        known,
        facts=(*known.facts, *all_known.facts),
        sources=(*known.sources, *map(Source, paths)),
        foreign=known.foreign | frozenset(paths),
        clusters=known.clusters | all_known.clusters,
    )


def _read(file: str) -> Snapshot:
    from meshlint.snapshot.read import BadSnapshot, snapshot
    from meshlint.source.files import Source

    path = Path(os.path.normpath(file)).as_posix()
    try:
        return snapshot(path, Source(path).read())
    except OSError as error:
        raise Usage(f"cannot read {path}: {error.strerror}") from None
    except BadSnapshot as error:
        raise Usage(str(error)) from None


def _tell(snapshot: Snapshot, quiet: bool) -> None:
    """How old it is; and, in any case, whether somebody changed it by hand."""
    from meshlint.clock import now
    from meshlint.snapshot.words import summary

    if not quiet:
        say(f"meshlint: context {snapshot.path}: {summary(snapshot, now())}")
    if not snapshot.intact:
        hint = "it was changed since it was written, and is used as it is now"
        say(f"meshlint: {snapshot.path}: the hash does not fit the content: {hint}")


def _compare(snapshot: Snapshot, platform: str) -> None:
    """Warns of a snapshot that is not what the platform's files would give today."""
    from meshlint.cli.context import rewritten
    from meshlint.snapshot.changes import changes, few
    from meshlint.snapshot.form import digest

    if not Path(platform).exists():
        raise Usage(f"cannot compare {snapshot.path} with {platform}: no such file or folder")
    old = [cluster.content for cluster in snapshot.clusters]
    header = snapshot.header
    new, lost = rewritten(platform, header.complete, header.name)
    for line in lost:
        say(f"meshlint: {line}")
    if digest(new) != digest(old):
        words = few(changes(old, new)) or "another version of meshlint wrote it"
        command = f"meshlint context {platform} > {snapshot.path}"
        say(f"meshlint: {snapshot.path} is stale: run {command} ({words})")
