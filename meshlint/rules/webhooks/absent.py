"""Services that hooks call, and that nobody makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Hit, Related, Value, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import Origin
from meshlint.resources.service import Service
from meshlint.resources.site import Site
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.patching import whole
from meshlint.rules.words import named, see

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Call:
    """A hook that calls a Service of a known name and namespace, which nobody makes."""

    configuration: Configuration
    plane: Plane
    name: Field
    space: Field

    @property
    def wanted(self) -> tuple[object, ...]:
        return self.configuration.meta.at, self.space.value.text, self.name.value.text


@mesh_rule
def webhook_service_missing(view: View) -> Iterator[Hit]:
    """The Service that a hook calls is nowhere, although its neighbours are there."""
    calls = list(_calls(view))
    done = set()
    for call in calls:
        strays, near = astray(view, call.configuration, call.name, call.space), _near(view, call)
        if strays and _housed(view, call):
            if call.wanted not in done:
                done.add(call.wanted)
                yield _outside(strays[0], [c for c in calls if c.wanted == call.wanted])
        elif strays:
            yield _stray(call, strays[0])
        elif near and not _suffixed(call):
            yield _unknown(call, near)
        elif near and _own(call) and call.wanted not in done:
            done.add(call.wanted)
            yield _gone([c for c in calls if c.wanted == call.wanted])


def _calls(view: View) -> Iterator[Call]:
    for configuration, plane in whole(view):
        for hook in configuration.live_hooks:
            call = _called(configuration, plane, hook)
            if call and not _there(view, call):
                yield call


def _called(configuration: Configuration, plane: Plane, hook: Hook) -> Call | None:
    name, space = hook.client.service_name, hook.client.service_namespace
    if not name or not space or not name.value.known or not space.value.known:
        return None
    return Call(configuration, plane, name, space)


def _there(view: View, call: Call) -> bool:
    site = call.configuration.meta.at
    return there(view, site, call.space.value.text, call.name.value.text)


def there(view: View, site: Site, space: str, name: str) -> bool:
    """Whether a Service of that name may be in that namespace, as far as the cluster is known."""
    found = (s for place in (space, "") for s in view.mesh.services_in(place))
    return any(s.meta.subject.name == name and view.mesh.visible(site, s.meta.at) for s in found)


def astray(view: View, configuration: Configuration, name: Field, space: Field) -> list[Service]:
    """The Services of that name in other namespaces that are applied with the configuration."""
    return [
        s
        for s in view.mesh.services
        if s.meta.at == configuration.meta.at and not s.partial
        if s.meta.subject.name == name.value.text
        if s.meta.subject.namespace not in ("", space.value.text)
    ]


def _housed(view: View, call: Call) -> bool:
    """Whether an istiod is applied with the configuration, in the namespace that it calls."""
    return any(
        w.meta.at == call.configuration.meta.at
        and w.meta.subject.namespace == call.space.value.text
        for w in view.mesh.pilots
    )


def _near(view: View, call: Call) -> Service | None:
    """One of istiod in the configuration's own file, as a chart renders them: best its own."""
    near = [
        s
        for s in view.mesh.services_in(call.space.value.text)
        if s.meta.at == call.configuration.meta.at and not s.partial
        if s.meta.subject.name.split("-")[0] == "istiod"
    ]
    revision = call.configuration.revision
    best = f"istiod-{revision.value.text}" if revision else "istiod"
    return min(near, key=lambda s: s.meta.subject.name != best, default=None)


def _suffixed(call: Call) -> bool:
    """Whether the name is that of a revision's Service."""
    return call.name.value.text.startswith("istiod-")


def _own(call: Call) -> bool:
    """Whether the istiod of the Service's name is applied with the configuration, whole.

    Of revisions that are gone, and of parts that disagree, other rules speak.
    """
    revision = call.name.value.text.removeprefix("istiod-")
    return any(
        r.origin is Origin.DEPLOYMENT and not r.partial and r.at == call.configuration.meta.at
        for r in call.plane.strong.get(revision, ())
    )


def _unknown(call: Call, near: Service) -> Hit:
    name, own = call.name.value.text, call.configuration.meta
    return Hit(
        f"{named(own.subject)} calls Service {quoted(name)}, which is not here, while"
        f" {quoted(near.meta.subject.name)} of the same namespace is: {_fails(name)}. Write the"
        " name of istiod's Service.",
        call.name.value.where,
        own.subject,
        (see(near.meta.subject, near.meta.where),),
        case=None if call.plane.closed else "open",
    )


def _fails(name: str) -> str:
    return f"calls fail with 'service \"{name}\" not found'"


def _stray(call: Call, there: Service) -> Hit:
    name, own = call.name.value.text, call.configuration.meta
    space: Value = call.space.value
    return Hit(
        f"{named(own.subject)} calls Service {quoted(name)} in namespace {quoted(space.text)}, and"
        f" here it is in {quoted(there.meta.subject.namespace)}: {_fails(name)}. Write the"
        " namespace of the Service.",
        space.where,
        own.subject,
        (see(there.meta.subject, there.meta.where),),
        case="open",
    )


def _outside(there: Service, calls: list[Call]) -> Hit:
    name, own = calls[0].name.value.text, there.meta
    return Hit(
        f"{named(own.subject)} is called in namespace {quoted(calls[0].space.value.text)}, where"
        f" istiod is: {_fails(name)}. Write that namespace.",
        own.namespace.where if own.namespace else own.where,
        own.subject,
        _callers(calls),
        case="open",
    )


def _callers(calls: list[Call]) -> tuple[Related, ...]:
    return tuple(
        Related(f"called by {named(c.configuration.meta.subject)}", c.name.value.where)
        for c in calls[:SHOWN]
    )


def _gone(calls: list[Call]) -> Hit:
    first, *others = calls
    name, own = first.name.value.text, first.configuration.meta
    return Hit(
        f"{named(own.subject)} calls Service {quoted(name)}, and the istiod of that revision is"
        f" here without it: {_fails(name)}. Add the Service.",
        first.name.value.where,
        own.subject,
        _callers(others),
        case=None if first.plane.closed else "open",
    )
