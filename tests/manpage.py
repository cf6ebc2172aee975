"""The manual page, in man(7), from the parsers of the commands."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from importlib import import_module
from textwrap import wrap

from meshlint import __version__
from meshlint.cli import COMMANDS
from meshlint.cli.lint import ABOUT
from meshlint.shells.surface import Command, Takes, Word, command

FILES = (
    (
        ".meshlint.yaml",
        "What Git does not show, at the top of the work tree; meshlint init writes a first one.",
    ),
)
ENVIRONMENT = (
    ("NO_COLOR", "Not empty: no colour, unless --color says always."),
    ("FORCE_COLOR", "Not empty and not 0: colour where there is no terminal too."),
    ("TERM", "dumb: no colour, and no line that tells how far the run is."),
    ("CI", "Not empty: no line that tells how far the run is."),
    ("COLUMNS", "The width of help texts."),
)


def page() -> str:
    """The whole page, the same in every environment."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield f'.TH MESHLINT 1 "" "meshlint {__version__}" "User Commands"'
    yield from (".SH NAME", f"meshlint \\- {_text('linter of Istio sidecar injection')}")
    yield from (".SH SYNOPSIS", *_synopses())
    yield from (".SH DESCRIPTION", _prose(ABOUT))
    yield "Without the name of a command, meshlint lints."
    yield from (f".TP\n.B {name}\n{_prose(_sentence(about))}" for name, about in COMMANDS.items())
    for name, about in COMMANDS.items():
        parser = import_module(f"meshlint.cli.{name}").parser()
        yield from _section(command(name, about, parser), parser)
    yield from (".SH FILES", *_list(FILES))
    yield from (".SH ENVIRONMENT", *_list(ENVIRONMENT))
    yield from (".SH SEE ALSO", ".BR git (1),", ".BR helm (1),", ".BR kustomize (1)")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _synopses() -> Iterator[str]:
    for number, name in enumerate(COMMANDS):
        usage = import_module(f"meshlint.cli.{name}").parser().format_usage()
        plain = re.sub(r"\x1b\[[0-9;]*m", "", usage)  # argparse colours it since Python 3.14
        words = " ".join(plain.removeprefix("usage: ").split())
        yield from ((".PP",) if number else ())
        yield f".B {_text(words)}"


def _section(made: Command, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f".SH MESHLINT {made.name.upper()}"
    yield _prose((parser.description or "").split("\n\ncommands:")[0])
    for word in made.words:
        yield from (".TP", _term(word), _prose(_detail(word)))
    if parser.epilog:
        yield from (".PP", ".nf", *map(_text, parser.epilog.strip().splitlines()), ".fi")


def _term(word: Word) -> str:
    value = f"\\fI{_text(word.metavar or '|'.join(word.choices))}\\fR"
    if not word.names:
        return value
    if word.takes is Takes.NOTHING:
        return ", ".join(f"\\fB{_text(name)}\\fR" for name in word.names)
    joint = "[={}]" if word.optional else " {}"
    return ", ".join(f"\\fB{_text(name)}\\fR" for name in word.names) + joint.format(value)


def _detail(word: Word) -> str:
    about = _sentence(word.about.rstrip(".")) if word.about else ""
    listed = f" One of: {', '.join(word.choices)}." if word.choices and word.metavar else ""
    return about + listed


def _list(pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield from (f".TP\n.B {_text(name)}\n{_prose(about)}" for name, about in pairs)


def _prose(text: str) -> str:
    """Text in short lines; roff fills them."""
    return _text("\n".join(wrap(text, 72, break_long_words=False, break_on_hyphens=False)))


def _text(text: str) -> str:
    """Text of which roff reads nothing as a request or an escape."""
    plain = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    )
    return re.sub(r"(?m)^(?=[.'])", "\\\\&", plain)
