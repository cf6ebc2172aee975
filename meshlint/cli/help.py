"""How help texts are laid out."""

from __future__ import annotations

import argparse
import os

from meshlint.cli import COMMANDS


def formatter(prog: str) -> argparse.HelpFormatter:
    """The width is given here, or argparse imports shutil on every run to ask for it."""
    width = os.environ.get("COLUMNS", "")
    return argparse.RawDescriptionHelpFormatter(prog, width=int(width) if width.isdigit() else 90)


def commands() -> str:
    """All commands, a line each."""
    width = max(map(len, COMMANDS))
    return "commands:\n" + "".join(f"  {name:<{width}}  {COMMANDS[name]}\n" for name in COMMANDS)
