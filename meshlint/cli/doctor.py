"""`meshlint doctor`: whether meshlint is installed whole, and finds what it works with."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.cli.help import formatter
from meshlint.cli.streams import CLEAN, FOUND, Usage, put

if TYPE_CHECKING:
    from meshlint.health.check import Check

FORMATS = ("text", "json")
VERSION = 1

EPILOG = """\
Nothing is asked of a network, and nothing is written.

exit codes:
  0  all that is needed works
  1  something does not, and the line says what to do
  2  wrong usage
"""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint doctor`."""
    made = argparse.ArgumentParser(
        prog="meshlint doctor",
        usage="meshlint doctor [options] [PATH]",
        description="Checks the installation, the programs that it runs, and the configuration.",
        epilog=EPILOG,
        formatter_class=formatter,
    )
    add = made.add_argument
    add("path", nargs="?", default=".", metavar="PATH", help="a folder of the tree (default: .)")
    add("--format", choices=FORMATS, default="text", help="default: text")
    return made


def doctor(words: Sequence[str]) -> int:
    """Checks everything; returns the exit code."""
    arguments = parser().parse_args(words)
    folder = Path(os.path.normpath(Path.cwd() / arguments.path))
    if not folder.is_dir():
        raise Usage(f"{arguments.path} is no folder")
    from meshlint.health.check import State

    checks = list(_checks(folder, Path(os.path.normpath(arguments.path))))
    put({"text": _text, "json": _json}[arguments.format](checks))
    return FOUND if any(check.state is State.FAULT for check in checks) else CLEAN


def _checks(folder: Path, named: Path) -> Iterator[Check]:
    from meshlint.health.installed import data, libraries

    found = list(libraries())
    yield from found
    if any(check.state == "fault" for check in found):
        return  # nothing else could be imported
    from meshlint.health.programs import programs
    from meshlint.health.tree import tree

    yield data()
    yield from programs(folder)
    found = list(tree(named))
    yield from found
    if not any(check.state == "fault" for check in found):
        yield from _tried(named)
    yield _terminal()


def _tried(folder: Path) -> Iterator[Check]:
    """What a run would say of the configuration beyond its form, such as names of no rule."""
    from meshlint.cli import lint
    from meshlint.cli.knowledge import given
    from meshlint.config.find import find
    from meshlint.health.check import fault

    file = find([str(folder)]).file
    try:
        if file:
            given(
                lint.parser().parse_args(["--quiet", "--no-helm", "--", file]), [file], quiet=True
            )
    except Usage as error:
        yield fault("configuration", str(error), "mend it: docs/configuration.md has all keys")


def _terminal() -> Check:
    """What decides on colours, and how text reaches the screen."""
    from meshlint.health.check import good, note

    names = ("NO_COLOR", "FORCE_COLOR", "TERM", "CI")
    told = [f"{name}={os.environ[name]}" for name in names if name in os.environ]
    kind = "a terminal" if sys.stdout.isatty() else "no terminal"
    encoding = sys.stdout.encoding.lower()
    words = ", ".join([kind, encoding, *told])
    if encoding.replace("-", "") == "utf8":
        return good("output", words)
    return note("output", words, "meshlint writes UTF-8: set LC_ALL to a locale of that kind")


def _text(checks: Sequence[Check]) -> str:
    """A line each, and below it what to do."""
    from meshlint.finding import printable

    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        first, *others = check.text.splitlines() or [""]
        lines.append(f"{check.state:<5}  {check.name:<{width}}  {printable(first)}")
        told = [*others, check.advice] if check.advice else others
        lines += [f"{'':<{width + 9}}{printable(line)}" for line in told]
    return "".join(f"{line}\n" for line in lines)


def _json(checks: Sequence[Check]) -> str:
    """`{"version": 1, "tool": ..., "healthy": ..., "checks": [...]}`."""
    import json
    from dataclasses import asdict

    from meshlint import __version__

    body = {
        "version": VERSION,
        "tool": {"name": "meshlint", "version": __version__},
        "healthy": all(check.state != "fault" for check in checks),
        "checks": [asdict(check) for check in checks],
    }
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"
