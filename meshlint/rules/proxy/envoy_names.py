"""EnvoyFilters that look for filters by names that no proxy has: they are silently not applied."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Value, quoted
from meshlint.resources.envoy_filter import ConfigPatch, EnvoyFilter
from meshlint.rules.mending import assign
from meshlint.rules.proxy.envoy_known import HTTP, LISTENER, NETWORK, PLUGIN, RENAMED
from meshlint.rules.proxy.envoy_match import MANAGER
from meshlint.rules.proxy.envoy_reach import applied, since
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import distance
from meshlint.rules.words import named

CANONICAL = 19
"""Since Istio 1.19 a match on an old name matches nothing (istio/istio#45675)."""

RENAMING = 8
"""Since Istio 1.8 istiod generates the new names; before, the old ones were right."""

STOCK = {"HTTP_FILTER": HTTP, "NETWORK_FILTER": NETWORK, "LISTENER_FILTER": LISTENER}
"""The filters that istiod generates, by what a patch applies to."""

NEEDS_ANCHOR = frozenset({"INSERT_BEFORE", "INSERT_AFTER", "REPLACE", "MERGE", "REMOVE"})


def anchor(patch: ConfigPatch) -> Value | None:
    """The name of the filter that a patch is put at; None where it names none."""
    match = patch.match
    if patch.kind == "LISTENER_FILTER":
        return match.listener_filter
    if patch.kind == "HTTP_FILTER":
        return match.sub.name if match.sub else None
    if patch.kind == "NETWORK_FILTER":
        return match.filter.name if match.filter else None
    return None


def _matched(patch: ConfigPatch) -> Iterator[Value]:
    """All names of filters in a match."""
    match = patch.match
    names = [named.name for named in (match.filter, match.sub) if named]
    yield from (name for name in (*names, match.listener_filter) if name is not None)


@mesh_rule
def envoy_filter_name_deprecated(view: View) -> Iterator[Hit]:
    """A match on a filter's name from before Envoy 1.14 (xds.ReverseDeprecatedFilterNames)."""
    for one, patch in applied(view):
        if since(view, one, RENAMING) is False:
            continue
        for name in _matched(patch):
            new = RENAMED.get(name.known or "")
            if new:
                old = since(view, one, CANONICAL) is False
                yield Hit(
                    f"The filter {quoted(name.text)} has had the name {quoted(new)} for long, and"
                    f" since Istio 1.{CANONICAL} no other one matches: the patch of"
                    f" {named(one.meta.subject)} is silently not applied. Write the new name.",
                    name.where,
                    one.meta.subject,
                    case="older" if old else None,
                    fix=assign(name, new),
                )


@mesh_rule
def envoy_filter_anchor_unknown(view: View) -> Iterator[Hit]:
    """A patch at a filter that neither istiod nor another EnvoyFilter of the tree makes."""
    added = _added(view)
    for one, patch in applied(view):
        outer = patch.match.filter
        if patch.kind == "HTTP_FILTER" and outer and _foreign(outer.text):
            yield _outside(one, outer.name or Value(MANAGER, outer.where))
            continue
        name = anchor(patch) if patch.does in NEEDS_ANCHOR else None
        text = name.known if name else None
        if name is None or not text or text in RENAMED or text.startswith(PLUGIN):
            continue
        if text not in added and text not in STOCK[patch.kind]:
            yield _unknown(one, patch, name)


def _foreign(name: str | None) -> bool:
    return bool(name) and name != MANAGER and name not in RENAMED


def _outside(one: EnvoyFilter, name: Value) -> Hit:
    return Hit(
        f"HTTP filters are in {quoted(MANAGER)} alone, and the patch of {named(one.meta.subject)}"
        f" matches on {quoted(name.text)}: it is silently not applied. Write {quoted(MANAGER)}, and"
        " match on an HTTP filter in it with 'subFilter'.",
        name.where,
        one.meta.subject,
        case="certain",
    )


def _added(view: View) -> frozenset[str]:
    """The names that EnvoyFilters of the tree give to filters, wherever they apply."""
    every = view.mesh.every(EnvoyFilter)
    values = (patch.value for one in every for patch in one.patches)
    return frozenset(value.name.text for value in values if value and value.name)


def _unknown(one: EnvoyFilter, patch: ConfigPatch, name: Value) -> Hit:
    near = _near(name.text, STOCK[patch.kind])
    advice = (
        f"Write {quoted(near)}."
        if near
        else "Check the name with 'istioctl proxy-config listener -o json'."
    )
    return Hit(
        f"No filter that istiod generates is called {quoted(name.text)}, and no EnvoyFilter in"
        f" sight adds one: where it is missing, the patch of {named(one.meta.subject)} is silently"
        f" not applied. {advice}",
        name.where,
        one.meta.subject,
        case="slip" if near else None,
        fix=assign(name, near) if near else None,
    )


def _near(text: str, names: frozenset[str]) -> str | None:
    """The name that was meant, where it differs in two characters or in a part."""
    plain = text.lower().replace("-", "_")
    found = min((distance(plain, known, 2), known) for known in names)
    if found[0] <= 2:
        return found[1]
    last = plain.rpartition(".")[2]
    ends = [known for known in names if "." in known and known.rpartition(".")[2] == last]
    return ends[0] if plain.startswith("envoy.") and len(ends) == 1 else None
