"""Platforms and applications for tests of snapshots: facts, decisions, and snapshots in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from meshlint.facts import facts
from meshlint.mesh.inject import Decision, decide
from meshlint.mesh.model import Mesh
from meshlint.resources import Resource
from meshlint.snapshot.form import Header, Json, text
from meshlint.snapshot.join import Joined, joined
from meshlint.snapshot.read import Snapshot, snapshot
from meshlint.snapshot.write import content
from meshlint.units.place import place

PATH = "mesh.json"
HEADER = Header("0.0.0", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), commit="a" * 40)

Files = Mapping[str, str]


def read(files: Files) -> list[Resource]:
    """The facts of files, given by path and text."""
    return [r for path, body in files.items() for r in facts(path, body.encode()).resources]


def written(files: Files, *, complete: bool = False, name: str = "") -> list[Json]:
    """The content of a platform's snapshot."""
    return content(Mesh(place(read(files))), complete, name)


def reread(clusters: Iterable[Json], path: str = PATH) -> Snapshot:
    """A snapshot after it went through a file."""
    found = snapshot(path, text(HEADER, list(clusters)).encode())
    assert found.intact
    return found


def beside(app: Files, known: Joined) -> Mesh:
    """The mesh of an application's repository that is checked against snapshots."""
    return Mesh(place([*read(app), *known.facts]), clusters=known.clusters)


def shared(platform: Files, chosen: str | None = None) -> Joined:
    """What a platform's snapshot tells others."""
    return joined([reread(written(platform))], chosen)


def verdicts(mesh: Mesh, below: str = "") -> dict[str, str]:
    """What becomes of each workload whose file has a path that begins so."""
    return {
        f"{w.meta.where.path} {w.meta.subject}": _told(decide(mesh, w))
        for w in mesh.workloads
        if w.meta.where.path.startswith(below)
    }


def _told(decision: Decision) -> str:
    """Everything that a decision says but the lines it points to."""
    calls = [f"{c.hook.full_name}={c.revision}{'' if c.sure else '?'}" for c in decision.calls]
    because = sorted({reason.text for reason in decision.because})
    return f"{decision.verdict}: {decision.revision} by {sorted(calls)} because {because}"
