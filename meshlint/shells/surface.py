"""What can be written on the command line, as far as a shell can complete it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

FILES = re.compile(r"\b(?<!:)(?:FILE|PATH|FOLDER|DIR)\b")
"""`FORMAT[:FILE]` is no plain file."""

RULES = re.compile(r"\b(?:RULE|CODE)S?\b")
HIDDEN = "==SUPPRESS=="


class Takes(Enum):
    """What a value can be."""

    NOTHING = auto()
    FILE = auto()
    RULE = auto()
    CHOICE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """An option (with its names), or what stands without one (without names).

    `metavar` is what the help calls its value. `about` is the help in one line.
    """

    names: tuple[str, ...]
    takes: Takes
    metavar: str
    about: str
    choices: tuple[str, ...] = ()
    optional: bool = False
    """Whether the value may be left out: it is then joined with `=`, as in `--fix=unsafe`."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command with all that can stand behind it."""

    name: str
    about: str
    words: tuple[Word, ...]

    @property
    def options(self) -> tuple[Word, ...]:
        return tuple(word for word in self.words if word.names)

    def offering(self, known: Mapping[str, tuple[str, ...]]) -> Command:
        """With the values that are known of some options, by their names."""
        return replace(self, words=tuple(_offering(word, known) for word in self.words))

    @property
    def operands(self) -> tuple[Word, ...]:
        """What stands without an option."""
        return tuple(word for word in self.words if not word.names)


def _offering(word: Word, known: Mapping[str, tuple[str, ...]]) -> Word:
    choices = next((known[name] for name in word.names if name in known), ())
    free = word.takes is Takes.TEXT and bool(choices)
    return replace(word, takes=Takes.CHOICE, choices=choices) if free else word


@dataclass(frozen=True, slots=True)
class Surface:
    """The whole command line: `default` is the command that need not be named."""

    commands: tuple[Command, ...]
    default: str
    rules: tuple[str, ...]


def command(name: str, about: str, parser: argparse.ArgumentParser) -> Command:
    """A command as its parser has it. argparse has no public way to ask for that."""
    return Command(name, about, tuple(_words(parser)))


def _words(parser: argparse.ArgumentParser) -> Iterator[Word]:
    for action in parser._actions:
        if action.help != HIDDEN:
            yield _word(action, parser)


def _word(action: argparse.Action, parser: argparse.ArgumentParser) -> Word:
    choices = tuple(map(str, action.choices or ()))
    metavar = _metavar(action)
    return Word(
        names=tuple(action.option_strings),
        takes=_takes(action, choices, metavar),
        metavar=metavar,
        about=_about(action, parser),
        choices=choices,
        optional=bool(action.option_strings) and action.nargs == "?",
    )


def _metavar(action: argparse.Action) -> str:
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    return (action.metavar or ("" if action.choices else action.dest.upper())).removeprefix("=")


def _takes(action: argparse.Action, choices: tuple[str, ...], metavar: str) -> Takes:
    if action.nargs == 0:
        return Takes.NOTHING
    if choices:
        return Takes.CHOICE
    if FILES.search(metavar):
        return Takes.FILE
    return Takes.RULE if RULES.search(metavar) else Takes.TEXT


def _about(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    """The help as it is printed: with what stands for %(default)s and the like."""
    named: Mapping[str, object] = {**vars(action), "prog": parser.prog}
    return " ".join(((action.help or "") % named).split())
