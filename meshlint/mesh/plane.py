"""The control planes that one scope sees: revisions, tags and injectors, each with its evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from meshlint.mesh.flavour import (
    CHANNELS,
    WITHOUT_DEFAULT,
    declared_flavours,
    shown_flavours,
)
from meshlint.resources.control_plane import DEFAULT, Elsewhere, Origin, Revision, Tag
from meshlint.resources.declared import Declared, Flavour
from meshlint.resources.injector import Settings
from meshlint.resources.keys import INJECTION, REVISION, TAG
from meshlint.resources.maistra import Members, MeshPlane
from meshlint.resources.webhook import Configuration, Hook


@dataclass(frozen=True)
class Plane:
    """What is known of the control planes of one cluster.

    `closed` means that no revision can exist which is not in here. That is so when the user
    declares it, or when a whole control plane stands in the scope: an istiod Deployment and its
    injector's webhook configuration, and nothing that is installed from somewhere else. `bare` is
    True where it is closed by declarations that say nothing of a default revision.
    """

    configurations: tuple[Configuration, ...]
    revisions: Mapping[str, tuple[Revision, ...]]
    tags: Mapping[str, tuple[Tag, ...]]
    closed: bool
    vague: bool = False
    """A control plane is installed here of which not everything can be read."""
    settings: tuple[Settings, ...] = ()
    declared: tuple[Declared, ...] = ()
    meshes: tuple[MeshPlane, ...] = ()
    members: tuple[Members, ...] = ()
    bare: bool = False

    def known(self, name: str) -> bool:
        """Whether a revision or tag of this name is known, or a webhook selects it."""
        return name in self.revisions or name in self.tags or name in self.served

    def sure(self, name: str) -> bool:
        """Whether a revision or tag of this name is sure to be there; webhooks may be left over."""
        if name in self.strong or name in self.tags:
            return True
        return self.default is True if name == DEFAULT else name in self._channels

    def possible(self, name: str) -> bool:
        """Whether a revision or tag of this name may be there, as far as is known."""
        if self.sure(name) or name in self.served:
            return True
        if name == DEFAULT and self.default is not None:
            return self.default
        if self.known(name) or not self.closed or (name == DEFAULT and self.bare):
            return True
        return self.managed and name in CHANNELS

    @property
    def told(self) -> bool:
        """Whether somebody has declared all revisions and tags of the cluster."""
        return any(declared.closed for declared in self.declared)

    @cached_property
    def default(self) -> bool | None:
        """Whether somebody takes istio-injection=enabled, by what was said and by flavour."""
        said = {d.default for d in self.declared} - {None}
        if said:
            return said.pop() if len(said) == 1 else None
        if self.managed:
            return True
        proven = DEFAULT in self.strong or DEFAULT in self.tags
        return False if not proven and self.flavours & WITHOUT_DEFAULT else None

    @cached_property
    def flavours(self) -> frozenset[Flavour]:
        """Whose meshes these are: those declared, else those that show."""
        said = frozenset(declared_flavours(self.declared))
        every = [r for found in self.revisions.values() for r in found]
        shown = frozenset(shown_flavours(self.declared, every, self.injectors))
        members = frozenset({Flavour.OSSM2} if self.meshes or self.members else ())
        return said or shown | members

    @cached_property
    def served(self) -> frozenset[str]:
        """The names that webhooks in the tree select; `default` where one takes istio-injection."""
        hooks = (hook for configuration in self.injectors for hook in configuration.live_hooks)
        return frozenset(name for hook in hooks for name in _selected(hook))

    @cached_property
    def configured(self) -> Mapping[str, bool]:
        """The revisions and tags whose own webhooks are here, and whether those are switched on."""
        found: dict[str, bool] = {}
        for configuration in self.injectors:
            own = configuration.meta
            name = own.label(TAG) if TAG in own.labels else own.label(REVISION)
            if name and not configuration.partial:
                found[name] = found.get(name, False) or bool(configuration.live_hooks)
        return found

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All revisions and tags, sorted."""
        return tuple(sorted({*self.revisions, *self.tags}))

    @cached_property
    def strong(self) -> Mapping[str, tuple[Revision, ...]]:
        """Revisions of which an istiod is sure to exist."""
        found = {name: tuple(r for r in rs if r.strong) for name, rs in self.revisions.items()}
        return {name: rs for name, rs in found.items() if rs}

    @cached_property
    def injectors(self) -> tuple[Configuration, ...]:
        """Mutating configurations, copies of one object left out."""
        unique = {content(c): c for c in reversed(self.configurations) if c.mutating}
        return tuple(reversed(unique.values()))

    @cached_property
    def managed(self) -> bool:
        """Whether Google manages a control plane here, whose webhooks never stand in Git."""
        found = (r.origin is Origin.MANAGED for rs in self.revisions.values() for r in rs)
        return any(found) or Flavour.CSM_MANAGED in self.flavours

    @cached_property
    def _channels(self) -> tuple[str, ...]:
        """The managed revisions where somebody declares such a mesh, and none of them is known."""
        meant = Flavour.CSM_MANAGED in declared_flavours(self.declared)
        return CHANNELS if meant and not any(c in self.strong for c in CHANNELS) else ()

    def settings_of(self, revision: str | None) -> tuple[Settings, ...]:
        """What is known of the injector of a revision: several where that is not the same."""
        return self._settings.get(revision, ())

    @cached_property
    def _settings(self) -> Mapping[str | None, tuple[Settings, ...]]:
        """By revision, under None those of no known one. What is whole beats what is not."""
        found: defaultdict[str | None, list[Settings]] = defaultdict(list)
        for one in self.settings:
            found[one.revision.text if one.revision else None].append(one)
        return {name: tuple([s for s in own if s.complete] or own) for name, own in found.items()}

    def minors(self, revision: str | None) -> tuple[int, int] | None:
        """The oldest and the newest minor version of a revision's istiods; None if not known."""
        found = [r.version[1] for r in self.revisions.get(revision or "", ()) if r.version]
        return (min(found), max(found)) if found else None


