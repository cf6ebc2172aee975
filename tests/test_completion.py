"""Completion in the shells themselves, and the manual page; both as they are installed."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from meshlint import cli
from meshlint.cli.completion import SHELLS, surface
from meshlint.policy import policies
from meshlint.shells.surface import Takes
from tests import manpage
from tests.conftest import ROOT

KEPT = {shell: ROOT / f"docs/completion/meshlint.{shell}" for shell in SHELLS}
MANUAL = ROOT / "docs/man/meshlint.1"


def script(shell: str) -> str:
    text = import_module(f"meshlint.shells.{shell}").script(surface())
    assert isinstance(text, str)
    return text


def kept(path: Path, text: str, update: bool) -> None:
    """A generated file has this text; with --update, from now on."""
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text, "pytest tests/test_completion.py --update writes it anew"


@pytest.mark.parametrize("shell", SHELLS)
def test_script_is_kept(shell: str, update: bool) -> None:
    kept(KEPT[shell], script(shell), update)


def test_manual_is_kept(update: bool) -> None:
    kept(MANUAL, manpage.page(), update)


def test_the_command_prints_the_script(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for shell in SHELLS:
        assert cli.run(["completion", shell]) == 0
        assert capfdbinary.readouterr().out.decode() == script(shell)


def test_the_wheel_installs_them() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    shared = wheel["targets"]["wheel"]["shared-data"]
    assert shared == {
        "docs/man/meshlint.1": "share/man/man1/meshlint.1",
        "docs/completion/meshlint.bash": "share/bash-completion/completions/meshlint",
        "docs/completion/meshlint.zsh": "share/zsh/site-functions/_meshlint",
        "docs/completion/meshlint.fish": "share/fish/vendor_completions.d/meshlint.fish",
    }
    for path in shared:
        assert (ROOT / path).is_file()


def test_each_command_has_a_function_and_a_parser() -> None:
    for name in cli.COMMANDS:
        module = import_module(f"meshlint.cli.{name}")
        assert callable(getattr(module, name))
        shown = module.parser().format_help()
        assert shown.startswith("usage: meshlint"), name
        assert f"meshlint {name}" in shown or name == "lint"


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_manual_has_each_option(name: str) -> None:
    page = MANUAL.read_text().replace("\\-", "-")
    for word in next(c for c in surface().commands if c.name == name).words:
        for option in word.names:
            assert f"\\fB{option}\\fR" in page
        assert word.about, f"{name} {word.names or word.metavar} has no help"


@pytest.mark.parametrize(
    ("program", "words"),
    [("mandoc", "-T lint -W warning"), ("groff", "-man -ww -z -Tutf8"), ("man", "--warnings -l")],
)
def test_manual_is_sound(program: str, words: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on the PATH")
    done = subprocess.run(
        [program, *words.split(), str(MANUAL)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "MANPAGER": "cat", "LC_ALL": "C.UTF-8"},
    )
    said = done.stderr + (done.stdout if program == "mandoc" else "")
    assert [line for line in said.splitlines() if "missing date" not in line] == []


NAMES = sorted(cli.COMMANDS)
CODES = [policy.code for policy in policies() if policy.code.startswith("MESH70")]
FORMATS = ["markdown", "mermaid"]
LINES = [
    ("a command", "meshlint ex", ["explain"]),
    ("an option", "meshlint why --sin", ["--since"]),
    ("an option of lint", "meshlint --exit", ["--exit-zero"]),
    ("an option of another command", "meshlint rules --exit", []),
    ("a choice", "meshlint why --format m", FORMATS),
    ("a code", "meshlint explain MESH70", CODES),
    ("a name", "meshlint explain webhook-l", ["webhook-leftover"]),
    ("a shell", "meshlint completion ", ["bash", "fish", "zsh"]),
    ("a file", "meshlint lint deep", ["deep files"]),
    ("a file after an option", "meshlint --config conf", ["conf.yaml"]),
    ("a profile", "meshlint --profile st", ["strict"]),
    ("a family", "meshlint rules --family la", ["labels"]),
    ("a report", "meshlint --output sa", ["sarif"]),
    ("nothing", "meshlint rules ", []),
    ("no file for a revision", "meshlint why --rev ", []),
]
LINE = pytest.mark.parametrize(
    ("line", "offered"), [c[1:] for c in LINES], ids=[c[0] for c in LINES]
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a folder whose name has a space, and a file."""
    (tmp_path / "deep files").mkdir()
    (tmp_path / "conf.yaml").write_text("")
    return tmp_path


