"""`meshlint init`: a commented `.meshlint.yaml`, from what stands in the tree."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from meshlint.cli.help import formatter
from meshlint.cli.streams import CLEAN, UNREAD, Usage, put, replace, say

EPILOG = """\
All but what is sure is commented out, each with its evidence: the file changes nothing until
somebody takes a # away.

exit codes:
  0  written
  2  wrong usage, or there is a configuration already
  3  written, but something could not be read
"""


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint init`."""
    made = argparse.ArgumentParser(
        prog="meshlint init",
        usage="meshlint init [options] [PATH]",
        description="Writes a .meshlint.yaml at the top of the work tree, from what stands in it.",
        epilog=EPILOG,
        formatter_class=formatter,
    )
    add = made.add_argument
    add("path", nargs="?", default=".", metavar="PATH", help="a folder of the tree (default: .)")
    add("--stdout", action="store_true", help="print it, and write nothing")
    add("--force", action="store_true", help="write over the configuration that is there")
    return made


def init(words: Sequence[str]) -> int:
    """Writes the file, or prints it."""
    arguments = parser().parse_args(words)
    folder = Path(os.path.normpath(arguments.path))
    if not folder.is_dir():
        raise Usage(f"{arguments.path} is no folder")
    root, present = _place(folder)
    target = present[0] if present else root / ".meshlint.yaml"
    if present and not arguments.force and not arguments.stdout:
        raise Usage(f"{_shown(target)} is there already: see --stdout and --force")
    text, lost = _proposed(root, present)
    if arguments.stdout:
        put(text)
    else:
        replace(target, text)
        _next(target, folder)
    for line in lost:
        say(f"meshlint: {line}")
    return UNREAD if lost else CLEAN


def _place(folder: Path) -> tuple[Path, list[Path]]:
    """The top of the tree, and the configurations that stand there."""
    from meshlint.config.find import NAMES
    from meshlint.source.git import root_of

    whole = Path(os.path.normpath(Path.cwd() / folder))
    root = root_of(whole) or whole
    return root, [root / name for name in NAMES if os.path.lexists(root / name)]


def _proposed(root: Path, present: list[Path]) -> tuple[str, list[str]]:
    """The text for a tree without its configuration, and what could not be read of it."""
    from meshlint.config.apply import Ground
    from meshlint.config.model import Config
    from meshlint.engine import Memory, census
    from meshlint.proposal.draft import Counts, draft
    from meshlint.proposal.places import places
    from meshlint.proposal.seen import seen
    from meshlint.source.files import collect

    collection, memory = collect([_shown(root)]), Memory()
    own = set(map(_shown, present))
    collection.sources = [source for source in collection.sources if source.path not in own]
    mesh, lost, _ = census(collection, memory=memory)
    name = Ground(Config(), root).name
    skips = [skip for facts in memory.values() for skip in facts.skips]
    found = places(mesh, (source.path for source in collection.sources), skips, name)
    counts = Counts(len(memory), sum(facts.objects for facts in memory.values()))
    return draft(seen(mesh, name), found, counts), lost


def _next(target: Path, folder: Path) -> None:
    """What to do with it."""
    say(f"meshlint: written: {_shown(target)}")
    path = folder.as_posix()
    lines = (
        (f"meshlint {path}", "what is broken"),
        (f"meshlint why --all {path}", "who is injected, and what would settle the unknown"),
    )
    width = max(len(command) for command, _ in lines)
    for command, about in lines:
        say(f"  {command:<{width}}  # {about}")


def _shown(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()
