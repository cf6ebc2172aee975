"""EnvoyFilters that meet in one proxy: which comes first, and which of two is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from itertools import islice

from meshlint.finding import Hit, Value, quoted
from meshlint.resources.envoy_filter import ConfigPatch, EnvoyFilter
from meshlint.rules.proxy.envoy_chain import INSERTS
from meshlint.rules.proxy.envoy_known import HTTP, LISTENER, NETWORK
from meshlint.rules.proxy.envoy_names import NEEDS_ANCHOR, anchor
from meshlint.rules.proxy.envoy_reach import (
    ROOT,
    Applied,
    applied,
    meet,
    namespace,
    overlap,
    priority,
    rooted,
    whole,
)
from meshlint.rules.proxy.envoy_types import BRINGS
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

STOCK = HTTP | NETWORK | LISTENER
ADDS = INSERTS | {"ADD"}
BY_AGE = "both have the same priority, so that the older one is applied first"
TWICE = "the filter is in the chain twice"


@mesh_rule
def envoy_filter_order_unset(view: View) -> Iterator[Hit]:
    """A patch at a filter that another one adds, not surely before it (sortEnvoyFilters)."""
    every = list(applied(view))
    adders = _adders(every)
    for one, patch in every:
        name = anchor(patch) if patch.does in NEEDS_ANCHOR else None
        text = name.known if name else None
        if name is None or not text or text in STOCK:
            continue
        found = [
            (other, adder, why)
            for other, adder in adders[patch.kind, text]
            if adder is not patch and (why := _why(view, (one, patch), (other, adder))) is not None
        ]
        if found and all(why for _, _, why in found):
            yield _late(one, patch, name, found[0])


def _adders(every: list[Applied]) -> defaultdict[tuple[str, str], list[Applied]]:
    """The patches that put a filter into a chain, by kind and name of the filter."""
    found: defaultdict[tuple[str, str], list[Applied]] = defaultdict(list)
    for one, patch in every:
        name = patch.value.name.known if patch.value and patch.value.name else None
        if name and patch.does in BRINGS:
            found[patch.kind, name].append((one, patch))
    return found


def _why(view: View, own: Applied, adding: Applied) -> str | None:
    """Why a filter may not be there yet: "" where it is, None where the two never meet."""
    (one, patch), (other, adder) = own, adding
    if one is other:
        places = [id(p) for p in one.patches]
        later = places.index(id(adder)) > places.index(id(patch))
        return "a later patch of the same EnvoyFilter adds it" if later else ""
    first, second = priority(other), priority(one)
    if first is None or second is None or not meet(view, one, other):
        return None
    if first != second:
        return "" if first < second else f"that one comes later, with priority {first}"
    if rooted(one) == rooted(other):
        return BY_AGE
    return "" if rooted(other) else f"what is in {ROOT!r} is applied first"


def _late(
    one: EnvoyFilter, patch: ConfigPatch, name: Value, found: tuple[EnvoyFilter, ConfigPatch, str]
) -> Hit:
    other, adder, why = found
    then = "the patch is applied before the filter is there, and is lost"
    if why == BY_AGE:
        then = "Git does not show which one that is, and the patch is lost where it comes first"
    who, advice = (
        f"{named(other.meta.subject)} adds, and {why}",
        "Set a priority above the other's.",
    )
    if other is one:
        who, advice = "a later patch of it adds", "Put it after the other patch."
    return Hit(
        f"{patch.does} in {named(one.meta.subject)} is at filter {quoted(name.text)}, which {who}:"
        f" {then}. {advice}",
        name.where,
        one.meta.subject,
        (see(other.meta.subject, adder.where),),
    )


@mesh_rule
def envoy_filter_conflict(view: View) -> Iterator[Hit]:
    """Two patches that add or replace the same thing in the same proxies."""
    claims: defaultdict[Hashable, list[Applied]] = defaultdict(list)
    for one, patch in applied(view):
        for key in _claims(patch):
            claims[key].append((one, patch))
    for found in claims.values():
        for near in _near(found) if len(found) > 1 else ():
            for place, second in enumerate(near):
                clashes = (_conflict(view, first, second) for first in near[:place])
                yield from islice(filter(None, clashes), 1)


def _near(found: list[Applied]) -> Iterator[list[Applied]]:
    """Those of each namespace, with those that are for the whole mesh."""
    spaces = dict.fromkeys(namespace(one) for one, _ in found)
    for space in spaces:
        if space != ROOT or len(spaces) == 1:
            yield [(one, patch) for one, patch in found if namespace(one) in (space, ROOT)]


def _claims(patch: ConfigPatch) -> Iterator[tuple[str, str, str]]:
    """What a patch wants to be there once: kind, manner and name."""
    value = patch.value
    if value is None:
        return
    name = value.name.known if value.name else None
    if patch.kind in ("CLUSTER", "LISTENER") and patch.does in ADDS and name:
        yield patch.kind, "ADD", name
    elif patch.kind == "VIRTUAL_HOST" and patch.does in ADDS:
        yield from ((patch.kind, "ADD", d.text) for d in value.domains if d.known)
    elif patch.kind in ("HTTP_FILTER", "NETWORK_FILTER", "LISTENER_FILTER"):
        at = anchor(patch)
        if patch.does == "REPLACE" and at and at.known:
            yield patch.kind, "REPLACE", at.known
        elif patch.does in ADDS and name and value.digest:
            yield patch.kind, value.digest, name


def _overlap(first: ConfigPatch, second: ConfigPatch) -> bool:
    """Whether both are put on the same; a match means nothing to what adds clusters, listeners."""
    if first.kind not in ("CLUSTER", "LISTENER"):
        return overlap(first, second)
    contexts = {first.context, second.context} - {"ANY"}
    return len(contexts) < 2 and first.match.version == second.match.version is None


def _clash(first: Applied, second: Applied) -> str | None:
    """What becomes of the two, and what to do; None where nothing is lost."""
    kind, does = first[1].kind, first[1].does
    one, other = first[1].value, second[1].value
    assert one is not None
    assert other is not None
    equal = bool(one.digest) and one.digest == other.digest
    if kind == "CLUSTER":
        lost = "istiod keeps the first of them and drops the other without a word"
        return None if equal else f"{lost}. Give them different names"
    if kind == "LISTENER":
        return "Envoy rejects the update with 'duplicate listener found'. Remove one of them"
    if kind == "VIRTUAL_HOST":
        return (
            "Envoy rejects the routes with 'Only unique values for domains are permitted'. Remove"
            " one of them"
        )
    if does != "REPLACE":
        return f"{TWICE}, and does twice what it does. Remove one of them"
    if equal or priority(first[0]) != priority(second[0]):
        return None
    return "one of them takes effect, and Git does not show which. Remove the other one"


def _conflict(view: View, first: Applied, second: Applied) -> Hit | None:
    (one, patch), (other, twin) = first, second
    if not _overlap(patch, twin) or not (one is other or meet(view, one, other)):
        return None
    words = _clash(first, second)
    if words is None or twin.value is None:
        return None
    name = anchor(twin) if twin.does == "REPLACE" else twin.value.name
    verb = "replaces" if twin.does == "REPLACE" else "adds"
    what = f"{twin.kind} {quoted(name.text)}" if name else twin.kind
    who = "another patch of it" if one is other else named(one.meta.subject)
    return Hit(
        f"{named(other.meta.subject)} {verb} the {what}, as {who} does for the same proxies:"
        f" {words}.",
        name.where if name else twin.value.where,
        other.meta.subject,
        (see(one.meta.subject, patch.where),),
        case="twice" if words.startswith(TWICE) else None,
    )


@mesh_rule
def envoy_filter_selector_empty(view: View) -> Iterator[Hit]:
    """A workloadSelector without labels, which selects all (ValidateAlphaWorkloadSelector)."""
    for one in whole(view):
        if one.selector is None or one.labels is None or one.labels:
            continue
        all_of_them = "all workloads of its namespace"
        if rooted(one):
            all_of_them = f"all workloads of the mesh, as {ROOT!r} is its root namespace"
        yield Hit(
            f"The workloadSelector of {named(one.meta.subject)} has no labels, and then it selects"
            f" {all_of_them}. Name labels of the pods, or remove the selector where all are meant.",
            one.selector,
            one.meta.subject,
        )
