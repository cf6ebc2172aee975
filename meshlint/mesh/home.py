"""The namespace of a workload: which copies of it count, and what its labels are sure to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from posixpath import dirname

from meshlint.mesh.selector import Labels, labels_of
from meshlint.resources.keys import NAMESPACE_KEYS, NAMESPACE_NAME
from meshlint.resources.namespace import Namespace
from meshlint.resources.site import Site


@dataclass(frozen=True, slots=True)
class Home:
    """The namespace of a workload: its name ("" if not given), labels, and the objects behind."""

    name: str
    labels: Labels
    copies: tuple[Namespace, ...]


NOWHERE = Home("", Labels(open=True), ())
"""Of a workload that names no namespace."""


def home_at(name: str, site: Site, there: Sequence[Namespace]) -> Home:
    """The namespace of a name, of which `there` has all that is known in the site's cluster.

    The nearest copies decide: of the same unit or file, else directory, else all, to which belong
    those that are declared or kept in a snapshot.
    """
    added, patches = [n for n in there if n.more], [n for n in there if n.partial]
    for near in _tiers(site, [n for n in there if not n.partial and not n.more]):
        if near:
            return Home(name, _agreed(name, near, added, patches), tuple(near))
    told = [n for n in added if n.meta.labels] or added  # those without change no label
    labels = replace(_agreed(name, told, [], patches), open=True)
    return Home(name, labels, tuple(told))


def _tiers(site: Site, whole: list[Namespace]) -> Iterable[list[Namespace]]:
    inside = [n for n in whole if n.meta.at.path]
    yield [n for n in inside if n.meta.at == site]
    yield [n for n in inside if dirname(n.meta.at.path) == dirname(site.path)]
    yield whole


def _agreed(
    name: str, copies: list[Namespace], added: list[Namespace], patches: list[Namespace]
) -> Labels:
    """The labels that all copies agree on; a key in dispute, or in a patch, is unknown.

    `added` set labels from outside (Argo CD): those that the copies lack are in dispute too.
    """
    views = [labels_of(copy.meta.labels) for copy in copies] or [Labels()]
    patched = {key for patch in patches for key in patch.meta.labels}
    unknown = set(patched)
    for addition in (labels_of(n.meta.labels) for n in added):
        differs = (key for key in addition.given if addition.state(key) != views[0].state(key))
        unknown.update(differs, addition.unknown)
    for key in NAMESPACE_KEYS.union(*(view.given for view in views)):
        if len({view.state(key) for view in views}) > 1:
            unknown.add(key)
    unknown.update(*(view.unknown for view in views))
    present = (key for key in unknown - patched if all(view.has(key) for view in views))
    given = {**views[0].given, NAMESPACE_NAME: name}
    return Labels(given, frozenset(unknown), present=frozenset(present))
