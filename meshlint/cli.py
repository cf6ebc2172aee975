"""The command line: arguments, streams and exit codes. Nobody else prints or exits."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meshlint import __version__

if TYPE_CHECKING:
    from meshlint.policy import Policy
    from meshlint.report.model import Report

CLEAN: Final = 0
FOUND: Final = 1
USAGE: Final = 2
UNREAD: Final = 3

COMMANDS = ("lint", "explain", "rules")
FORMATS = ("text", "json", "sarif")
SEVERITIES = ("error", "warning", "note")

EPILOG = """\
exit codes:
  0  nothing at or above the threshold
  1  findings at or above it (--fail-on, by default warning)
  2  wrong usage
  3  something asked for could not be read, or nothing was collected, or an internal error

A first word that is a command is that command; a path of the same name is written ./lint.
"""


class Usage(Exception):
    """Wrong arguments, and what to do instead."""


def run(argv: Sequence[str]) -> int:
    """Runs a command line; the exit code is one of those in EPILOG."""
    words = list(argv)
    command = words.pop(0) if words and words[0] in COMMANDS else "lint"
    try:
        if command == "explain":
            return _explain(words)
        if command == "rules":
            return _rules(words)
        return _lint(_lint_parser().parse_args(words))
    except Usage as error:
        _say(f"meshlint: {error}")
        return USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except KeyboardInterrupt:
        return 130


def _formatter(prog: str) -> argparse.HelpFormatter:
    """The width is given here, or argparse imports shutil on every run to ask for it."""
    width = os.environ.get("COLUMNS", "")
    return argparse.RawDescriptionHelpFormatter(prog, width=int(width) if width.isdigit() else 90)


def _lint_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="meshlint",
        usage="meshlint [lint | explain | rules] [options] [PATH ...]",
        description="Proves, offline, where Istio sidecar injection is broken in Kubernetes YAML.",
        epilog=EPILOG,
        formatter_class=_formatter,
    )
    add = parser.add_argument
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
        "--fail-on",
        choices=SEVERITIES,
        default="warning",
        help="exit with 1 from this severity on (default: warning)",
    )
    add("--exit-zero", action="store_true", help="exit with 0 although there are findings")
    add("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    add("-q", "--quiet", action="store_true", help="no summary on standard error")
    add("-v", "--verbose", action="store_true", help="list every document that was not checked")
    return parser


def _lint(arguments: argparse.Namespace) -> int:
    outputs = _outputs(arguments)
    from meshlint.engine import run as lint
    from meshlint.source.files import collect

    paths = arguments.paths or ["."]
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    report = lint(collect(paths, stdin))
    for name, target in outputs:
        _write(report, name, target, arguments.color)
    if not arguments.quiet or not report.complete:
        from meshlint.report.summary import summary

        _say(summary(report, verbose=arguments.verbose).rstrip("\n"))
    return _code(report, arguments)


def _code(report: Report, arguments: argparse.Namespace) -> int:
    from meshlint.finding import Severity

    if not report.complete or report.empty:
        return UNREAD
    found = report.at_least(Severity(arguments.fail_on))
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


def _write(report: Report, name: str, target: str | None, color: str) -> None:
    from meshlint.report import render

    options = {"color": _colored(color)} if name == "text" and target is None else {}
    text = render(name, report, **options)
    if target is None:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    else:
        _replace(Path(target), text)


def _replace(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise Usage(f"cannot write {path}: {error.strerror}") from None


def _colored(choice: str) -> bool:
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return choice == "always"


def _say(text: str) -> None:
    sys.stderr.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stderr.buffer.flush()


def _explain(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="meshlint explain", description="One rule in full.")
    parser.add_argument("rule", metavar="RULE", help="a code (MESH104) or a name")
    word = parser.parse_args(words).rule
    from meshlint.policy import find

    policy = find(word)
    if policy is None:
        raise Usage(f"there is no rule {word!r}; 'meshlint rules' lists them{_nearby(word)}")
    sys.stdout.write(_explained(policy))
    return CLEAN


def _nearby(word: str) -> str:
    import difflib

    from meshlint.policy import policies

    names = [name for policy in policies() for name in (policy.name, policy.code)]
    near = difflib.get_close_matches(word, names, 1)
    return f" (did you mean {near[0]}?)" if near else ""


def _explained(policy: Policy) -> str:
    cases = "".join(f", {severity.value} ({case})" for case, severity in policy.cases.items())
    parts = (
        f"{policy.code} {policy.name}: {policy.severity.value}{cases}",
        policy.summary,
        f"What you see: {policy.symptom}",
        f"Why: {policy.why}",
        f"Fix: {policy.fix}",
        f"Fails:\n\n{_indented(policy.fails)}",
        f"Passes:\n\n{_indented(policy.passes)}",
        "See:\n" + "\n".join(f"  {reference}" for reference in policy.references),
    )
    return "\n\n".join(parts) + "\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines())


def _rules(words: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="meshlint rules", description="All rules.").parse_args(words)
    from meshlint.policy import policies

    for policy in policies():
        head = f"{policy.code}  {policy.name:<32}  {policy.worst.value:<8}"
        sys.stdout.write(f"{head} {policy.summary}\n")
    return CLEAN
