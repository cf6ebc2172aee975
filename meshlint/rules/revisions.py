"""MESH2xx: revisions and tags that do not exist, cannot exist, or that nothing serves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Hit, Related, Subject, Value, quoted
from meshlint.mesh.agreement import agreed, plain_service
from meshlint.mesh.inject import Verdict, called
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import Labels, labels_of
from meshlint.resources.control_plane import DEFAULT, Origin, Revision, Tag
from meshlint.resources.document import Meta
from meshlint.resources.keys import INJECT, INJECTION, REVISION
from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import nearest
from meshlint.rules.words import entry, listed, named

LEGAL = re.compile(r"[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?\Z")
"""A DNS-1123 label (pkg/config/labels/instance.go), with room for the Service `istiod-NAME`."""

LEGAL_TAG = re.compile(r"[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?\Z")
"""Tags name webhook configurations, and only since 1.28 Services too: dots are no proof."""

MANAGED = re.compile(r"asm-managed(-rapid|-stable)?\Z|asm-\d-\d{1,2}\Z")
"""Revisions that Google or AKS run: no tree ever holds their istiod."""

SHOUTED = re.compile(r"[A-Z][A-Z0-9_-]{2,}\Z")
"""REVISION, ASM_REV: a blank that somebody fills in."""

CHARTED = frozenset({Origin.HELM, Origin.OPERATOR, Origin.SAIL})
"""Where Istio's charts derive the names of objects from a revision's."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A label `istio.io/rev` by which an object asks for a control plane.

    `binding` is False where the labels of a Namespace that is not known may decide instead.
    """

    meta: Meta
    field: Field
    binding: bool = True


def _asked(view: View) -> Iterator[Ask]:
    for namespace in view.mesh.namespaces:
        field = _revision(namespace.meta)
        if field and INJECTION not in namespace.meta.labels:
            yield Ask(namespace.meta, field)
    for workload in view.mesh.workloads:
        field = _revision(workload.pod)
        if field and workload.pod.label("app") != "istiod" and not _decoy(view, workload):
            binding = view.decide(workload).verdict is Verdict.NOT_INJECTED
            yield Ask(workload.meta, field, binding)
    for gateway in view.mesh.gateways:
        field = _revision(gateway.meta)
        if field:
            yield Ask(gateway.meta, field)


def _revision(labelled: Meta) -> Field | None:
    field = labelled.labels.get(REVISION)
    known = field.value.known if field else None
    return field if known is not None and not SHOUTED.match(known) else None


def _decoy(view: View, workload: Workload) -> bool:
    """Whether the namespace decides, or the pod refuses, so that its revision is not asked for."""
    home = view.mesh.home(workload)
    labelled = any(key in n.meta.labels for n in home.copies for key in (REVISION, INJECTION))
    return labelled or _refuses(workload)


def _refuses(workload: Workload) -> bool:
    """Whether the pod itself keeps every sidecar away."""
    host = workload.host_network
    return workload.pod.label(INJECT) == "false" or (host is not None and host.text == "true")


@mesh_rule
def revision_unknown(view: View) -> Iterator[Hit]:
    """A revision or tag that nothing in the tree provides."""
    for ask in _asked(view):
        name = ask.field.value.text
        plane = view.mesh.plane(ask.meta.where.path)
        if name == DEFAULT or not LEGAL.match(name) or MANAGED.match(name):
            continue
        if plane.names and not plane.known(name) and not view.mesh.everywhere(name):
            yield _unknown(ask, name, plane)


def _unknown(ask: Ask, name: str, plane: Plane) -> Hit:
    sure = plane.closed and ask.binding
    near = nearest(name, plane.names if plane.closed else plane.strong)
    return Hit(
        f"{named(ask.meta.subject)} asks for revision {quoted(name)}, and"
        f" {'no control plane or tag has' if plane.closed else 'nothing scanned here provides'}"
        f" that name (known are {listed(plane.names)}): {_effect(ask, plane)}."
        + (f" Write {quoted(near)}, if that is meant." if near else ""),
        ask.field.value.where,
        ask.meta.subject,
        _providers(plane, near),
        case=None if sure else "near" if near else "open",
    )


def _effect(ask: Ask, plane: Plane) -> str:
    gateway = ask.meta.subject.kind == "Gateway"
    effect = "no istiod programs it" if gateway else "pods get no sidecar"
    if not plane.closed:
        return f"{effect}, unless that revision is installed from elsewhere"
    return effect if ask.binding else f"{effect}, unless the labels of their namespace decide"


def _providers(plane: Plane, name: str | None) -> tuple[Related, ...]:
    """Where a revision or tag comes from: the first place is enough."""
    if name is None:
        return ()
    found: tuple[Revision | Tag, ...] = (*plane.strong.get(name, ()), *plane.tags.get(name, ()))
    return tuple(Related(f"{r.origin} of {quoted(name)}", r.name.where) for r in found[:1])


@mesh_rule
def revision_illegal_name(view: View) -> Iterator[Hit]:
    """A revision's name becomes part of a Service's, so it must be a DNS-1123 label."""
    for revision in view.mesh.revisions:
        if revision.origin is not Origin.CONFIG_MAP and _illegal(revision.name, LEGAL):
            case = None if revision.origin in CHARTED else "asked"
            yield _misnamed(revision.subject, revision.name, "revision", case)
    for tag in view.mesh.tags:
        if _illegal(tag.name, LEGAL_TAG):
            yield _misnamed(tag.subject, tag.name, "revision tag", None)
    for ask in _asked(view):
        plane = view.mesh.plane(ask.meta.where.path)
        if _illegal(ask.field.value, LEGAL) and not plane.known(ask.field.value.text):
            yield _unmatched(ask, plane)


def _illegal(name: Value, legal: re.Pattern[str]) -> bool:
    known = name.known
    return known is not None and not legal.match(known) and not SHOUTED.match(known)


def _misnamed(subject: Subject, name: Value, what: str, case: str | None) -> Hit:
    return Hit(
        f"{quoted(name.text)} cannot be the name of a {what}: Istio calls objects such as the"
        " Service 'istiod-NAME' after it, so only lower-case letters, digits and '-' are allowed,"
        f" at most 56 of them. Write {quoted(_legal(name.text))}, for example.",
        name.where,
        subject,
        case=case,
    )


def _unmatched(ask: Ask, plane: Plane) -> Hit:
    near = nearest(ask.field.value.text, plane.names)
    text = (
        f"{entry(ask.field)} can match no revision, as their names have only lower-case letters,"
        " digits and '-', at most 56; nothing but a tag of this very name could match it."
        if ask.field.value.text
        else "An empty 'istio.io/rev' matches no revision and no tag, and as a present key it keeps"
        " the webhooks for unlabelled objects away. Name a revision, or remove the key."
    )
    return Hit(
        text + (f" Write {quoted(near)}, if that is meant." if near else ""),
        ask.field.value.where,
        ask.meta.subject,
        _providers(plane, near),
        case="asked",
    )


def _legal(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:56].strip("-") or "canary"


@mesh_rule
def injection_without_default(view: View) -> Iterator[Hit]:
    """istio-injection=enabled and its like need a default revision or the tag `default`."""
    for meta, field in _relying(view):
        plane = view.mesh.plane(meta.where.path)
        if not plane.closed or plane.known(DEFAULT) or plane.managed:
            continue
        best = next(iter((*plane.strong, *plane.names)), "REVISION")
        yield Hit(
            f"{entry(field)} relies on the default revision, and this control plane has none (known"
            f" are {listed(plane.names)}), so pods get no sidecar."
            f" {_instead(meta, field, best)}, or set the revision tag 'default'.",
            field.value.where,
            meta.subject,
            _providers(plane, best),
        )


def _instead(meta: Meta, field: Field, best: str) -> str:
    if field.key.text == INJECTION and REVISION in meta.labels:
        return f"Remove it, so that the {entry(meta.labels[REVISION])} beside it counts"
    return f"Replace it by {quoted(f'{REVISION}: {best}')}"


def _relying(view: View) -> Iterator[tuple[Meta, Field]]:
    """Labels that only the default revision's webhooks look for, where no other webhook matches."""
    for namespace in view.mesh.namespaces:
        legacy, revision = (namespace.meta.labels.get(key) for key in (INJECTION, REVISION))
        field = legacy or revision
        if field and field.value.known == ("enabled" if legacy else DEFAULT):
            plane = view.mesh.plane(namespace.meta.where.path)
            if not called(plane, labels_of(namespace.meta.labels), Labels(open=True)):
                yield namespace.meta, field
    for workload in view.mesh.workloads:
        revision, inject = (workload.pod.labels.get(key) for key in (REVISION, INJECT))
        field = revision or inject
        wanted = field is not None and field.value.known == (DEFAULT if revision else "true")
        if field and wanted and not _decoy(view, workload) and _uncalled(view, workload):
            yield workload.meta, field


