"""The run: facts of each file, the mesh over all, rules, policies, one order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from posixpath import dirname
from typing import TYPE_CHECKING

from meshlint.facts import FileFacts, Stamped, facts
from meshlint.finding import Finding, Hit
from meshlint.mesh.model import Mesh
from meshlint.progress import steps
from meshlint.report.model import Counts, Report
from meshlint.resources import Resource
from meshlint.resources.namespace import Namespace
from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Workload
from meshlint.rulebook import SHIPPED, Rulebook
from meshlint.rules.registry import MESH_RULES, View
from meshlint.source.files import STDIN, Collection, Source
from meshlint.source.git import root_of
from meshlint.triage.ignores import IN_SOURCE, Ignoring
from meshlint.triage.sifting import Hands, Sieve
from meshlint.units.place import place
from meshlint.unread import CHOSEN, Skip, Unread

if TYPE_CHECKING:
    from meshlint.report.picture import Picture


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known beside the scanned files.

    `facts` stand in none of them: declared ones, and those of a snapshot. `sources` are the files
    that do hold them, and of the objects in those that are `foreign` nothing is found: they are
    checked where they come from. `clusters` are those that directories may have the names of.
    `adjust` has the last word on where objects reach a cluster, and on their namespaces.
    """

    facts: tuple[Resource, ...] = ()
    sources: tuple[Source, ...] = ()
    foreign: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    adjust: Callable[[Iterable[Resource]], Iterable[Resource]] = iter


NOTHING = Knowledge()

Step = Callable[[Report], Report]
"""Something that is done with findings: giving them another severity, leaving some out."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a mesh is judged: by which rules, what is ignored of what they find, and what is done
    with the rest, in this order."""

    book: Rulebook = SHIPPED
    steps: tuple[Step, ...] = ()
    ignoring: Ignoring = IN_SOURCE


USUAL = Terms()

Memory = dict[Source, FileFacts]
"""The facts of files that were read already: what stands in another run too is not read again."""


def survey(
    collection: Collection, known: Knowledge = NOTHING, memory: Memory | None = None
) -> tuple[Mesh, list[str]]:
    """The mesh of what was collected, and what could not be read of it, a line each."""
    mesh, lost, _ = census(collection, known, memory)
    return mesh, lost


def census(
    collection: Collection, known: Knowledge = NOTHING, memory: Memory | None = None
) -> tuple[Mesh, list[str], Mapping[Unread, int]]:
    """As `survey`, and how much was not looked at, by reason."""
    gathered, unread, failures = _gather(collection.sources, memory)
    mesh = _mesh(gathered, _root(collection.sources), known)
    left_out = (*collection.skips, *unread)
    skips = [skip for skip in left_out if skip.reason not in CHOSEN]
    lost = [f"{skip.path}: {skip.reason.value}" for skip in skips]
    return mesh, [*lost, *failures], _counts(gathered, mesh, left_out).unread


def _mesh(gathered: list[FileFacts], root: Path, known: Knowledge) -> Mesh:
    facts_of_files = (r for found in gathered for r in found.resources)
    placed = known.adjust(place((*facts_of_files, *known.facts)))
    return Mesh(placed, root.as_posix(), known.clusters)


def run(
    collection: Collection,
    only: frozenset[str] | None = None,
    known: Knowledge = NOTHING,
    memory: Memory | None = None,
    terms: Terms = USUAL,
) -> Report:
    """Lints what was collected; `only` names the rules that may report."""
    gathered, unread, failures = _gather(collection.sources, memory)
    left_out = (*collection.skips, *unread)
    root = _root(collection.sources)
    mesh = _mesh(gathered, root, known)
    hits = [hit for found in gathered for hit in found.hits]
    hits += _conclude(View(mesh, terms.book.settings), terms.book, failures)
    own = [(name, hit) for name, hit in hits if hit.where.path not in known.foreign]
    report = Report(
        findings=(),
        skips=tuple(sorted((*left_out, *(s for f in gathered for s in f.skips)), key=_place)),
        counts=_counts(gathered, mesh, left_out),
        sources={source.path: source for source in (*known.sources, *collection.sources)},
        root=root,
        failures=tuple(failures),
        catalogue=terms.book.policies,
        picture=lambda: _picture(mesh, collection.sources),
    )
    others = (source for source in known.sources if source.path not in known.foreign)
    sieve = Sieve.of(gathered, collection.sources, others, terms.ignoring)
    report = _found(report, own, sieve, terms.book, only)
    return reduce(lambda judged, step: step(judged), terms.steps, report)


