"""A tree with kustomizations or appliers, as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshlint.resources.applicationset import Series
from meshlint.resources.applier import Applier
from meshlint.resources.kustomization import Kustomization
from meshlint.resources.layer import Patch
from meshlint.resources.reader import Resource
from meshlint.units.build import Builder
from meshlint.units.item import Item, made, place_of, site_of
from meshlint.units.patches import Patches
from meshlint.units.route import Router
from meshlint.units.tree import Tree

BUDGET = 300_000
EACH = 100
"""So many times each fact may pass a layer, on average, beside those of the budget."""


def placed(facts: Iterable[Resource]) -> list[Resource]:
    """The facts as clusters get them; see `place`."""
    fragments = [fact for fact in facts if isinstance(fact, Patch)]
    every = [fact for fact in facts if not isinstance(fact, Kustomization | Patch)]
    known = [fact for fact in every if site_of(fact) is not None and not made(fact)]
    free = [fact for fact in every if site_of(fact) is None or made(fact)]
    units = [fact for fact in facts if isinstance(fact, Kustomization)]
    tree = Tree(free, units)
    series = [fact for fact in free if isinstance(fact, Series)]
    if series:
        free = [fact for fact in free if not isinstance(fact, Series)]
        free += [fact for one in series for fact in one.over(tree.folders)]
        tree = Tree(free, units)
    budget = BUDGET + EACH * len(free)
    builder = Builder(tree, Patches(tree, fragments, budget), budget)
    appliers = [fact for fact in free if isinstance(fact, Applier)]
    patches = tree.patch_files
    router = Router(tree, builder, (a for a in appliers if a.where.path not in patches))
    found = router.placed()
    return [*found, *_left(free, tree, router), *known]


def _left(facts: Iterable[Resource], tree: Tree, router: Router) -> Iterator[Resource]:
    """What nothing brings anywhere stays as it is; of patches nobody put on anything, fragments."""
    patches = tree.patch_files
    named = {entry for unit in tree.units.values() for entry in unit.resources}
    for fact in facts:
        where = place_of(fact)
        path = where.path if where else ""
        if path in router.used:
            continue
        doubtful = path in patches or (router.lost and path in named)
        yield Item(fact).unsure().fact if doubtful and hasattr(fact, "partial") else fact
