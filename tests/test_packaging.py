"""What is built has all that it needs, runs outside of the repository, and never asks the network."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from meshlint import __version__
from meshlint.policy import policies
from meshlint.report import FORMATS
from tests.conftest import HERE, ROOT

DATA = ("policies", "schemas")
LIBRARIES = str(Path(yaml.__file__).parent.parent)


def built(source: Path, target: Path, *what: str) -> Path:
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        *what,
        "--outdir",
        str(target),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("sdist"), "--sdist")


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the source distribution, as whoever packages it does."""
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(sdist) as tar:
        tar.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return built(source, tmp_path_factory.mktemp("wheel"), "--wheel")


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_has_all_data(wheel: Path) -> None:
    found = contents(wheel)
    for top in DATA:
        there = {f"meshlint/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / top).rglob("*.*")}
        assert there == {name for name in found if name.startswith(f"meshlint/{top}/")}
    own = {p.relative_to(ROOT).as_posix() for p in (ROOT / "meshlint").rglob("*") if p.is_file()}
    assert {name for name in own if "__pycache__" not in name} <= set(found)
    assert not any(name.startswith(("tests/", "docs/", "examples/")) for name in found)


def test_the_same_source_gives_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    assert built(ROOT, tmp_path / "again", "--wheel").read_bytes() == wheel.read_bytes()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's packages, and with what tells of every question to the network."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    (folder / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def heard(event, told):\n"
        "    if event.startswith('socket.'):\n"
        "        os.write(2, f'NETWORK {event} {told}\\n'.encode())\n"
        "        os._exit(99)\n"
        "sys.addaudithook(heard)\n"
    )
    return folder


def run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The program as it was installed; its libraries are those of this Python."""
    libraries = os.pathsep.join([str(installed), LIBRARIES])
    environment = {**os.environ, "PYTHONPATH": libraries, "HOME": str(folder)}
    command = [sys.executable, "-S", "-c", START, *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )  # fmt: skip


START = """
import sitecustomize, sys
import meshlint
from meshlint.__main__ import main
print(meshlint.__file__, file=sys.stderr)
sys.exit(main())
"""


def test_it_is_what_was_installed_that_runs(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"meshlint {__version__}\n")
    assert str(installed) in done.stderr
    assert run(installed, tmp_path, "rules").stdout.count("\nMESH") == len(policies()) - 1


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_asked_of_the_network(name: str, installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, str(ROOT / "examples"), "--format", name)
    assert done.returncode == 1, done.stderr
    assert "NETWORK" not in done.stderr
    assert done.stdout


@pytest.mark.parametrize(
    "words",
    [("why", "--all", "{}"), ("context", "{}"), ("explain", "MESH104"), ("diagnose", "--list")],
    ids=lambda words: words[0],
)
def test_no_command_asks_the_network(
    words: tuple[str, ...], installed: Path, tmp_path: Path
) -> None:
    done = run(installed, tmp_path, *(word.format(ROOT / "examples") for word in words))
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_a_question_would_be_heard(installed: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-S",
        "-c",
        "import sitecustomize, socket; socket.getaddrinfo('localhost', 1)",
    ]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 99


def test_a_file_in_the_scanned_tree_named_like_ours_is_not_run(
    installed: Path, tmp_path: Path
) -> None:
    for name in ("yaml.py", "meshlint.py", "sitecustomize.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit(77)\n")
    program = installed / "bin" / "meshlint"
    program.parent.mkdir()
    program.write_text("import sys\nfrom meshlint.__main__ import main\nsys.exit(main())\n")
    libraries = os.pathsep.join([str(installed), LIBRARIES])
    done = subprocess.run(
        [sys.executable, str(program), str(HERE / "rendered")],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": libraries}, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
