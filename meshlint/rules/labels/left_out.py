"""Namespaces without any word on injection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname

from meshlint.finding import Hit, Location, Related, quoted
from meshlint.resources.keys import NAMESPACE_KEYS
from meshlint.resources.namespace import Namespace
from meshlint.rules.labels.wordless import by_default, settled
from meshlint.rules.parameter import parameter
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import listed, see

COMPANY = parameter(
    "namespace-not-labelled",
    "company",
    9,
    (1, 1000),
    "How many namespaces with a label it takes for each without one, to call that one left out.",
)


@dataclass(slots=True)
class Group:
    """The namespaces of a file or a directory: those with a label by name, and the others."""

    labelled: dict[str, Namespace] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)

    def usual(self, company: int) -> bool:
        """Whether a label is what namespaces have here."""
        return len(self.labelled) >= company * max(1, len(self.bare - self.labelled.keys()))


@mesh_rule
def namespace_not_labelled(view: View) -> Iterator[Hit]:
    """One namespace without a label among many that have one (IST0102)."""
    groups, company = _groups(view.mesh.namespaces), view.value(COMPANY)
    for namespace in filter(_bare, view.mesh.namespaces):
        group = _company(groups, namespace, company)
        if not group or not group.usual(company):
            continue
        if not (settled(view, namespace) or by_default(view, namespace)):
            yield _left_out(namespace, group)


def _bare(namespace: Namespace) -> bool:
    return not namespace.meta.labels.keys() & NAMESPACE_KEYS


def _groups(namespaces: Iterable[Namespace]) -> Mapping[str, Group]:
    groups: defaultdict[str, Group] = defaultdict(Group)
    for namespace in namespaces:
        name = namespace.meta.subject.name
        for place in _around(namespace.meta.at.path):
            if _bare(namespace):
                groups[place].bare.add(name)
            else:
                groups[place].labelled.setdefault(name, namespace)
    return groups


def _around(path: str) -> Iterator[str]:
    """A file and the directories that it is in, from the inside out."""
    yield path
    while path not in ("", "/"):
        path = dirname(path)
        yield path


def _company(groups: Mapping[str, Group], namespace: Namespace, company: int) -> Group | None:
    """The nearest group that is large enough to tell what is usual."""
    around = (groups[place] for place in _around(namespace.meta.at.path))
    return next((group for group in around if len(group.labelled) >= company), None)


def _left_out(namespace: Namespace, group: Group) -> Hit:
    own = namespace.meta
    return Hit(
        f"Namespace {quoted(own.subject.name)} has no injection label, while {len(group.labelled)}"
        " others beside it have one: its pods get a sidecar only if they ask for it themselves, or"
        " if the injector injects by default. If that is meant, write 'istio-injection: disabled'.",
        own.where,
        own.subject,
        tuple(see(n.meta.subject, n.meta.where) for n in list(group.labelled.values())[:2]),
    )


@mesh_rule
def namespace_injected_by_default(view: View) -> Iterator[Hit]:
    """Namespaces whose pods are injected without having asked (IST0148), once for each cluster."""
    found: dict[tuple[str, str], list[tuple[Namespace, Location]]] = {}
    for namespace in filter(_bare, view.mesh.namespaces):
        source = by_default(view, namespace)
        if source and not settled(view, namespace):
            scope = view.mesh.scope(namespace.meta.at)
            found.setdefault(scope, []).append((namespace, source))
    for (first, source), *others in found.values():
        yield _injected(first, source, [namespace for namespace, _ in others])


def _injected(first: Namespace, source: Location, others: list[Namespace]) -> Hit:
    names = tuple(dict.fromkeys(n.meta.subject.name for n in others))
    also = f" So are those of {listed(names)}." if names else ""
    own = first.meta
    return Hit(
        f"Namespace {quoted(own.subject.name)} has no injection label, and its pods are injected"
        f" all the same, as the injector injects by default here.{also} Where that is not meant,"
        " write 'istio-injection: disabled'.",
        own.where,
        own.subject,
        (
            Related("injected by default", source),
            *(see(n.meta.subject, n.meta.where) for n in others[:4]),
        ),
    )
