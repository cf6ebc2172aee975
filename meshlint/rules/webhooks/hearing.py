"""Whether the API server asks a hook when a pod is created."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, quoted
from meshlint.mesh.calls import sees_pods
from meshlint.resources.webhook import istios
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.patching import whole

RIGHT = 'apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"]'


@mesh_rule
def webhook_rules_miss_pods(view: View) -> Iterator[Hit]:
    """An injection hook that is never called, as none of its rules is for the creation of pods."""
    for configuration, plane in whole(view):
        for hook in configuration.live_hooks if configuration.mutating else ():
            if istios(hook, mutating=True) and not sees_pods(plane, configuration, hook):
                bare = hook.rules in (None, hook.where)
                fault = "has no rules" if bare else "has no rule for the creation of pods"
                yield Hit(
                    f"{quoted(hook.full_name)} {fault}, so the API server never calls it, and pods"
                    f" that it selects come up without a sidecar and without a word. Write a rule"
                    f" with {RIGHT}.",
                    hook.rules or hook.where,
                    configuration.meta.subject,
                )
