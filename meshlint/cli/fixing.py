"""`--fix` and `--diff`: findings that are mended in their files, or only shown how."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from meshlint.cli.streams import CLEAN, FOUND, UNREAD, Usage, say

if TYPE_CHECKING:
    from meshlint.cli.knowledge import Given
    from meshlint.finding import Finding
    from meshlint.fix.change import Change
    from meshlint.fix.settle import Lint, State
    from meshlint.report.model import Report
    from meshlint.source.files import Collection, Source

    Judge = Callable[[Collection], Report]
    Told = Callable[[Report], Report]


def options(parser: argparse.ArgumentParser) -> None:
    """The options of the command that changes files."""
    group = parser.add_argument_group("fixes")
    group.add_argument(
        "--fix",
        nargs="?",
        const="safe",
        choices=("safe", "unsafe"),
        metavar="=unsafe",
        help="mend findings in their files, where it is safe; =unsafe: also where somebody should"
        " look at the result",
    )
    group.add_argument(
        "--diff", action="store_true", help="print what --fix would change, and change nothing"
    )


def words(given: Sequence[str]) -> list[str]:
    """The words of a command line, in which `--fix` takes no other word for its value."""
    end = list(given).index("--") if "--" in given else len(given)
    plain = ["--fix=safe" if word == "--fix" else word for word in given[:end]]
    return [*plain, *given[end:]]


def checked(arguments: argparse.Namespace, paths: Sequence[str]) -> None:
    """Refuses options that contradict each other.

    Raises:
        Usage: they do.
    """
    if not (arguments.fix or arguments.diff):
        return
    option = "--diff" if arguments.diff else "--fix"
    if "-" in paths:
        raise Usage(f"standard input is no file: leave out {option}")
    if arguments.write_baseline or arguments.prune_baseline:
        raise Usage(f"write the baseline and use {option} one after the other")
    if not arguments.diff and (arguments.staged or arguments.rev is not None):
        raise Usage("--fix changes files as they are, no commit and no index: add --diff")
    if arguments.diff and arguments.format:
        raise Usage("--diff goes to standard output: write reports with --output FORMAT:FILE")


@dataclass(frozen=True, slots=True)
class Done:
    """What is left to report. `diff` is None where none is asked for; `words` tell what was done,
    and `lost` what could not be written."""

    report: Report
    diff: str | None = None
    words: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def code(self, usual: int, arguments: argparse.Namespace) -> int:
        """The exit code: that of the report, if there is no diff and all was written."""
        if self.lost:
            return UNREAD
        if self.diff is None or usual > FOUND:
            return usual
        return FOUND if self.diff and not arguments.exit_zero else CLEAN

    def tell(self, quiet: bool) -> None:
        """Says what was done; what went wrong is said in any case."""
        for line in (*(() if quiet else self.words), *self.lost):
            say(line)


def done(arguments: argparse.Namespace, work: Given, judge: Judge, told: Told) -> Done:
    """Lints, and mends what the user wants; `told` is what is reported of all that is found."""
    from meshlint.source.files import Collection

    def lint(sources: Sequence[Source]) -> Report:
        return judge(Collection(list(sources), work.collection.skips))

    report = judge(work.collection)
    if not (arguments.fix or arguments.diff):
        own = tuple(work.collection.sources)
        return Done(_offering(told(report), lint, report, own))
    from meshlint.fix.settle import State, fixed

    start = State(tuple(work.collection.sources), report)
    after = fixed(start, lint, arguments.fix == "unsafe", lambda found: told(found).findings)
    if arguments.diff:
        left = _offering(told(report), lint, report, start.sources)
        return Done(left, _diff(after, report), tuple(_words(after, "would fix")))
    lost = tuple(_lost(after))
    if lost:
        after = replace(after, report=judge(work.collection))
    left = _offering(told(after.report), lint, after.report, after.sources)
    return Done(left, None, (*_words(after, "fixed"), *_more(left)), lost)


def _offering(report: Report, lint: Lint, every: Report, sources: Sequence[Source]) -> Report:
    """The report with what would mend its findings, for those formats that ask; `every` is the one
    with all that is found, against which fixes are proven."""

    @cache
    def fixes(sure: bool) -> Mapping[Finding, Change]:
        from meshlint.fix.offer import offers

        if not sure:
            return offers(every, report.findings, sources)
        from meshlint.fix.settle import State, proven

        found, state = fixes(False), State(tuple(sources), every)
        good = proven(state, {f: change for f, change in found.items() if change.safe}, lint)
        return {f: change for f, change in found.items() if f in good or not change.safe}

    return replace(report, fixes=fixes)


def _diff(state: State, report: Report) -> str:
    from meshlint.fix.settle import real
    from meshlint.fix.unified import unified
    from meshlint.report.names import from_root

    files = {}
    for path, data in state.changed.items():
        files[from_root(report, real(path))] = state.first[path], data
    return "".join(unified(name, *files[name]) for name in sorted(files))


def _lost(state: State) -> Iterator[str]:
    """Writes the files that have changed; tells which could not be written."""
    from meshlint.finding import printable
    from meshlint.fix.store import Stale, store

    for path, data in state.changed.items():
        shown = printable(path)
        try:
            store(path, state.first[path], data)
        except Stale:
            yield f"meshlint: not fixed: {shown}: the file was changed meanwhile"
        except OSError as error:
            yield f"meshlint: not fixed: {shown}: {error.strerror or 'it cannot be written'}"


def _words(state: State, done: str) -> Iterator[str]:
    """How much was done, and what of it was held back."""
    from meshlint.finding import printable
    from meshlint.report.model import count

    files = count(len(state.changed), "file")
    yield f"meshlint: {done} {count(len(state.made), 'finding')} in {files}"
    for finding, _ in state.refused:
        where = f"{printable(finding.where.path)}:{finding.where.line}"
        yield f"  {where}: {finding.code} is not fixed: something else would be found then"


def _more(report: Report) -> Iterator[str]:
    """How much more a fix that is not safe would do."""
    from meshlint.report.model import count

    number = sum(not change.safe for change in report.offers.values())
    if number:
        yield f"  {count(number, 'finding')} more with --fix=unsafe"
