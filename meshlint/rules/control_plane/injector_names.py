"""ConfigMaps that no istiod reads, as it looks for one of another name or in another place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from meshlint.finding import Hit, Related, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.document import Meta
from meshlint.resources.injector_map import InjectorMap
from meshlint.resources.istiod_sources import IstiodSources, MeshMap, Purpose
from meshlint.rules.control_plane.injector_readers import Readers, place
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

WITHOUT = {
    Purpose.INJECTOR: "logs 'Skipping sidecar injector, template not found' and injects nothing",
    Purpose.MESH: "starts with the default mesh configuration",
}
"""What an istiod does that finds none."""


@dataclass(frozen=True, slots=True)
class _Map:
    """A whole ConfigMap of a purpose, and the revision that its name has at its end."""

    meta: Meta
    purpose: Purpose
    revision: str

    @property
    def name(self) -> str:
        return self.meta.subject.name


@mesh_rule
def injector_config_not_read(view: View) -> Iterator[Hit]:
    """A ConfigMap for a revision that no istiod has, while an istiod here lacks its own."""
    readers, maps = Readers(view), _Maps(view)
    for found in maps.whole:
        istiods = tuple(readers.near(found.meta))
        if any(_may_read(istiod, found) for istiod in istiods):
            continue
        if found.revision == DEFAULT and found.name != found.purpose:
            yield from _trapped(maps, found, istiods)
        else:
            yield from _orphaned(view, maps, found, istiods)


class _Maps:
    """All ConfigMaps of both purposes; of those that are `whole` something is said."""

    def __init__(self, view: View) -> None:
        self.mesh = view.mesh
        self.whole: list[_Map] = []
        self._named: defaultdict[tuple[Purpose, str | None], list[Meta]] = defaultdict(list)
        every: Iterable[tuple[InjectorMap | MeshMap, Purpose]] = (
            *((found, Purpose.INJECTOR) for found in view.mesh.every(InjectorMap)),
            *((found, Purpose.MESH) for found in view.mesh.every(MeshMap)),
        )
        for found, purpose in every:
            name = found.meta.name.known if found.meta.name else None
            self._named[purpose, name].append(found.meta)
            if found.partial is None and name is not None and f"{name}-".startswith(f"{purpose}-"):
                revision = name.removeprefix(purpose).lstrip("-") or DEFAULT
                self.whole.append(_Map(found.meta, purpose, revision))

    def standing(self, found: _Map, istiod: IstiodSources | None) -> bool:
        """Whether the ConfigMap that an istiod looks for may stand here beside another one."""
        wanted = istiod.reads(found.purpose) if istiod else found.purpose.value
        there = (*self._named[found.purpose, wanted], *self._named[found.purpose, None])
        near = (meta for meta in there if self.mesh.together(found.meta.at, meta.at))
        return any(istiod is None or not _elsewhere(istiod.meta, meta) for meta in near)


def _may_read(istiod: IstiodSources, found: _Map) -> bool:
    """Whether it is not excluded that an istiod reads a ConfigMap."""
    if istiod.partial is not None or istiod.reads(found.purpose) is None:
        return True
    shared = istiod.shared is None or istiod.shared == found.name
    named_so = istiod.reads(found.purpose) == found.name
    wanted = named_so or (shared and found.purpose is Purpose.MESH)
    return wanted and not _elsewhere(istiod.meta, found.meta)


def _trapped(maps: _Maps, found: _Map, istiods: tuple[IstiodSources, ...]) -> Iterator[Hit]:
    """What the chart renders for `revision: default`, by a name that istiod never asks for."""
    own = [i for i in istiods if i.revision and i.revision.known == DEFAULT]
    reader = next((i for i in own if i.reads(found.purpose) == found.purpose), None)
    then = "" if maps.standing(found, reader) else f" and, without one, {WITHOUT[found.purpose]}"
    who = named(reader.meta.subject) if reader else "an istiod of revision 'default'"
    if reader or found.purpose is Purpose.INJECTOR:
        yield Hit(
            f"Nobody reads ConfigMap {quoted(found.name)}: {who} looks for"
            f" {quoted(found.purpose.value)}{then}. Install with an empty revision instead of"
            " 'default', and everything is called as istiod wants it.",
            found.meta.where,
            found.meta.subject,
            _related(reader),
            case=None if reader else "alone",
        )


def _orphaned(
    view: View, maps: _Maps, found: _Map, istiods: tuple[IstiodSources, ...]
) -> Iterator[Hit]:
    """One of a revision that is not there, beside an istiod that has none."""
    plane = view.mesh.plane(found.meta.at)
    if not plane.closed or plane.told or plane.managed or not _sole(plane, istiods):
        return
    lacking = [i for i in istiods if i.reads(found.purpose) and not maps.standing(found, i)]
    for istiod in lacking[:1]:
        astray = istiod.reads(found.purpose) == found.name
        if astray or found.revision not in plane.strong:
            words = _astray(found, istiod) if astray else _misnamed(found, istiod)
            related = _related(istiod)
            yield Hit(words, found.meta.where, found.meta.subject, related, "orphan")


def _misnamed(found: _Map, istiod: IstiodSources) -> str:
    wanted = quoted(istiod.reads(found.purpose) or "")
    return (
        f"No istiod reads ConfigMap {quoted(found.name)}: none here is of revision"
        f" {quoted(found.revision)}, and {named(istiod.meta.subject)} looks for {wanted}, which is"
        f" not here: it {WITHOUT[found.purpose]}. Call the ConfigMap {wanted}, if that is meant."
    )


def _astray(found: _Map, istiod: IstiodSources) -> str:
    return (
        f"No istiod reads {named(found.meta.subject)}: {named(istiod.meta.subject)} looks for it in"
        f" its own namespace, and it is not there: istiod {WITHOUT[found.purpose]}. Move the"
        f" ConfigMap to namespace {quoted(istiod.meta.subject.namespace)}."
    )


def _sole(plane: Plane, istiods: tuple[IstiodSources, ...]) -> bool:
    """Whether each revision that is installed is that of an istiod whose Deployment is here."""
    here = {i.revision.known for i in istiods if i.revision and i.partial is None}
    return set(plane.strong) <= here


def _related(istiod: IstiodSources | None) -> tuple[Related, ...]:
    if istiod is None or istiod.revision is None:
        return ()
    return (Related("the revision of that istiod", istiod.revision.where),)


def _elsewhere(meta: Meta, other: Meta) -> bool:
    """Whether two objects are sure to be in different namespaces."""
    places = place(meta), place(other)
    return None not in places and "" not in places and places[0] != places[1]
