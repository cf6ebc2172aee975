"""Validating webhooks in Git whose failurePolicy istiod changes at run time."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Related
from meshlint.resources.webhook import Configuration
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.patching import whole
from meshlint.rules.words import named

TOOLS = {
    "argocd.argoproj.io/": "Argo CD",
    "kustomize.toolkit.fluxcd.io/": "Flux",
    "configmanagement.gke.io/": "Config Sync",
}
"""The domains of annotations and labels by which GitOps tools are told what to do."""


def _applier(configuration: Configuration) -> str:
    """Who applies a configuration again and again; "" where nothing tells of such a tool."""
    own = configuration.meta
    keys = (*own.annotations, *own.labels)
    told = (tool for domain, tool in TOOLS.items() if any(k.startswith(domain) for k in keys))
    return f"what stands in {own.at.by}" if own.at.by else next(told, "")


@mesh_rule
def validator_failure_policy_ignore(view: View) -> Iterator[Hit]:
    """Ignore in Git, applied again and again, against the Fail that istiod writes."""
    for configuration, _ in whole(view):
        applier = _applier(configuration)
        if configuration.mutating or not applier or configuration.revision is None:
            continue
        for hook in configuration.live_hooks:
            policy = hook.failure_policy
            if policy and policy.value.known == "Ignore":
                place = policy.value.where
                yield Hit(
                    f"{named(configuration.meta.subject)} says 'failurePolicy: Ignore', istiod sets"
                    f" it to Fail when it is ready, and {applier} applies it again:"
                    " each sync opens a time without validation, and with server-side apply it"
                    " ends in a conflict with pilot-discovery. Write Fail, or leave the field out.",
                    place,
                    configuration.meta.subject,
                    (Related(f"hook '{hook.full_name}'", hook.where),),
                )
                break
