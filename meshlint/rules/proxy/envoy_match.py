"""EnvoyFilters whose match is none that their applyTo can have (ValidateEnvoyFilter)."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Location, Value, quoted
from meshlint.resources.envoy_filter import ConfigPatch, Match
from meshlint.rules.proxy.envoy_reach import applied
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

MANAGER = "envoy.filters.network.http_connection_manager"
MANAGERS = (MANAGER, "envoy.http_connection_manager")
"""The network filter that holds HTTP filters, and its name before Istio 1.19."""

LISTENERS = frozenset({"LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER"})
ROUTES = frozenset({"ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"})
WANTED = {
    **dict.fromkeys(LISTENERS, ("listener", "listener class objects cannot have non listener")),
    **dict.fromkeys(
        ROUTES,
        ("routeConfiguration", "http route class objects cannot have non route configuration"),
    ),
    "CLUSTER": ("cluster", "cluster class objects cannot have non cluster"),
}
"""What a match must be made on, and how istiod puts it."""

WHOLE = frozenset({"LISTENER", "FILTER_CHAIN"})


@mesh_rule
def envoy_filter_match_refused(view: View) -> Iterator[Hit]:
    """A match on another kind of object, or on a filter that cannot be told."""
    for one, patch in applied(view):
        found = _class(patch) or _filter(patch)
        if found:
            where, text, error = found
            yield Hit(
                f"{text}: istiod refuses {named(one.meta.subject)} with 'Envoy filter: {error}'.",
                where,
                one.meta.subject,
            )
        elif patch.kind in WHOLE and patch.match.filter:
            yield Hit(
                f"With applyTo {patch.kind} nobody reads the match on a filter: the patch is put on"
                " every one that the rest of the match chooses. Remove the match, or write applyTo"
                " NETWORK_FILTER.",
                patch.match.filter.where,
                one.meta.subject,
                case="inert",
            )


Found = tuple[Location, str, str]


def _class(patch: ConfigPatch) -> Found | None:
    """A match on the wrong kind of object; several, or a waypoint, istiod does not get to see."""
    wanted, objects = WANTED.get(patch.kind), patch.match.objects
    if wanted is None or len(objects) != 1 or objects[0].text in (wanted[0], "waypoint"):
        return None
    text = (
        f"A patch with applyTo {patch.kind} matches on {quoted(objects[0].text)}, and can match on"
        f" {quoted(wanted[0])} only"
    )
    return objects[0].where, text, f"applyTo for {wanted[1]} match"


def _filter(patch: ConfigPatch) -> Found | None:
    """A filter's match without a name, or a subFilter where there can be none."""
    outer = patch.match.filter
    if patch.kind not in LISTENERS or outer is None:
        return None
    if _unnamed(outer.name):
        return (
            outer.where,
            "The match on a filter has no name",
            "filter match has no name to match on",
        )
    return _inner(patch, patch.match) if patch.match.sub else None


def _inner(patch: ConfigPatch, match: Match) -> Found | None:
    sub, outer = match.sub, match.filter
    assert sub is not None
    assert outer is not None
    if patch.kind != "HTTP_FILTER":
        text = f"A match on 'subFilter' is for applyTo HTTP_FILTER, and here that is {patch.kind}"
        return sub.where, text, "subfilter match can be used with applyTo HTTP_FILTER only"
    if outer.text is not None and outer.text not in MANAGERS:
        text = f"Only {quoted(MANAGER)} has filters that 'subFilter' can match"
        where = outer.name.where if outer.name else outer.where
        return where, text, f"subfilter match requires filter match with {MANAGER}"
    if _unnamed(sub.name):
        error = "subfilter match has no name to match on"
        return sub.where, "The match on 'subFilter' has no name", error
    return None


def _unnamed(name: Value | None) -> bool:
    return name is None or name.known == ""
