"""`meshlint [lint]`: findings in files and folders."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint import __version__
from meshlint.cli import baselines, fixing, ignoring, judging
from meshlint.cli.help import commands, formatter
from meshlint.cli.knowledge import Given, given, options
from meshlint.cli.since import Before, comparable
from meshlint.cli.streams import (
    CLEAN,
    FOUND,
    UNREAD,
    UNRENDERED,
    Usage,
    colored,
    linked,
    put,
    replace,
    say,
)
from meshlint.report import FORMATS, render

if TYPE_CHECKING:
    from meshlint.report.model import Report
    from meshlint.source.files import Collection

ABOUT = "Proves, offline, where Istio sidecar injection is broken in Kubernetes YAML."
SEVERITIES = ("error", "warning", "note")

EPILOG = """\
exit codes:
  0  nothing at or above the threshold
  1  findings at or above it (--fail-on, by default warning)
  2  wrong usage, or a fault in the configuration
  3  something asked for could not be read, or nothing was collected, or an internal error
  4  a chart or kustomization could not be rendered, and nothing worse happened

A first word that is a command is that command; a path of the same name is written ./lint.
"""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint lint`."""
    made = argparse.ArgumentParser(
        prog="meshlint",
        usage="meshlint [COMMAND] [options] [PATH ...]",
        description=f"{ABOUT}\n\n{commands()}",
        epilog=EPILOG,
        formatter_class=formatter,
    )
    add = made.add_argument
    add(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files or folders, - for standard input (default: .)",
    )
    add("--version", action="version", version=f"meshlint {__version__}")
    add("--format", choices=FORMATS, help="what to write to standard output (default: text)")
    add(
        "--output",
        action="append",
        default=[],
        metavar="FORMAT[:FILE]",
        help="a report and where to write it; may be given more than once",
    )
    add(
        "--sarif-category",
        type=_category,
        metavar="NAME",
        help="what tells this run from others in code scanning (default: meshlint)",
    )
    add(
        "--fail-on",
        choices=SEVERITIES,
        help="exit with 1 from this severity on (default: warning, or failOn of the configuration)",
    )
    add("--exit-zero", action="store_true", help="exit with 0 although there are findings")
    add("--allow-empty", action="store_true", help="exit with 0 where there is nothing to check")
    add("-n", "--namespace", metavar="NS", help="the namespace of objects that get none otherwise")
    add(
        "--new-since",
        metavar="REV",
        help="report only what the merge base with this commit or branch does not have",
    )
    add("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    add("-q", "--quiet", action="store_true", help="no summary on standard error")
    add("-v", "--verbose", action="store_true", help="list every document that was not checked")
    options(made)
    judging.options(made)
    ignoring.options(made)
    baselines.options(made)
    fixing.options(made)
    return made


def lint(words: Sequence[str]) -> int:
    """Lints and reports; returns the exit code."""
    arguments = parser().parse_args(fixing.words(words))
    outputs = _outputs(arguments)
    paths = arguments.paths or ["."]
    comparable(paths, arguments.new_since)
    baselines.checked(arguments)
    fixing.checked(arguments, paths)
    work = given(arguments, paths, quiet=arguments.quiet)
    done = _done(arguments, work, paths)
    report = ignoring.shown(arguments, done.report)
    for name, target in outputs:
        if target is None and done.diff is not None:
            put(done.diff)
        else:
            _write(report, name, target, arguments)
    if not arguments.quiet or not report.complete:
        from meshlint.report.summary import summary

        say(summary(report, verbose=arguments.verbose).rstrip("\n"))
    done.tell(arguments.quiet)
    return done.code(_code(report, arguments.fail_on or work.fail_on, arguments), arguments)


def _done(arguments: argparse.Namespace, work: Given, paths: list[str]) -> fixing.Done:
    """All that is found and not mended; or what is new of it, where it is to be compared."""
    from meshlint.engine import Memory, run

    memory: Memory = {}
    revision = arguments.new_since
    before = Before(arguments, work, paths, revision) if revision is not None else None

    def found(collection: Collection) -> Report:
        report = run(collection, known=work.known, memory=memory, terms=work.terms)
        return changed(report, commit=work.stored.commit) if work.stored else report

    def told(report: Report) -> Report:
        report = baselines.compared(arguments, work, report, paths)
        return before.fresh(report, memory) if before else report

    return fixing.done(arguments, work, found, told)


def _code(report: Report, threshold: str, arguments: argparse.Namespace) -> int:
    from meshlint.finding import Severity

    if report.unrendered:
        return UNRENDERED
    if not report.complete or (report.empty and not arguments.allow_empty):
        return UNREAD
    found = report.at_least(Severity(threshold))
    return FOUND if found and not arguments.exit_zero else CLEAN


def _outputs(arguments: argparse.Namespace) -> list[tuple[str, str | None]]:
    """Formats and files; a format without a file goes to standard output, of which there is one."""
    pairs = [_output(word) for word in arguments.output]
    if arguments.format or not pairs:
        pairs.append((arguments.format or "text", None))
    if sum(target is None for _, target in pairs) > 1:
        raise Usage("two reports cannot both go to standard output: write --output FORMAT:FILE")
    return pairs


def _output(word: str) -> tuple[str, str | None]:
    name, colon, target = word.partition(":")
    if name not in FORMATS:
        raise Usage(f"unknown format {name!r} in --output: use one of {', '.join(FORMATS)}")
    if colon and not target:
        raise Usage(f"--output {word} names no file")
    return name, target or None


def _category(text: str) -> str:
    if not text.strip("/ ") or not text.isprintable():
        raise argparse.ArgumentTypeError("write a name, such as meshlint or platform")
    return text


def _write(report: Report, name: str, target: str | None, arguments: argparse.Namespace) -> None:
    text = render(name, report, **_options(name, target, arguments))
    if target is None:
        put(text)
    else:
        replace(Path(target), text)


def _options(name: str, target: str | None, arguments: argparse.Namespace) -> dict[str, object]:
    """What a format is told beside the report."""
    if name == "sarif" and arguments.sarif_category is not None:
        return {"category": arguments.sarif_category}
    if name == "text" and target is None:
        color = colored(arguments.color)
        return {"color": color, "links": color and linked()}
    return {}
