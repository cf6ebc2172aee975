"""Which EnvoyFilters meet in one proxy, and how old the istiods and proxies are that read them."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from meshlint.finding import Type
from meshlint.resources.control_plane import Revision
from meshlint.resources.envoy_filter import ConfigPatch, EnvoyFilter
from meshlint.resources.keys import REVISION
from meshlint.rules.registry import View
from meshlint.unread import Unread

ROOT = "istio-system"
"""The default of meshConfig.rootNamespace: an EnvoyFilter in it is for the whole mesh."""

Applied = tuple[EnvoyFilter, ConfigPatch]


def whole(view: View) -> Iterator[EnvoyFilter]:
    """EnvoyFilters that are all there: neither fragments nor templates."""
    return (one for one in view.mesh.every(EnvoyFilter) if one.partial is None)


def spoken(view: View) -> Iterator[EnvoyFilter]:
    """Those that no patch changes: what they say, they say, be it not all of it."""
    partial = (None, Unread.PLACEHOLDER)
    return (one for one in view.mesh.every(EnvoyFilter) if one.partial in partial)


def applied(view: View) -> Iterator[Applied]:
    """The patches of whole EnvoyFilters, as far as they are known.

    Those for waypoints are left out: neither istiod's validation nor its patching reads them yet.
    """
    for one in whole(view):
        for patch in one.patches:
            if not patch.empty and not patch.vague and patch.context not in ("", "WAYPOINT"):
                yield one, patch


def _readers(view: View, one: EnvoyFilter) -> list[Revision] | None:
    """The istiods that read an EnvoyFilter; None where that is not known.

    The label istio.io/rev restricts it to one revision, and a tag is none (pkg/config/model.go).
    """
    found = view.mesh.plane(one.meta.at).strong
    label = one.meta.labels.get(REVISION)
    if label is None:
        return [revision for revisions in found.values() for revision in revisions]
    known = label.value.known
    return None if known is None else list(found.get(known, ()))


def minors(view: View, one: EnvoyFilter) -> tuple[int, ...]:
    """The minor versions of the istiods that read an EnvoyFilter; empty where one has none."""
    readers = _readers(view, one) or []
    found = [revision.version[1] for revision in readers if revision.version]
    return tuple(found) if len(found) == len(readers) else ()


def since(view: View, one: EnvoyFilter, minor: int) -> bool | None:
    """Whether every istiod that reads an EnvoyFilter is Istio 1.`minor` or later, or none is.

    None where that is not known for certain.
    """
    found = minors(view, one)
    if not found:
        return None
    if max(found) < minor:
        return False
    sure = view.mesh.plane(one.meta.at).closed
    return True if sure and min(found) >= minor else None


def priority(one: EnvoyFilter) -> int | None:
    """The priority; None where it is not known."""
    value = one.priority
    if value is None or value.type is Type.NULL:
        return 0
    try:
        return int(value.text) if value.literal and value.type is Type.INT else None
    except ValueError:  # another base than ten
        return None


def beside(view: View, one: EnvoyFilter, other: EnvoyFilter) -> bool:
    """Whether two objects are surely applied to one cluster, and are not copies of one object.

    Files in one folder are, or what one unit applies; in a whole tree, samples may stand side by
    side of which somebody chooses one.
    """
    first, second = one.meta, other.meta
    if first.subject == second.subject:
        return False
    if first.at == second.at or first.at.path == second.at.path:
        return True
    if not view.mesh.together(first.at, second.at):
        return False
    folder = dirname(first.where.path) == dirname(second.where.path)
    return folder and bool(view.mesh.plane(first.at).strong)


def meet(view: View, one: EnvoyFilter, other: EnvoyFilter) -> bool:
    """Whether every proxy that the narrower of two EnvoyFilters reaches gets the other one too."""
    first, second = one.wanted, other.wanted
    if one.targets or other.targets or first is None or second is None:
        return False
    spaces = {namespace(one), namespace(other)}
    near = len(spaces) == 1 or ROOT in spaces
    nested = first <= second or second <= first
    return near and nested and _same_revision(one, other) and beside(view, one, other)


def namespace(one: EnvoyFilter) -> str:
    """The namespace as it is written; \"\" where none is."""
    value = one.meta.namespace
    return value.text if value else ""


def rooted(one: EnvoyFilter) -> bool:
    """Whether it stands in the namespace that is for the whole mesh."""
    return namespace(one) == ROOT


def _same_revision(one: EnvoyFilter, other: EnvoyFilter) -> bool:
    first, second = one.meta.labels.get(REVISION), other.meta.labels.get(REVISION)
    if first is None or second is None:
        return True
    return first.value.known is not None and first.value.known == second.value.known


def apart(view: View, one: EnvoyFilter, other: EnvoyFilter) -> bool:
    """Whether no proxy surely gets both EnvoyFilters."""
    if not view.mesh.together(one.meta.at, other.meta.at):
        return True
    spaces = {namespace(one), namespace(other)}
    if len(spaces - {ROOT, ""}) > 1:
        return True
    wanted = dict(one.wanted or ())
    return any(wanted.get(key, value) != value for key, value in other.wanted or ())


def overlap(first: ConfigPatch, second: ConfigPatch) -> bool:
    """Whether two patches of a kind surely patch the same: context, match and version."""
    if not first.context or not second.context:
        return False
    contexts = {first.context, second.context}
    if len(contexts - {"ANY"}) > 1:
        return False
    return first.match.narrow == second.match.narrow and _alike(first, second)


def _alike(first: ConfigPatch, second: ConfigPatch) -> bool:
    """Whether both are for the same proxies, by version; those by metadata are not compared."""
    if first.match.metadata or second.match.metadata:
        return False
    versions = [patch.match.version for patch in (first, second)]
    texts = {value.known if value else "" for value in versions}
    return len(texts) == 1 and None not in texts
