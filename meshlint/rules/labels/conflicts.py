"""Injection labels that contradict each other, on one object or between namespace and pod."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, quoted
from meshlint.mesh.inject import Verdict
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import labels_of
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import DATAPLANE_MODE, INJECT, INJECTION, REVISION
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import entry, see


@mesh_rule
def namespace_conflicting_labels(view: View) -> Iterator[Hit]:
    """With istio-injection=enabled a namespace's istio.io/rev is never looked at."""
    for namespace in view.mesh.namespaces:
        legacy, revision = (namespace.meta.labels.get(key) for key in (INJECTION, REVISION))
        if not legacy or not revision or legacy.value.known != "enabled":
            continue
        plane = view.mesh.plane(namespace.meta.where.path)
        case = _conflict(plane, revision.value.known)
        effect = {
            "same": "the default revision injects, which is the same one today",
            "certain": "the default revision would inject, and that is not this one",
        }.get(case or "", "the default revision injects, if there is one")
        yield Hit(
            f"Namespace {quoted(namespace.meta.subject.name)} has both {entry(legacy)} and"
            f" {entry(revision)}: istiod ignores the revision and {effect}. Keep one of the labels.",
            legacy.value.where,
            namespace.meta.subject,
            (see(namespace.meta.subject, revision.value.where),),
            case=case,
        )


def _conflict(plane: Plane, revision: str | None) -> str | None:
    if revision is None:
        return None
    targets = _default_targets(plane)
    if revision == DEFAULT or targets == {revision}:
        return "same"
    aimed = {t.target.known for t in plane.tags.get(revision, ()) if t.target}
    if targets and aimed == targets:
        return "same"
    return "certain" if plane.closed and plane.known(revision) else None


def _default_targets(plane: Plane) -> set[str | None]:
    """The revisions behind istio-injection=enabled, as far as the scope shows them."""
    tagged = {t.target.known for t in plane.tags.get(DEFAULT, ()) if t.target}
    return tagged | ({DEFAULT} if DEFAULT in plane.strong else set())


@mesh_rule
def namespace_disabled_with_revision(view: View) -> Iterator[Hit]:
    """istio-injection=disabled beside a revision: legal, and the revision is dead text."""
    for namespace in view.mesh.namespaces:
        legacy, revision = (namespace.meta.labels.get(key) for key in (INJECTION, REVISION))
        if legacy and revision and legacy.value.known == "disabled":
            yield Hit(
                f"{entry(revision)} has no effect in namespace"
                f" {quoted(namespace.meta.subject.name)}, because {entry(legacy)} switches"
                " injection off.",
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
            f" {entry(cause)}, for sidecars: pods get the sidecar, and ambient leaves such pods"
            " alone. Remove one of the labels.",
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
            )


@mesh_rule
def pod_opt_in_blocked(view: View) -> Iterator[Hit]:
    """A pod asks for a sidecar, and its namespace forbids what it asks."""
    for workload in view.mesh.workloads:
        asked = [workload.pod.labels.get(key) for key in (INJECT, REVISION)]
        field = next((f for f in asked if f and f.value.known), None)
        if field is None or workload.pod.label(INJECT) not in (None, "true"):
            continue
        block = _block(view, workload)
        if block and view.decide(workload).verdict is Verdict.NOT_INJECTED:
            namespace, label = block
            yield Hit(
                f"{entry(field)} asks for a sidecar and gets none: namespace"
                f" {quoted(namespace.meta.subject.name)} has {entry(label)}, and no pod label"
                " overrides that.",
                field.value.where,
                workload.meta.subject,
                (see(namespace.meta.subject, label.value.where),),
            )


def _block(view: View, workload: Workload) -> tuple[Namespace, Field] | None:
    """The namespace label that stops every webhook, where all copies of the Namespace have it."""
    home = view.mesh.home(workload)
    host = workload.host_network
    if host is not None and host.text == "true":
        return None
    for namespace in home.copies[:1]:
        legacy, revision = (namespace.meta.labels.get(key) for key in (INJECTION, REVISION))
        known = labels_of(namespace.meta.labels)
        if legacy and known.state(INJECTION) == home.labels.state(INJECTION) != "enabled":
            return namespace, legacy
        if legacy is None and revision and _stranger(view, workload, revision):
            return namespace, revision
    return None


def _stranger(view: View, workload: Workload, revision: Field) -> bool:
    plane = view.mesh.plane(workload.meta.where.path)
    return plane.closed and not plane.known(revision.value.text)
