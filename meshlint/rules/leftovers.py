"""MESH4xx: webhook configurations that outlived their control plane, or that call twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from posixpath import dirname

from meshlint.finding import Hit, Related, quoted
from meshlint.mesh.agreement import agreed
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import Labels, matches
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import INJECT, INJECTION, NAMESPACE_NAME, REVISION, TAG
from meshlint.resources.webhook import Configuration
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions import MANAGED
from meshlint.rules.words import listed, named, see

OLD_NAMES = frozenset({"istiod-istio-system", "istio-galley"})
"""Validating configurations of Istio up to 1.10 and 1.4; later ones do not patch or remove them."""

RENAMED = 11


@mesh_rule
def webhook_leftover(view: View) -> Iterator[Hit]:
    """A configuration of a revision without istiod, while another revision has one."""
    for configuration in view.mesh.configurations:
        plane = view.mesh.plane(configuration.meta.where.path)
        if configuration.partial or not configuration.live_hooks or not plane.strong:
            continue
        hit = _old_name(configuration, plane) or _dead(view, configuration, plane)
        if hit:
            yield hit


def _old_name(configuration: Configuration, plane: Plane) -> Hit | None:
    minors = [r.version[1] for rs in plane.strong.values() for r in rs if r.version]
    name = configuration.meta.subject.name
    if name not in OLD_NAMES or not minors or min(minors) < RENAMED:
        return None
    return Hit(
        f"{named(configuration.meta.subject)} is the name that Istio up to 1.10 used, and istiod here"
        f" is 1.{min(minors)}: nobody maintains this configuration, and it fights the current one."
        " Delete it from Git and from the cluster.",
        configuration.meta.where,
        configuration.meta.subject,
        case="old",
    )


def _dead(view: View, configuration: Configuration, plane: Plane) -> Hit | None:
    revision = configuration.meta.label(REVISION)
    if revision is None or revision in plane.strong or MANAGED.match(revision):
        return None
    tag = configuration.mutating and TAG in configuration.meta.labels
    remote = any(hook.client.url is not None for hook in configuration.live_hooks)
    if tag or remote or not agreed(configuration):
        return None
    asking = _asking(view, revision)
    field = configuration.revision
    move = "Move these namespaces to a live revision, then delete it" if asking else "Delete it"
    return Hit(
        f"{named(configuration.meta.subject)} belongs to revision {quoted(revision)}, of which no"
        f" istiod is here; live are {listed(tuple(plane.strong))}. Calls to it fail with 'service"
        f" not found'. {move}, in Git and with 'kubectl delete"
        f" {configuration.meta.subject.kind.lower()} {configuration.meta.subject.name}'.",
        field.value.where if field else configuration.meta.where,
        configuration.meta.subject,
        asking,
    )


def _asking(view: View, revision: str) -> tuple[Related, ...]:
    """Namespaces that are still labelled for a revision."""
    return tuple(
        see(n.meta.subject, n.meta.labels[REVISION].value.where)
        for n in view.mesh.namespaces
        if n.meta.label(REVISION) == revision
    )[:5]


@mesh_rule
def webhooks_overlap(view: View) -> Iterator[Hit]:
    """Two injectors that call for one and the same pod: it is injected twice, or not at all."""
    done: set[tuple[Configuration, ...]] = set()
    for configuration in view.mesh.configurations:
        injectors = _live(view.mesh.plane(configuration.meta.where.path))
        if len(injectors) > 1 and injectors not in done:
            done.add(injectors)
            yield from _overlaps(injectors)


def _live(plane: Plane) -> tuple[Configuration, ...]:
    return tuple(c for c in plane.injectors if c.partial is None and c.live_hooks)


def _overlaps(injectors: tuple[Configuration, ...]) -> Iterator[Hit]:
    """One finding for each configuration, naming the first other one and the pod they share."""
    clash: dict[Configuration, tuple[Configuration, str]] = {}
    for namespace, pod, words in _lattice(injectors):
        called = [c for c in injectors if _calls(c, namespace, pod)]
        for one, other in product(called, called):
            if one is not other and one not in clash and _together(one, other):
                clash[one] = (other, words)
    for one, (other, words) in clash.items():
        yield Hit(
            f"{named(one.meta.subject)} and {named(other.meta.subject)} both call for {words}: such"
            " pods are injected twice. Keep one of them, or deactivate one with 'istioctl tag set"
            " default --overwrite'.",
            one.meta.where,
            one.meta.subject,
            (see(other.meta.subject, other.meta.where),),
        )


def _together(one: Configuration, other: Configuration) -> bool:
    """Applied together for sure only when one stands in the other's directory, or below it."""
    a, b = sorted((dirname(one.meta.where.path), dirname(other.meta.where.path)), key=len)
    return a in ("", b) or b.startswith(a + "/")


def _calls(configuration: Configuration, namespace: Labels, pod: Labels) -> bool:
    return any(
        matches(hook.namespace_selector, namespace) is True
        and matches(hook.object_selector, pod) is True
        for hook in configuration.live_hooks
        if hook.for_pods and not hook.conditional
    )


def _lattice(injectors: tuple[Configuration, ...]) -> Iterator[tuple[Labels, Labels, str]]:
    """Every combination of the labels that selectors ask for (as Istio's IST0139 does)."""
    revisions = sorted(
        {
            value.text
            for c in injectors
            for hook in c.live_hooks
            for selector in (hook.namespace_selector, hook.object_selector)
            for value in selector.values_of(REVISION)
        }
        | {DEFAULT}
    )
    for injection, revision in product(("enabled", None, "disabled"), (None, *revisions)):
        namespace = _given((INJECTION, injection), (REVISION, revision))
        for inject, own in product((None, "true", "false"), (None, *revisions)):
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
