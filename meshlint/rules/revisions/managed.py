"""Control planes that Google runs, beside others in one cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Hit, Related, Subject, Value, quoted
from meshlint.mesh.flavour import CHANNELS
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import Origin, Revision
from meshlint.resources.keys import INJECTION, REVISION
from meshlint.resources.site import Site
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

NOT_SEEN = frozenset({Origin.MANAGED, Origin.DECLARED})
"""Not an istiod in a document: Google's, or what somebody declares, who then knows of it."""


@dataclass(frozen=True, slots=True)
class Use:
    """A ControlPlaneRevision that brings a managed revision, or a Namespace that asks for one."""

    name: Value
    subject: Subject
    at: Site


@mesh_rule
def managed_and_incluster(view: View) -> Iterator[Hit]:
    """One cluster has a managed control plane of one channel, or an istiod of its own, not both."""
    scopes: dict[tuple[str, str], list[Use]] = {}
    for use in (*_installed(view), *_asking(view)):
        scopes.setdefault(view.mesh.scope(use.at), []).append(use)
    for uses in scopes.values():
        yield from _beside(view, uses)
        yield from _channels(uses)


def _installed(view: View) -> Iterator[Use]:
    for revision in view.mesh.revisions:
        if revision.origin is Origin.MANAGED and revision.name.known and not revision.partial:
            yield Use(revision.name, revision.subject, revision.at)


def _asking(view: View) -> Iterator[Use]:
    """Namespaces with the label of a channel, where that label decides."""
    for namespace in view.mesh.namespaces:
        field = namespace.meta.labels.get(REVISION)
        decides = INJECTION not in namespace.meta.labels and not namespace.partial
        if field and decides and field.value.known in CHANNELS:
            yield Use(field.value, namespace.meta.subject, namespace.meta.at)


def _beside(view: View, uses: list[Use]) -> Iterator[Hit]:
    """The first use that shares its cluster with an istiod; the others have the same cause."""
    for use in uses:
        plane = view.mesh.plane(use.at)
        own = _istiod(plane, use)
        if own:
            yield _mixed(use, own, len(uses) - 1, sure=plane.closed or own.at == use.at)
            return


def _istiod(plane: Plane, use: Use) -> Revision | None:
    """An istiod of the cluster's own, the one in the same place first."""
    found = [
        r
        for rs in plane.strong.values()
        for r in rs
        if r.origin not in NOT_SEEN and not r.partial and r.name.text not in CHANNELS
    ]
    return min(found, key=lambda r: r.at != use.at, default=None)


def _mixed(use: Use, own: Revision, more: int, *, sure: bool) -> Hit:
    what = "asks for" if use.subject.kind == "Namespace" else "installs"
    also = f" ({more} more here do so too)" if more else ""
    fault = (
        "Google supports the two" if sure else "if both are for one cluster, Google supports that"
    )
    return Hit(
        f"{named(use.subject)} {what} the managed control plane {quoted(use.name.text)}{also}, and"
        f" {named(own.subject)} installs one in the cluster itself: {fault} side by side only while"
        " a mesh is moved from the one to the other. Remove the one that is not meant.",
        use.name.where,
        use.subject,
        (Related(f"{own.origin} of {quoted(own.name.text)}", own.name.where),),
        case=None if sure else "apart",
    )


def _channels(uses: list[Use]) -> Iterator[Hit]:
    """A second channel in the same place: what is in two places may be for two clusters."""
    first: dict[tuple[Site, bool], Use] = {}
    told: set[tuple[Site, str]] = set()
    for use in uses:
        before = first.setdefault((use.at, use.subject.kind == "Namespace"), use)
        if before.name.text != use.name.text and (use.at, use.name.text) not in told:
            told.add((use.at, use.name.text))
            yield _second(use, before)


def _second(use: Use, before: Use) -> Hit:
    return Hit(
        f"{named(use.subject)} names the channel {quoted(use.name.text)} of managed Cloud Service"
        f" Mesh, and {named(before.subject)} names {quoted(before.name.text)}: a cluster is on one"
        " channel, and pods that ask for another get no sidecar. Name the same one in both.",
        use.name.where,
        use.subject,
        (Related(f"channel {quoted(before.name.text)}", before.name.where),),
    )
