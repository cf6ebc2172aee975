"""What Git knows of a work tree, asked without a shell and without running anything of the tree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meshlint.source.program import Answers

SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.untrackedCache=false",
    "-c", "core.quotePath=false",
    "-c", "protocol.allow=never",
    "--no-optional-locks", "--no-pager", "--literal-pathspecs", "--no-replace-objects",
)  # fmt: skip
"""A repository's own configuration can name programs to run; these settings switch them off."""

TIMEOUT = 60


def root_of(folder: Path) -> Path | None:
    """The top of the work tree around a folder, told by its `.git`; None outside of one."""
    return next((p for p in (folder, *folder.parents) if (p / ".git").exists()), None)


def files(folder: Path, *, untracked: bool = True) -> list[bytes] | None:
    """What Git tracks in a folder, and what it neither tracks nor ignores, relative to it.

    Each has its state before it, as `git ls-files -t` writes it: `? name` for what is not tracked,
    `H mode oid stage<TAB>name` for the rest, `S` where a sparse checkout leaves it out. None where
    the folder is in no work tree, or where Git is missing or refuses to answer.
    """
    if root_of(folder) is None:
        return None
    others = ("--others", "--exclude-standard") if untracked else ()
    answer = run(folder, "ls-files", "-z", "-t", "--cached", "--stage", *others)
    return None if answer is None else [line for line in answer.split(b"\0") if line]


def ignored(folder: Path) -> list[str]:
    """What Git ignores in a folder: files, and folders (with a slash) of which all is ignored."""
    command = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    return [os.fsdecode(name) for name in (run(folder, *command) or b"").split(b"\0") if name]


def run(folder: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """The output of a git command in a folder; None where it fails."""
    from meshlint.source import program  # 3 ms, and only work trees need it

    command = ("git", *SAFE, *arguments)
    try:
        done = program.run(command, folder, _environment(), given=given, seconds=TIMEOUT)
    except OSError:
        return None
    return done.out if done.good else None


def complaint(folder: Path) -> str:
    """Why git answers nothing in a work tree, in its own words; "" where it answers.

    Raises:
        OSError: there is no git.
    """
    from meshlint.source import program

    command = ("git", *SAFE, "rev-parse", "--show-toplevel")
    done = program.run(command, folder, _environment(), seconds=TIMEOUT)
    words = done.fault or done.err.decode(errors="replace").strip()
    return "" if done.good else (words.splitlines() or [f"it ended with {done.code}"])[0]


def start(folder: Path, *arguments: str) -> Answers:
    """A git command that answers what it is asked.

    Raises:
        OSError: there is no git.
    """
    from meshlint.source import program

    return program.Answers(("git", *SAFE, *arguments), folder, _environment())


def _environment() -> dict[str, str]:
    """Ours, without what points Git to another repository; the index of a commit in the making."""
    index = os.environ.get("GIT_INDEX_FILE")
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
        **({"GIT_INDEX_FILE": str(Path(index).absolute())} if index else {}),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
