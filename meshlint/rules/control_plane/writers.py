"""Two istiods that write one and the same webhook configurations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from meshlint.finding import Hit, quoted
from meshlint.resources.control_plane import DEFAULT
from meshlint.rules.control_plane.standing import Standing, standing
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

PATCHERS = ("INJECTION_WEBHOOK_CONFIG_NAME", "VALIDATION_WEBHOOK_CONFIG_NAME")
"""Environment that, where both are empty, keeps istiod from patching (pilot/pkg/features)."""

OUTSIDE = ("EXTERNAL_ISTIOD", "SHARED_MESH_CONFIG")
"""Environment of an istiod that serves another cluster than the one it runs in."""

CLUSTER = "CLUSTER_ID"


@mesh_rule
def istiods_share_revision(view: View) -> Iterator[Hit]:
    """Each patches caBundle and failurePolicy of its revision's webhooks, with its own root."""
    groups: defaultdict[str, list[Standing]] = defaultdict(list)
    for one in standing(view):
        if one.revision is not None and one.own.count != 0 and _patches(one):
            groups[one.revision].append(one)
    done: set[object] = set()
    for revision, group in groups.items():
        for one, other in combinations(group, 2):
            if other.subject not in done and _rivals(one, other):
                done.add(other.subject)
                yield _shared(one, other, revision)


def _patches(one: Standing) -> bool:
    """Whether it writes webhook configurations of the cluster that it runs in."""
    if one.pods.pod.label("app") != "istiod":  # up to 1.5 others did
        return False
    off = [_given(one, name) == "" for name in PATCHERS]
    return not all(off) and all(one.env(name) is None for name in OUTSIDE)


def _given(one: Standing, name: str) -> str | None:
    field = one.env(name)
    return field.value.text if field else None


def _rivals(one: Standing, other: Standing) -> bool:
    """Two objects, applied together, for one cluster."""
    if _given(one, CLUSTER) != _given(other, CLUSTER) or one.site != other.site:
        return False
    return one.subject.name != other.subject.name or _apart(one, other)


def _apart(one: Standing, other: Standing) -> bool:
    """Whether they are in two namespaces: then each makes a root certificate of its own."""
    spaces = {one.subject.namespace, other.subject.namespace}
    return len(spaces - {""}) == 2


def _shared(one: Standing, other: Standing, revision: str) -> Hit:
    what = "the default revision" if revision == DEFAULT else f"revision {quoted(revision)}"
    effect = (
        "and where their root certificates differ, calls fail with 'x509: certificate signed by"
        " unknown authority', again and again"
        if _apart(one, other)
        else "though with one root certificate, as they are in one namespace"
    )
    return Hit(
        f"{named(other.subject)} and {named(one.subject)} are both istiods of {what}: each writes"
        " the caBundle of the same webhook configurations, where updates fail with 'the object has"
        " been modified; please apply your changes to the latest version and try again',"
        f" {effect}. Give one of them a revision of its own, or remove it.",
        other.own.meta.where,
        other.subject,
        (see(one.subject, one.own.meta.where),),
        case=None if _apart(one, other) else "beside",
    )
