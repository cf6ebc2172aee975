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

from tests.conftest import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# ((?:[\w.-]+/)*[\w.-]+\.ya?ml)\n")
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
ANY = "..."


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
    """Follows a document in a folder. Commands find `meshlint` and the programs of this Python."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.code = 0
        tools = folder.parent / f"{folder.name}-bin"
        tools.mkdir()
        program = tools / "meshlint"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m meshlint "$@"\n')
        program.chmod(0o755)
        path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
        kept = {name: os.environ[name] for name in ("SSL_CERT_FILE", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "HOME": str(tools),
            "TERM": "dumb",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ann",
            "GIT_AUTHOR_EMAIL": "ann@example.com",
            "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@example.com",
            "GIT_AUTHOR_DATE": "2026-01-05T09:00:00Z",
            "GIT_COMMITTER_DATE": "2026-01-05T09:00:00Z",
            **environment,
        }

    def write(self, file: File) -> None:
        path = self.folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)

    def type(self, line: str) -> str:
        """The output of a command, standard error among it; `$?` is the code of the one before."""
        script = f"(exit {self.code})\n{line}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        self.code = done.returncode
        return done.stdout


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
