"""`ignore` of the configuration, `--show-suppressed`, and whether a run sees all of a tree."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from posixpath import basename
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meshlint.cli.knowledge import Given
    from meshlint.config.apply import Ground
    from meshlint.config.model import Config, Ignored
    from meshlint.report.model import Report
    from meshlint.resources.ignore import Ignore
    from meshlint.source.stored import Stored


def options(parser: argparse.ArgumentParser) -> None:
    """The option of `meshlint lint`."""
    words = "report what is suppressed, too, with the reason; the exit code stays the same"
    parser.add_argument("--show-suppressed", action="store_true", help=words)


def shown(arguments: argparse.Namespace, report: Report) -> Report:
    """The report with what is suppressed, if that is asked for."""
    return replace(report, show_suppressed=True) if arguments.show_suppressed else report


def revealed(report: Report) -> Report:
    """The report with what is suppressed among its findings: it may be the cause of an outage."""
    findings = sorted((*report.findings, *report.suppressed), key=lambda finding: finding.order)
    return replace(report, findings=tuple(findings), suppressed=())


def ignoring(
    arguments: argparse.Namespace, config: Config, root: Path, paths: Sequence[str], work: Given
) -> Given:
    """What a command works on, with what the configuration wants to be ignored.

    `root` is where the globs of the configuration begin.

    Raises:
        Faulty: an entry names a rule that is not there.
    """
    from meshlint.config.apply import Ground
    from meshlint.triage.ignores import Ignoring

    ground = Ground(config, root)
    told = Ignoring(
        entries=tuple(_entry(entry, ground) for entry in _known(config.ignored, work)),
        reasoned=config.reasoned,
        whole=_whole(arguments, work) and ground.covered(paths),
        layered=partial(_layered, ground, root, work.stored),
    )
    return replace(work, terms=replace(work.terms, ignoring=told))


def _whole(arguments: argparse.Namespace, work: Given) -> bool:
    """Whether the tree is looked at as usual: nothing on the command line makes it another one."""
    from meshlint.resources.kustomization import NAMES

    if arguments.tracked or arguments.no_config:
        return False
    if arguments.cluster is not None or arguments.namespace is not None:
        return False
    names = {basename(source.path) for source in work.collection.sources}
    return bool(arguments.kustomize) or names.isdisjoint(NAMES)


def _known(entries: Sequence[Ignored], work: Given) -> Sequence[Ignored]:
    """The entries, if there are the rules that they name."""
    if not entries:
        return ()
    from meshlint.config.fault import Fault, Faulty
    from meshlint.finding import quoted
    from meshlint.triage.choice import Choice

    choice = Choice(work.terms.book.policies())
    faults = []
    for word in (word for entry in entries for word in entry.rules):
        chosen = choice.find(word.text)
        if chosen is None:
            text = f"no rule is called {quoted(word.text)}{choice.hint(word.text)}"
            faults.append(Fault(word.where, text))
        elif not chosen.exact:
            text = f"{quoted(word.text)} means several rules: name each, or see 'overrides'"
            faults.append(Fault(word.where, text))
    if faults:
        raise Faulty(faults)
    return entries


def _entry(entry: Ignored, ground: Ground) -> Ignore:
    from meshlint.config.glob import matcher
    from meshlint.resources.ignore import Ignore
    from meshlint.triage.chosen import Chosen

    files = matcher(glob.text for glob in entry.paths) if entry.paths else None
    objects = tuple(tuple(one.text.split("/")) for one in entry.objects) or None
    chosen = Chosen(ground.name, files, objects)
    return Ignore(entry.where, entry.rules, chosen, entry.reason, entry.until)


def _layered(ground: Ground, root: Path, stored: Stored | None, path: str) -> bool:
    """Whether a kustomization stands beside a file or above it, looked at or not."""
    from meshlint.resources.kustomization import NAMES

    inside = ground.name(path)
    folders = PurePosixPath(inside).parents if inside else ()
    names = (f"{folder}/{name}" for folder in folders for name in NAMES)
    if stored is not None:
        return any(stored.path(f"{root}/{name}") in stored.entries for name in names)
    return any(os.path.exists(f"{root}/{name}") for name in names)  # noqa: PTH110
