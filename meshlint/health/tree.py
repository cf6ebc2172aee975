"""The tree that one stands in: its configuration, what that names, and its hooks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.finding import printable
from meshlint.health.check import Check, State, fault, good, note
from meshlint.health.programs import found_helm
from meshlint.source import git

if TYPE_CHECKING:
    from meshlint.config.find import Place
    from meshlint.config.model import Config

HOOKS = ".pre-commit-config.yaml"


def tree(folder: Path) -> Iterator[Check]:
    """The checks of a tree."""
    from meshlint.config.fault import Faulty
    from meshlint.config.find import find, load
    from meshlint.config.read import read

    try:
        place = find([str(folder)])
        config = read(place.file, load(place)) if place.file else None
    except Faulty as error:
        yield fault("configuration", str(error), "mend it: docs/configuration.md has all keys")
    else:
        yield _configuration(place)
        if config:
            yield from _snapshots(config, place)
            yield from _symptoms(config)
            yield from _charts(config)
            yield from _baseline(config, place)
    yield from _hook(folder)


def _configuration(place: Place) -> Check:
    if place.file:
        return good("configuration", place.file)
    return note("configuration", "none", "'meshlint init' writes one from what it finds")


def _snapshots(config: Config, place: Place) -> Iterator[Check]:
    """Each snapshot that the configuration names."""
    from meshlint.snapshot.read import BadSnapshot, snapshot
    from meshlint.source.files import Source

    for named in config.snapshots:
        path = Path(os.path.relpath(Path(place.file).parent / named.file.text)).as_posix()
        again = "write it anew with 'meshlint context' in the platform's repository"
        try:
            read = snapshot(path, Source(path).read())
        except OSError as error:
            yield fault("snapshot", f"{path}: {error.strerror}", again)
        except BadSnapshot as error:
            yield fault("snapshot", str(error), again)
        else:
            changed = "" if read.intact else ", changed since it was written"
            yield good("snapshot", f"{path}{changed}")


def _symptoms(config: Config) -> Iterator[Check]:
    """The error texts of one's own."""
    from meshlint.config.fault import Faulty
    from meshlint.symptom.catalogue import added

    if config.symptoms:
        try:
            number = len(added(config.symptoms))
        except Faulty as error:
            yield fault("error texts", str(error), "mend them: docs/diagnose.md tells their form")
        else:
            yield good("error texts", f"{number} of your own")


def _baseline(config: Config, place: Place) -> Iterator[Check]:
    """The file of known findings."""
    from meshlint.config.fault import Faulty
    from meshlint.source.files import Source
    from meshlint.triage.baseline_file import read

    if config.baseline is None:
        return
    path = Path(os.path.relpath(Path(place.file).parent / config.baseline.text)).as_posix()
    again = "write it anew with 'meshlint --write-baseline'"
    try:
        number = len(read(path, Source(path).read()).entries)
    except OSError as error:
        yield fault("baseline", f"{path}: {error.strerror}", again)
    except Faulty as error:
        yield fault("baseline", str(error), again)
    else:
        yield good("baseline", f"{path}, {number} known")


def _charts(config: Config) -> Iterator[Check]:
    """Charts that the configuration wants to be rendered on each run."""
    if config.charts:
        helm = found_helm()
        number = f"{len(config.charts)} in the configuration"
        if helm.state is State.GOOD:
            yield good("charts", number)
        else:
            yield fault("charts", f"{number}, and {helm.text}", "install helm, or use --no-helm")


def _hook(folder: Path) -> Iterator[Check]:
    """Whether the hook runs that .pre-commit-config.yaml asks for."""
    top = git.root_of(folder)
    if top is None:
        return
    try:
        wanted = "id: meshlint" in (top / HOOKS).read_text(errors="replace")
    except OSError:
        wanted = False
    if not wanted:
        return
    path = _hook_file(top)
    if path is not None and path.is_file() and os.access(path, os.X_OK):
        yield good("pre-commit", printable(str(path)))
    else:
        yield note("pre-commit", f"{HOOKS} has meshlint, and no hook is installed here",
                   "run 'pre-commit install'")  # fmt: skip


def _hook_file(top: Path) -> Path | None:
    """The hook where pre-commit installs it, also in a work tree beside the main one."""
    common = git.run(top, "rev-parse", "--git-common-dir")
    return top / common.decode().strip() / "hooks" / "pre-commit" if common else None
