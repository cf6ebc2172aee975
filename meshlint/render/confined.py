"""Programs that render: with a home of their own, no network, and limits on time and output."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from meshlint.source.program import Outcome, run

NOBODY = "http://127.0.0.1:9"
"""A proxy that does not answer: whatever wants the network, such as a schema, gets none."""

PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Failed(Exception):
    """What was to be rendered cannot be; the text says why, in one line."""


def confined(
    command: Sequence[str],
    folder: Path,
    own: Mapping[str, str],
    *,
    seconds: float,
    limit: int,
) -> Outcome:
    """Runs a program in a folder; its home is the folder `home` in that.

    Of the environment it gets the PATH, and its `own` variables.

    Raises:
        Failed: it cannot be started.
    """
    home = folder / "home"
    home.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        **{f"XDG_{name}_HOME": str(home) for name in ("CONFIG", "CACHE", "DATA", "STATE")},
        "LC_ALL": "C",
        "KUBECONFIG": os.devnull,
        **dict.fromkeys(PROXIES, NOBODY),
        **own,
    }
    try:
        return run(command, folder, environment, seconds=seconds, limit=limit)
    except OSError as error:
        raise Failed(f"{command[0]} cannot be started: {error.strerror}") from None


def complaint(done: Outcome, folder: Path | str) -> str:
    """The last line of what a program complains of, without the place of the copy."""
    if done.fault:
        return f"{done.fault}, and was stopped"
    words = done.err.decode(errors="replace").replace(f"{folder}/", "").replace(str(folder), ".")
    lines = words.strip().splitlines()
    told = [line for line in lines if line.startswith("Error: ")] or lines[-1:]
    return told[0].removeprefix("Error: ") if told else f"it ended with {done.code}"
