"""Which namespaces and pods a policy is about: by selector and by name, in three values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from meshlint.checks.registry import Given
from meshlint.mesh.home import Home
from meshlint.mesh.pod import labels_of_pods
from meshlint.mesh.selector import Labels, both, matches, reverse
from meshlint.resources.namespace import Namespace
from meshlint.resources.webhook import EVERYTHING, Selector
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View


@dataclass(frozen=True, slots=True)
class Choice:
    """Objects by their labels and names. `names` and `without` are globs, and `kinds` are whole.

    Without any of them, all objects.
    """

    labels: Selector = EVERYTHING
    names: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def takes(self, name: str | None, labels: Labels, kind: str = "") -> bool | None:
        """Whether an object is one of these; None where that is not known."""
        if self.kinds and kind not in self.kinds:
            return False
        called = among(name, self.names) if self.names else True
        return both((called, reverse(among(name, self.without)), matches(self.labels, labels)))


EVERY = Choice()


def among(name: str | None, globs: tuple[str, ...]) -> bool | None:
    """Whether one of the globs takes a name; None where the name is not known."""
    if not globs:
        return False
    return None if name is None else any(fnmatchcase(name, glob) for glob in globs)


def namespaces(view: View, given: Given) -> Iterator[tuple[Namespace, Home]]:
    """The Namespaces in files that are sure to be chosen, and what is known of their labels.

    Fragments are none: what becomes of the object that they change is told of that.
    """
    chosen: Choice = given.get("namespaces") or EVERY
    for namespace in view.mesh.namespaces:
        own = namespace.meta
        name = own.name.known if own.name else None
        if name is None or not own.at.path or namespace.partial is not None:
            continue
        home = view.mesh.space(name, own.at)
        if chosen.takes(name, home.labels):
            yield namespace, home


def workloads(view: View, given: Given) -> Iterator[tuple[Workload, Home]]:
    """The workloads whose pods are sure to be chosen, and their namespaces.

    No istiod is one, nor what may be a patch that no kustomization in the scan names.
    """
    spaces: Choice = given.get("namespaces") or EVERY
    pods: Choice = given.get("pods") or EVERY
    for workload in view.mesh.workloads:
        if workload.partial is not None or workload.discovers or _patch(workload):
            continue
        own, home = workload.meta, view.mesh.home(workload)
        name = own.name.known if own.name else None
        inside = spaces.takes(home.name or None, home.labels)
        if inside and pods.takes(name, labels_of_pods(workload), own.subject.kind):
            yield workload, home


def _patch(workload: Workload) -> bool:
    """Whether a workload looks like a patch: the API server would refuse it as it stands.

    What a kustomization takes for an object is one, and may get the rest from there.
    """
    own = workload.meta
    if own.at.path != own.where.path:
        return False
    bare = own.subject.api_version.startswith("apps/") and not workload.selected
    return bare or any(one.image is None for one in workload.containers)


def of_pods_only(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A choice of pods says nothing where a check looks at namespaces."""
    if values.get("of") == "namespaces" and values.get("pods") is not None:
        yield "pods", "chooses nothing where 'of' is namespaces: leave one of the two out"
