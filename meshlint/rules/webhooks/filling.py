"""Configurations whose caBundle stays empty although their labels are right."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Related, Value, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import Origin
from meshlint.resources.document import Document
from meshlint.resources.keys import HOOK_SUFFIX, REVISION
from meshlint.resources.webhook import Configuration, Hook, configuration
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, document_rule, mesh_rule
from meshlint.rules.webhooks.patching import UNKNOWN_AUTHORITY, empty, filled_elsewhere, whole
from meshlint.rules.words import named
from meshlint.source.node import Node

SWITCH = {True: "INJECTION_WEBHOOK_CONFIG_NAME", False: "VALIDATION_WEBHOOK_CONFIG_NAME"}
"""istiod's environment that, set to "", keeps it from patching (pilot/pkg/features/pilot.go)."""


@mesh_rule
def webhook_cabundle_never_filled(view: View) -> Iterator[Hit]:
    """Nobody fills in the caBundle: istiod is told not to, or a dump shows that nobody did."""
    for configuration, plane in whole(view):
        hook = next((h for h in configuration.live_hooks if empty(h.client.ca_bundle)), None)
        if hook is None or filled_elsewhere(configuration):
            continue
        switch = _switched_off(view, configuration, plane)
        if switch:
            yield _forbidden(configuration, hook, switch)
        elif configuration.dumped and _patchable(configuration):
            yield _unpatched(configuration, hook)


def _switched_off(view: View, configuration: Configuration, plane: Plane) -> Value | None:
    """The empty variable of every istiod that the configuration's label names."""
    revision = configuration.meta.label(REVISION) or ""
    proofs = plane.strong.get(revision, ())
    if not proofs or any(p.origin is not Origin.DEPLOYMENT or p.partial for p in proofs):
        return None
    subjects = {p.subject for p in proofs}
    istiods = [w for w in view.mesh.workloads if w.meta.subject in subjects]
    found = [_variable(w, SWITCH[configuration.mutating]) for w in istiods]
    return found[0] if found and all(found) else None


def _variable(istiod: Workload, name: str) -> Value | None:
    env = (e for container in istiod.containers for e in container.env)
    given = (e.value for e in env if e.key.text == name)
    return next((value for value in given if value.literal and value.text == ""), None)


def _forbidden(configuration: Configuration, hook: Hook, switch: Value) -> Hit:
    name = SWITCH[configuration.mutating]
    return Hit(
        f"{named(configuration.meta.subject)} has no caBundle, and istiod may not fill it in, as"
        f" its {name} is empty: {UNKNOWN_AUTHORITY}. Set the variable, have cert-manager inject the"
        " bundle, or write it here.",
        hook.where,
        configuration.meta.subject,
        (Related(f"{name} of istiod", switch.where),),
    )


def _patchable(configuration: Configuration) -> bool:
    named_so = any(h.full_name.endswith(HOOK_SUFFIX) for h in configuration.live_hooks)
    return configuration.revision is not None and (named_so or not configuration.mutating)


def _unpatched(configuration: Configuration, hook: Hook) -> Hit:
    own = configuration.meta
    return Hit(
        f"{named(own.subject)} is a copy of a live object, and the caBundle of"
        f" {quoted(hook.full_name)} is empty: when it was copied, no istiod of revision"
        f" {quoted(own.label(REVISION) or '')} had filled it in, so {UNKNOWN_AUTHORITY}. Look for"
        " that istiod; and leave uid and resourceVersion out of Git.",
        hook.where,
        own.subject,
        case="dumped",
    )


SELECTORS = ("namespaceSelector", "objectSelector")
PARTS = frozenset({"matchLabels", "matchExpressions"})


@document_rule
def webhook_selector_misplaced(document: Document) -> Iterator[Hit]:
    """A selector inside of a selector: the API server drops it, or refuses the object."""
    if not document.kind.endswith("WebhookConfiguration") or not any(configuration(document)):
        return
    hooks = document.root.get("webhooks")
    for hook in hooks.items() if hooks else ():
        for child in (c for key in SELECTORS for c in _children(hook.get(key))):
            if child.name not in PARTS:
                yield _dropped(document, hook, child)


def _children(node: Node | None) -> tuple[Node, ...]:
    return tuple(node.children()) if node else ()


def _dropped(document: Document, hook: Node, child: Node) -> Hit:
    own = document.meta.subject
    nested = child.name in SELECTORS
    effect = (
        "so the hook is called for every pod of its namespaces" if nested else "so it does nothing"
    )
    return Hit(
        f"{quoted(child.name)} is no field of a selector: kubectl refuses the object, and where"
        f" that is not checked the API server drops the field, {effect}. Put it"
        f" {'beside the selector that holds it' if nested else 'into matchLabels'}.",
        child.key_where,
        own,
    )
