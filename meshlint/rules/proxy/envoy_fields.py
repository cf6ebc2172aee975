"""Fields that EnvoyFilters do not have, and those that were meant."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Fix, Hit, quoted
from meshlint.resources.envoy_filter import EnvoyFilter
from meshlint.resources.envoy_schema import Stray, fields_at, homes
from meshlint.rules.mending import rename
from meshlint.rules.proxy.envoy_reach import whole
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import nearest
from meshlint.rules.words import named

LEGACY = frozenset({"filters", "workloadLabels"})
"""Fields of the first EnvoyFilter API, which Istio 1.6 took away (istio/api#1344)."""


@mesh_rule
def envoy_filter_field_unknown(view: View) -> Iterator[Hit]:
    """A field that EnvoyFilters do not have: the API server drops it (structural schema)."""
    for one in whole(view):
        for fault in one.faults:
            if isinstance(fault, Stray) and fault.key.literal and fault.key.text:
                yield _stray(one, fault)


def _stray(one: EnvoyFilter, stray: Stray) -> Hit:
    advice = _advice(stray)
    place = ".".join(stray.holder) or "the object"
    return Hit(
        f"{named(one.meta.subject)} has {quoted(stray.key.text)} in {place}, and EnvoyFilters have"
        f" no such field there: kubectl apply refuses the object, and where it is applied"
        f" otherwise the field is dropped. {advice or 'Remove it.'}",
        stray.key.where,
        one.meta.subject,
        case=None if advice else "other",
        fix=_renamed(stray),
    )


def _renamed(stray: Stray) -> Fix | None:
    """The field of that map that was meant."""
    name, here = stray.key.text, fields_at(stray.holder)
    near = "labels" if name == "matchLabels" and "labels" in here else _near(name, here)
    return rename(stray.key, near) if near else None


def _near(name: str, here: tuple[str, ...]) -> str | None:
    """A field of a map that a name is written nearly as."""
    plain = name.replace("_", "").lower()
    same = next((field for field in here if field.lower() == plain), None)
    return same or nearest(name, here) or _shorter(name, here)


def _advice(stray: Stray) -> str | None:
    """What was meant: a field of that map, one of another map, or one that was once there."""
    name, here = stray.key.text, fields_at(stray.holder)
    if name in LEGACY and stray.holder == ("spec",):
        return "It is of the API before Istio 1.6: write workloadSelector and configPatches."
    near = _near(name, here)
    if near:
        return f"Write {quoted(near)}."
    if name == "matchLabels" and "labels" in here:
        return "The labels of pods stand in 'labels'."
    found = homes(name)
    if len(found) == 1:
        return f"It belongs in {'.'.join(('spec', *found[0]))}."
    below = [path for path in found if ("spec", *path)[: len(stray.holder)] == stray.holder]
    return f"It belongs in {'.'.join(('spec', *below[0]))}." if len(below) == 1 else None


def _shorter(name: str, here: tuple[str, ...]) -> str | None:
    """A field with the name of its type, as in the API's documentation: `listenerMatch`."""
    plain = name.removesuffix("Match")
    return plain if plain != name and plain in here else None
