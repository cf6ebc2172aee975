"""The one place that runs other programs: without a shell, and with limits on time and output."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

CHUNK = 1 << 16
RUNNING: set[subprocess.Popen[bytes]] = set()


def stop() -> None:
    """Kills all programs that run in other threads: an interrupt reaches only the main one."""
    for process in tuple(RUNNING):
        _kill(process)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a program: `code` is its exit code, and `fault` says why it was stopped.

    `out` and `err` are what it wrote before; where it was stopped, they may be cut off.
    """

    code: int
    out: bytes
    err: bytes
    fault: str = ""

    @property
    def good(self) -> bool:
        return self.code == 0 and not self.fault


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    given: bytes = b"",
    seconds: float = 60,
    limit: int = 1 << 30,
) -> Outcome:
    """Runs a program to its end, or stops it and all that it has started.

    `given` is its standard input; `limit` is the number of bytes that it may write.

    Raises:
        OSError: it cannot be started.
    """
    process = _start(command, folder, environment)
    RUNNING.add(process)
    try:
        return _Talk(process, given, limit).until(time.monotonic() + seconds)
    finally:
        RUNNING.discard(process)
        _stop(process)


def _start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, errors: bool = True
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if errors else subprocess.DEVNULL,
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Kills what is left of it: an interrupt ends the children too."""
    if process.poll() is None:
        _kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            with suppress(OSError):
                pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The program, and all that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class _Talk:
    """Writes and reads the pipes of a program as they are ready."""

    def __init__(self, process: subprocess.Popen[bytes], given: bytes, limit: int) -> None:
        self._process = process
        self._given, self._left = memoryview(given), limit
        self._read: dict[str, bytearray] = {"out": bytearray(), "err": bytearray()}
        self._selector = selectors.DefaultSelector()
        stdin = cast("BinaryIO", process.stdin)
        os.set_blocking(stdin.fileno(), False)
        self._selector.register(stdin, selectors.EVENT_WRITE, "in")
        self._selector.register(cast("BinaryIO", process.stdout), selectors.EVENT_READ, "out")
        self._selector.register(cast("BinaryIO", process.stderr), selectors.EVENT_READ, "err")

    def until(self, end: float) -> Outcome:
        """All that it says, at most until a time of the monotonic clock."""
        with self._selector:
            fault = self._pump(end)
        if not fault:
            fault = self._ended(end)
        code = self._process.returncode if not fault else -1
        return Outcome(code, bytes(self._read["out"]), bytes(self._read["err"]), fault)

    def _pump(self, end: float) -> str:
        while self._selector.get_map():
            ready = self._selector.select(max(0, end - time.monotonic()))
            if not ready and time.monotonic() >= end:
                return "it took too long"
            for key, _ in ready:
                self._serve(cast("BinaryIO", key.fileobj), str(key.data))
            if self._left < 0:
                return "it wrote too much"
        return ""

    def _ended(self, end: float) -> str:
        try:
            self._process.wait(max(0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return "it took too long"
        return ""

    def _serve(self, pipe: BinaryIO, name: str) -> None:
        if name == "in":
            self._write(pipe)
            return
        data = os.read(pipe.fileno(), CHUNK)
        self._left -= len(data)
        self._read[name] += data
        if not data:
            self._done(pipe)

    def _write(self, pipe: BinaryIO) -> None:
        try:
            self._given = self._given[os.write(pipe.fileno(), self._given[:CHUNK]) :]
        except BrokenPipeError:
            self._given = self._given[:0]
        if not self._given:
            self._done(pipe)

    def _done(self, pipe: BinaryIO) -> None:
        self._selector.unregister(pipe)
        pipe.close()


class Answers:
    """A program that runs on, and answers what it is asked; it ends when nothing more is."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        """Raises OSError where it cannot be started."""
        self._process = _start(command, folder, environment, errors=False)
        self._asked = cast("BinaryIO", self._process.stdin)
        self._answered = cast("BinaryIO", self._process.stdout)

    def ask(self, text: bytes) -> None:
        """Writes a question, with the line end that belongs to it."""
        self._asked.write(text)
        self._asked.flush()

    def line(self) -> bytes:
        """The next line of the answer; empty where the program has ended."""
        return self._answered.readline()

    def take(self, number: int) -> bytes:
        """So many bytes of the answer."""
        return self._answered.read(number)

    def end(self) -> None:
        """Stops it."""
        _stop(self._process)
