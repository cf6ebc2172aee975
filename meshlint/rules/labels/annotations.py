"""Annotations of Istio's on kinds that nobody reads them on, and deprecated ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Hit, Subject, quoted
from meshlint.mesh.inject import Verdict
from meshlint.mesh.model import Mesh
from meshlint.resources.document import Meta
from meshlint.resources.keys import INJECT, POD_ANNOTATIONS, STATUS
from meshlint.resources.known_annotations import DEPRECATED, INGRESS_CLASS, READ_ON, SUCCESSORS
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

TOLD = frozenset({INJECT, STATUS})
"""Of the one other rules speak wherever it stands, and the other one the injector writes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Metadata in a document: of which kind the object is that gets it, and who makes that."""

    kind: str
    meta: Meta
    subject: Subject
    workload: Workload | None = None

    @property
    def of(self) -> str:
        """`Namespace shop`, `the pods of Deployment shop/cart`."""
        made = f"the {self.kind.lower()}s of " if self.kind != self.subject.kind else ""
        return made + named(self.subject)


def _places(mesh: Mesh) -> Iterator[Place]:
    for meta in (*(n.meta for n in mesh.namespaces), *(s.meta for s in mesh.services)):
        yield Place(meta.subject.kind, meta, meta.subject)
    for workload in mesh.workloads:
        own = workload.meta
        yield Place("Pod", workload.pod, own.subject, workload)
        if not workload.is_pod:
            yield Place(own.subject.kind, own, own.subject, workload)
        if workload.job:
            yield Place("Job", workload.job, own.subject, workload)


@mesh_rule
def annotation_misplaced(view: View) -> Iterator[Hit]:
    """An annotation on a kind of object that Istio does not read it on (IST0107)."""
    heard = set(_heard(view.mesh))
    for place in _places(view.mesh):
        for key, field in place.meta.annotations.items():
            if _lost(place, key) and (place.meta.where.path, key) not in heard:
                yield Hit(
                    f"{quoted(key)} is on {place.of}, where nothing reads it: the annotation is for"
                    f" objects of kind {_one_of(READ_ON[key])}. Move it to one, or remove it.",
                    field.key.where,
                    place.subject,
                    case="ingress" if key == INGRESS_CLASS else None,
                )


def _heard(mesh: Mesh) -> Iterator[tuple[str, str]]:
    """Files and keys that stand where they belong: tools copy such to all objects of a release."""
    for place in _places(mesh):
        for key in place.meta.annotations:
            if place.kind in READ_ON.get(key, ()):
                yield place.meta.where.path, key


def _lost(place: Place, key: str) -> bool:
    """Whether nobody reads the annotation here, and no other rule says so."""
    if key in TOLD or place.kind in READ_ON.get(key, {place.kind}):
        return False
    return place.workload is None or key not in POD_ANNOTATIONS


def _one_of(kinds: frozenset[str]) -> str:
    """`Namespace, Service or ServiceEntry`."""
    *first, last = sorted(kinds)
    return f"{', '.join(first)} or {last}" if first else last


@mesh_rule
def annotation_deprecated(view: View) -> Iterator[Hit]:
    """An annotation that Istio's own list marks as deprecated (IST0135)."""
    for place in _places(view.mesh):
        for key, field in place.meta.annotations.items():
            successor = SUCCESSORS.get(key) in place.meta.annotations
            if key in DEPRECATED and not successor and not _idle(view, place):
                yield _old(place, field)


def _idle(view: View, place: Place) -> bool:
    """Whether no proxy is there to read it."""
    workload = place.workload
    return workload is not None and view.decide(workload).verdict is Verdict.NOT_INJECTED


def _old(place: Place, field: Field) -> Hit:
    return Hit(
        f"{quoted(field.key.text)} on {place.of} is deprecated. {DEPRECATED[field.key.text]}",
        field.key.where,
        place.subject,
    )
