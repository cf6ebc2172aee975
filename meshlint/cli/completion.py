"""`meshlint completion`: the completion script of a shell."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from meshlint.cli import COMMANDS
from meshlint.cli.help import formatter
from meshlint.cli.streams import CLEAN, put

if TYPE_CHECKING:
    from meshlint.shells.surface import Surface

SHELLS = ("bash", "zsh", "fish")

EPILOG = """\
for this session:
  bash  source <(meshlint completion bash)
  zsh   source <(meshlint completion zsh)
  fish  meshlint completion fish | source

for good:
  bash  meshlint completion bash > ~/.local/share/bash-completion/completions/meshlint
  zsh   meshlint completion zsh > ~/.zfunc/_meshlint    # with fpath+=~/.zfunc before compinit
  fish  meshlint completion fish > ~/.config/fish/completions/meshlint.fish
"""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint completion`."""
    made = argparse.ArgumentParser(
        prog="meshlint completion",
        usage="meshlint completion (bash | zsh | fish)",
        description="Prints what a shell needs to complete commands, options, values and rules.",
        epilog=EPILOG,
        formatter_class=formatter,
    )
    made.add_argument("shell", choices=SHELLS, help="the shell")
    return made


def completion(words: Sequence[str]) -> int:
    """Prints the script."""
    shell = parser().parse_args(words).shell
    put(import_module(f"meshlint.shells.{shell}").script(surface()))
    return CLEAN


def surface() -> Surface:
    """All commands with their options, and the names of all shipped rules."""
    from meshlint.policy import policies
    from meshlint.shells.surface import Surface, command

    known = _known()
    made = [
        command(name, about, import_module(f"meshlint.cli.{name}").parser()).offering(known)
        for name, about in COMMANDS.items()
    ]
    rules = (name for policy in policies() for name in (policy.code, policy.name))
    return Surface(tuple(made), "lint", tuple(rules))


def _known() -> dict[str, tuple[str, ...]]:
    """Values of options that take others too, or whose parsers must not look them up."""
    from meshlint.config.severities import profile_names
    from meshlint.policy import policies
    from meshlint.report import FORMATS

    families = dict.fromkeys(policy.family for policy in policies())
    return {
        "--family": tuple(families),
        "--output": tuple(FORMATS),
        "--profile": tuple(profile_names()),
    }
