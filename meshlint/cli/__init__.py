"""The command line: the first word chooses a command. Nobody else prints or exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from meshlint.cli.streams import UNREAD, USAGE, Usage, say

COMMANDS = {
    "lint": "lint",
    "why": "why",
    "diagnose": "diagnose",
    "context": "context",
    "explain": "rules",
    "rules": "rules",
}
"""Each command, and the module here that has a function of its name."""


def run(argv: Sequence[str]) -> int:
    """Runs a command line; the exit code is one of those in `meshlint --help`."""
    words = list(argv)
    command = words.pop(0) if words and words[0] in COMMANDS else "lint"
    module = import_module(f"meshlint.cli.{COMMANDS[command]}")
    try:
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
