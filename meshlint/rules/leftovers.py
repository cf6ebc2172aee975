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
from meshlint.resources.document import Meta
from meshlint.resources.keys import INJECT, INJECTION, NAMESPACE_NAME, REVISION, TAG
from meshlint.resources.webhook import Configuration, Hook, istios
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import MANAGED
from meshlint.rules.webhooks.patching import minors, obsolete
from meshlint.rules.words import listed, named, see

DEFAULT_VALIDATOR = "validation.istio.io"
"""The hook that validates what has no revision label; it is moved from revision to revision."""


@mesh_rule
def webhook_leftover(view: View) -> Iterator[Hit]:
    """A configuration of a revision without istiod, while another revision has one."""
    for configuration in view.mesh.configurations:
        plane = view.mesh.plane(configuration.meta.at)
        if configuration.partial or not configuration.live_hooks or not plane.strong:
            continue
        if obsolete(configuration, plane):
            yield _old_name(configuration, plane)
        elif _dead(configuration, plane):
            yield _orphan(view, configuration, plane)


def _old_name(configuration: Configuration, plane: Plane) -> Hit:
    kept = configuration.meta.label(REVISION) in plane.strong
    fate = (
        "all of Istio's resources are validated twice"
        if kept
        else "nobody patches its caBundle, without which applying Istio's resources fails"
    )
    own = configuration.meta
    return Hit(
        f"{named(own.subject)} has the name that Istio up to 1.10 used, and istiod here is"
        f" 1.{min(minors(plane))}: no later version updates or removes it, and {fate}. Remove it"
        f" from Git, and with {_delete(own)}.",
        own.where,
        own.subject,
        case=None if kept else "old",
    )


def _delete(own: Meta) -> str:
    return f"'kubectl delete {own.subject.kind.lower()} {own.subject.name}'"


def _dead(configuration: Configuration, plane: Plane) -> bool:
    """Whether no istiod of the label's revision is here. Tags have a rule of their own."""
    revision = configuration.meta.label(REVISION)
    if revision is None or plane.vague or revision in plane.strong or MANAGED.match(revision):
        return False
    tag = configuration.mutating and TAG in configuration.meta.labels
    remote = any(hook.client.url is not None for hook in configuration.live_hooks)
    return not tag and not remote and agreed(configuration)


def _orphan(view: View, configuration: Configuration, plane: Plane) -> Hit:
    own, field = configuration.meta, configuration.revision
    asking = _asking(view, configuration) if configuration.mutating else ()
    first = "Relabel the namespaces that ask for it, then remove" if asking else "Remove"
    if DEFAULT_VALIDATOR in (hook.full_name for hook in configuration.live_hooks):
        first = "Set 'defaultRevision' of Istio's base chart to a live revision, or remove"
    return Hit(
        f"{named(own.subject)} belongs to revision {quoted(own.label(REVISION) or '')}, of which no"
        f" istiod is here; live are {listed(tuple(plane.strong))}. Without that istiod, calls fail"
        f" with 'service \"{_service(configuration)}\" not found'. {first} it from Git, and with"
        f" {_delete(own)}.",
        field.value.where if field else own.where,
        own.subject,
        asking,
    )


def _service(configuration: Configuration) -> str:
    names = (hook.client.service_name for hook in configuration.live_hooks)
    return next((name.value.text for name in names if name), "istiod")


def _asking(view: View, configuration: Configuration) -> tuple[Related, ...]:
    """Namespaces that see the configuration and are still labelled for its revision."""
    site, revision = configuration.meta.at, configuration.meta.label(REVISION)
    return tuple(
        see(n.meta.subject, n.meta.labels[REVISION].value.where)
        for n in view.mesh.asking(revision or "")
        if view.mesh.visible(n.meta.at, site)
    )[:5]


@mesh_rule
def webhooks_overlap(view: View) -> Iterator[Hit]:
    """Two injectors that call for one and the same pod: it is injected twice, or not at all."""
    done: set[tuple[Configuration, ...]] = set()
    for configuration in view.mesh.configurations:
        injectors = _live(view.mesh.plane(configuration.meta.at))
        if len(injectors) > 1 and injectors not in done:
            done.add(injectors)
            yield from _overlaps(injectors)


def _live(plane: Plane) -> tuple[Configuration, ...]:
    return tuple(c for c in plane.injectors if c.partial is None and c.live_hooks)


def _overlaps(injectors: tuple[Configuration, ...]) -> Iterator[Hit]:
    """One finding for each configuration, naming the first other one and the pod they share."""
    clash: dict[Configuration, tuple[Configuration, str]] = {}
    for revision, asking in _groups(injectors):
        for namespace, pod, words in _lattice(revision):
            called = [c for c in asking if _calls(c, namespace, pod)]
            for one in called:
                other = next((c for c in called if c is not one and _near(one, c)), None)
                if other and (one not in clash or _surer(one, other, clash[one][0])):
                    clash[one] = (other, words)
    for one, (other, words) in clash.items():
        yield _doubled(one, other, words)


def _doubled(one: Configuration, other: Configuration, words: str) -> Hit:
    return Hit(
        f"{named(one.meta.subject)} and {named(other.meta.subject)} both call for {words}: such"
        " pods are injected by both, one after the other. Keep one of them.",
        one.meta.where,
        one.meta.subject,
        (see(other.meta.subject, other.meta.where),),
        case=None if _one_file(one, other) else "apart",
    )


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


def _surer(one: Configuration, other: Configuration, before: Configuration) -> bool:
    return _one_file(one, other) and not _one_file(one, before)


def _near(one: Configuration, other: Configuration) -> bool:
    """In one file; or in the other's directory or below it, for one control plane's namespace."""
    a, b = sorted((dirname(one.meta.at.path), dirname(other.meta.at.path)), key=len)
    nested = a in ("", b) or b.startswith(a + "/")
    return _one_file(one, other) or (nested and bool(_homes(one) & _homes(other)))


def _homes(configuration: Configuration) -> set[str]:
    """The namespaces of the Services that a configuration calls."""
    fields = (hook.client.service_namespace for hook in configuration.live_hooks)
    return {field.value.text for field in fields if field}


def _calls(configuration: Configuration, namespace: Labels, pod: Labels) -> bool:
    return any(
        matches(hook.namespace_selector, namespace) is True
        and matches(hook.object_selector, pod) is True
        for hook in configuration.live_hooks
        if hook.for_pods and not hook.conditional and istios(hook, mutating=True)
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