def _uncalled(view: View, workload: Workload) -> bool:
    """Whether it is certain, the Namespace being known, that no webhook sees the pod."""
    decision = view.decide(workload)
    known = bool(view.mesh.home(workload).copies)
    return known and decision.verdict is Verdict.NOT_INJECTED and not decision.calls


@mesh_rule
def tag_target_missing(view: View) -> Iterator[Hit]:
    """A tag of a revision that is gone blocks pods; an unknown tag only leaves them alone."""
    for plane, tag in _tags(view):
        target = tag.target.known if tag.target else None
        if target is None or MANAGED.match(target) or not plane.strong or target in plane.strong:
            continue
        own = _configuration(plane, tag)
        if tag.target is not None and (own is None or _comparable(own)):
            effect = "with failurePolicy Fail, pods that use the tag cannot be created"
            yield Hit(
                f"Revision tag {quoted(tag.name.text)} points to revision {quoted(target)}, and no"
                f" control plane of that name is here, only {listed(tuple(plane.strong))}:"
                f" {effect if own else 'pods that use the tag get no sidecar'}. Point the tag to a"
                " revision that is installed.",
                tag.target.where,
                tag.subject,
                case=None if _surely_gone(plane, target, own) else "open",
            )


def _tags(view: View) -> Iterator[tuple[Plane, Tag]]:
    """Each tag once, with the plane that its own file sees."""
    places = {c.meta.where.path for c in view.mesh.configurations}
    for path in sorted(places | {t.name.where.path for t in view.mesh.tags}):
        plane = view.mesh.plane(path)
        for tags in plane.tags.values():
            yield from ((plane, t) for t in tags if t.name.where.path == path and not t.partial)


