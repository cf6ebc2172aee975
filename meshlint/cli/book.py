"""The rules that a command speaks of: shipped ones, and those of the configuration."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from meshlint.cli import own_policies

if TYPE_CHECKING:
    from meshlint.rulebook import Rulebook


def options(parser: argparse.ArgumentParser) -> None:
    """The options of commands that speak of rules, and read no manifests."""
    group = parser.add_mutually_exclusive_group()
    words = "where rules of your own are named (default: .meshlint.yaml of the work tree)"
    group.add_argument("--config", metavar="FILE", help=words)
    group.add_argument("--no-config", action="store_true", help="use no .meshlint.yaml")


def book(arguments: argparse.Namespace) -> Rulebook:
    """All rules, as the configuration changes them."""
    return own_policies.book(arguments)
