"""Revisions and tags as they are installed: their names, and where tags point to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Hit, Subject, Value, quoted
from meshlint.mesh.agreement import agreed, plain_service
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT, Origin, Tag
from meshlint.resources.webhook import Configuration
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.asked import Ask, asks, providers
from meshlint.rules.revisions.names import LEGAL, LEGAL_TAG, MANAGED, illegal
from meshlint.rules.spelling import nearest
from meshlint.rules.words import entry, listed

CHARTED = frozenset({Origin.HELM, Origin.OPERATOR, Origin.SAIL})
"""Where Istio's charts derive the names of objects from a revision's."""


@mesh_rule
def revision_illegal_name(view: View) -> Iterator[Hit]:
    """A revision's name becomes part of a Service's, so it must be a DNS-1123 label."""
    for revision in view.mesh.revisions:
        if revision.origin is not Origin.CONFIG_MAP and illegal(revision.name, LEGAL):
            case = None if revision.origin in CHARTED else "asked"
            yield _misnamed(revision.subject, revision.name, "revision", case)
    for tag in view.mesh.tags:
        if illegal(tag.name, LEGAL_TAG):
            yield _misnamed(tag.subject, tag.name, "revision tag", None)
    for ask in asks(view):
        plane = view.mesh.plane(ask.meta.where.path)
        if illegal(ask.field.value, LEGAL) and not plane.known(ask.field.value.text):
            yield _unmatched(ask, plane)


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
        providers(plane, near),
        case="asked",
    )


def _legal(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:56].strip("-") or "canary"


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
