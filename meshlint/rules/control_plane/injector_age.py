"""An injector's configuration of another age than the istiod that reads it."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Location, Value, quoted
from meshlint.resources.gotemplate.functions import GONE, SINCE
from meshlint.resources.injector_map import InjectorMap
from meshlint.rules.control_plane.injector_readers import Reader, Readers, minors
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

NAMED = 9
"""Since Istio 1.9 an injector has several templates, each with a name."""


@mesh_rule
def injector_config_outdated(view: View) -> Iterator[Hit]:
    """The form of another time, or functions that the istiod which reads them does not have."""
    readers = Readers(view)
    for found in view.mesh.every(InjectorMap):
        reading = readers.of(found.meta) if found.partial is None else ()
        versions = minors(reading)
        if not versions:
            continue
        if found.single and not found.several and min(versions) >= NAMED:
            yield _old(found, reading[0], found.single)
        elif found.several and max(versions) < NAMED:
            yield _new(found, reading[0], found.several)
        elif found.several:
            yield from _calls(found, reading[0], versions)


def _old(found: InjectorMap, reader: Reader, where: Location) -> Hit:
    error = 'requested template "sidecar" not found'
    return Hit(
        f"{named(found.meta.subject)} has the form before Istio 1.9, with one 'template', which the"
        f" istiod that reads it, 1.{reader.minor}, passes over: each pod is denied with"
        f" {quoted(error)}. Put the ConfigMap there that the chart of this istiod renders.",
        where,
        found.meta.subject,
        (reader.related,),
    )


def _new(found: InjectorMap, reader: Reader, where: Location) -> Hit:
    return Hit(
        f"{named(found.meta.subject)} has the form since Istio 1.9, with 'templates', and the"
        f" istiod that reads it, 1.{reader.minor}, knows 'template' alone: pods are denied, or"
        " stay without a proxy. Put the ConfigMap there that the chart of this istiod renders.",
        where,
        found.meta.subject,
        (reader.related,),
    )


def _calls(found: InjectorMap, reader: Reader, versions: tuple[int, ...]) -> Iterator[Hit]:
    for call in found.calls:
        since, gone = SINCE.get(call.text, 0), GONE.get(call.text, max(versions) + 1)
        if max(versions) < since or min(versions) >= gone:
            yield _call(found, reader, call)


def _call(found: InjectorMap, reader: Reader, call: Value) -> Hit:
    word = f"since 1.{SINCE[call.text]}" if call.text in SINCE else f"before 1.{GONE[call.text]}"
    error = f'function "{call.text}" not defined'
    return Hit(
        f"A template calls {quoted(call.text)}, which injectors have {word}, and the istiod that"
        f" reads it is 1.{reader.minor}: it fails with {quoted(error)}. Put the ConfigMap there"
        " that the chart of this istiod renders.",
        call.where,
        found.meta.subject,
        (reader.related,),
        case="function",
    )