def _configuration(plane: Plane, tag: Tag) -> Configuration | None:
    """The webhook configuration that is the tag; other kinds only lead to one."""
    same = (c for c in plane.configurations if c.meta.subject == tag.subject)
    return next(same, None)


def _comparable(configuration: Configuration) -> bool:
    """Not for webhooks that call a URL, nor for those whose parts disagree on the revision."""
    service = all(hook.client.url is None for hook in configuration.live_hooks)
    return service and agreed(configuration)


def _surely_gone(plane: Plane, target: str, own: Configuration | None) -> bool:
    """Not where other objects of the revision are left, nor where the plain Service is called."""
    plain = own is not None and any(plain_service(hook) for hook in own.live_hooks)
    return plane.closed and target not in plane.revisions and not plain


@mesh_rule
def helm_revision_default(view: View) -> Iterator[Hit]:
    """Chart value `revision: default` is not the default revision; "" is."""
    for revision in view.mesh.revisions:
        if revision.explicit and revision.name.known == DEFAULT and revision.origin in READERS:
            reader, case = READERS[revision.origin]
            yield Hit(
                f"{reader} takes 'default' for an ordinary revision name: istiod then looks for a"
                " ConfigMap that was rendered under another name, and istio-injection=enabled"
                ' selects nothing. For the default revision leave the value empty ("").',
                revision.name.where,
                revision.subject,
                case=case,
            )


READERS = {
    Origin.HELM: ("The istiod chart", None),
    Origin.OPERATOR: ("An IstioOperator", "operator"),
}
"""Who reads the revision, and the case; the Sail operator turns `default` into the empty value."""