def _found(
    report: Report,
    own: list[Stamped],
    sieve: Sieve | None,
    book: Rulebook,
    only: frozenset[str] | None,
) -> Report:
    """The report with what rules found, of which some may be suppressed."""

    def stamp(name: str, hit: Hit) -> Finding:
        return _stamp(book, name, hit)

    if sieve is None:  # most runs suppress nothing
        asked = (pair for pair in own if only is None or pair[0] in only)
        return _traced(replace(report, findings=_ordered(stamp(*pair) for pair in asked)))
    found = sieve.sifted(report, (stamp(*pair) for pair in own), Hands(_ordered, stamp, _traced))
    if only is None:
        return found
    return replace(
        found,
        findings=tuple(finding for finding in found.findings if finding.rule in only),
        suppressed=tuple(finding for finding in found.suppressed if finding.rule in only),
    )


def _picture(mesh: Mesh, sources: list[Source]) -> Picture:
    from meshlint.why.clusters import picture  # one format asks

    return picture(mesh, sources)


def _traced(report: Report) -> Report:
    """With findings in rendered output where that comes from."""
    if not report.findings and not any(source.made for source in report.sources.values()):
        return report
    from meshlint.origin.trace import traced  # most runs need none

    return traced(report)


def _gather(
    sources: Iterable[Source], memory: Memory | None
) -> tuple[list[FileFacts], list[Skip], list[str]]:
    """The per-file half. What cannot be read, or breaks us, costs that file and not the run."""
    gathered, skips, failures = [], [], []
    memory = {} if memory is None else memory
    for source in steps("reading {} files", list(sources)):
        try:
            if source not in memory:
                memory[source] = facts(source.path, source.read())
            gathered.append(memory[source])
        except OSError as error:
            words = error.strerror or "cannot be read"
            skips.append(Skip(Unread.UNREADABLE, source.path, 0, words))
        except Exception as error:
            failures.append(_apology(source.path, error))
    return gathered, skips, failures


def _conclude(view: View, book: Rulebook, failures: list[str]) -> Iterator[Stamped]:
    """The rules over all files. One that breaks is reported, and the others still run."""
    for name, rule in steps("asking {} rules", [*{**MESH_RULES, **book.checks}.items()]):
        try:
            yield from [(name, hit) for hit in rule(view)]
        except Exception as error:
            failures.append(_apology(f"rule {name}", error))


def _apology(where: str, error: Exception) -> str:
    return f"internal error in {where}: {type(error).__name__}: {error}"


def _stamp(book: Rulebook, name: str, hit: Hit) -> Finding:
    """Who says it and how bad it is, from the rule's policy."""
    policy = book.policy(name)
    return Finding(
        code=policy.code,
        rule=policy.name,
        severity=policy.severity_of(hit.case),
        message=hit.message,
        where=hit.where,
        subject=hit.subject,
        related=hit.related,
        fix=hit.fix,
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
        namespaces=_number(mesh.namespaces),
        workloads=_number(mesh.workloads),
        webhooks=_number(mesh.configurations),
        unread={reason: unread[reason] for reason in Unread if unread[reason]},
    )


def _number(objects: Iterable[Namespace | Workload | Configuration]) -> int:
    """Objects in files: each once, whoever applies it, and none that is only declared."""
    return len({item.meta.where for item in objects if item.meta.at.path})


def _root(sources: list[Source]) -> Path:
    """The work tree around all files; else the current folder, if it holds them; else their own."""
    here = Path.cwd()
    folders = {dirname(source.path) for source in sources if source.path != STDIN}
    places = [os.path.normpath(here / folder) for folder in folders]
    common = Path(os.path.commonpath(places)) if places else here
    return root_of(common) or (here if common.is_relative_to(here) else common)
