"""The command line: the first word chooses a command. Nobody else prints or exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path

from meshlint.cli.streams import UNREAD, USAGE, Usage, say

COMMANDS = {
    "lint": "finds what is broken; what runs without a command",
    "why": "tells whether a workload is injected, by whom, and why",
    "diagnose": "leads from an error text to the lines that cause it",
    "context": "writes what a platform knows, to lint others against",
    "explain": "shows one rule, or one error text, in full",
    "rules": "lists all rules",
    "policies": "tries and lists policies of your own",
    "init": "writes a .meshlint.yaml from what stands in the tree",
    "doctor": "checks the installation and what it works with",
    "completion": "prints the completion script of a shell",
}
"""Each command, and what it does. Its module here has its name, and two functions: one of its
name, and `parser`."""


def run(argv: Sequence[str]) -> int:
    """Runs a command line; the exit code is one of those in `meshlint --help`."""
    _open_streams()
    try:
        command, words = _chosen(list(argv))
        module = import_module(f"meshlint.cli.{command}")
        with _progress(words):
            code = getattr(module, command)(words)
        assert isinstance(code, int)
    except Usage as error:
        say(f"meshlint: {error}")
        return USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except KeyboardInterrupt:
        return 130
    return code


def _open_streams() -> None:
    """Streams that are closed, as with `>&-`, lead nowhere: Python has None in their place."""
    nowhere = Path(os.devnull)
    sys.stdin = sys.stdin or nowhere.open(encoding="utf-8")
    sys.stdout = sys.stdout or nowhere.open("w", encoding="utf-8")
    sys.stderr = sys.stderr or nowhere.open("w", encoding="utf-8")


def _progress(words: Sequence[str]) -> AbstractContextManager[None]:
    """A line that tells how far the run is, for who waits at a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from meshlint.cli.progress import shown

    return shown(words)


def _chosen(words: list[str]) -> tuple[str, list[str]]:
    """The command, and its words; `help why` is `why --help`."""
    first = words[0] if words else ""
    if first in COMMANDS:
        return first, words[1:]
    if first == "help" and not os.path.lexists(first):
        if not words[1:]:
            return "lint", ["--help"]
        if words[1] in COMMANDS:
            return words[1], ["--help"]
        raise Usage(f"there is no command {words[1]!r}; 'meshlint --help' lists them")
    if first.isalpha() and not {"--rev", "--staged"} & set(words):
        _mistyped(first)  # a path of a commit need not be there
    return "lint", words


def _mistyped(word: str) -> None:
    """Refuses a first word that is no path, and nearly a command."""
    if os.path.lexists(word):
        return
    import difflib

    near = difflib.get_close_matches(word.lower(), COMMANDS, 1, 0.7)
    if near:
        raise Usage(f"{word!r} is no command and no path: did you mean {near[0]!r}?")
