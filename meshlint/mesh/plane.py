"""The control planes that one scope sees: revisions, tags and injectors, each with its evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from meshlint.resources.control_plane import DEFAULT, Elsewhere, Origin, Revision, Tag
from meshlint.resources.keys import INJECTION, REVISION, TAG
from meshlint.resources.webhook import Configuration, Hook


@dataclass(frozen=True)
class Plane:
    """`closed` means that no revision can exist which is not in here.

    That is so when the user declares it, or when a whole control plane stands in the scope: an
    istiod Deployment and its injector's webhook configuration, and nothing that is installed from
    somewhere else.
    """

    configurations: tuple[Configuration, ...]
    revisions: Mapping[str, tuple[Revision, ...]]
    tags: Mapping[str, tuple[Tag, ...]]
    closed: bool
    vague: bool = False
    """A control plane is installed here of which not everything can be read."""
    selective: bool = False
    """The injector's own configuration may pass over pods that leave it to the policy."""

    def known(self, name: str) -> bool:
        """Whether a revision or tag of this name is known, or a webhook selects it."""
        return name in self.revisions or name in self.tags or name in self.served

    @cached_property
    def served(self) -> frozenset[str]:
        """The names that webhooks in the tree select; `default` where one takes istio-injection."""
        hooks = (hook for configuration in self.injectors for hook in configuration.live_hooks)
        return frozenset(name for hook in hooks for name in _selected(hook))

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
        return any(r.origin is Origin.MANAGED for rs in self.revisions.values() for r in rs)


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
    selective: bool = False,
) -> Plane:
    """Puts the evidence of one scope together."""
    configurations, revisions = tuple(configurations), tuple(revisions)
    tags = (*tags, *_tags_of(configurations))
    vague = any(r.name.known is None for r in revisions) or any(True for _ in elsewhere)
    found = defaultdict(list)
    for revision in (*revisions, *_revisions_of(configurations)):
        if revision.name.known:
            found[revision.name.text].append(revision)
    named = defaultdict(list)
    for tag in tags:
        if tag.name.known:
            named[tag.name.text].append(tag)
    return Plane(
        configurations=configurations,
        revisions={name: tuple(found[name]) for name in sorted(found)},
        tags={name: tuple(named[name]) for name in sorted(named)},
        vague=vague,
        selective=selective,
        closed=declared_closed or (not vague and _whole(configurations, revisions)),
    )


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
    deployed = {r.name.known for r in revisions if r.origin is Origin.DEPLOYMENT and not r.partial}
    return bool(injected & deployed - {None})
