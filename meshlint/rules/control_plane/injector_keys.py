"""An injector's ConfigMap without what istiod reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from meshlint.finding import Hit, Location, Related, Value, quoted
from meshlint.resources.control_plane import Origin
from meshlint.resources.injector import Settings
from meshlint.resources.injector_map import InjectorMap
from meshlint.resources.injector_text import KEYS
from meshlint.resources.site import Site
from meshlint.rules.control_plane.injector_readers import Reader, Readers
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import listed, named


@mesh_rule
def injector_config_incomplete(view: View) -> Iterator[Hit]:
    """A ConfigMap that lacks `config` or `values`, or a template that all pods are to get."""
    readers, every = Readers(view), view.mesh.every(InjectorMap)
    named_so: defaultdict[str, list[InjectorMap]] = defaultdict(list)
    for found in every:
        named_so[found.meta.subject.name].append(found)
    given = _given(view)
    for found in every:
        twins = (m for m in named_so[found.meta.subject.name] if m is not found)
        again = any(view.mesh.together(found.meta.at, twin.meta.at) for twin in twins)
        if found.partial is None and found.keys is not None and not again:
            reading = readers.of(found.meta)
            yield from _missing(found, reading)
            for settings in given[found.config, found.meta.at] if found.config else ():
                yield from _nameless(found, reading, settings)


def _given(view: View) -> defaultdict[tuple[Location, Site], list[Settings]]:
    """What whole ConfigMaps say, by where they stand and from where they are applied."""
    found: defaultdict[tuple[Location, Site], list[Settings]] = defaultdict(list)
    for settings in view.mesh.every(Settings):
        if settings.origin is Origin.CONFIG_MAP and settings.complete:
            found[settings.where, settings.at].append(settings)
    return found


def _missing(found: InjectorMap, reading: tuple[Reader, ...]) -> Iterator[Hit]:
    lacking = tuple(key for key in KEYS if key not in (found.keys or ()))
    # without labels and without an istiod it may be a patch that somebody puts on the whole one
    if (not lacking and found.empty is None) or not (reading or found.rendered):
        return
    own, case = found.meta.subject, None if reading else "unread"
    related: tuple[Related, ...] = tuple(reader.related for reader in reading[:1])
    if lacking:
        what = f"has no key {quoted(lacking[0])}" if len(lacking) == 1 else "has no keys"
        what += "" if len(lacking) == 1 else f" {listed(lacking)}"
        error = f'missing ConfigMap {lacking[0]} key "{lacking[0]}"'
        yield Hit(
            f"{named(own)} {what}, and istiod needs both 'config' and 'values': one that starts"
            f" exits with {quoted(error)}, and one that runs goes on with what it had.",
            found.meta.where,
            own,
            related,
            case,
        )
    elif found.empty:
        yield Hit(
            f"'config' of {named(own)} is empty: it has no policy and no templates, and istiod"
            " injects nothing. Put the configuration back that the chart renders.",
            found.empty,
            own,
            related,
            case,
        )


def _nameless(found: InjectorMap, reading: tuple[Reader, ...], settings: Settings) -> Iterator[Hit]:
    """Default templates that are not there: pods that name none themselves are denied."""
    for name in settings.defaults if settings.templates else ():
        if name.known is not None and name.text not in (settings.templates or ()):
            yield _absent(found, reading, name)


def _absent(found: InjectorMap, reading: tuple[Reader, ...], name: Value) -> Hit:
    error = f'requested template "{name.text}" not found'
    return Hit(
        f"{named(found.meta.subject)} has no template {quoted(name.text)}, which all pods get that"
        f" name none: each is denied with {quoted(error, 120)}. Add it, or name others in"
        " 'defaultTemplates'.",
        name.where,
        found.meta.subject,
        tuple(reader.related for reader in reading[:1]),
        case=None if reading else "unread",
    )
