"""`--baseline`, `--write-baseline` and `--prune-baseline`: findings that are known."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING

from meshlint.cli.streams import Usage, say
from meshlint.cli.streams import replace as write

if TYPE_CHECKING:
    from meshlint.cli.knowledge import Given
    from meshlint.config.find import Place
    from meshlint.config.model import Config
    from meshlint.report.model import Report
    from meshlint.source.files import Source
    from meshlint.source.stored import Stored
    from meshlint.triage.baseline import Baseline, Look

USUAL = ".meshlint-baseline.json"


def options(parser: argparse.ArgumentParser) -> None:
    """The options of commands that report findings."""
    group = parser.add_argument_group("known findings")
    which = group.add_mutually_exclusive_group()
    words = "report only what this file does not know (default: 'baseline' of the configuration)"
    which.add_argument("--baseline", metavar="FILE", help=words)
    which.add_argument("--no-baseline", action="store_true", help="report known findings too")
    what = group.add_mutually_exclusive_group()
    words = f"write all findings to the file of --baseline (default: {USUAL}), and report none"
    what.add_argument("--write-baseline", action="store_true", help=words)
    words = "take findings that are gone out of the file of --baseline"
    what.add_argument("--prune-baseline", action="store_true", help=words)


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A file that a tree in Git does not have."""

    words: str

    def read(self) -> bytes:
        """Never returns."""
        raise FileNotFoundError(2, f"it is not in {self.words}")


def settled(arguments: argparse.Namespace, config: Config, place: Place, work: Given) -> Given:
    """The work with the file of known findings, which is none to be looked at."""
    file = _source(arguments, config, place, work.stored)
    if file is None:
        return work
    sources = [source for source in work.collection.sources if source.path != file.path]
    return replace(work, baseline=file, collection=replace(work.collection, sources=sources))


def _source(
    arguments: argparse.Namespace, config: Config, place: Place, stored: Stored | None
) -> Source | None:
    """The file of known findings that the user names, else that of the configuration.

    What a configuration in Git names is in Git too.
    """
    from meshlint.source.files import Source

    named = getattr(arguments, "baseline", None)
    if named is not None:
        return Source(Path(os.path.normpath(named)).as_posix())
    if config.baseline is None or arguments.__dict__.get("no_baseline", True):
        return None
    whole = Path(place.file).parent / config.baseline.text
    shown = Path(os.path.relpath(whole)).as_posix()
    if place.stored is None or stored is None:
        return Source(shown)
    inside = stored.path(shown)
    found = stored.source(inside, shown) if inside else None
    return found or Source(shown, blob=Nowhere(stored.words))


def checked(arguments: argparse.Namespace) -> None:
    """Refuses options that contradict each other.

    Raises:
        Usage: they do.
    """
    if not (arguments.write_baseline or arguments.prune_baseline):
        return
    option = "--write-baseline" if arguments.write_baseline else "--prune-baseline"
    if arguments.no_baseline:
        raise Usage(f"{option} needs the file that --no-baseline leaves out")
    if arguments.new_since is not None:
        raise Usage(f"{option} is about all findings: leave out --new-since")


def compared(
    arguments: argparse.Namespace, work: Given, report: Report, paths: list[str]
) -> Report:
    """The report without what is known; the file is written first, where that is asked for.

    Raises:
        Usage: the file cannot be read, is no baseline, or cannot be written.
    """
    writes = arguments.write_baseline or arguments.prune_baseline
    if work.baseline is None and not writes:
        return report
    from meshlint.source.files import Source
    from meshlint.triage.baseline import compared

    file = work.baseline or Source(USUAL)
    look = _look(report, work, paths)
    old = _read(file, missing=arguments.write_baseline)
    found = compared(report, old, file.path, look)
    if not writes:
        return found.report
    new = _renewed(arguments, report, look, replace(old, entries=found.standing))
    _write(file, new, work.stored)
    if not arguments.quiet:
        _tell(file.path, old, new, unnamed=work.baseline is None)
    return compared(report, new, file.path, look).report


def _renewed(arguments: argparse.Namespace, report: Report, look: Look, left: Baseline) -> Baseline:
    """What is left of a baseline, with the findings of now where these are to be written."""
    from meshlint.triage.baseline import written

    return written(report, look, left) if arguments.write_baseline else left


def _write(file: Source, baseline: Baseline, stored: Stored | None) -> None:
    from meshlint.triage.baseline_file import text

    if file.blob is not None and stored is not None:
        raise Usage(f"{file.path} is read from {stored.words}: name a file with --baseline")
    write(Path(file.path), text(baseline))


def _read(file: Source, *, missing: bool) -> Baseline:
    from meshlint.config.fault import Faulty
    from meshlint.triage.baseline import Baseline
    from meshlint.triage.baseline_file import read

    try:
        return read(file.path, file.read())
    except FileNotFoundError as error:
        if missing:
            return Baseline()
        why = f"{error.strerror}: write it with --write-baseline"
        raise Usage(f"cannot read the baseline {file.path}: {why}") from None
    except OSError as error:
        raise Usage(f"cannot read the baseline {file.path}: {error.strerror}") from None
    except Faulty as error:
        raise Usage(str(error)) from None


def _tell(path: str, old: Baseline, new: Baseline, unnamed: bool) -> None:
    """What was written; and, where no configuration names the file, how it is used."""
    from meshlint.report.entry import paired
    from meshlint.report.model import count

    known, gone = paired(new.entries, old.entries)
    added = known.count(False)
    say(f"meshlint: {path}: {count(len(new.entries), 'finding')} ({added} new, {len(gone)} gone)")
    if unnamed:
        say(f"  use it with --baseline {path}, or 'baseline: {path}' in .meshlint.yaml")


def _look(report: Report, work: Given, paths: list[str]) -> Look:
    from meshlint.report.names import from_root
    from meshlint.source.files import STDIN
    from meshlint.triage.baseline import Look, Scope

    names: dict[str, str] = {}

    def name(path: str) -> str:
        if path not in names:
            inside = work.stored.path(path) if work.stored else None
            found = inside if inside is not None else from_root(report, path)
            away = Path(found).is_absolute()  # such as a snapshot's file: no path of this machine
            names[path] = (os.path.relpath(found, report.root) if away else found) or "."
        return names[path]

    def exists(inside: str) -> bool:
        if work.stored is not None:
            return inside in work.stored.entries
        return (report.root / inside).exists()

    makers = {basename(source.made) for source in report.sources.values() if source.made}
    rendered = {"helm" if maker == "Chart.yaml" else "kustomize" for maker in makers}
    asked = {name(STDIN if path == "-" else path) for path in paths}
    return Look(Scope(tuple(sorted(asked)), tuple(sorted(rendered))), name, exists)
