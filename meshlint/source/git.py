"""What Git knows of a work tree, asked without a shell and without running anything of the tree."""

from __future__ import annotations

import os
from pathlib import Path

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
    import subprocess  # 3 ms, and only work trees need it

    try:
        done = subprocess.run(
            ["git", *SAFE, *arguments],
            cwd=folder,
            env=_environment(),
            input=given,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


class Answers:
    """A git command that runs on, and answers what it is asked."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        """Raises OSError where there is no git."""
        import subprocess

        self._process = subprocess.Popen(
            ["git", *SAFE, *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked, self._answered = self._process.stdin, self._process.stdout

    def ask(self, text: bytes) -> None:
        """Writes a question, with the line end that belongs to it."""
        self._asked.write(text)
        self._asked.flush()

    def line(self) -> bytes:
        """The next line of the answer; empty where the command has ended."""
        return self._answered.readline()

    def take(self, number: int) -> bytes:
        """So many bytes of the answer."""
        return self._answered.read(number)

    def end(self) -> None:
        """Waits for the command, which ends when nothing more is asked."""
        self._asked.close()
        self._answered.close()
        self._process.wait()


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
