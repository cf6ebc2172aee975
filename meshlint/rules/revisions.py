"""MESH2xx: revisions and tags that do not exist, cannot exist, or that nothing serves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Field, Hit, Related, Subject, Value, quoted
from meshlint.mesh.agreement import agreed
from meshlint.mesh.inject import Verdict
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT, Origin, Revision, Tag
from meshlint.resources.document import Meta
from meshlint.resources.keys import INJECT, INJECTION, REVISION
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import nearest
from meshlint.rules.words import entry, listed, named, see

LEGAL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
"""A DNS-1123 label, which Istio wants for revisions and tags (pkg/config/labels/instance.go)."""

MANAGED = re.compile(r"asm-managed(-rapid|-stable)?\Z|asm-\d-\d{1,2}\Z")
"""Revisions that Google or AKS run: no tree ever holds their istiod."""

SHOUTED = re.compile(r"[A-Z][A-Z0-9_-]{2,}\Z")
"""REVISION, ASM_REV: a blank that somebody fills in."""


def _asked(view: View) -> Iterator[tuple[Meta, Field]]:
    """Every `istio.io/rev` label by which an object asks for a control plane."""
    for namespace in view.mesh.namespaces:
        if INJECTION not in namespace.meta.labels:
            yield from _revision(namespace.meta, namespace.meta)
    for workload in view.mesh.workloads:
        if workload.pod.label("app") != "istiod" and not _decoy(view, workload):
            yield from _revision(workload.meta, workload.pod)
    for gateway in view.mesh.gateways:
        yield from _revision(gateway.meta, gateway.meta)


def _revision(own: Meta, labelled: Meta) -> Iterator[tuple[Meta, Field]]:
    field = labelled.labels.get(REVISION)
    if field and field.value.known and not SHOUTED.match(field.value.text):
        yield own, field


def _decoy(view: View, workload: Workload) -> bool:
    """Whether the namespace decides, or the pod refuses, so that the pod's revision is not asked."""
    home = view.mesh.home(workload)
    labelled = any(key in n.meta.labels for n in home.copies for key in (REVISION, INJECTION))
    return labelled or workload.pod.label(INJECT) == "false"


@mesh_rule
def revision_unknown(view: View) -> Iterator[Hit]:
    """A revision or tag that nothing in the tree provides."""
    for meta, field in _asked(view):
        name = field.value.text
        plane = view.mesh.plane(meta.where.path)
        if name == DEFAULT or not LEGAL.match(name) or MANAGED.match(name):
            continue
        if not plane.names or plane.known(name) or view.mesh.everywhere(name):
            continue
        near = nearest(name, plane.strong)
        case = None if plane.closed else "near" if near else "open"
        yield Hit(
            f"{named(meta.subject)} asks for revision {quoted(name)}, and"
            f" {'no control plane or tag has' if plane.closed else 'nothing scanned here provides'}"
            f" that name: known are {listed(plane.names)}."
            + (f" Write {quoted(near)}, if that is meant." if near else " Pods get no sidecar."),
            field.value.where,
            meta.subject,
            _providers(plane, near),
            case=case,
        )


def _providers(plane: Plane, near: str | None) -> tuple[Related, ...]:
    found = plane.strong.get(near, ()) if near else ()
    return tuple(Related(f"{r.origin} of revision {near}", r.name.where) for r in found[:1])


@mesh_rule
def revision_illegal_name(view: View) -> Iterator[Hit]:
    """Revisions and tags become parts of object names, so they must be DNS-1123 labels."""
    for subject, name, what in _defined(view):
        if name.known is not None and not LEGAL.match(name.text) and not SHOUTED.match(name.text):
            yield Hit(
                f"{quoted(name.text)} cannot be the name of a {what}: only lower-case letters, digits"
                " and '-' are allowed, at most 63 of them. Write"
                f" {quoted(_legal(name.text))}, for example.",
                name.where,
                subject,
            )
    for meta, field in _asked(view):
        if not LEGAL.match(field.value.text):
            yield Hit(
                f"{entry(field)} can match no revision: their names have only lower-case letters,"
                " digits and '-'. Pods get no sidecar.",
                field.value.where,
                meta.subject,
                case="asked",
            )


def _defined(view: View) -> Iterator[tuple[Subject, Value, str]]:
    for revision in view.mesh.revisions:
        if revision.origin is not Origin.CONFIG_MAP:
            yield revision.subject, revision.name, "revision"
    for tag in view.mesh.tags:
        yield tag.subject, tag.name, "revision tag"
    for configuration in view.mesh.configurations:
        field = configuration.revision
        if field and not any(r.name.text == field.value.text for r in view.mesh.revisions):
            yield configuration.meta.subject, field.value, "revision"


