"""Flux's force, by which a webhook configuration that is refused is deleted first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Fix, Hit, Location, Related, Remove, Value, quoted
from meshlint.resources.sync import Sync, Tool
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.calling import client_fault
from meshlint.rules.webhooks.healing import appliers, left_alone
from meshlint.rules.words import named

FORCE = "kustomize.toolkit.fluxcd.io/force"
"""The annotation or label that does for one object what spec.force does for all."""

POLICIES = ("Ignore", "Fail")
SHOWN = 5
EFFECT = {
    True: "pods come up without a sidecar",
    False: "Istio's resources are not validated",
}
"""Of mutating and of validating configurations that are gone."""


@dataclass(frozen=True, slots=True)
class Forced:
    """A configuration that is refused: why, where, and what lets Flux delete it."""

    configuration: Configuration
    why: str
    place: Related
    force: Value
    by: str


@mesh_rule
def flux_force_deletes_webhook(view: View) -> Iterator[Hit]:
    """Flux takes any refusal for a changed immutable field (fluxcd/pkg ssa/errors/immutable.go)."""
    found: defaultdict[Location, list[Forced]] = defaultdict(list)
    for configuration in view.mesh.configurations:
        refused = _refused(configuration) if configuration.partial is None else None
        force = _force(view, configuration) if refused else None
        if refused and force:
            found[force[0].where].append(Forced(configuration, *refused, *force))
    yield from map(_deleted, found.values())


def _deleted(found: list[Forced]) -> Hit:
    first, own = found[0], found[0].configuration.meta.subject
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return Hit(
        f"{first.by} lets Flux delete and recreate what the API server refuses to update, and it"
        f" refuses {named(own)}{more}, as {first.why}: Flux deletes the live one, and until it is"
        f" there again {EFFECT[first.configuration.mutating]}. Take force away, and repair the"
        " configuration.",
        first.force.where,
        own,
        tuple(one.place for one in found[:SHOWN]),
        fix=Fix("Take force away.", (Remove(first.force.where),), safe=False),
    )


def _force(view: View, configuration: Configuration) -> tuple[Value, str] | None:
    """What lets Flux delete the configuration, and words for it."""
    own, found = configuration.meta, appliers(view, configuration)
    if any(s.tool is not Tool.FLUX for s in found) or _unapplied(configuration, found):
        return None
    for fields in (own.annotations, own.labels):
        field = fields.get(FORCE)
        if field and field.value.text.lower() == "enabled":
            return field.value, quoted(f"{FORCE}: {field.value.text}")
    if found and all(s.force and s.heals and not s.partial for s in found):
        force = found[0].force
        return (force.value, f"'spec.force' of {named(found[0].meta.subject)}") if force else None
    return None


def _unapplied(configuration: Configuration, found: list[Sync]) -> bool:
    return left_alone(configuration, found[0] if found else None)


def _refused(configuration: Configuration) -> tuple[str, Related] | None:
    """Why the API server answers 409 or 422, and where that stands; None where it may not."""
    if configuration.locked and configuration.locked.known:
        words = "metadata.resourceVersion is that of an older state"
        return words, Related("the resourceVersion", configuration.locked.where)
    for hook in configuration.hooks:
        fault = client_fault(hook)
        if fault:
            return "its clientConfig is invalid", Related("the clientConfig", fault[1])
        place = _selector(hook)
        if place:
            return "a selector in it is invalid", Related("the selector", place.where)
        policy = hook.failure_policy.value if hook.failure_policy else None
        if policy and policy.known and policy.known not in POLICIES:
            return "its failurePolicy is none that there is", Related(
                "the failurePolicy", policy.where
            )
    return None


def _selector(hook: Hook) -> Value | None:
    """An expression that is one, and no legal one; what is none at all is refused otherwise."""
    sides = (hook.namespace_selector, hook.object_selector)
    odd = (e for side in sides for e in side.expressions if e.usable is False and e.operator)
    return next((Value(e.key, e.where) for e in odd), None)
