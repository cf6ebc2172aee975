"""Validating webhooks in Git whose failurePolicy istiod changes at run time."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Related
from meshlint.resources.keys import REVISION
from meshlint.resources.sync import Sync
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.mending import rewrite, together
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import MANAGED
from meshlint.rules.webhooks.fillers import OWNED_BY
from meshlint.rules.webhooks.filling import let_be
from meshlint.rules.webhooks.healing import again, appliers, healer, left_alone, spared
from meshlint.rules.webhooks.patching import written
from meshlint.rules.words import named, see

TOOLS = {
    "argocd.argoproj.io/": "Argo CD",
    "kustomize.toolkit.fluxcd.io/": "Flux",
    "configmanagement.gke.io/": "Config Sync",
}
"""The domains of annotations and labels by which GitOps tools are told what to do."""

POLICY = "failurePolicy"


def _applier(configuration: Configuration) -> str:
    """Who applies a configuration again and again; "" where nothing tells of such a tool."""
    own = configuration.meta
    keys = (*own.annotations, *own.labels)
    told = (tool for domain, tool in TOOLS.items() if any(k.startswith(domain) for k in keys))
    return f"what stands in {own.at.by}" if own.at.by else next(told, "")


@mesh_rule
def validator_failure_policy_ignore(view: View) -> Iterator[Hit]:
    """Ignore in Git, applied again and again, against the Fail that istiod writes."""
    for configuration, _ in written(view):
        if configuration.mutating or not _applier(configuration) or not _patched(configuration):
            continue
        if let_be(view, configuration) or _left(view, configuration):
            continue
        for hook in configuration.live_hooks:
            policy = hook.failure_policy
            if policy and policy.value.known == "Ignore":
                yield _ignoring(configuration, hook, policy, healer(view, configuration, POLICY))
                break


def _patched(configuration: Configuration) -> bool:
    """Whether an istiod of one's own may set the field; Google's webhooks call a URL."""
    revision = configuration.meta.label(REVISION)
    managed = OWNED_BY in configuration.meta.labels or (revision and MANAGED.match(revision))
    called = all(hook.client.url is None for hook in configuration.live_hooks)
    labelled = configuration.revision is not None or configuration.fragment
    return labelled and called and not managed


def _left(view: View, configuration: Configuration) -> bool:
    """Whether the tool leaves the field as istiod has set it."""
    found = appliers(view, configuration)
    heedful = (s.respects and spared(view, s, configuration, POLICY) for s in found)
    return left_alone(configuration, found[0] if found else None) or any(heedful)


def _ignoring(configuration: Configuration, hook: Hook, policy: Field, sync: Sync | None) -> Hit:
    own = configuration.meta
    effect = (
        f"{again(sync, 'Ignore')}: the two never come to rest, and in between Istio's resources are"
        " not validated"
        if sync
        else f"{_applier(configuration)} applies it again: each sync opens a time without"
        " validation, and with server-side apply it ends in a conflict with pilot-discovery"
    )
    place = Related(f"hook '{hook.full_name}'", hook.where)
    return Hit(
        f"{named(own.subject)} says 'failurePolicy: Ignore', istiod sets it to Fail when it is"
        f" ready, and {effect}. Write Fail, or leave the field out.",
        policy.value.where,
        own.subject,
        (place, see(sync.meta.subject, sync.meta.where)) if sync else (place,),
        case="heals" if sync and not configuration.fragment else None,
        fix=_fail(configuration),
    )


def _fail(configuration: Configuration) -> Fix:
    """Fail in all hooks."""
    found = (hook.failure_policy for hook in configuration.live_hooks)
    ignoring = (field for field in found if field and field.value.known == "Ignore")
    return together(*(rewrite(field, value="Fail") for field in ignoring))
