"""What Git knows of a work tree, asked without a shell and without running anything of the tree."""

from __future__ import annotations

import os
from pathlib import Path

SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.untrackedCache=false",
    "-c", "core.quotePath=false",
    "--no-optional-locks", "--no-pager", "--literal-pathspecs",
)  # fmt: skip
"""A repository's own configuration can name programs to run; these settings switch them off."""

TIMEOUT = 60


def root_of(folder: Path) -> Path | None:
    """The top of the work tree around a folder, told by its `.git`; None outside of one."""
    return next((p for p in (folder, *folder.parents) if (p / ".git").exists()), None)


def files(folder: Path) -> list[str] | None:
    """Files in a folder that Git tracks or does not ignore, relative to it.

    None where the folder is in no work tree, or where Git is missing or refuses to answer.
    """
    if root_of(folder) is None:
        return None
    command = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    answer = run(folder, *command)
    if answer is None:
        return None
    return [os.fsdecode(name) for name in answer.split(b"\0") if name]


def ignored(folder: Path) -> list[str]:
    """What Git ignores in a folder: files, and folders (with a slash) of which all is ignored."""
    command = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    return [os.fsdecode(name) for name in (run(folder, *command) or b"").split(b"\0") if name]


def run(folder: Path, *arguments: str) -> bytes | None:
    """The output of a git command in a folder; None where it fails."""
    import subprocess  # 3 ms, and only work trees need it

    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            ["git", *SAFE, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