def _selected(hook: Hook) -> Iterator[str]:
    for selector in (hook.namespace_selector, hook.object_selector):
        yield from (value.text for value in selector.values_of(REVISION))
        if any(value.text == "enabled" for value in selector.values_of(INJECTION)):
            yield DEFAULT


def content(configuration: Configuration) -> tuple[object, ...]:
    """What makes two webhook configurations the same, wherever they stand."""
    own, hooks = configuration.meta, configuration.hooks
    return (
        (own.subject.kind, own.subject.name, own.label(REVISION), own.label(TAG)),
        tuple((hook.full_name, *_sides(hook)) for hook in hooks),
        tuple(_target(hook) for hook in hooks),
    )


def _sides(hook: Hook) -> tuple[object, ...]:
    return tuple(
        tuple(sorted((e.key, e.operator, *(v.text for v in e.values)) for e in s.expressions))
        for s in (hook.namespace_selector, hook.object_selector)
    )


def _target(hook: Hook) -> tuple[str, ...]:
    fields = (hook.client.url, hook.client.service_name, hook.client.service_namespace)
    return tuple(field.value.text if field else "" for field in fields)


def plane(
    configurations: Iterable[Configuration],
    revisions: Iterable[Revision],
    tags: Iterable[Tag],
    elsewhere: Iterable[Elsewhere],
    *,
    declared_closed: bool = False,
    settings: Iterable[Settings] = (),
    declared: Iterable[Declared] = (),
    meshes: Iterable[MeshPlane] = (),
    members: Iterable[Members] = (),
) -> Plane:
    """Puts the evidence of one scope together."""
    configurations, revisions, said = tuple(configurations), tuple(revisions), tuple(declared)
    vague = any(r.name.known is None for r in revisions) or any(True for _ in elsewhere)
    proven = declared_closed or (not vague and _whole(configurations, revisions))
    told = any(d.closed for d in said)
    return Plane(
        configurations=configurations,
        revisions=_named((*revisions, *_labelled(revisions), *_revisions_of(configurations))),
        tags=_named((*tags, *_tags_of(configurations))),
        vague=vague,
        closed=proven or told,
        bare=told and not proven,
        settings=tuple(settings),
        declared=said,
        meshes=tuple(meshes),
        members=tuple(members),
    )


N = TypeVar("N", Revision, Tag)


def _named(found: Iterable[N]) -> Mapping[str, tuple[N, ...]]:
    """Revisions or tags by their names, sorted, without those whose names are not known."""
    named: defaultdict[str, list[N]] = defaultdict(list)
    for one in found:
        if one.name.known:
            named[one.name.text].append(one)
    return {name: tuple(named[name]) for name in sorted(named)}


def _labelled(revisions: Iterable[Revision]) -> Iterable[Revision]:
    """An istiod is also found by the label of its pods, where it takes itself for another one."""
    return (replace(r, name=r.label, label=None) for r in revisions if r.label is not None)


def _revisions_of(configurations: Iterable[Configuration]) -> Iterable[Revision]:
    """Weak evidence: a configuration may be left over from a revision that is gone."""
    for configuration in configurations:
        label = configuration.revision
        injects = configuration.mutating and configuration.live_hooks
        if label and injects and TAG not in configuration.meta.labels:
            own = configuration.meta.subject
            yield Revision(label.value, Origin.WEBHOOK, own, configuration.partial)


def _tags_of(configurations: Iterable[Configuration]) -> Iterable[Tag]:
    for configuration in configurations:
        label, target = configuration.meta.labels.get(TAG), configuration.revision
        if label and configuration.mutating and configuration.live_hooks:
            own = configuration.meta.subject
            value = target.value if target else None
            yield Tag(label.value, value, Origin.WEBHOOK, own, configuration.partial)


def _whole(configurations: Iterable[Configuration], revisions: Iterable[Revision]) -> bool:
    injectors = (c for c in configurations if c.mutating and not c.partial and c.live_hooks)
    injected = {configuration.meta.label(REVISION) for configuration in injectors}
    istiods = [r for r in revisions if r.origin is Origin.DEPLOYMENT and not r.partial]
    deployed = {r.name.known for r in (*istiods, *_labelled(istiods))}
    return bool(injected & deployed - {None})
