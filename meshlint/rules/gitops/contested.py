"""Webhook configurations into which two controllers write a caBundle."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Location, Related
from meshlint.resources.keys import REVISION
from meshlint.resources.webhook import Configuration
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.fillers import FILLERS, jobs
from meshlint.rules.webhooks.filling import SWITCH, patched_here
from meshlint.rules.webhooks.patching import UNKNOWN_AUTHORITY, patched, whole
from meshlint.rules.words import named, see


@mesh_rule
def webhook_cabundle_contested(view: View) -> Iterator[Hit]:
    """istiod writes its own root over whatever anybody else has written."""
    for configuration, _ in whole(view):
        if _istiods(view, configuration):
            yield from _annotated(configuration)
            yield from _jobs(view, configuration)


def _istiods(view: View, configuration: Configuration) -> bool:
    """Whether an istiod that is here finds the hooks, and writes into them."""
    found = any(patched(configuration, hook) for hook in configuration.live_hooks)
    return found and patched_here(view, configuration)


def _annotated(configuration: Configuration) -> Iterator[Hit]:
    own = configuration.meta
    field = next((own.annotations[key] for key in FILLERS if key in own.annotations), None)
    if field:
        who = "cert-manager" if field.key.text.startswith("cert-manager") else "OpenShift"
        repair = f"Remove '{field.key.text}'"
        yield _contest(configuration, who, field.key.where, repair, "injected")


def _jobs(view: View, configuration: Configuration) -> Iterator[Hit]:
    """A Job that runs once loses to istiod, which writes after it; a CronJob comes back."""
    for own in {w.meta.where: w.meta for w, _ in jobs(view, configuration)}.values():
        case = None if own.subject.kind == "CronJob" else "once"
        place = see(configuration.meta.subject, configuration.meta.where)
        yield _contest(configuration, named(own.subject), own.where, "Remove it", case, place)


def _contest(
    configuration: Configuration,
    who: str,
    where: Location,
    repair: str,
    case: str | None,
    *related: Related,
) -> Hit:
    own = configuration.meta
    return Hit(
        f"{who} writes a caBundle into {named(own.subject)}, and so does istiod of revision"
        f" '{own.label(REVISION)}', which keeps its own root certificate there: unless both write"
        f" the same, {UNKNOWN_AUTHORITY} whenever istiod was not the last. {repair}, or give istiod"
        f" an empty {SWITCH[configuration.mutating]}.",
        where,
        own.subject,
        related,
        case=case,
    )
