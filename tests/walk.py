"""Documents that are followed step by step, as a reader would, in an empty folder.

A block of YAML that begins with a comment `# path/of/a/file.yaml` is that file. In a block of
`console`, each line that begins with `$ ` is a command, and what follows is its output; a line of
`...` stands for any lines. Nothing else is executed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from tests.conftest import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# ((?:[\w.-]+/)*[\w.-]+\.ya?ml)\n")
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
ANY = "..."
END = "\x1fended "
LONGEST = 300
"""Seconds that a command may take."""

KEPT = ("PIP_", "UV_", "SSL_", "LANG", "LC_", "HTTP", "http", "NO_PROXY", "no_proxy", "REQUESTS_")
"""By what settings of this machine packages are found."""


@dataclass(frozen=True)
class File:
    """A file that the reader writes."""

    path: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command that the reader types, and what the document shows of its output."""

    line: str
    shown: str
    start: int
    """Where in the document what is shown begins."""


def steps(text: str) -> Iterator[File | Command]:
    """What a document asks for, in its order."""
    for block in BLOCK.finditer(text):
        language, body = block.groups()
        named = FILE.match(body)
        if language == "yaml" and named:
            yield File(named[1], body)
        if language == "console":
            for match in COMMAND.finditer(body):
                yield Command(match[1], match[2], block.start(2) + match.start(2))


def fits(shown: str, real: str) -> bool:
    """Whether an output is what is shown, `...` lines standing for any."""
    parts = [re.escape(line) + "\n" if line != ANY else "(?:.*\n)*?" for line in shown.splitlines()]
    return re.fullmatch("".join(parts), real) is not None


class Reader:
    """Follows a document in a folder, in one shell.

    Commands find `meshlint` and the programs of this Python, unless `bare`.
    """

    def __init__(self, folder: Path, *, bare: bool = False, **environment: str) -> None:
        self.folder = folder
        self.code = 0
        self.home = folder.parent / f"{folder.name}-home"
        self.home.mkdir()
        own = [] if bare else [str(self._program()), str(Path(sys.executable).parent)]
        surroundings = {**environment_of(self.home, own), **environment}
        self.shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _program(self) -> Path:
        """A folder with a command of the project's own name."""
        program = self.home / "meshlint"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m meshlint "$@"\n')
        program.chmod(0o755)
        return self.home

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.shell.kill()
        self.shell.communicate()

    def write(self, file: File) -> None:
        path = self.folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)

    def type(self, line: str) -> str:
        """The output of a command, standard error among it; `$?` is the code of the one before."""
        assert self.shell.stdin
        self.shell.stdin.write(
            f"{{ (exit {self.code})\n{line}\n}} </dev/null\nprintf '{END}%d\\n' $?\n"
        )
        self.shell.stdin.flush()
        watch = Timer(LONGEST, self.shell.kill)
        watch.start()
        try:
            return "".join(self._output())
        finally:
            watch.cancel()

    def _output(self) -> Iterator[str]:
        for said in self.shell.stdout or ():
            head, end, code = said.partition(END)
            yield head
            if end:
                self.code = int(code)
                return
        raise AssertionError("the shell has ended")


def environment_of(home: Path, programs: list[str]) -> dict[str, str]:
    """What a shell has that knows nothing of this one but where programs and packages come from."""
    kept = {k: v for k, v in os.environ.items() if k.startswith(KEPT)}
    who = {"NAME": "Ann", "EMAIL": "ann@example.com", "DATE": "2026-01-05T09:00:00Z"}
    return {
        **kept,
        **{
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in who.items()
        },
        "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT) if programs else "",
        "HOME": str(home),
        "TERM": "dumb",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def follow(document: Path, reader: Reader, *, update: bool = False) -> None:
    """Does all that a document says; its outputs must be real. With `update` they are rewritten."""
    text, moved = document.read_text(), 0
    for step in list(steps(text)):
        if isinstance(step, File):
            reader.write(step)
            continue
        real = reader.type(step.line)
        if not update:
            assert fits(step.shown, real), f"{document.name}: $ {step.line}\n{real}"
        elif not fits(step.shown, real):
            at = step.start + moved
            text = text[:at] + real + text[at + len(step.shown) :]
            moved += len(real) - len(step.shown)
    if update:
        document.write_text(text)
