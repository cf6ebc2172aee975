"""Injection labels that contradict each other, on one object or between namespace and pod."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, quoted
from meshlint.mesh.inject import Verdict, called
from meshlint.mesh.model import Home
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import Labels, labels_of
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import DATAPLANE_MODE, IGNORED_NAMESPACES, INJECT, INJECTION, REVISION
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.rules.mending import of_pods, remove, stands
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import entry, listed, see


@mesh_rule
def namespace_conflicting_labels(view: View) -> Iterator[Hit]:
    """With istio-injection=enabled a namespace's istio.io/rev is never looked at."""
    for namespace in view.mesh.namespaces:
        legacy, revision = (namespace.meta.labels.get(key) for key in (INJECTION, REVISION))
        if not legacy or not revision or legacy.value.known != "enabled":
            continue
        case, effect = _winner(view.mesh.plane(namespace.meta.at), namespace)
        yield Hit(
            f"Namespace {quoted(namespace.meta.subject.name)} has both {entry(legacy)} and"
            f" {entry(revision)}: the first one wins, and {effect}. Keep one of the labels.",
            legacy.value.where,
            namespace.meta.subject,
            (see(namespace.meta.subject, revision.value.where),),
            case=case,
        )


def _winner(plane: Plane, namespace: Namespace) -> tuple[str | None, str]:
    """The case, and what injects: surely the revision asked for, surely another one, or unknown."""
    asked = namespace.meta.label(REVISION) or ""
    default, aimed = _targets(plane, DEFAULT), _targets(plane, asked)
    if asked == DEFAULT or (default and default == aimed):
        return "same", "the default revision injects, which is the same one today"
    calls = called(plane, labels_of(namespace.meta.labels), Labels(open=True))
    found = {call.revision or "" for call in calls}
    settled = plane.closed and (plane.known(DEFAULT) or not plane.possible(DEFAULT))
    if settled and aimed and "" not in default | aimed | found and not aimed & found:
        return "certain", _other(found)
    return None, "the default revision injects, if there is one"


def _other(revisions: set[str]) -> str:
    if not revisions:
        return "no control plane here answers to it"
    return f"pods are injected by {listed(tuple(sorted(revisions)))} instead"


def _targets(plane: Plane, name: str) -> set[str]:
    """The revisions that a name stands for; "" among them where a tag's target is not known."""
    tagged = {(tag.target.known if tag.target else None) or "" for tag in plane.tags.get(name, ())}
    return tagged | ({name} if name in plane.revisions else set())


@mesh_rule
def namespace_disabled_with_revision(view: View) -> Iterator[Hit]:
    """istio-injection=disabled beside a revision: legal, and the revision is dead text."""
    for namespace in view.mesh.namespaces:
        legacy, revision = (namespace.meta.labels.get(key) for key in (INJECTION, REVISION))
        if legacy and revision and legacy.value.known == "disabled":
            yield Hit(
                f"{entry(revision)} injects nothing in namespace"
                f" {quoted(namespace.meta.subject.name)}, because {entry(legacy)} switches"
                " injection off for every revision. Remove the label that is not meant.",
                revision.value.where,
                namespace.meta.subject,
                (see(namespace.meta.subject, legacy.value.where),),
            )


@mesh_rule
def namespace_sidecar_and_ambient(view: View) -> Iterator[Hit]:
    """Injected pods are skipped by ambient: the sidecar wins over istio.io/dataplane-mode."""
    for namespace in view.mesh.namespaces:
        labels = namespace.meta.labels
        mode, legacy, revision = (labels.get(k) for k in (DATAPLANE_MODE, INJECTION, REVISION))
        if mode is None or mode.value.known != "ambient":
            continue
        enabled = legacy is not None and legacy.value.known == "enabled"
        cause = legacy if enabled else revision
        if cause is None or not cause.value.known or (legacy and not enabled):
            continue
        yield Hit(
            f"Namespace {quoted(namespace.meta.subject.name)} asks for ambient mode and, with"
            f" {entry(cause)}, for sidecars: pods that get a sidecar are left out of ambient."
            " Remove one of the labels.",
            mode.value.where,
            namespace.meta.subject,
            (see(namespace.meta.subject, cause.value.where),),
            case=None if enabled else "revision",
        )


@mesh_rule
def inject_label_against_annotation(view: View) -> Iterator[Hit]:
    """A pod's label beats its annotation, whatever the annotation says."""
    for workload in view.mesh.workloads:
        label, note = (f.get(INJECT) for f in (workload.pod.labels, workload.pod.annotations))
        if not label or not note or not label.value.known or not note.value.known:
            continue
        if label.value.text.lower() != note.value.text.lower():
            yield Hit(
                f"The label {entry(label)} and the annotation {entry(note)} contradict each other:"
                " the label decides. Remove the annotation.",
                note.value.where,
                workload.meta.subject,
                (see(workload.meta.subject, label.value.where),),
                case="declined" if label.value.text == "false" else None,
                fix=_overruled(workload, label, note),
            )


def _overruled(workload: Workload, label: Field, note: Field) -> Fix | None:
    """Without the annotation, where the label is right by itself."""
    pods = of_pods(workload.meta.subject)
    there = workload.partial is None and stands(note, workload.meta, (*pods, "annotations"))
    return remove(note) if there and label.value.text in ("true", "false") else None


@mesh_rule
def pod_opt_in_blocked(view: View) -> Iterator[Hit]:
    """A pod asks for a sidecar where its namespace says no in so many words."""
    for workload in view.mesh.workloads:
        field, home = _asks(workload), view.mesh.home(workload)
        if field is None or home.labels.state(INJECTION) != "disabled" or _never(home, workload):
            continue
        if view.decide(workload).verdict is Verdict.NOT_INJECTED:
            namespace = home.copies[0]
            label = namespace.meta.labels[INJECTION]
            yield Hit(
                f"{entry(field)} asks for a sidecar and gets none: {entry(label)} of namespace"
                f" {quoted(home.name)} is final, and no label of a pod overrides it.",
                field.value.where,
                workload.meta.subject,
                (see(namespace.meta.subject, label.value.where),),
            )


def _asks(workload: Workload) -> Field | None:
    """The label by which pods ask for a sidecar, unless they refuse one."""
    inject, revision = (workload.pod.labels.get(key) for key in (INJECT, REVISION))
    if inject and inject.value.known != "true":
        return None
    return inject or (revision if revision and revision.value.known else None)


def _never(home: Home, workload: Workload) -> bool:
    """Whether such pods get no sidecar whatever the labels of their namespace are."""
    return home.name in IGNORED_NAMESPACES or workload.host_network is not None
