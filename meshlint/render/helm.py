"""`helm template`: offline, in a home of its own, with limits on time and output."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from meshlint.render.chart import Release
from meshlint.render.confined import Failed, complaint, confined
from meshlint.render.tree import write
from meshlint.source.program import Outcome

UNKNOWN = "meshlint-release-namespace"
"""The namespace of a release of which none is known; objects in it are in none (see `Rendered`)."""

KUBERNETES = "1.34.0"
"""The version that charts are told: helm's own default depends on how it was built."""

SECONDS = 60
LIMIT = 64 * 1024 * 1024


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
        done = _run((program, "version", "--short"), Path(home))
    if not done.good:
        raise Failed(f"{program} does not run: {complaint(done, home)}")
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
        command = (found.program, *arguments(release), *_values(place, given))
        done = _run((*command, release.name, str(place / "chart")), place)
    if not done.good:
        raise Failed(complaint(done, f"{folder}/chart"))
    return done.out


def arguments(release: Release) -> tuple[str, ...]:
    """What is asked of helm, but for the places of files."""
    sets = (part for key, value in release.sets for part in ("--set", f"{key}={value}"))
    namespace = release.namespace or UNKNOWN
    return ("template", "--kube-version", KUBERNETES, "--namespace", namespace, *sets)


def _values(place: Path, given: Sequence[str] | dict[str, bytes]) -> tuple[str, ...]:
    return tuple(part for name in given for part in ("--values", str(place / "values" / name)))


def _run(command: Sequence[str], folder: Path) -> Outcome:
    homes = (("CONFIG", "config"), ("CACHE", "cache"), ("DATA", "data"))
    own = {f"HELM_{name}_HOME": str(folder / "home" / part) for name, part in homes}
    return confined(command, folder, {"HELM_NO_PLUGINS": "1", **own}, seconds=SECONDS, limit=LIMIT)
