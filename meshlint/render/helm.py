"""`helm template`: offline, in a home of its own, with limits on time and output."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from meshlint.render.chart import Release
from meshlint.render.tree import write
from meshlint.source.program import Outcome, run

UNKNOWN = "meshlint-release-namespace"
"""The namespace of a release of which none is known; objects in it are in none (see `Rendered`)."""

KUBERNETES = "1.34.0"
"""The version that charts are told: helm's own default depends on how it was built."""

SECONDS = 60
LIMIT = 64 * 1024 * 1024
NOBODY = "http://127.0.0.1:9"
"""A proxy that does not answer: whatever wants the network, such as a schema, gets none."""


class Failed(Exception):
    """A chart cannot be rendered; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Helm:
    """The program, and what it says of its version."""

    program: str
    version: str


def helm() -> Helm:
    """The helm on the PATH.

    Raises:
        Failed: there is none, or it does not run.
    """
    program = shutil.which("helm")
    if program is None:
        raise Failed("helm is not installed: nothing called 'helm' is on the PATH")
    with TemporaryDirectory(prefix="meshlint-") as home:
        done = _run((program, "version", "--short"), Path(home), Path(home))
    if not done.good:
        raise Failed(f"{program} does not run: {_why(done, home)}")
    return Helm(program, done.out.decode(errors="replace").strip())


def template(found: Helm, release: Release, files: dict[str, bytes]) -> bytes:
    """The rendered documents of a chart, given as its files.

    Raises:
        Failed: helm refuses it, or it takes too long, or makes too much.
    """
    with TemporaryDirectory(prefix="meshlint-") as folder:
        place = Path(folder)
        write(files, place / "chart")
        given = {f"{number}.yaml": data for number, data in enumerate(release.values)}
        write(given, place / "values")
        (place / "home").mkdir()
        command = (found.program, *arguments(release), *_values(place, given))
        done = _run((*command, release.name, str(place / "chart")), place, place / "home")
    if not done.good:
        raise Failed(_why(done, f"{folder}/chart"))
    return done.out


def arguments(release: Release) -> tuple[str, ...]:
    """What is asked of helm, but for the places of files."""
    sets = (part for key, value in release.sets for part in ("--set", f"{key}={value}"))
    namespace = release.namespace or UNKNOWN
    return ("template", "--kube-version", KUBERNETES, "--namespace", namespace, *sets)


def _values(place: Path, given: Sequence[str] | dict[str, bytes]) -> tuple[str, ...]:
    return tuple(part for name in given for part in ("--values", str(place / "values" / name)))


def _run(command: Sequence[str], folder: Path, home: Path) -> Outcome:
    proxies = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C",
        "KUBECONFIG": os.devnull,
        "HELM_NO_PLUGINS": "1",
        **{f"HELM_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "CACHE", "DATA")},
        **dict.fromkeys(proxies, NOBODY),
    }
    try:
        return run(command, folder, environment, seconds=SECONDS, limit=LIMIT)
    except OSError as error:
        raise Failed(f"{command[0]} cannot be started: {error.strerror}") from None


def _why(done: Outcome, folder: str) -> str:
    """The last line of its complaint, without the place of the copy."""
    if done.fault:
        return f"{done.fault}, and was stopped"
    lines = done.err.decode(errors="replace").replace(f"{folder}/", "").strip().splitlines()
    told = [line for line in lines if line.startswith("Error: ")] or lines[-1:]
    return told[0].removeprefix("Error: ") if told else f"it ended with {done.code}"
