"""EnvoyFilters that break a chain of filters, or whose operation istiod does not apply."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Fix, Hit, Location, quoted
from meshlint.resources.envoy_filter import ConfigPatch, EnvoyFilter
from meshlint.resources.envoy_value import PatchValue
from meshlint.rules.mending import assign
from meshlint.rules.proxy.envoy_known import INNER, LAST, ROUTER
from meshlint.rules.proxy.envoy_match import MANAGER
from meshlint.rules.proxy.envoy_names import anchor
from meshlint.rules.proxy.envoy_reach import apart, applied
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

CHAINS = {"HTTP_FILTER": "http", "NETWORK_FILTER": "network"}
"""What has a last filter, and how Envoy calls its chain."""

APPLIED = {
    "LISTENER": "MERGE MERGE_AND_REPLACE_LIST ADD REMOVE",
    "LISTENER_FILTER": "MERGE ADD REMOVE INSERT_FIRST INSERT_BEFORE INSERT_AFTER REPLACE",
    "FILTER_CHAIN": "MERGE MERGE_AND_REPLACE_LIST ADD REMOVE",
    "NETWORK_FILTER": "MERGE ADD REMOVE INSERT_FIRST INSERT_BEFORE INSERT_AFTER REPLACE",
    "HTTP_FILTER": "MERGE ADD REMOVE INSERT_FIRST INSERT_BEFORE INSERT_AFTER REPLACE",
    "ROUTE_CONFIGURATION": "MERGE MERGE_AND_REPLACE_LIST",
    "VIRTUAL_HOST": "MERGE MERGE_AND_REPLACE_LIST ADD REMOVE REPLACE",
    "HTTP_ROUTE": (
        "MERGE MERGE_AND_REPLACE_LIST ADD REMOVE INSERT_FIRST INSERT_BEFORE INSERT_AFTER"
    ),
    "CLUSTER": "MERGE MERGE_AND_REPLACE_LIST ADD REMOVE",
    "EXTENSION_CONFIG": "ADD",
}
"""What istiod does with each kind of object (pilot/pkg/networking/core/envoyfilter)."""

INSERTS = frozenset({"INSERT_FIRST", "INSERT_BEFORE", "INSERT_AFTER"})
"""To objects of which the order means nothing, istiod adds (convertToEnvoyFilterWrapper)."""

LISTS = "MERGE_AND_REPLACE_LIST"
"""An operation of Istio 1.31, which may come to more kinds of objects."""

NEED_MATCH = frozenset({"REMOVE", "REPLACE"})
"""Operations on filters that do nothing where no filter is named."""


@mesh_rule
def envoy_filter_behind_last(view: View) -> Iterator[Hit]:
    """A filter behind the last one of a chain, or a last one that is gone (Envoy#7779)."""
    every = list(applied(view))
    routerless = [other for other, patch in every if _unrouted(patch)]
    for one, patch in every:
        if _unrouted(patch):
            near = [twin for other, twin in every if not apart(view, one, other)]
            found = None if any(map(_routes, near)) else _headless(patch)
        else:
            lost = any(not apart(view, one, other) for other in routerless)
            found = None if lost else _behind(patch)
        if found:
            where, what, error, advice = found
            yield Hit(
                f"{named(one.meta.subject)} {what}: Envoy rejects every listener that gets the"
                f" patch with '{error}', and the proxies stay as they were, or never become ready."
                f" {advice}",
                where,
                one.meta.subject,
                fix=_in_front(patch),
            )


def _in_front(patch: ConfigPatch) -> Fix | None:
    """Before the filter that is named, in place of behind it."""
    turned = patch.does == "INSERT_AFTER" and anchor(patch) is not None and patch.operation
    return assign(patch.operation, "INSERT_BEFORE") if turned and patch.operation else None


Found = tuple[Location, str, str, str]


def _behind(patch: ConfigPatch) -> Found | None:
    """A filter at the end of a chain of which another one must be the last."""
    chain, name = CHAINS.get(patch.kind), anchor(patch)
    if chain is None or patch.operation is None or patch.value is None or _elsewhere(patch):
        return None
    last = name.known if name and name.known in LAST else None
    after = patch.does == "INSERT_AFTER" and (bool(last) if _matched(patch) else True)
    if not after and patch.does != "ADD":
        return None
    what = quoted(last or ROUTER) if chain == "http" or last else "the last filter of a chain"
    return (
        patch.operation.where,
        f"puts a filter behind {what}, which must stay the last one",
        f"terminal filter … must be the last filter in a {chain} filter chain",
        f"Write {_before(patch, chain)}",
    )


def _unrouted(patch: ConfigPatch) -> bool:
    """Whether a patch takes the router away, or puts another filter in its place."""
    name = anchor(patch)
    aimed = patch.kind == "HTTP_FILTER" and name is not None and name.known == ROUTER
    return aimed and patch.does in NEED_MATCH


def _matched(patch: ConfigPatch) -> bool:
    """Whether a filter is matched, be it one whose name is not known."""
    return (patch.match.sub if patch.kind == "HTTP_FILTER" else patch.match.filter) is not None


def _elsewhere(patch: ConfigPatch) -> bool:
    """Whether the patch is for no chain at all: HTTP filters are in one network filter only."""
    outer = patch.match.filter
    return patch.kind == "HTTP_FILTER" and outer is not None and outer.text != MANAGER


def _before(patch: ConfigPatch, chain: str) -> str:
    if patch.does == "ADD" and chain == "http":
        return f"INSERT_BEFORE, and match on {quoted(ROUTER)} with 'subFilter'."
    return "INSERT_BEFORE." if anchor(patch) else "INSERT_BEFORE, or INSERT_FIRST."


def _headless(patch: ConfigPatch) -> Found | None:
    """The router taken away or replaced by a filter that passes on, where none is put in."""
    gone = patch.does == "REMOVE" or _inner(patch.value)
    if not gone or patch.operation is None or _elsewhere(patch):
        return None
    return (
        patch.operation.where,
        f"takes {quoted(ROUTER)} away, which must be the last filter",
        "non-terminal filter … is the last filter in a http filter chain",
        "Insert the other filter before it, with INSERT_BEFORE.",
    )


def _inner(value: PatchValue | None) -> bool:
    """Whether a value is a filter that never ends a chain."""
    own = [t.url.text for t in value.typed if t.top and t.url] if value else []
    packages = [url.split(".filters.http.")[-1].partition(".")[0] for url in own]
    return bool(own) and packages[-1] in INNER


def _routes(patch: ConfigPatch) -> bool:
    """Whether a patch may put in a filter that ends the chain."""
    if patch.value is None or patch.kind not in ("HTTP_FILTER", "NETWORK_FILTER"):
        return False
    return patch.does not in ("REMOVE", "MERGE", "") and not _inner(patch.value)


@mesh_rule
def envoy_filter_operation_ignored(view: View) -> Iterator[Hit]:
    """An operation that istiod does not carry out on that kind of object."""
    for one, patch in applied(view):
        known = APPLIED.get(patch.kind)
        if known is None or patch.operation is None or not patch.does:
            continue
        adds = patch.does in INSERTS and "ADD" in known.split()
        if patch.does not in known.split() and not adds:
            yield _ignored(one, patch, known)
        elif patch.kind in CHAINS and patch.does in NEED_MATCH and not _matched(patch):
            yield _aimless(one, patch)


def _ignored(one: EnvoyFilter, patch: ConfigPatch, known: str) -> Hit:
    assert patch.operation is not None
    return Hit(
        f"istiod does not carry out {patch.does} with applyTo {patch.kind}: the patch of"
        f" {named(one.meta.subject)} is silently not applied. It does carry out"
        f" {', '.join(word for word in known.split() if word != LISTS)}.",
        patch.operation.where,
        one.meta.subject,
        case="newer" if patch.does == LISTS else None,
    )


def _aimless(one: EnvoyFilter, patch: ConfigPatch) -> Hit:
    assert patch.operation is not None
    then = "is silently not applied"
    if patch.does == "REMOVE":
        then = "takes away all of them before Istio 1.19, and since then none"
    where = "filterChain.filter.subFilter" if patch.kind == "HTTP_FILTER" else "filterChain.filter"
    return Hit(
        f"{patch.does} with applyTo {patch.kind} is for the filter that the match names, and this"
        f" one names none: the patch of {named(one.meta.subject)} {then}. Name the filter in"
        f" {quoted(where)}.",
        patch.operation.where,
        one.meta.subject,
    )
