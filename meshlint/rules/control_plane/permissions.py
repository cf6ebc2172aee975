"""Whether the roles that are bound to istiod's ServiceAccount allow what istiod has to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from meshlint.finding import Hit, Location, Related, printable, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.declared import Flavour
from meshlint.resources.istiod_account import IstiodAccount
from meshlint.resources.keys import REVISION
from meshlint.resources.root import Root
from meshlint.resources.webhook import Configuration
from meshlint.rules.control_plane.granting import granted, known, revision_of
from meshlint.rules.control_plane.lacking import Asker, Lack, lacks
from meshlint.rules.control_plane.needs import (
    LEASES,
    NEEDS,
    ROOT,
    STREAMS,
    STRICT,
    Need,
    foreign,
)
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.fillers import filled
from meshlint.rules.webhooks.patching import empty
from meshlint.rules.words import named, see

WATCH = ("watch",)
RANKS = {None: 0, "minor": 2}
"""How bad cases are beside each other: what is not here is a warning."""

LATE = "it learns of a change only when it lists all of them again, up to a minute later"


SHOWN = 3
"""So many needs are told of at one place."""


@mesh_rule
def istiod_role_insufficient(view: View) -> Iterator[Hit]:
    """istiod's roles lack something that istiod of this version cannot do without."""
    for account in view.mesh.every(IstiodAccount):
        asker = _asker(view, account)
        if asker is None:
            continue
        needs = [need for need in NEEDS if need.asked(account, asker.minor)]
        if _most(asker, needs):
            yield from _hits(asker, [*needs, *_further(asker)])


def _asker(view: View, account: IstiodAccount) -> Asker | None:
    """None where it may be allowed more than is known, or ask for less."""
    plane = view.mesh.plane(account.meta.at)
    if not known(account) or foreign(account) or _remote(plane):
        return None
    own = revision_of(view, account)
    found = granted(view, account) if own else None
    if own is None or found is None:
        return None
    minor = own.version[1] if own.version else None
    return Asker(view, account, found, plane, own.name.known or DEFAULT, minor)


def _remote(plane: Plane) -> bool:
    """Whether webhooks may be those of another cluster, or roles are made by an operator."""
    hooks = (hook for configuration in plane.injectors for hook in configuration.live_hooks)
    return Flavour.OSSM2 in plane.flavours or any(h.client.url is not None for h in hooks)


def _most(asker: Asker, needs: list[Need]) -> bool:
    """Whether it has most of what it needs, so that its roles are meant to be all of them.

    The charts can render roles of the cluster and roles of the namespace apart.
    """
    things = [(need, thing) for need in needs for thing in need.things]
    return 2 * sum(not asker.lacks(need, thing) for need, thing in things) > len(things)


def _further(asker: Asker) -> Iterator[Need]:
    """What is needed where something in the cluster asks for it, and roles of its own exist."""
    if all(binding.wide for binding in asker.granted.bindings):
        return
    view, account, site = asker.view, asker.account, asker.account.meta.at
    roots = (r for r in view.mesh.every(Root) if r.subject.kind == "Secret")
    plugged = any(view.mesh.visible(site, root.at) for root in roots)
    asked = (
        (STRICT, _ignoring(asker)),
        (ROOT, not plugged),
        (LEASES, any(view.mesh.together(site, gateway.meta.at) for gateway in view.mesh.gateways)),
    )
    yield from (need for need, sure in asked if sure and need.asked(account, asker.minor))


def _ignoring(asker: Asker) -> bool:
    """Whether a validating webhook of its revision lets everything pass while istiod is away."""
    own = (c for c in asker.plane.configurations if not c.mutating and c.partial is None)
    hooks = (h for c in own if c.meta.label(REVISION) == asker.revision for h in c.live_hooks)
    return any(h.failure_policy and h.failure_policy.value.known == "Ignore" for h in hooks)


def _hits(asker: Asker, needs: list[Need]) -> Iterator[Hit]:
    """One finding a place, which is as bad as the worst of what lacks there."""
    found: defaultdict[Location, list[tuple[Lack, str | None]]] = defaultdict(list)
    for need in needs:
        waiting = None if need is STRICT else _waiting(asker, need.hooks)
        if waiting is not False:
            for lack in lacks(asker, need):
                found[lack.place.where].append((lack, _case(asker, lack, waiting)))
    for told in found.values():
        told.sort(key=lambda pair: RANKS.get(pair[1], 1))
        yield _hit(asker, [lack for lack, _ in told], told[0][1])


def _waiting(asker: Asker, mutating: bool | None) -> bool | None:
    """Whether webhooks of the revision wait for their caBundle; None if none are there."""
    own = [
        c
        for c in asker.plane.configurations
        if c.mutating is mutating and c.partial is None and c.live_hooks
        if c.meta.label(REVISION) == asker.revision
    ]
    waiting = (not filled(asker.view, c) and _blank(c) for c in own)
    return any(waiting) if own else None


def _blank(configuration: Configuration) -> bool:
    return any(empty(hook.client.ca_bundle) for hook in configuration.live_hooks)


def _case(asker: Asker, lack: Lack, waiting: bool | None) -> str | None:
    """How bad it is: None where it holds in every cluster that gets this control plane."""
    need = lack.need
    if need.case == "minor":
        return need.case
    if lack.verbs == WATCH:
        return "late"
    streams = lack.verbs == ("list",) and (asker.minor or STREAMS) >= STREAMS
    sure = need.case == "stops" or waiting is True
    if sure and not streams and asker.plane.closed and not asker.plane.bare:
        return None
    return "open" if need.case == "stops" else need.case


def _hit(asker: Asker, found: list[Lack], case: str | None) -> Hit:
    account, place = asker.account, found[0].place
    own, more = account.meta.subject, len(found) - SHOWN
    rest = f"; and {more} more" if more > 0 else ""
    return Hit(
        f"ServiceAccount {printable(own.namespace)}/{printable(account.account)}, as which"
        f" {named(own)} runs, {'; it '.join(map(_told, found[:SHOWN]))}{rest}."
        f" {' '.join(dict.fromkeys(map(_repair, found)))}",
        place.where,
        place.role.meta.subject,
        (
            Related(
                "istiod runs as this account",
                account.name.where if account.name else account.meta.where,
            ),
            *(
                see(b.meta.subject, b.role.where)
                for b in asker.granted.bindings
                if b.role and (b.role_kind, b.role.text) == place.role.key
            ),
        ),
        case=case,
    )


def _told(lack: Lack) -> str:
    verbs = " or ".join(lack.verbs).replace("|", " or ")
    *most, last = (str(thing) for thing in lack.things)
    things = f"{', '.join(most)} and {last}" if most else last
    return f"may not {verbs} {things}: {LATE if lack.verbs == WATCH else lack.need.effect}"


def _repair(lack: Lack) -> str:
    verbs, place = [verb.split("|")[0] for verb in lack.verbs], lack.place
    if place.kin:
        return f"Add {', '.join(quoted(thing.resource) for thing in lack.things)}."
    if place.rule is None:
        return "Add a rule that allows it."
    if place.rule.names and not {*verbs} - place.rule.verbs:
        return "resourceNames allow it for single objects only: add a rule without."
    return f"Add {', '.join(map(quoted, verbs))}."
