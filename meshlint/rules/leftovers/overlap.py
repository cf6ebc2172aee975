"""Two configurations that call for one and the same pod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations, product
from posixpath import dirname

from meshlint.finding import Hit
from meshlint.mesh.calls import sees_pods
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import Labels, matches
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import INJECT, INJECTION, NAMESPACE_NAME, REVISION
from meshlint.resources.webhook import Configuration, Hook, istios
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

Clashes = dict[Configuration, dict[Configuration, str]]
"""For each configuration the others that call for pods of its own, and words for such pods."""

SHOWN = 5


@mesh_rule
def webhooks_overlap(view: View) -> Iterator[Hit]:
    """Two injectors that call for one and the same pod: it is injected twice, or not at all."""
    done: set[tuple[Configuration, ...]] = set()
    doubled: set[Configuration] = set()
    for configuration in view.mesh.configurations:
        injectors = _live(view.mesh.plane(configuration.meta.at))
        if len(injectors) > 1 and injectors not in done:
            done.add(injectors)
            clashes = _clashes(view.mesh.plane(configuration.meta.at), injectors)
            doubled.update(clashes)
            yield from (_doubled(one, clashes[one]) for one in clashes if _odd(one, clashes))
    yield from _seen(view, doubled)


def _seen(view: View, doubled: set[Configuration]) -> Iterator[Hit]:
    """Workloads of the tree for which two configurations are called, by labels of one's own."""
    for workload in view.mesh.workloads if len(view.mesh.configurations) > 1 else ():
        calls = (c for c in view.decide(workload).calls if c.sure and istios(c.hook, mutating=True))
        called = [c.configuration for c in calls if c.configuration]
        for one in called:
            other = next((c for c in called if _near(one, c)), None)
            if other and one not in doubled and one.partial is None and other.partial is None:
                doubled.add(one)
                yield _doubled(one, {other: f"the pods of {named(workload.meta.subject)}"})


def _live(plane: Plane) -> tuple[Configuration, ...]:
    return tuple(c for c in plane.injectors if c.partial is None and c.live_hooks)


def _clashes(plane: Plane, injectors: tuple[Configuration, ...]) -> Clashes:
    found: Clashes = {}
    for revision, asking in _groups(injectors):
        for namespace, pod, words in _lattice(revision):
            called = [c for c in asking if _calls(plane, c, namespace, pod)]
            for one, other in permutations(called, 2):
                if _near(one, other):
                    found.setdefault(one, {}).setdefault(other, words)
    return found


def _odd(one: Configuration, clashes: Clashes) -> bool:
    """Not where all that is wrong with it is another one, which calls for pods of several."""
    others = clashes[one]
    return len(others) > 1 or all(len(clashes[other]) == 1 for other in others)


def _doubled(one: Configuration, others: dict[Configuration, str]) -> Hit:
    other = next((c for c in others if _one_file(one, c)), next(iter(others)))
    more = f" It does so with {len(others)} configurations." if len(others) > 1 else ""
    return Hit(
        f"{named(one.meta.subject)} and {named(other.meta.subject)} both call for {others[other]}:"
        f" such pods are injected by both, one after the other.{more} Keep one of them.",
        one.meta.where,
        one.meta.subject,
        tuple(see(c.meta.subject, c.meta.where) for c in _first(other, others)),
        case=None if _one_file(one, other) else "apart",
    )


def _first(other: Configuration, others: Iterable[Configuration]) -> list[Configuration]:
    return [other, *(c for c in others if c is not other)][:SHOWN]


def _groups(
    injectors: tuple[Configuration, ...],
) -> Iterator[tuple[str, list[Configuration]]]:
    """Configurations that may meet, by the revision that they ask for; some ask for none."""
    asked: dict[str, list[Configuration]] = {DEFAULT: []}
    loose = []
    for configuration in injectors:
        named_by = [_revisions(hook) for hook in configuration.live_hooks]
        for revision in set().union(*named_by):
            asked.setdefault(revision, []).append(configuration)
        if not all(named_by):
            loose.append(configuration)
    for revision, group in sorted(asked.items()):
        yield revision, [*group, *(c for c in loose if c not in group)]


def _revisions(hook: Hook) -> set[str]:
    """The revisions or tags of which a hook asks one, of the namespace or of the pod."""
    selectors = (hook.namespace_selector, hook.object_selector)
    return {value.text for selector in selectors for value in selector.values_of(REVISION)}


def _one_file(one: Configuration, other: Configuration) -> bool:
    """Only then are the two sure to be applied together."""
    return one.meta.at == other.meta.at


def _near(one: Configuration, other: Configuration) -> bool:
    """In one file; or in the other's directory or below it, for one control plane's namespace.

    Never two texts of one object, of which the cluster has whichever was applied last.
    """
    if one.meta.subject == other.meta.subject:
        return False
    a, b = sorted((dirname(one.meta.at.path), dirname(other.meta.at.path)), key=len)
    nested = a in ("", b) or b.startswith(a + "/")
    return _one_file(one, other) or (nested and bool(_homes(one) & _homes(other)))


def _homes(configuration: Configuration) -> set[str]:
    """The namespaces of the Services that a configuration calls."""
    fields = (hook.client.service_namespace for hook in configuration.live_hooks)
    return {field.value.text for field in fields if field}


def _calls(plane: Plane, configuration: Configuration, namespace: Labels, pod: Labels) -> bool:
    return any(
        matches(hook.namespace_selector, namespace) is True
        and matches(hook.object_selector, pod) is True
        for hook in configuration.live_hooks
        if sees_pods(plane, configuration, hook) and not hook.conditional
        if istios(hook, mutating=True)
    )


def _lattice(asked: str) -> Iterator[tuple[Labels, Labels, str]]:
    """Every combination of the labels that selectors ask for (as Istio's IST0139 does)."""
    for injection, revision in product(("enabled", None, "disabled"), (None, asked)):
        namespace = _given((INJECTION, injection), (REVISION, revision))
        for inject, own in product((None, "true", "false"), (None, asked)):
            pod = _given((INJECT, inject), (REVISION, own))
            named_labels = Labels({**namespace, NAMESPACE_NAME: "meshlint-any"})
            yield named_labels, Labels(pod), _describe(namespace, pod)


def _given(*pairs: tuple[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in pairs if value is not None}


def _describe(namespace: dict[str, str], pod: dict[str, str]) -> str:
    return f"{_side('pods', pod)} in {_side('namespaces', namespace)}"


def _side(what: str, labels: dict[str, str]) -> str:
    shown = ", ".join(f"{key}={value}" for key, value in labels.items())
    return f"{what} with {shown}" if shown else f"{what} without injection labels"