def asked(shell: str, program: str, folder: Path) -> list[str]:
    """The lines that a program of a shell writes, sorted, without a slash at the end."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on the PATH")
    quiet = {"bash": ["--norc", "--noprofile"], "fish": ["--no-config"], "zsh": ["-f"]}[shell]
    done = subprocess.run(
        [shell, *quiet, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return sorted(line.partition("\t")[0].rstrip("/") for line in done.stdout.splitlines())


BASH = """
source {script}
COMP_WORDS=({words})
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_meshlint
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def in_bash(line: str, folder: Path) -> list[str]:
    words = " ".join(f'"{word}"' for word in line.split(" "))
    found = asked("bash", BASH.format(script=KEPT["bash"], words=words), folder)
    return [word for word in found if word]


def in_fish(line: str, folder: Path) -> list[str]:
    return asked("fish", f"source {KEPT['fish']}; complete -C '{line}'", folder)


@LINE
def test_bash(line: str, offered: list[str], folder: Path) -> None:
    assert in_bash(line, folder) == offered


@LINE
def test_fish(line: str, offered: list[str], folder: Path) -> None:
    assert in_fish(line, folder) == offered


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("meshlint why --format = m", FORMATS),
        ("meshlint --output = sarif", ["sarif"]),
        ("meshlint --fix =", ["safe", "unsafe"]),
        ("meshlint --fix deep", ["deep files"]),
    ],
)
def test_bash_splits_at_equals_signs(line: str, offered: list[str], folder: Path) -> None:
    """COMP_WORDBREAKS has `=`, so that it is a word of its own; `--fix` takes no other word."""
    assert in_bash(line, folder) == offered


def test_fish_and_a_value_that_may_be_left_out(folder: Path) -> None:
    assert in_fish("meshlint --fix=", folder) == ["--fix=safe", "--fix=unsafe"]
    assert in_fish("meshlint --fix deep", folder) == ["deep files"]


def test_bash_offers_commands_and_files_first(folder: Path) -> None:
    assert in_bash("meshlint ", folder) == sorted([*NAMES, "conf.yaml", "deep files"])


def test_fish_offers_commands_and_files_first(folder: Path) -> None:
    assert set(in_fish("meshlint ", folder)) >= {*NAMES, "conf.yaml"}


@pytest.mark.parametrize("shell", SHELLS)
def test_syntax(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on the PATH")
    done = subprocess.run(
        [shell, "-n", str(KEPT[shell])], capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")


ZSH = """\
autoload -Uz compinit; compinit -u -D
source {script}
dump() {{ print -rn -- "$BUFFER" > {out}; exit }}
zle -N dump; bindkey '^X^D' dump; PROMPT='ready> '
"""
COMPLETED = [
    ("meshlint exp", "meshlint explain "),
    ("meshlint why --sin", "meshlint why --since="),
    ("meshlint why --format=me", "meshlint why --format=mermaid "),
    ("meshlint --exit", "meshlint --exit-zero "),
    ("meshlint explain webhook-l", "meshlint explain webhook-leftover "),
    ("meshlint completion f", "meshlint completion fish "),
    ("meshlint --config conf", "meshlint --config conf.yaml "),
    ("meshlint lint dee", "meshlint lint deep\\ files/"),
    ("meshlint rules x", "meshlint rules x"),
    ("meshlint rules --fam", "meshlint rules --family="),
    ("meshlint --fix=un", "meshlint --fix=unsafe "),
    ("meshlint --fix conf", "meshlint --fix conf.yaml "),
]


@pytest.mark.parametrize(("line", "whole"), COMPLETED)
def test_zsh(line: str, whole: str, folder: Path) -> None:
    """At a terminal, as zsh completes nowhere else."""
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not on the PATH")
    out = folder / ".out"
    start = folder / ".start"
    start.write_text(ZSH.format(script=KEPT["zsh"], out=out))
    talk(["zsh", "-f", "-i"], folder, f"source {start}\n", f"{line}\t\x18\x04")
    assert out.read_text() == whole


def talk(command: list[str], folder: Path, first: str, then: str) -> None:
    """Types at a program's terminal: the second text when its prompt is there."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvp(command[0], command)
    try:
        os.write(terminal, first.encode())
        read(terminal, lambda said: re.search(rb"ready> \S*\Z", said) is not None)
        os.write(terminal, then.encode())
        read(terminal, lambda _: False)
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def read(terminal: int, enough: Callable[[bytes], bool]) -> None:
    """What is written to a terminal, until it is enough or the program has ended."""
    said, end = b"", time.monotonic() + 20
    while time.monotonic() < end and not enough(said):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                return
            if not data:
                return
            said += data


def test_values_are_told_by_their_names() -> None:
    words = {n: w for c in surface().commands if c.name == "lint" for w in c.words for n in w.names}
    assert words["--config"].takes is Takes.FILE
    assert "sarif" in words["--output"].choices, "FORMAT[:FILE] is no file's name"
    assert "strict" in words["--profile"].choices
    assert words["--rev"].takes is Takes.TEXT
    assert words["--quiet"].takes is Takes.NOTHING
    assert words["--fail-on"].choices == ("error", "warning", "note")
