"""Istiods by their Deployments: what these say of their pods, and who needs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Related, Subject
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT, Origin, Revision
from meshlint.resources.istiod import Istiod
from meshlint.resources.keys import INJECTION, REVISION
from meshlint.resources.site import Site
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View
from meshlint.rules.words import see

VALIDATOR = "validation.istio.io"
"""The hook for all of Istio's resources that have no revision's label."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An istiod whose Deployment is whole: its own facts, and its pods'."""

    own: Istiod
    pods: Workload

    @property
    def subject(self) -> Subject:
        return self.own.meta.subject

    @property
    def site(self) -> Site:
        return self.own.meta.at

    @property
    def revision(self) -> str | None:
        """What it takes for its revision: REVISION, else the label that the charts give.

        None where that is filled in later.
        """
        labels = (fields.get(REVISION) for fields in (self.pods.pod.labels, self.own.meta.labels))
        told = (field.value for field in (self.env("REVISION"), *labels) if field)
        given = next((value for value in told if value.text), None)
        return given.known if given else DEFAULT

    def env(self, name: str) -> Field | None:
        """A variable of istiod's environment."""
        found = (f for c in self.pods.containers if c.name == "discovery" for f in c.env)
        return next((field for field in found if field.key.text == name), None)


def standing(view: View) -> Iterator[Standing]:
    """All whole ones, in the order of their places; each way to a cluster brings one."""
    whole = [own for own in view.mesh.every(Istiod) if own.partial is None]
    pods = {_key(w): w for w in view.mesh.workloads if w.partial is None} if whole else {}
    for own in whole:
        if _key(own) in pods:
            yield Standing(own, pods[_key(own)])


def _key(fact: Istiod | Workload) -> tuple[object, ...]:
    return fact.meta.where, fact.meta.at, fact.meta.subject


def alive(view: View, plane: Plane, subject: Subject) -> Iterator[Revision]:
    """The other istiods of a cluster, without those that have no pods either."""
    none = {(one.subject, one.site) for one in standing(view) if one.own.count == 0}
    for found in plane.strong.values():
        for revision in found:
            deployed = revision.origin is Origin.DEPLOYMENT
            empty = deployed and (revision.subject, revision.at) in none
            if revision.subject != subject and not empty:
                yield revision


def asking(view: View, site: Site, revision: str) -> Related | None:
    """Something in a site's cluster that is sure to need the istiod of a revision."""
    plane = view.mesh.plane(site)
    tags = (t for found in plane.tags.values() for t in found)
    names = {revision, *(t.name.text for t in tags if t.target and t.target.known == revision)}
    return (
        _labelled(view, site, names)
        or (_enabled(view, site) if _default(plane) == revision else None)
        or _validated(plane, revision)
        or _injected(view, site, revision)
    )


def _default(plane: Plane) -> str | None:
    """The revision behind istio-injection=enabled, which a tag `default` may have taken over."""
    if plane.default is False:
        return None
    targets = {t.target.known if t.target else None for t in plane.tags.get(DEFAULT, ())}
    return DEFAULT if not targets else targets.pop() if len(targets) == 1 else None


def _labelled(view: View, site: Site, names: set[str]) -> Related | None:
    found = (n for name in sorted(names) for n in view.mesh.asking(name) if n.partial is None)
    near = (n for n in found if view.mesh.together(site, n.meta.at))
    plain = (n for n in near if INJECTION not in n.meta.labels)
    return next((see(n.meta.subject, n.meta.labels[REVISION].value.where) for n in plain), None)


def _enabled(view: View, site: Site) -> Related | None:
    found = (n for n in view.mesh.namespaces if n.meta.label(INJECTION) == "enabled")
    near = (n for n in found if n.partial is None and view.mesh.together(site, n.meta.at))
    return next((see(n.meta.subject, n.meta.labels[INJECTION].value.where) for n in near), None)


def _validated(plane: Plane, revision: str) -> Related | None:
    for configuration in plane.configurations:
        hooks = [h for h in configuration.live_hooks if h.full_name == VALIDATOR]
        if hooks and configuration.meta.label(REVISION) == revision and not configuration.mutating:
            return see(configuration.meta.subject, hooks[0].where)
    return None


def _injected(view: View, site: Site, revision: str) -> Related | None:
    for workload in view.mesh.workloads:
        near = view.mesh.together(site, workload.meta.at)
        if near and view.decide(workload).revision == revision:
            return see(workload.meta.subject, workload.meta.where)
    return None
