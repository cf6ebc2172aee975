"""How help texts are laid out."""

from __future__ import annotations

import argparse
import os


def formatter(prog: str) -> argparse.HelpFormatter:
    """The width is given here, or argparse imports shutil on every run to ask for it."""
    width = os.environ.get("COLUMNS", "")
    return argparse.RawDescriptionHelpFormatter(prog, width=int(width) if width.isdigit() else 90)
