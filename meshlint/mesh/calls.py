"""Which webhooks the API server calls: selectors over the labels of Namespace and pod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from meshlint.mesh.decision import Call
from meshlint.mesh.flavour import CHANNELS
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import UNKNOWN, Labels, both, matches
from meshlint.mesh.stock import auto_hook, hooks_of, member_hook
from meshlint.resources.control_plane import DEFAULT, Origin, Tag
from meshlint.resources.declared import Flavour
from meshlint.resources.injector import Settings
from meshlint.resources.keys import NAMESPACE_NAME, REVISION
from meshlint.resources.maistra import MEMBER_OF
from meshlint.resources.webhook import Configuration, Hook, istios

ANY = "?"
"""Stands for a revision that nobody has named; no label can have this value."""

AUTOMATIC = frozenset({NAMESPACE_NAME, MEMBER_OF})
"""Labels that are put on namespaces, and stand in no manifest."""

CHARTED = frozenset({Origin.HELM, Origin.OPERATOR, Origin.SAIL})
"""Where a tag's webhooks are rendered with the values of its revision."""


def called(plane: Plane, namespace: Labels, pod: Labels) -> tuple[Call, ...]:
    """The webhooks that match, surely or maybe: those in the tree, then the charts' own.

    A webhook that the charts would render counts for a revision or tag that is known and has no
    configuration in the tree; where more revisions may exist than are known, it may match too.
    """
    namespace = completed(namespace)
    return tuple(_match(candidates(plane, namespace, pod), namespace, pod))


def completed(namespace: Labels) -> Labels:
    """The labels of a Namespace, of which those that are put on by themselves may be missing."""
    missing = frozenset() if NAMESPACE_NAME in namespace.given else AUTOMATIC
    return replace(namespace, unknown=namespace.unknown | missing)


def candidates(plane: Plane, namespace: Labels, pod: Labels) -> Iterator[Call]:
    """The webhooks that may be called, before their selectors are asked."""
    yield from _present(plane)
    yield from _assumed(plane, namespace, pod)
    yield from _of_members(plane)


def _match(candidates: Iterable[Call], namespace: Labels, pod: Labels) -> Iterator[Call]:
    for call in candidates:
        hook = call.hook
        condition = None if hook.conditional else True
        sides = (matches(hook.namespace_selector, namespace), matches(hook.object_selector, pod))
        answer = both((*sides, condition))
        if answer is not False:
            yield replace(call, sure=call.sure and answer is True)


def _present(plane: Plane) -> Iterator[Call]:
    for configuration in plane.injectors:
        revision = configuration.meta.label(REVISION)
        for hook in configuration.hooks:
            if sees_pods(plane, configuration, hook) and _injects(hook):
                yield Call(hook, configuration, revision, configuration.partial is None)


def sees_pods(plane: Plane, configuration: Configuration, hook: Hook) -> bool:
    """Whether the API server asks a hook when a pod is created, as far as its rules tell.

    Without rules it never does. But where no webhook of Istio's has any, as in examples, they are
    taken for granted.
    """
    if hook.rules is not None or not hook.for_pods:
        return hook.for_pods
    beside = (c for c in plane.configurations if c.meta.at == configuration.meta.at)
    return all(other.rules is None for c in beside for other in c.hooks)


def _injects(hook: Hook) -> bool:
    """Whether it calls an injector of Istio's, and not that of somebody else."""
    url = hook.client.url
    return istios(hook, mutating=True) or (url is not None and "/inject" in url.value.text)


def _assumed(plane: Plane, namespace: Labels, pod: Labels) -> Iterator[Call]:
    asked = {labels.state(REVISION) for labels in (namespace, pod)}
    names = {DEFAULT, *(value for value in asked if isinstance(value, str) and value)}
    if UNKNOWN in asked and plane.closed:
        names |= {*plane.names, *(CHANNELS if plane.managed else ())}
    for name in sorted(names - plane.served):
        if plane.possible(name) and not _elsewise(plane, name):
            yield from _charted(plane, name)
    if UNKNOWN in asked and not plane.closed:
        yield from (Call(hook, None, None, False) for hook in hooks_of(ANY))


def _elsewise(plane: Plane, name: str) -> bool:
    """Whether the webhooks of a name are in the tree, and ask for something else.

    Where those of the default revision are switched off, a tag `default` has taken its place.
    """
    live = plane.configured.get(name)
    return live is not None and (live or plane.closed or name != DEFAULT)


def _charted(plane: Plane, name: str) -> Iterator[Call]:
    """What the charts render for a revision or tag."""
    sure = plane.sure(name) and name not in plane.configured
    revision = _target(plane, name) or name
    for hook in hooks_of(name):
        yield Call(hook, None, revision, sure)
    by_default = _by_default(plane) if name == DEFAULT else False
    if by_default is not False:
        yield Call(auto_hook(), None, revision, sure and by_default is True)


def _target(plane: Plane, name: str) -> str | None:
    """The revision behind a tag; behind Google's default, the one channel that is known."""
    targets = {tag.target.known for tag in plane.tags.get(name, ()) if tag.target}
    if not targets and name == DEFAULT and DEFAULT not in plane.revisions and plane.managed:
        targets = {channel for channel in CHANNELS if channel in plane.strong}
    return targets.pop() if len(targets) == 1 else None


def _by_default(plane: Plane) -> bool | None:
    """Whether the default revision injects into namespaces without a label; None if unknown."""
    if plane.managed and not {DEFAULT} & {*plane.strong, *plane.tags}:
        return False  # Google's webhooks have no such hook
    tags = plane.tags.get(DEFAULT, ())
    names = {DEFAULT, *(tag.target.known for tag in tags if tag.target)}
    answers = {_says(one) for name in names if name for one in plane.settings_of(name)}
    apart = any(map(_rendered_apart, tags)) or bool(plane.settings_of(None))
    return answers.pop() if len(answers) == 1 and not apart else None


def _rendered_apart(tag: Tag) -> bool:
    """Whether a tag's webhooks come with values of their own (istioctl tag, chart `default`)."""
    return tag.origin not in CHARTED or tag.target is None


def _says(settings: Settings) -> bool | None:
    value = settings.by_default
    if value is None:
        return False if settings.complete else None
    return value.text == "true" if value.literal else None


def _of_members(plane: Plane) -> Iterator[Call]:
    """OpenShift Service Mesh 2: one webhook for each control plane, by membership."""
    if Flavour.OSSM2 not in plane.flavours:
        return
    shown = {
        value.known
        for configuration in plane.injectors
        for hook in configuration.live_hooks
        for value in hook.namespace_selector.values_of(MEMBER_OF)
    }
    found: dict[str | None, tuple[str | None, bool]] = {}
    for members in plane.members:
        mesh = members.mesh.known if members.mesh else None
        found[mesh] = (members.plane.known if members.plane else None, False)
    for mesh_plane in plane.meshes:
        own = mesh_plane.meta
        found[own.subject.namespace or None] = (own.subject.name, mesh_plane.partial is None)
    if not found:
        found[None] = (None, True)
    for mesh in sorted(found.keys() - shown, key=lambda name: name or ""):
        yield Call(member_hook(mesh), None, *found[mesh])
