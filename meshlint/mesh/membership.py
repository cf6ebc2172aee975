"""OpenShift Service Mesh 2: the labels by which its operator marks the members of a mesh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import Labels, matches
from meshlint.resources.declared import Flavour
from meshlint.resources.maistra import EVERY, IGNORED, MEMBER_OF, Members

SYSTEM = re.compile(r"(?:kube|openshift)(?:-|\Z)")
"""Namespaces that a roll with `*` may leave out."""


def marked(plane: Plane, name: str, labels: Labels) -> Labels:
    """The labels of a namespace with those that the operator adds, as far as that is known.

    That no roll in the scan names a namespace proves nothing: a ServiceMeshMember may.
    """
    if Flavour.OSSM2 not in plane.flavours or MEMBER_OF in labels.given:
        return labels
    if name in {mesh.meta.subject.namespace for mesh in plane.meshes} - {""}:
        given = {**labels.given, MEMBER_OF: name, IGNORED: "ignore"}
        return replace(labels, given=given)
    found = {mesh for members in plane.members for mesh in _joined(members, name, labels)}
    if len(found) == 1 and None not in found:
        return replace(labels, given={**labels.given, MEMBER_OF: found.pop() or ""})
    return replace(labels, unknown=labels.unknown | {MEMBER_OF})


def _joined(members: Members, name: str, labels: Labels) -> Iterator[str | None]:
    """The mesh that members join, if the namespace is one of them; None where that is unknown."""
    names = {value.known for value in members.names}
    chosen = [matches(selector, labels) for selector in members.selectors]
    sure = name in names or True in chosen or (EVERY in names and not SYSTEM.match(name))
    if sure:
        yield members.mesh.known if members.mesh else None
    elif None in names or None in chosen or EVERY in names:
        yield None