def _legal(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:56] or "canary"


@mesh_rule
def injection_without_default(view: View) -> Iterator[Hit]:
    """istio-injection=enabled and its like need a default revision or the tag `default`."""
    for meta, field, path in _relying(view):
        plane = view.mesh.plane(path)
        if plane.closed and not plane.known(DEFAULT) and not plane.managed:
            yield Hit(
                f"{entry(field)} relies on the default revision, and this control plane has none:"
                f" only {listed(plane.names)} exist, so pods get no sidecar. Write"
                f" 'istio.io/rev: {plane.names[0]}' instead, or set the revision tag 'default'.",
                field.value.where,
                meta.subject,
                tuple(
                    Related(f"{r.origin} of revision {name}", r.name.where)
                    for name, found in list(plane.strong.items())[:1]
                    for r in found[:1]
                ),
            )


def _relying(view: View) -> Iterator[tuple[Meta, Field, str]]:
    """Labels of namespaces and pods that only the default revision's webhooks look for."""
    for namespace in view.mesh.namespaces:
        legacy, revision = (namespace.meta.labels.get(key) for key in (INJECTION, REVISION))
        field = legacy or revision
        if field and field.value.known == ("enabled" if legacy else DEFAULT):
            yield namespace.meta, field, namespace.meta.where.path
    for workload in view.mesh.workloads:
        asked = workload.pod.labels.get(REVISION) or workload.pod.labels.get(INJECT)
        if asked and asked.value.known in ("true", DEFAULT) and _alone(view, workload):
            yield workload.meta, asked, workload.meta.where.path


def _alone(view: View, workload: Workload) -> bool:
    """Whether the pod's own labels decide: its Namespace is known and has none, no webhook matches."""
    home = view.mesh.home(workload)
    bare = not any(key in n.meta.labels for n in home.copies for key in (REVISION, INJECTION))
    return bare and bool(home.copies) and view.decide(workload).verdict is Verdict.NOT_INJECTED


@mesh_rule
def tag_target_missing(view: View) -> Iterator[Hit]:
    """A tag whose revision is gone blocks pods: its webhook fails, where an unknown one is silent."""
    for plane, tag in _tags(view):
        target = tag.target.known if tag.target else None
        if target is None or MANAGED.match(target) or not plane.strong or target in plane.strong:
            continue
        if tag.target is not None and _direct(plane, tag):
            yield Hit(
                f"Revision tag {quoted(tag.name.text)} points to revision {quoted(target)}, and no"
                f" control plane of that name is here, only {listed(tuple(plane.strong))}: with"
                " failurePolicy Fail, pods that use the tag cannot be created. Point the tag to a"
                " revision that is installed.",
                tag.target.where,
                tag.subject,
                case=None if plane.closed else "open",
            )


def _tags(view: View) -> Iterator[tuple[Plane, Tag]]:
    seen = set()
    for path in sorted({c.meta.where.path for c in view.mesh.configurations}
                       | {t.name.where.path for t in view.mesh.tags}):
        plane = view.mesh.plane(path)
        for tags in plane.tags.values():
            for tag in tags:
                if tag.name.where.path == path and tag not in seen and tag.partial is None:
                    seen.add(tag)
                    yield plane, tag


def _direct(plane: Plane, tag: Tag) -> bool:
    """Not for webhooks that call a URL, nor for those whose parts disagree on the revision."""
    for configuration in plane.configurations:
        if configuration.meta.subject == tag.subject:
            service = all(hook.client.url is None for hook in configuration.live_hooks)
            return service and agreed(configuration)
    return True


@mesh_rule
def helm_revision_default(view: View) -> Iterator[Hit]:
    """Chart value `revision: default` is not the default revision; "" is."""
    for revision in view.mesh.revisions:
        if revision.explicit and revision.name.known == DEFAULT and revision.origin in _CASES:
            yield Hit(
                f"{_READER[revision.origin]} takes 'default' for an ordinary revision name: istiod"
                " then looks for a ConfigMap that was rendered under another name, and"
                " istio-injection=enabled selects nothing. For the default revision leave the"
                ' value empty ("").',
                revision.name.where,
                revision.subject,
                _also(revision),
                case=_CASES[revision.origin],
            )


_CASES = {Origin.HELM: None, Origin.OPERATOR: "operator"}
_READER = {Origin.HELM: "The istiod chart", Origin.OPERATOR: "An IstioOperator"}


def _also(revision: Revision) -> tuple[Related, ...]:
    return (see(revision.subject, revision.name.where),) if revision.partial else ()
