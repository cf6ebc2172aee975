"""The mesh as reports draw it: answers for all workloads, summed up by namespace and cluster."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace

from meshlint.finding import Location, Subject, Value
from meshlint.mesh.decision import Verdict
from meshlint.mesh.model import Mesh
from meshlint.mesh.plane import Plane
from meshlint.report.picture import Cluster, Ending, Flow, Home, Picture, Revision, Tag
from meshlint.resources import control_plane
from meshlint.resources.document import Meta
from meshlint.resources.keys import DATAPLANE_MODE, INJECTION, REVISION
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.source.files import Source
from meshlint.unread import Unread
from meshlint.why.answer import Answer, answer, decisive, scope_of

At = Callable[[Location], Location]
Homes = Mapping[str, Sequence[Answer]]
"""Answers of one cluster by the name of the namespace."""


def picture(mesh: Mesh, sources: Sequence[Source]) -> Picture:
    """All clusters by name; `sources` are the files of the run."""
    asked = (w for w in mesh.workloads if w.partial is not Unread.PATCH)
    answers = [answer(mesh, workload) for workload in asked]
    real, bare = _grouped(answers), _grouped(_bare(mesh))
    planes = _planes(mesh)
    at = _origins(sources)
    found = (
        replace(
            _cluster(name, [*_homes(mesh, real.get(name, {}), bare.get(name, {}), at)], plane),
            endings=_endings(real.get(name, {}), at),
        )
        for name, plane in sorted(planes.items(), key=lambda item: item[0])
    )
    return Picture(
        clusters=tuple(c for c in found if c.homes or c.tags or c.revisions),
        settle=_settle(answers),
    )


def _grouped(answers: Iterable[Answer]) -> Mapping[str, Homes]:
    """Answers by cluster and namespace."""
    found: defaultdict[str, defaultdict[str, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    for one in answers:
        found[one.scope][one.workload.meta.subject.namespace].append(one)
    return found


def _origins(sources: Sequence[Source]) -> At:
    """Where a place comes from, in output that was rendered."""
    if not any(source.made for source in sources):
        return lambda where: where
    from meshlint.origin.trace import places

    return places(sources)


def _planes(mesh: Mesh) -> dict[str, Plane]:
    """The control planes of each cluster, also of those to which no workload comes."""
    sites = {*mesh.sites(), *(workload.meta.at for workload in mesh.workloads)}
    return {scope_of(*mesh.scope(site)): mesh.plane(site) for site in sorted(sites)}


def _bare(mesh: Mesh) -> Iterator[Answer]:
    """For each namespace what a pod without labels gets; of copies in a cluster one is asked."""
    seen: set[tuple[str, tuple[str, str]]] = set()
    for namespace in mesh.namespaces:
        key = (namespace.meta.subject.name, mesh.scope(namespace.meta.at))
        real = namespace.meta.name is not None and namespace.meta.name.known
        if real and key not in seen and not namespace.partial:
            seen.add(key)
            yield answer(mesh, _pod(namespace))


def _pod(namespace: Namespace) -> Workload:
    """A pod without labels in a namespace; no file has it."""
    own, name = namespace.meta, namespace.meta.subject.name
    subject, home = Subject("v1", "Pod", name, ""), Value(name, own.where)
    meta = Meta(subject, None, home, {}, {}, own.where, site=own.at)
    return Workload(meta, replace(meta, namespace=None), (), None, None)


def _cluster(name: str, homes: Sequence[Home], plane: Plane) -> Cluster:
    tags = {tag: _target(told) for tag, told in plane.tags.items()}
    for flow in (flow for home in homes for flow in home.flows if flow.tag):
        tags[flow.tag] = tags.get(flow.tag) or flow.revision
    reached = {flow.revision for home in homes for flow in home.flows}
    revisions = sorted({*plane.revisions, *tags.values(), *reached} - {""})
    return Cluster(
        name=name,
        homes=tuple(homes),
        tags=tuple(Tag(tag, tags[tag]) for tag in sorted(tags)),
        revisions=tuple(_revision(each, plane.revisions.get(each, ())) for each in revisions),
    )


def _target(told: Iterable[control_plane.Tag]) -> str:
    """The one revision that a tag points to."""
    found = {tag.target.known for tag in told if tag.target}
    return (found.pop() or "") if len(found) == 1 else ""


def _revision(name: str, told: Sequence[control_plane.Revision]) -> Revision:
    """A revision by the best of what tells of it."""
    if not told:
        return Revision(name, "", "", "", proven=False)
    best = next((one for one in told if one.strong), told[0])
    parts = (best.subject.namespace, best.subject.name)
    version = ".".join(map(str, best.version)) if best.version else ""
    subject = "/".join(part for part in parts if part)
    return Revision(name, best.origin.value, subject, version, best.strong)


def _homes(mesh: Mesh, real: Homes, bare: Homes, at: At) -> Iterator[Home]:
    """The namespaces of a cluster; those without workloads by what a bare pod gets there."""
    for name in sorted({*real, *bare}):
        answers = real.get(name) or bare[name]
        yield _home(mesh, name, answers, counts=name in real, at=at)


def _home(mesh: Mesh, name: str, answers: Sequence[Answer], counts: bool, at: At) -> Home:
    """A namespace and how its workloads end; each document counts once for each end."""
    ends: defaultdict[tuple[str, str, str], set[Location]] = defaultdict(set)
    for one in answers:
        ends[_end(one)].add(one.workload.meta.where)
    copies = {copy.meta.where: copy for one in answers for copy in mesh.home(one.workload).copies}
    where = next((at(where) for where in copies if where.path), None)
    return Home(
        name=name,
        labels=_labels(copies.values()),
        where=where,
        workloads=len(set().union(*ends.values())) if counts else 0,
        flows=tuple(Flow(*end, len(found) * counts) for end, found in sorted(ends.items())),
    )


def _endings(homes: Homes, at: At) -> tuple[Ending, ...]:
    """Each workload once, and again where it ends in another way; by namespace and name."""
    every = (_ending(name, one, at) for name, answers in homes.items() for one in answers)
    return tuple(sorted(set(every), key=lambda ending: repr(astuple(ending))))


def _ending(home: str, one: Answer, at: At) -> Ending:
    own, step = one.workload.meta, decisive(one)
    where = at(own.where)
    tag = f" (tag {one.tag})" if one.tag else ""
    return Ending(
        home=home,
        workload=f"{own.subject.kind}/{own.subject.name}",
        verdict=one.verdict.value,
        by=f"{one.revision}{tag}" if one.revision and one.verdict is Verdict.INJECTED else "",
        because=step.text if step else "",
        where=where if where.path else None,
    )


def _end(one: Answer) -> tuple[str, str, str]:
    """Verdict, tag and revision; who would inject is left out where nobody does."""
    if one.verdict is Verdict.NOT_INJECTED:
        return one.verdict.value, "", ""
    return one.verdict.value, one.tag or "", one.revision or ""


def _labels(copies: Iterable[Namespace]) -> tuple[str, ...]:
    """What the copies of a namespace say of injection."""
    fields = (
        copy.meta.labels[key]
        for copy in copies
        for key in (INJECTION, REVISION, DATAPLANE_MODE)
        if key in copy.meta.labels
    )
    return tuple(dict.fromkeys(f"{field.key.text}={field.value.text}" for field in fields))


def _settle(answers: Iterable[Answer]) -> tuple[tuple[str, int], ...]:
    """What would settle unknown verdicts, what helps most first."""
    unknown = (one for one in answers if one.verdict is Verdict.UNKNOWN)
    words: defaultdict[str, set[Location]] = defaultdict(set)
    for one in unknown:
        first = next((step.settle for step in one.because if step.settle), "")
        if first:
            words[first].add(one.workload.meta.where)
    counts = Counter({text: len(found) for text, found in words.items()})
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
