"""Other programs: their output, and how they are stopped."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from meshlint.source.program import Answers, run

HERE = Path()
ENVIRONMENT = {"PATH": os.environ["PATH"], "ONLY": "this"}


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", code)


def test_output_input_and_environment(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), os.environ['ONLY'], sys.stdin.read().upper())"
    done = run(python(code), tmp_path, ENVIRONMENT, given=b"abc" * 100_000)
    assert done.good
    assert done.out == f"{tmp_path} this {'ABC' * 100_000}\n".encode()


def test_failures() -> None:
    done = run(python("import sys; sys.stderr.write('why'); sys.exit(7)"), HERE, ENVIRONMENT)
    assert (done.code, done.err, done.good) == (7, b"why", False)
    with pytest.raises(FileNotFoundError):
        run(("no-such-program",), HERE, ENVIRONMENT)


def test_input_that_nobody_reads() -> None:
    assert run(python("pass"), HERE, ENVIRONMENT, given=b"x" * 10_000_000).good


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_endless_output_is_cut(stream: str) -> None:
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    done = run(python(code), HERE, ENVIRONMENT, limit=1_000_000)
    assert done.fault == "it wrote too much"
    assert len(done.out) + len(done.err) < 2_000_000


ENDLESS = [
    ("it computes", "while True: pass"),
    ("it waits", "import time; time.sleep(600)"),
    ("it says nothing more", "import os, time; os.close(1); os.close(2); time.sleep(600)"),
]


@pytest.mark.parametrize("code", [code for _, code in ENDLESS], ids=[name for name, _ in ENDLESS])
def test_endless_programs_are_stopped(code: str) -> None:
    done = run(python(code), HERE, ENVIRONMENT, seconds=0.3)
    assert done.fault == "it took too long"


def test_children_are_stopped_too(tmp_path: Path) -> None:
    """A child that holds the pipes open keeps nobody waiting, and does not live on."""
    mark = tmp_path / "alive"
    child = f"import time; time.sleep(1.5); open({str(mark)!r}, 'w')"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]).wait()"
    assert run(python(code), HERE, ENVIRONMENT, seconds=0.5).fault
    time.sleep(2)
    assert not mark.exists()


def test_questions_and_answers() -> None:
    answers = Answers(python("while True: print(input() * 2, flush=True)"), HERE, ENVIRONMENT)
    answers.ask(b"ab\n")
    assert answers.line() == b"abab\n"
    answers.ask(b"c\n")
    assert answers.take(3) == b"cc\n"
    answers.end()
