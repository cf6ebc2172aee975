"""Which istiod reads Istio's own resources that name a revision."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import Origin
from meshlint.resources.istio_resource import IstioResource
from meshlint.resources.keys import REVISION
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.asked import providers
from meshlint.rules.revisions.names import MANAGED, SHOUTED
from meshlint.rules.spelling import nearest
from meshlint.rules.words import entry, listed, named


@mesh_rule
def istio_resource_revision_unknown(view: View) -> Iterator[Hit]:
    """istiod compares the label with its own revision, and knows nothing of its tags there.

    pilot/pkg/config/kube/crdclient/client.go (inRevision) and pkg/config/model.go
    (LabelsInRevision); still so in Istio 1.32. Only Gateways of the Gateway API go by tags.
    """
    for resource in view.mesh.istio_resources:
        field, plane = resource.meta.labels.get(REVISION), view.mesh.plane(resource.meta.at)
        name = field.value.known if field else None
        if field is None or name is None or SHOUTED.match(name) or MANAGED.match(name):
            continue
        if name in plane.tags and name not in plane.revisions:
            yield _tagged(resource, field, plane)
        elif _absent(view, plane, name):
            yield _unread(resource, field, plane)


def _tagged(resource: IstioResource, field: Field, plane: Plane) -> Hit:
    name = field.value.text
    targets = {tag.target.known if tag.target else None for tag in plane.tags[name]}
    target = targets.pop() if len(targets) == 1 else None
    return Hit(
        f"{named(resource.meta.subject)} is labelled {entry(field)}, and {quoted(name)} is a tag:"
        " istiod compares this label with its own revision alone, so no istiod reads the resource."
        f" {_instead(target)}",
        field.value.where,
        resource.meta.subject,
        providers(plane, name),
        case=None if plane.closed and _own(plane) else "open",
    )


def _instead(revision: str | None) -> str:
    """The revision's own name, or better none at all."""
    named_so = f"Write {quoted(f'{REVISION}: {revision}')}, or remove" if revision else "Remove"
    return f"{named_so} the label, so that every istiod reads it."


def _own(plane: Plane) -> bool:
    """Whether every istiod here is sure to have a revision: one without it reads everything."""
    deployed = (r for rs in plane.revisions.values() for r in rs if r.origin is Origin.DEPLOYMENT)
    return all(revision.explicit for revision in deployed)


def _absent(view: View, plane: Plane, name: str) -> bool:
    elsewhere = plane.managed or view.mesh.everywhere(name)
    return not plane.possible(name) and not elsewhere and _own(plane)


def _unread(resource: IstioResource, field: Field, plane: Plane) -> Hit:
    near = nearest(field.value.text, plane.strong)
    return Hit(
        f"{named(resource.meta.subject)} is labelled {entry(field)}, and no control plane has that"
        f" revision (known are {listed(tuple(plane.strong))}), so no istiod reads the resource."
        f" {_instead(near)}",
        field.value.where,
        resource.meta.subject,
        providers(plane, near),
        case="absent",
    )
