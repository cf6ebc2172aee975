"""The line that tells how far a run is: at a terminal, in long runs, and nowhere else."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from meshlint import cli
from meshlint.cli import progress, streams
from meshlint.progress import heard, steps
from tests.conftest import ROOT
from tests.manifests import namespace

HASTY = """\
import sys
from meshlint.cli import progress, run
progress.PATIENCE, progress.PAUSE = {patience}, 0
sys.exit(run(sys.argv[1:]))
"""
CLEAR = "\r\x1b[K"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(namespace(name, rev="asm-managed"))
    return tmp_path


def command(words: list[str], patience: float) -> list[str]:
    return [sys.executable, "-c", HASTY.format(patience=patience), *words]


def at_terminal(
    folder: Path,
    *words: str,
    patience: float = 0,
    environment: Mapping[str, str] | None = None,
) -> str:
    """What a command writes to its terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        plain = {k: v for k, v in os.environ.items() if k not in ("CI", "TERM", "NO_COLOR")}
        own = {"PYTHONPATH": str(ROOT), "TERM": "xterm", **(environment or {})}
        os.execve(sys.executable, command([*words], patience), {**plain, **own})
    said = b""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        said += data
    os.close(terminal)
    os.waitpid(child, 0)
    return said.decode()


def screen(said: str) -> list[str]:
    """The lines that are left on the terminal: what is written over is gone."""
    return [
        line.split("\r")[-1].split("\x1b[K")[-1] for line in said.replace("\r\n", "\n").split("\n")
    ]


def test_a_long_run_tells_how_far_it_is(folder: Path) -> None:
    said = at_terminal(folder, ".")
    for number in (1, 2, 3):
        assert f"\rreading {number}/3 files\x1b[K" in said
    assert "\rasking 1/" in said
    assert "\rasking 1/" in said[said.index("reading 3/3") :]


def test_nothing_of_it_is_left(folder: Path) -> None:
    said = at_terminal(folder, ".")
    assert "reading" not in "".join(screen(said))
    assert "asking" not in "".join(screen(said))
    assert any("looked at 3 files" in line for line in screen(said))
    assert said.rindex(CLEAR) > said.rindex("/3 files")


def test_a_short_run_shows_nothing(folder: Path) -> None:
    assert "\r\x1b" not in at_terminal(folder, ".", patience=60)


@pytest.mark.parametrize("words", [["-q"], ["--quiet"], ["-vq"], ["--qui"]])
def test_quiet(folder: Path, words: list[str]) -> None:
    assert "reading" not in at_terminal(folder, *words, ".")


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_where_nobody_watches(folder: Path, name: str, value: str) -> None:
    assert "reading" not in at_terminal(folder, ".", environment={name: value})


def test_no_color_is_about_colours(folder: Path) -> None:
    assert "reading" in at_terminal(folder, ".", environment={"NO_COLOR": "1"})


def test_no_terminal(folder: Path) -> None:
    done = subprocess.run(
        command(["."], 0),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "reading" not in done.stderr
    assert "looked at 3 files" in done.stderr


@pytest.mark.parametrize("words", [["why", "--all"], ["context"], ["init", "--stdout"]])
def test_other_commands(folder: Path, words: list[str]) -> None:
    said = at_terminal(folder, *words)
    assert "\rreading 3/3 files\x1b[K" in said
    assert "reading" not in "".join(screen(said))


def test_who_listens_changes_nothing(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    told: list[tuple[str, int, int]] = []
    cli.run(["--format", "json", str(folder)])
    before = capfdbinary.readouterr().out
    with heard(lambda *heard_of: told.append(heard_of)):
        cli.run(["--format", "json", str(folder)])
    assert capfdbinary.readouterr().out == before
    assert ("reading {} files", 3, 3) in told


def test_without_a_listener_there_is_no_generator_between() -> None:
    items = [1, 2]
    assert steps("x", items) is items


def test_a_line_is_cut_at_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "_width", lambda: 10)
    monkeypatch.setattr(progress, "_write", written.append)
    line = progress.Line()
    line("reading {} files", 1, 1000)
    line.clear()
    line.clear()
    assert written == ["\rreading 1\x1b[K", CLEAR]


def test_at_most_ten_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    times = iter([0.0, 0.5, 1.0, 1.05, 1.11])
    monkeypatch.setattr(time, "monotonic", lambda: next(times))
    monkeypatch.setattr(progress, "_write", written.append)
    line = progress.Line()
    for number in range(1, 5):
        line("at {}", number, 4)
    assert written == ["\rat 2/4\x1b[K", "\rat 4/4\x1b[K"]


def test_an_error_takes_it_away_too(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "_write", written.append)
    with contextlib.suppress(KeyboardInterrupt), progress.shown([]):
        for _ in steps("at {}", [1, 2]):
            raise KeyboardInterrupt
    assert written == ["\rat 1/2\x1b[K", CLEAR]
    assert not streams.before
    assert steps("x", items := [1]) is items
