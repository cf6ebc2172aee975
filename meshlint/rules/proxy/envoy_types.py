"""EnvoyFilters with types that istiod or Envoy does not know, or filters without a type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Hit, Type, quoted
from meshlint.resources.envoy_filter import ConfigPatch, EnvoyFilter
from meshlint.resources.envoy_value import Typed, Untyped
from meshlint.rules.mending import assign
from meshlint.rules.proxy.envoy_known import TYPES
from meshlint.rules.proxy.envoy_reach import applied, since, spoken
from meshlint.rules.proxy.envoy_version import matches
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import distance
from meshlint.rules.words import named

V2_REFUSED = 19
"""Since Istio 1.19 istiod refuses types of Envoy's v2 API (istio/istio#44679)."""

V2_GONE = 10
"""Since Istio 1.10 Envoy has none of them; Istio 1.9's notes on upgrading speak of it."""

TYPE_NEEDED = 19
"""Since Istio 1.19 Envoy does not find a filter by its name alone (istio/istio#45592)."""

V2 = re.compile(r"(?:.*/)?envoy\.(?:[a-z0-9_]+\.)*v2(?:alpha\d*)?\.[A-Za-z0-9_.]+\Z")
FILTERS = frozenset({"HTTP_FILTER", "NETWORK_FILTER", "LISTENER_FILTER", "EXTENSION_CONFIG"})
"""What has a configuration of its own with a type."""

BRINGS = frozenset({"ADD", "INSERT_FIRST", "INSERT_BEFORE", "INSERT_AFTER", "REPLACE"})
"""Operations that put in what was not there."""


@mesh_rule
def envoy_filter_type_unknown(view: View) -> Iterator[Hit]:
    """A type of Envoy's v2 API, one that is nearly right, or none (BuildXDSObjectFromStruct)."""
    for one in spoken(view):
        for patch in one.patches:
            waypoint = patch.context in ("", "WAYPOINT")
            for typed in patch.value.typed if patch.value and not waypoint else ():
                own = typed.top and patch.kind in FILTERS and one.partial is None
                old = _before(patch, V2_GONE)
                hit = _typeless(one, typed, own) or _unknown(view, one, typed, own, old)
                if hit:
                    yield hit


def _before(patch: ConfigPatch, minor: int) -> bool:
    """Whether a patch is for proxies alone that are older than a version."""
    version = patch.match.version
    matched = matches(version.known) if version and version.known else None
    return bool(matched) and max(matched or ()) < minor


def _typeless(one: EnvoyFilter, typed: Typed, own: bool) -> Hit | None:
    """Configuration without `@type`; `own` is what is sure to be read as such."""
    url = typed.url
    plain = url is not None and url.literal and (url.type is not Type.STRING or url.text == "")
    if typed.inner or (url is not None and not plain):
        return None
    return Hit(
        f"{quoted(typed.field)} has no '@type', so that nobody can tell what it is: istiod refuses"
        f" {named(one.meta.subject)} with \"Any JSON doesn't have '@type'\". Write the type, such"
        " as 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua'.",
        url.where if url else typed.where,
        one.meta.subject,
        case=None if own else "unsure",
    )


def _unknown(view: View, one: EnvoyFilter, typed: Typed, own: bool, old: bool) -> Hit | None:
    url = typed.url.known if typed.url else None
    if typed.url is None or url is None:
        return None
    name = url.rpartition("/")[2]
    if V2.match(url):
        return _second(view, one, typed, own, old)
    near = None if name in TYPES else _near(name)
    if near is None:
        return None
    who = "Envoy rejects what has it" if typed.inner else "istiod refuses the object"
    return Hit(
        f"The type {quoted(name)} of {named(one.meta.subject)} is nearly {quoted(near)}: unless"
        f" there is an extension of that very name, {who}. Write {quoted(near)}.",
        typed.url.where,
        one.meta.subject,
        case="unsure",
        fix=assign(typed.url, url.removesuffix(name) + near),
    )


def _near(name: str) -> str | None:
    """The type that a name is a slip of."""
    if not name.startswith("envoy."):
        return None
    plain = name.lower()
    found = min((distance(plain, known.lower(), 2), known) for known in TYPES)
    return found[1] if found[0] <= 2 else None


def _second(view: View, one: EnvoyFilter, typed: Typed, own: bool, old: bool) -> Hit | None:
    """A type of the v2 API; silent where istiod, or the proxies, are from before its end."""
    assert typed.url is not None
    gone, refused = since(view, one, V2_GONE), since(view, one, V2_REFUSED)
    if gone is False or (old and (typed.inner or not refused)):
        return None
    name = typed.url.text.rpartition("/")[2]
    late = refused is False or typed.inner
    then = (
        "Envoy rejects every listener or cluster that gets it ('lds updates: 0 successful, 1"
        " rejected')"
        if late
        else "istiod refuses the object ('referenced type unknown (hint: try using the v3 XDS"
        " API)'), as Envoy did before"
    )
    certain = own and (refused if typed.inner else gone)
    return Hit(
        f"The type {quoted(name, 100)} of {named(one.meta.subject)} is of Envoy's v2 API, which is"
        f" gone: {then}. {_third(name)}, and check each field of it.",
        typed.url.where,
        one.meta.subject,
        case=None if certain else "unsure",
    )


def _third(name: str) -> str:
    """What to write for a type of the v2 API."""
    found = [known for known in TYPES if known.rpartition(".")[2] == name.rpartition(".")[2]]
    for part in (".filter.http.", ".filter.network.", ".filter.listener."):
        if part in name:
            found = [known for known in found if part.replace("filter", "filters") in known]
    return f"Write {quoted(found[0])}" if len(found) == 1 else "Look for the type in Envoy's v3 API"


@mesh_rule
def envoy_filter_config_untyped(view: View) -> Iterator[Hit]:
    """A filter or access logger without typed_config, which Envoy has to find by its name."""
    for one, patch in applied(view):
        if patch.value is None:
            continue
        own = patch.kind in FILTERS and patch.does in BRINGS
        needed = False if _before(patch, TYPE_NEEDED) else since(view, one, TYPE_NEEDED)
        for bare in patch.value.untyped:
            if own or not bare.top:
                certain = needed and own and bare.top
                case = "older" if needed is False else None if certain else "unsure"
                yield Hit(_words(one, bare), bare.where, one.meta.subject, case=case)


def _words(one: EnvoyFilter, bare: Untyped) -> str:
    name = quoted(bare.name) if bare.name else "A filter without a name"
    lost = (
        "'config' is a field of Envoy's v2 API, which istiod drops: with no typed_config"
        if bare.config
        else "there is no typed_config, and since Istio 1.19"
    )
    return (
        f"{name} in {named(one.meta.subject)} is not configured: {lost} Envoy does not know what it"
        " is and rejects the listener with 'Didn't find a registered implementation'. Write"
        " typed_config with an '@type'."
    )
