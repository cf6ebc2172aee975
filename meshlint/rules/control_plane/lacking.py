"""What the roles of an istiod lack of what it needs, and where that would have to stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location
from meshlint.mesh.plane import Plane
from meshlint.resources.istiod_account import IstiodAccount
from meshlint.resources.rbac import Role, Rule
from meshlint.rules.control_plane.granting import Granted, Thing
from meshlint.rules.control_plane.needs import Need
from meshlint.rules.registry import View


@dataclass(frozen=True, slots=True)
class Asker:
    """An istiod whose permissions are all known. `minor` is its version, None if not known."""

    view: View
    account: IstiodAccount
    granted: Granted
    plane: Plane
    revision: str
    minor: int | None

    def lacks(self, need: Need, thing: Thing) -> tuple[str, ...]:
        """The verbs of a need that it may not do on a thing."""
        own, single = need.own, need.named
        allows = self.granted.allows
        return tuple(v for v in need.verbs if not allows(thing, v, own=own, named=single))


@dataclass(frozen=True, slots=True)
class Place:
    """The rule that speaks of a thing, or one that allows as much of its kin; else a role."""

    role: Role
    rule: Rule | None = None
    kin: Rule | None = None

    @property
    def where(self) -> Location:
        if self.rule:
            return self.rule.where
        return self.kin.listed if self.kin else self.role.meta.where


@dataclass(frozen=True, slots=True)
class Lack:
    """Verbs of a need that are lacking for some things, all of which belong at one place."""

    need: Need
    verbs: tuple[str, ...]
    things: tuple[Thing, ...]
    place: Place


def lacks(asker: Asker, need: Need) -> Iterator[Lack]:
    """What an istiod may not do of a need, by place."""
    found: defaultdict[tuple[Location, tuple[str, ...]], list[tuple[Place, Thing]]]
    found = defaultdict(list)
    for thing in need.things:
        verbs = asker.lacks(need, thing)
        if verbs:
            place = _place(asker, need, thing, verbs[0])
            found[place.where, verbs].append((place, thing))
    for (_, verbs), at in found.items():
        yield Lack(need, verbs, tuple(thing for _, thing in at), at[0][0])


def _place(asker: Asker, need: Need, thing: Thing, verb: str) -> Place:
    """What istiod needs in its own namespace only belongs into its roles there."""
    own = [g for g in asker.granted.grants if g.wide is not need.own] or asker.granted.grants
    there = [g for g in own if g.about(thing)]
    if there:
        best = min(there, key=lambda g: (bool(g.rule.names), "*" in g.rule.resources))
        return Place(best.role, rule=best.rule)
    main = max((g.role for g in own), key=lambda role: len(role.rules))
    allowed = (g for g in own if any(g.allows(other, verb) for other in need.things))
    kin = next((g.rule for g in allowed if g.role is main), None)
    return Place(main, kin=kin)
