"""`meshlint diagnose`: from an error text to its cause, and to the lines in Git that show it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from meshlint.cli import ignoring
from meshlint.cli.help import formatter
from meshlint.cli.knowledge import Given, given, options
from meshlint.cli.streams import CLEAN, FOUND, UNREAD, UNRENDERED, Usage, put, say

if TYPE_CHECKING:
    from meshlint.diagnose.answer import Recognised, Scene
    from meshlint.report.model import Report
    from meshlint.symptom.model import Symptom

FORMATS = ("text", "markdown", "json")
LIMIT = 32 * 1024 * 1024
"""Bytes of a text that are read."""

EPILOG = """\
The text is taken as people paste it: output of kubectl, events of a ReplicaSet, log lines of istiod
or istio-proxy, with other lines around it, wrapped, quoted or as JSON.

  kubectl describe replicaset cart-5d9c | meshlint diagnose - platform/ apps/

exit codes:
  0  an error was recognised, whatever the tree shows
  1  none was recognised
  2  wrong usage, or a fault in the configuration
  3  the text, or something below PATH, could not be read
  4  a chart or kustomization could not be rendered, and nothing worse happened
"""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint diagnose`."""
    made = argparse.ArgumentParser(
        prog="meshlint diagnose",
        usage="meshlint diagnose [options] [FILE | -] [PATH ...]",
        description="Explains an error text, and finds the lines in Git that cause it.",
        epilog=EPILOG,
        formatter_class=formatter,
    )
    add = made.add_argument
    add(
        "words",
        nargs="*",
        metavar="FILE, PATH",
        help="the text (default, and with -: standard input), then what to search (default: .)",
    )
    add("--list", action="store_true", help="list the errors that meshlint knows, and end")
    add("--format", choices=FORMATS, default="text", help="default: text")
    add("-n", "--namespace", metavar="NS", help="the namespace of objects that get none otherwise")
    add("-q", "--quiet", action="store_true", help="no summary on standard error")
    add("-v", "--verbose", action="store_true", help="list every document that was not checked")
    options(made)
    return made


def diagnose(words: Sequence[str]) -> int:
    """Explains a text; returns the exit code."""
    arguments = parser().parse_intermixed_args(words)
    file, paths = ("", arguments.words) if arguments.list else _split(arguments.words)
    paths = paths or ["."]
    try:
        data = b"" if arguments.list else _text(file)
    except OSError as error:
        say(f"meshlint: cannot read {file or 'standard input'}: {error.strerror}")
        return UNREAD
    from meshlint.diagnose.answer import read

    work = given(arguments, paths, quiet=arguments.quiet)
    symptoms = _symptoms(work)
    if arguments.list:
        put("".join(f"{symptom.name:<34} {symptom.error}\n" for symptom in symptoms))
        return CLEAN
    text = read(data, symptoms)
    if not text.sightings:
        return _unknown(arguments, text, file, paths)
    return _answer(arguments, text, work, (file, paths))


def _split(words: list[str]) -> tuple[str, list[str]]:
    """The file with the text, "" for standard input, and the paths to search."""
    if words and words[0] != "-" and not Path(words[0]).is_dir():
        return words[0], words[1:]
    paths = words[1:] if words[:1] == ["-"] else words
    if "-" in paths:
        raise Usage("standard input is the error text already: name the paths to search")
    if words[:1] != ["-"] and (sys.stdin is None or sys.stdin.isatty()):
        raise Usage("name a FILE with the error text, or pipe it: ... | meshlint diagnose - PATH")
    return "", paths


def _text(file: str) -> bytes:
    if not file:
        return _some(sys.stdin.buffer)
    with open(file, "rb") as opened:  # noqa: PTH123 (as for all files)
        return _some(opened)


def _some(stream: IO[bytes]) -> bytes:
    data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        say(f"meshlint: only the first {LIMIT // 1024 // 1024} MiB of the text are read")
    return data[:LIMIT]


def _symptoms(work: Given) -> list[Symptom]:
    """Those that meshlint brings, and those of the configuration, which are tried out."""
    from meshlint.config.fault import Faulty, told
    from meshlint.diagnose.answer import untold
    from meshlint.symptom.catalogue import shipped

    try:
        own: Iterable[Symptom] = _added(work)
        faults = [fault for symptom in own for fault in untold(symptom)]
        if faults:
            raise Faulty(faults)
    except Faulty as error:
        raise Usage(told(error, "the error texts that are configured")) from None
    return [*shipped(), *own]


def _added(work: Given) -> Iterable[Symptom]:
    """Those of the configuration, whose causes may be rules of users' own."""
    from meshlint.symptom.catalogue import added

    rules = (policy.name for policy in work.terms.book.policies())
    return added(work.symptoms, rules) if work.symptoms else ()


def _answer(
    arguments: argparse.Namespace, text: Recognised, work: Given, asked: tuple[str, list[str]]
) -> int:
    from meshlint.diagnose.answer import diagnoses, rules_of
    from meshlint.diagnose.formats import FORMATS
    from meshlint.engine import run

    rules = rules_of(text.symptoms, (policy.name for policy in work.terms.book.policies()))
    report = run(work.collection, rules, work.known, terms=work.terms)
    told = diagnoses(text, ignoring.revealed(report))
    put(FORMATS[arguments.format](told, _scene(text, report, *asked)))
    if not arguments.quiet or not report.complete:
        from meshlint.report.summary import summary

        say(summary(report, verbose=arguments.verbose).rstrip("\n"))
    return _code(report)


def _code(report: Report) -> int:
    if report.unrendered:
        return UNRENDERED
    return CLEAN if report.complete else UNREAD


def _unknown(arguments: argparse.Namespace, text: Recognised, file: str, paths: list[str]) -> int:
    """Says that nothing was recognised; the tree is not searched then."""
    from meshlint.diagnose.answer import Scene
    from meshlint.diagnose.formats import FORMATS

    put(FORMATS[arguments.format]([], Scene(file, text.lines, tuple(paths))))
    return FOUND


def _scene(text: Recognised, report: Report, file: str, paths: list[str]) -> Scene:
    from meshlint.diagnose.answer import Scene

    counts = report.counts
    return Scene(file, text.lines, tuple(paths), counts.files, counts.objects, report.complete)
