"""`kustomize build`: offline, in a copy of the tree, with the origin of each object told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from posixpath import join

from meshlint.render.confined import Failed, complaint, confined
from meshlint.render.reach import Reach
from meshlint.render.tree import write

SECONDS = 60
LIMIT = 64 * 1024 * 1024

HEAD = "../../tree/"
"""From a wrapper to the copy of the tree: so the build names the files."""

METADATA = ("originAnnotations", "transformerAnnotations")
"""What makes kustomize say where objects come from; kustomizations hand it on to what they include
(api/internal/target, accumulateDirectory)."""

OFFLINE = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
}
"""kustomize runs git for what is elsewhere."""


@dataclass(frozen=True, slots=True)
class Kustomize:
    """How the program is called to build a folder, and what it says of its version."""

    command: tuple[str, ...]
    version: str


def kustomize(home: Path) -> Kustomize:
    """The kustomize on the PATH; else that of kubectl.

    Raises:
        Failed: there is neither, or it does not run.
    """
    program, kubectl = shutil.which("kustomize"), shutil.which("kubectl")
    asked: tuple[str, ...]
    if program:
        command, asked = (program, "build"), (program, "version")
    elif kubectl:
        command, asked = (kubectl, "kustomize"), (kubectl, "version", "--client")
    else:
        words = "nothing called 'kustomize' or 'kubectl' is on the PATH"
        raise Failed(f"kustomize is not installed: {words}")
    done = confined(asked, home, OFFLINE, seconds=SECONDS, limit=LIMIT)
    if not done.good:
        raise Failed(f"{asked[0]} does not run: {complaint(done, home)}")
    return Kustomize(command, done.out.decode(errors="replace").strip())


def copy(reached: Iterable[Reach], place: Path) -> None:
    """What roots reach, as the folder `tree`; a link stays one."""
    links: dict[str, str] = {}
    for one in reached:
        write(one.files, place / "tree")
        links.update(one.links)
    for name, target in sorted(links.items()):
        path = place / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_symlink():
            path.symlink_to(target)


def build(found: Kustomize, folder: str, number: int, place: Path) -> bytes:
    """The objects of a root, given as its folder in the copy at a place.

    The root is built by way of another kustomization, so that its own file stays as it is.

    Raises:
        Failed: kustomize refuses it, or it takes too long, or makes too much.
    """
    wrapper = f"roots/{number}"
    text = {"resources": [join(HEAD, folder).rstrip("/")], "buildMetadata": METADATA}
    write({"kustomization.yaml": json.dumps(text).encode()}, place / wrapper)
    own = place / f"own-{number}"
    own.mkdir()
    command = (*found.command, str(place / wrapper))
    done = confined(command, own, OFFLINE, seconds=SECONDS, limit=LIMIT)
    if not done.good:
        raise Failed(_told(complaint(done, place / "tree")))
    return done.out


def _told(words: str) -> str:
    """kustomize's words of the innermost folder on its way, with that, and without the way."""
    inner = words.rpartition("recursed accumulation of path '")[2]
    folder, _, why = inner.partition("': ")
    return f"{folder}: {why}" if why and inner != words else words
