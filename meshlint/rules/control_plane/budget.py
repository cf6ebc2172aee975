"""Whether a PodDisruptionBudget lets go of any pod of istiod."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from meshlint.finding import Hit, Location, Related, Value, quoted
from meshlint.mesh.selector import labels_of, matches
from meshlint.resources.budget import Budget
from meshlint.resources.number import whole
from meshlint.resources.scaling import Scaler
from meshlint.resources.site import Site
from meshlint.rules.control_plane.availability import may_scale, scales
from meshlint.rules.control_plane.standing import Standing, standing
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

ONE = 1
"""The minAvailable of Istio's charts, which up to 1.27 render it for a single pod too."""


@dataclass(frozen=True, slots=True)
class Pods:
    """How many pods there are at least and at most, and where the least is told.

    None where that is not known.
    """

    least: int | None
    most: int | None
    told: Related


@mesh_rule
def istiod_budget_blocks(view: View) -> Iterator[Hit]:
    """A budget that spares no pod, or one of two for the same pods: then no eviction succeeds."""
    budgets = [b for b in view.mesh.every(Budget) if b.partial is None and b.selector]
    done: set[tuple[Location, Site]] = set()
    for one in standing(view) if budgets else ():
        own = [b for b in budgets if _place(b) not in done and _covers(view, b, one)]
        if own and one.own.count != 0:
            done.update(map(_place, own))
            yield from _blocking(one, own, _pods(view, one))
            yield from _doubled(one, own)


def _place(budget: Budget) -> tuple[Location, Site]:
    return budget.meta.where, budget.meta.at


def _covers(view: View, budget: Budget, one: Standing) -> bool:
    """Whether a budget is sure to take an istiod's pods."""
    there = view.mesh.together(budget.meta.at, one.site)
    space = budget.meta.subject.namespace == one.subject.namespace
    taken = budget.selector and matches(budget.selector, labels_of(one.pods.pod.labels))
    return there and space and taken is True


def _pods(view: View, one: Standing) -> Pods:
    """By the autoscaler if there is one, else by the Deployment."""
    scalers = [s for s in view.mesh.every(Scaler) if may_scale(view, s, one.own)]
    if not scalers:
        where = one.own.replicas.where if one.own.replicas else one.own.meta.where
        told = Related(f"{named(one.subject)} has {_pieces(one.own.count)}", where)
        return Pods(one.own.count, one.own.count, told)
    first = scalers[0]
    sure = len(scalers) == 1 and first.partial is None and scales(view, first, one.own)
    where = first.minimum.where if first.minimum else first.meta.where
    told = Related(f"{named(first.meta.subject)} keeps at least {_pieces(first.least)}", where)
    return Pods(first.least, first.most, told) if sure else Pods(None, None, told)


def _pieces(count: int | None) -> str:
    return "1 pod" if count == 1 else f"{count} pods"


def _blocking(one: Standing, budgets: Sequence[Budget], pods: Pods) -> Iterator[Hit]:
    for budget in budgets:
        limit = budget.limit
        if limit is None:
            continue
        always = _never(budget, limit)
        if always or (pods.least and budget.spares(pods.least) == 0):
            yield _blocks(one, budget, limit, pods, always)


def _never(budget: Budget, limit: Value) -> bool:
    """Whether a limit spares no pod, however many there are."""
    if limit is budget.maximum:
        return budget.spares(100) == 0
    return limit.known == "100%"


def _blocks(one: Standing, budget: Budget, limit: Value, pods: Pods, always: bool) -> Hit:
    key = "minAvailable" if limit is budget.minimum else "maxUnavailable"
    grows = not always and (pods.most is None or budget.spares(pods.most) != 0)
    when = f", as long as there {_are(pods.least)}" if grows else ""
    stock = key == "minAvailable" and whole(limit) == ONE == pods.least
    return Hit(
        f"{named(budget.meta.subject)} has {quoted(f'{key}: {limit.text}')} and lets no pod of"
        f" {named(one.subject)} be evicted{when}: a node that has one cannot be drained, and where"
        " it is by force, webhook calls may fail with 'no endpoints available'. Run at least 2"
        " pods, and let one of them go.",
        limit.where,
        budget.meta.subject,
        (pods.told,) if not always else (see(one.subject, one.own.meta.where),),
        case="stock" if stock else None,
    )


def _are(count: int | None) -> str:
    return "is one pod" if count == 1 else f"are {count} pods"


def _doubled(one: Standing, budgets: Sequence[Budget]) -> Iterator[Hit]:
    """The eviction API takes a pod with two budgets for a mistake (registry/core/pod/storage)."""
    first, *rest = {b.meta.subject: b for b in budgets}.values()
    for other in rest:
        yield Hit(
            f"{named(other.meta.subject)} and {named(first.meta.subject)} both take the pods of"
            f" {named(one.subject)}: each eviction fails with 'This pod has more than one"
            " PodDisruptionBudget, which the eviction subresource does not support', and no node"
            " that has one can be drained. Keep one of them.",
            other.meta.where,
            other.meta.subject,
            (see(first.meta.subject, first.meta.where),),
        )
