"""The run: facts of each file, the mesh over all, rules, policies, one order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from posixpath import dirname

from meshlint.facts import FileFacts, Stamped, facts
from meshlint.finding import Finding, Hit, Skip, Unread
from meshlint.mesh.model import Mesh
from meshlint.report.model import Counts, Report
from meshlint.resources import Resource
from meshlint.rules.registry import MESH_RULES, View
from meshlint.source.files import Collection, Source
from meshlint.source.git import root_of
from meshlint.units.place import place


def survey(collection: Collection, known: Iterable[Resource] = ()) -> tuple[Mesh, list[str]]:
    """The mesh of what was collected, and what could not be read of it, a line each.

    `known` are facts that stand in no scanned file: declared ones, and those of a snapshot.
    """
    gathered, unread, failures = _gather(collection.sources)
    root = _root(collection.sources)
    lost = [f"{skip.path}: {skip.reason.value}" for skip in (*collection.skips, *unread)]
    return _mesh(gathered, root, known), [*lost, *failures]


def _mesh(gathered: list[FileFacts], root: Path, known: Iterable[Resource]) -> Mesh:
    facts_of_files = (r for found in gathered for r in found.resources)
    return Mesh(place((*facts_of_files, *known)), root.as_posix())


def run(
    collection: Collection,
    only: frozenset[str] | None = None,
    known: Iterable[Resource] = (),
) -> Report:
    """Lints what was collected; `only` names the rules that may report, `known` is as above."""
    gathered, unread, failures = _gather(collection.sources)
    left_out = (*collection.skips, *unread)
    root = _root(collection.sources)
    mesh = _mesh(gathered, root, known)
    hits = [hit for found in gathered for hit in found.hits]
    hits += _conclude(View(mesh), failures)
    return Report(
        findings=_ordered(_stamp(name, hit) for name, hit in hits if only is None or name in only),
        skips=tuple(sorted((*left_out, *(s for f in gathered for s in f.skips)), key=_place)),
        counts=_counts(gathered, mesh, left_out),
        sources={source.path: source for source in collection.sources},
        root=root,
        failures=tuple(failures),
    )


def _gather(sources: Iterable[Source]) -> tuple[list[FileFacts], list[Skip], list[str]]:
    """The per-file half. What cannot be read, or breaks us, costs that file and not the run."""
    gathered, skips, failures = [], [], []
    for source in sources:
        try:
            gathered.append(facts(source.path, source.read()))
        except OSError as error:
            words = error.strerror or "cannot be read"
            skips.append(Skip(Unread.UNREADABLE, source.path, 0, words))
        except Exception as error:
            failures.append(_apology(source.path, error))
    return gathered, skips, failures


def _conclude(view: View, failures: list[str]) -> Iterator[Stamped]:
    """The rules over all files. One that breaks is reported, and the others still run."""
    for name, rule in MESH_RULES.items():
        try:
            yield from [(name, hit) for hit in rule(view)]
        except Exception as error:
            failures.append(_apology(f"rule {name}", error))


def _apology(where: str, error: Exception) -> str:
    return f"internal error in {where}: {type(error).__name__}: {error}"


def _stamp(name: str, hit: Hit) -> Finding:
    """Who says it and how bad it is, from the rule's policy."""
    from meshlint.policy import shipped  # a clean run needs none

    policy = shipped(name)
    return Finding(
        code=policy.code,
        rule=policy.name,
        severity=policy.severity_of(hit.case),
        message=hit.message,
        where=hit.where,
        subject=hit.subject,
        related=hit.related,
    )


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted, one finding a rule and line: further ones would be the same alert on GitHub."""
    seen: set[tuple[str, str, int]] = set()
    kept = []
    for finding in sorted(findings, key=lambda f: f.order):
        place = (finding.code, finding.where.path, finding.where.line)
        if place not in seen:
            seen.add(place)
            kept.append(finding)
    return tuple(kept)


def _place(skip: Skip) -> tuple[str, int, str]:
    return skip.path, skip.line, skip.reason


def _counts(gathered: list[FileFacts], mesh: Mesh, left_out: Iterable[Skip]) -> Counts:
    """Files left out, and what the facts of the others count."""
    unread: Counter[Unread] = Counter(skip.reason for skip in left_out)
    for found in gathered:
        unread.update(found.unread)
    return Counts(
        files=len(gathered),
        objects=sum(found.objects for found in gathered),
        namespaces=len(mesh.namespaces),
        workloads=len(mesh.workloads),
        webhooks=len(mesh.configurations),
        unread={reason: unread[reason] for reason in Unread if unread[reason]},
    )


def _root(sources: list[Source]) -> Path:
    """The work tree around all files; else the current folder, if it holds them; else their own."""
    here = Path.cwd()
    folders = {dirname(source.path) for source in sources if source.data is None}
    places = [os.path.normpath(here / folder) for folder in folders]
    common = Path(os.path.commonpath(places)) if places else here
    return root_of(common) or (here if common.is_relative_to(here) else common)
