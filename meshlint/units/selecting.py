"""Labels that a kustomization puts on selectors of pods too, so that these still find the pods.

Which selectors, and whether one is made where there is none, tells api/internal/konfig/
builtinpluginconsts/commonlabels.go of kustomize.
"""

from __future__ import annotations

from typing import Any

from meshlint.finding import Fields
from meshlint.resources.budget import Budget
from meshlint.resources.istiod import Istiod
from meshlint.resources.label_selector import Expression, Selector
from meshlint.resources.layer import Labelling
from meshlint.resources.reader import Resource
from meshlint.resources.service import Service
from meshlint.unread import Unread


def selected(labelling: Labelling, fact: Resource, further: bool) -> dict[str, Any]:
    """What changes with the selector of a fact when labels are put on its object.

    Where a kustomization names more places for labels, its selectors may be among them.
    """
    if not isinstance(fact, Service | Istiod | Budget):
        return {}
    if not labelling.selectors:
        return {"partial": fact.partial or Unread.PATCH} if further else {}
    if isinstance(fact, Service):
        return {"selector": {**(fact.selector or {}), **labelling.pairs}}
    own = fact.selector.expressions if fact.selector else ()
    made = isinstance(fact, Istiod) or any(map(_exact, own))
    return {"selector": _with(labelling.pairs, own, fact.selector)} if made else {}


def _with(pairs: Fields, own: tuple[Expression, ...], old: Selector | None) -> Selector:
    """The pairs as matchLabels, in the place of those that have their keys."""
    kept = (e for e in own if e.key not in pairs or not _exact(e))
    new = (Expression(key, "In", (f.value,), f.key.where) for key, f in pairs.items())
    return Selector((*kept, *new), old.where if old else None)


def _exact(expression: Expression) -> bool:
    """Whether it is an entry of matchLabels, which its place tells."""
    single = expression.operator == "In" and len(expression.values) == 1
    return single and "/matchExpressions" not in expression.where.pointer
