"""Revisions and tags as they are installed, and what their names say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Fix, Hit, Related, Subject, Value, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT, Origin
from meshlint.resources.keys import REVISION
from meshlint.rules.mending import assign, rewrite
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.asked import Ask, asks, providers
from meshlint.rules.revisions.names import LEGAL, LEGAL_TAG, illegal
from meshlint.rules.spelling import nearest, slip
from meshlint.rules.words import entry

CHARTED = frozenset({Origin.HELM, Origin.OPERATOR, Origin.SAIL})
"""Where Istio's charts derive the names of objects from a revision's."""

ASM_REVISION = re.compile(r"asm-\d{3,}-\d+\Z")
ASM_TAG = re.compile(r"(?:.*:)?(\d+)\.(\d+)\.(\d+)-asm\.(\d+)(?:-distroless)?\Z")
"""An image of Google's istiod, or its tag alone; no digest, by which anything may be meant."""


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
        plane = view.mesh.plane(ask.meta.at)
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
        fix=_slip(ask, plane, near),
    )


def _slip(ask: Ask, plane: Plane, near: str | None) -> Fix | None:
    """The one name that was surely meant: dots for dashes, or capital letters."""
    sure = near is not None and near == slip(ask.field.value.text, plane.names)
    return rewrite(ask.field, value=near) if sure and REVISION not in ask.selected else None


def _legal(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:56].strip("-") or "canary"


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
                fix=assign(revision.name, ""),
            )


READERS = {
    Origin.HELM: ("The istiod chart", None),
    Origin.OPERATOR: ("An IstioOperator", "operator"),
}
"""Who reads the revision, and the case; the Sail operator turns `default` into the empty value."""


@mesh_rule
def asm_revision_against_image(view: View) -> Iterator[Hit]:
    """Google's installer names a revision after its image: asm-1233-2 is 1.23.3-asm.2."""
    for revision in view.mesh.revisions:
        name, image = revision.name.known, revision.image
        encoded = _encoded(image.known or "") if image else None
        if name and image and encoded and ASM_REVISION.match(name) and encoded != name:
            version = image.text.rpartition(":")[2]
            yield Hit(
                f"Revision {quoted(name)} runs istiod {quoted(version)}, which asmcli calls"
                f" {quoted(encoded)}: pods that ask for {quoted(name)} get another version than its"
                " name says. Correct whichever of the two is wrong, and install an upgrade as a"
                " revision of its own.",
                revision.name.where,
                revision.subject,
                (Related("the image of istiod", image.where),),
            )


def _encoded(image: str) -> str | None:
    """The revision for an image; reading a revision backwards would be a guess."""
    match = ASM_TAG.match(image)
    return "asm-{}{}{}-{}".format(*match.groups()) if match else None
