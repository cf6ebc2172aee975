"""`meshlint why`: whether a workload is injected, by whom, and because of which lines."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from meshlint.cli.help import formatter
from meshlint.cli.knowledge import given, options
from meshlint.cli.since import Before, comparable
from meshlint.cli.streams import CLEAN, UNREAD, Usage, put, say

if TYPE_CHECKING:
    from meshlint.engine import Memory
    from meshlint.mesh.model import Mesh
    from meshlint.resources.workload import Workload
    from meshlint.source.files import Source

FORMATS = ("text", "markdown", "json", "mermaid")

EPILOG = """\
KIND/NAME is written as for kubectl: deploy/cart, deployment/cart or Deployment/cart; the kind may
be left out. The verdict is one of: injected, not injected, unknown.

exit codes:
  0  answered
  2  wrong usage, a fault in the configuration, no such workload, or several of that name
  3  something asked for could not be read
"""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint why`."""
    made = argparse.ArgumentParser(
        prog="meshlint why",
        usage="meshlint why [options] (KIND/NAME | --all | --since REV) [PATH ...]",
        description="Tells whether pods get a sidecar, from whom, and which lines decide it.",
        epilog=EPILOG,
        formatter_class=formatter,
    )
    add = made.add_argument
    add("words", nargs="*", metavar="KIND/NAME, PATH", help="the workload, then what to read")
    add(
        "-n",
        "--namespace",
        metavar="NS",
        help="the namespace of the workload, and of objects that get none otherwise",
    )
    add("--all", action="store_true", help="a table of all workloads, with counts")
    add("--format", choices=FORMATS, default="text", help="default: text")
    add(
        "--since",
        metavar="REV",
        help="what changes since the merge base with this commit or branch; names no workload",
    )
    add("-v", "--verbose", action="store_true", help="tell which configuration is used")
    options(made)
    return made


def why(words: Sequence[str]) -> int:
    """Answers for one workload, or for all."""
    arguments = parser().parse_intermixed_args(words)
    every = arguments.all or arguments.since is not None
    if not every and not arguments.words:
        raise Usage("name a workload, such as deploy/cart, or write --all")
    paths = arguments.words[0 if every else 1 :] or ["."]
    comparable(paths, arguments.since)
    from meshlint.engine import survey

    memory: Memory = {}
    work = given(arguments, paths)
    mesh, lost = survey(work.collection, work.known, memory)
    if arguments.since is None:
        put(_answers(mesh, arguments, work.sources))
    else:
        before = Before(arguments, work, paths, arguments.since)
        put(_changes(mesh, arguments, before, work.sources, memory))
    for line in lost:
        say(f"meshlint: {line}")
    return UNREAD if lost else CLEAN


def _answers(mesh: Mesh, arguments: argparse.Namespace, sources: Sequence[Source]) -> str:
    from meshlint.why.answer import answer
    from meshlint.why.show import SHOWS

    answers = [answer(mesh, workload) for workload in _asked(mesh, arguments)]
    if any(source.made for source in sources):
        from meshlint.why.origin import original

        answers = original(answers, sources)
    return SHOWS[arguments.format](answers, arguments.all)


def _changes(
    mesh: Mesh,
    arguments: argparse.Namespace,
    before: Before,
    sources: Sequence[Source],
    memory: Memory,
) -> str:
    from meshlint.why.changes import turns
    from meshlint.why.told import TELLS

    if arguments.format not in TELLS:
        raise Usage(f"--since is told as {', '.join(TELLS)}, and not as {arguments.format}")
    found, alike = turns(before.survey(memory), mesh, arguments.namespace)
    if any(source.made for source in (*sources, *before.work.sources)):
        from meshlint.why.origin import turned

        found = turned(found, before.work.sources, sources)
    return TELLS[arguments.format](found, alike, before.stored.words)


def _asked(mesh: Mesh, arguments: argparse.Namespace) -> list[Workload]:
    from meshlint.unread import Unread
    from meshlint.why.find import NotFound, find

    every = [workload for workload in mesh.workloads if workload.partial is not Unread.PATCH]
    if arguments.all:
        wanted = arguments.namespace
        return [w for w in every if wanted in (None, w.meta.subject.namespace)]
    try:
        return find(_settled(every), arguments.words[0], arguments.namespace)
    except NotFound:
        pass
    try:
        return find(every, arguments.words[0], arguments.namespace)
    except NotFound as error:
        raise Usage(str(error)) from None


def _settled(workloads: Iterable[Workload]) -> list[Workload]:
    """Those that have a namespace from a file: they come before what only -n puts there."""
    named = ((workload, workload.meta.namespace) for workload in workloads)
    return [workload for workload, ns in named if ns is None or ns.where.path]
