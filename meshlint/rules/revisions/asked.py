"""Labels that ask for a revision or tag, and whether there is one that answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Fix, Hit, Related, quoted
from meshlint.mesh.flavour import CHANNELS
from meshlint.mesh.inject import Verdict, called
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import Labels, labels_of
from meshlint.resources.control_plane import DEFAULT, Revision, Tag
from meshlint.resources.document import Meta
from meshlint.resources.keys import DEACTIVATED, INJECT, INJECTION, REVISION, TAG
from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Workload
from meshlint.rules.mending import rewrite
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import LEGAL, MANAGED, SHOUTED
from meshlint.rules.spelling import nearest, slip
from meshlint.rules.words import entry, listed, named, see


@dataclass(frozen=True, slots=True)
class Ask:
    """A label `istio.io/rev` by which an object asks for a control plane.

    `binding` is False where the labels of a Namespace that is not known may decide instead.
    `inject` is the pods' label sidecar.istio.io/inject, which alone would ask the default revision.
    `selected` are the labels by which a workload finds its pods.
    """

    meta: Meta
    field: Field
    binding: bool = True
    inject: Field | None = None
    selected: frozenset[str] = frozenset()


def asks(view: View) -> Iterator[Ask]:
    for namespace in view.mesh.namespaces:
        field = _revision(namespace.meta)
        if field and INJECTION not in namespace.meta.labels:
            yield Ask(namespace.meta, field)
    for workload in view.mesh.workloads:
        field = _revision(workload.pod)
        if field and workload.pod.label("app") != "istiod" and not _decoy(view, workload):
            binding = view.decide(workload).verdict is Verdict.NOT_INJECTED
            inject = workload.pod.labels.get(INJECT)
            yield Ask(workload.meta, field, binding, inject, workload.selected)
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
    return workload.pod.label(INJECT) == "false" or workload.host_network is not None


@mesh_rule
def revision_unknown(view: View) -> Iterator[Hit]:
    """A revision or tag that nothing in the tree provides."""
    for ask in asks(view):
        name = ask.field.value.text
        plane = view.mesh.plane(ask.meta.at)
        if name == DEFAULT or not LEGAL.match(name) or MANAGED.match(name):
            continue
        told = plane.names or nearest(name, CHANNELS)
        if told and not plane.known(name) and not _elsewhere(view, plane, name):
            hit = _unknown(ask, name, plane)
            if hit.case != "open" or not _blanks(view, ask):
                yield hit
        off = switched_off(plane, name)
        if off:
            yield _deactivated(ask, off, plane)


def switched_off(plane: Plane, name: str) -> Configuration | None:
    """The webhooks of a revision or tag, if they are deactivated and no others take its name."""
    if plane.configured.get(name) is not False or name in plane.served:
        return None
    key = TAG if name in plane.tags else REVISION
    own = (c for c in plane.injectors if c.meta.label(key) == name and not c.live_hooks)
    return None if name == DEFAULT and name in plane.tags else next(own, None)


def _deactivated(ask: Ask, off: Configuration, plane: Plane) -> Hit:
    name = ask.field.value.text
    return Hit(
        f"{named(ask.meta.subject)} asks for revision {quoted(name)}, whose webhooks are"
        f" deactivated ('{DEACTIVATED}: never-match'): {_effect(ask, plane)}. Ask for a revision"
        " that is in use, or apply these webhooks again as the chart renders them.",
        ask.field.value.where,
        ask.meta.subject,
        (see(off.meta.subject, off.meta.where),),
        case=None if plane.closed and ask.binding else "open",
    )


def _elsewhere(view: View, plane: Plane, name: str) -> bool:
    """Whether another part of the tree has it, which may belong together unless it is declared."""
    return not plane.told and view.mesh.everywhere(name)


def _unknown(ask: Ask, name: str, plane: Plane) -> Hit:
    sure = plane.closed and ask.binding
    near = nearest(name, plane.names if plane.closed else plane.strong) or nearest(name, CHANNELS)
    vain = _vain(ask, plane) if sure else None
    known = f" (known are {listed(plane.names)})" if plane.names else ""
    return Hit(
        f"{named(ask.meta.subject)} asks for revision {quoted(name)}, and"
        f" {'no control plane or tag has' if plane.closed else 'nothing scanned here provides'}"
        f" that name{known}: {_effect(ask, plane)}."
        + (_no_fallback(vain) if vain else "")
        + (f" Write {quoted(near)}, if that is meant." if near else ""),
        ask.field.value.where,
        ask.meta.subject,
        providers(plane, near) + ((see(ask.meta.subject, vain.value.where),) if vain else ()),
        case=None if sure else "near" if near else "open",
        fix=_slip(ask, name, plane, near),
    )


def _slip(ask: Ask, name: str, plane: Plane, near: str | None) -> Fix | None:
    """The revision or tag that was surely meant."""
    found = slip(name, plane.names if plane.closed else plane.strong) or slip(name, CHANNELS)
    free = REVISION not in ask.selected
    return rewrite(ask.field, value=found) if found and found == near and free else None


def _vain(ask: Ask, plane: Plane) -> Field | None:
    """The label by which the default revision, if there is one, takes pods that name no other."""
    wanted = ask.inject is not None and ask.inject.value.known == "true"
    return ask.inject if wanted and plane.known(DEFAULT) else None


def _no_fallback(vain: Field) -> str:
    return (
        f" {entry(vain)} beside it does not bring them that of the default revision, which takes"
        f" only pods without '{REVISION}'."
    )


def _blanks(view: View, ask: Ask) -> bool:
    """Whether a revision is installed here whose name is filled in later: it may be any."""
    blanks = (r.at for r in view.mesh.revisions if not r.name.literal)
    return any(view.mesh.visible(ask.meta.at, other) for other in blanks)


def _effect(ask: Ask, plane: Plane) -> str:
    gateway = ask.meta.subject.kind == "Gateway"
    effect = "no istiod programs it" if gateway else "pods get no sidecar"
    if not plane.closed:
        return f"{effect}, unless that revision is installed from elsewhere"
    return effect if ask.binding else f"{effect}, unless the labels of their namespace decide"


def providers(plane: Plane, name: str | None) -> tuple[Related, ...]:
    """Where a revision or tag comes from: the first place is enough."""
    if name is None:
        return ()
    found: tuple[Revision | Tag, ...] = (*plane.strong.get(name, ()), *plane.tags.get(name, ()))
    return tuple(Related(f"{r.origin} of {quoted(name)}", r.name.where) for r in found[:1])


@mesh_rule
def injection_without_default(view: View) -> Iterator[Hit]:
    """istio-injection=enabled and its like need a default revision or the tag `default`."""
    for meta, field in _relying(view):
        plane = view.mesh.plane(meta.at)
        off = switched_off(plane, DEFAULT) if plane.closed else None
        if (plane.possible(DEFAULT) and not off) or plane.managed:
            continue
        others = (name for name in (*plane.strong, *plane.names) if name != DEFAULT)
        best = next(others, "REVISION")
        none = (
            "whose webhooks are deactivated, and no tag 'default' is in their place (known"
            if off
            else "and this control plane has none (known"
        )
        yield Hit(
            f"{entry(field)} relies on the default revision, {none}"
            f" are {listed(plane.names)}), so pods get no sidecar. Replace it by"
            f" {quoted(f'{REVISION}: {best}')}, or set the revision tag 'default'.",
            field.value.where,
            meta.subject,
            providers(plane, best),
        )


def _relying(view: View) -> Iterator[tuple[Meta, Field]]:
    """Labels that only the default revision's webhooks look for, where no other webhook matches.

    A namespace with both labels is told by a rule of its own.
    """
    for namespace in view.mesh.namespaces:
        legacy, revision = (namespace.meta.labels.get(key) for key in (INJECTION, REVISION))
        field = legacy or revision
        one = legacy is None or revision is None
        if one and field and field.value.known == ("enabled" if legacy else DEFAULT):
            plane = view.mesh.plane(namespace.meta.at)
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
