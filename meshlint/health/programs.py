"""git, helm and kustomize: which are there, and whether they run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from meshlint.health.check import Check, fault, good, note
from meshlint.render import cache
from meshlint.render.confined import Failed
from meshlint.render.helm import helm
from meshlint.render.kustomize import kustomize
from meshlint.source import git


def programs(folder: Path) -> Iterator[Check]:
    """The checks of other programs, and of what they leave behind."""
    yield found_git(folder)
    yield found_helm()
    yield found_kustomize()
    yield renders()


def found_git(folder: Path) -> Check:
    """git, the work tree around a folder, and whether git answers in it."""
    program = shutil.which("git")
    top = git.root_of(folder)
    if program is None:
        words = "not installed: nothing called 'git' is on the PATH"
        if top is None:
            return note("git", words, "install it to lint commits, and what Git does not ignore")
        return fault("git", words, "install it: without it files are read that Git ignores")
    version = (git.run(folder, "version") or b"").decode(errors="replace").strip()
    number = version.removeprefix("git version ")
    if not number:
        return fault("git", f"{program} does not run", "see what 'git version' says")
    if top is None:
        return note("git", f"{number}; {folder} is in no work tree", "")
    said = git.complaint(folder)
    if said:
        owner = "owner" in said
        own = f"git config --global --add safe.directory {top}"
        return fault("git", f"{number} refuses the work tree: {said}", own if owner else "mend it")
    return good("git", f"{number}, work tree {top}")


def found_helm() -> Check:
    """helm, which only charts need."""
    try:
        found = helm()
    except Failed as error:
        return note("helm", str(error), "install it to render charts: --helm, and charts: of the"
                    " configuration")  # fmt: skip
    return good("helm", f"{found.version}, {found.program}")


def found_kustomize() -> Check:
    """kustomize, or that of kubectl, which only --kustomize needs."""
    try:
        with TemporaryDirectory(prefix="meshlint-") as home:
            found = kustomize(Path(home))
    except Failed as error:
        return note("kustomize", str(error), "install it to build overlays: --kustomize")
    return good("kustomize", f"{' '.join(found.version.split())}, {' '.join(found.command)}")


def renders() -> Check:
    """Whether what is rendered can be kept; nothing is written to find out."""
    folder = cache.folder()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return good("cache", str(folder))
    advice = "set XDG_CACHE_HOME to a folder that can be written: else all is rendered anew"
    return note("cache", f"{folder} cannot be written", advice)
