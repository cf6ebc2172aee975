"""Configurations whose caBundle stays empty although their labels are right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Hit, Location, Value, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT, Origin
from meshlint.resources.document import Document
from meshlint.resources.keys import HOOK_SUFFIX, REVISION
from meshlint.resources.webhook import Configuration, Hook
from meshlint.resources.webhook import configuration as istios_own
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, document_rule, mesh_rule
from meshlint.rules.webhooks.fillers import filled
from meshlint.rules.webhooks.patching import UNKNOWN_AUTHORITY, empty, whole
from meshlint.rules.webhooks.serving import own_revision
from meshlint.rules.words import named, see
from meshlint.source.node import Node

SWITCH = {True: "INJECTION_WEBHOOK_CONFIG_NAME", False: "VALIDATION_WEBHOOK_CONFIG_NAME"}
"""istiod's environment that, set to "", keeps it from patching (pilot/pkg/features/pilot.go)."""

OWN = "REVISION"
"""What istiod takes for its revision (pilot/pkg/bootstrap/options.go); labels are for Services."""


SHOWN = 5


@mesh_rule
def webhook_cabundle_never_filled(view: View) -> Iterator[Hit]:
    """Nobody fills in the caBundle: istiod is told not to, or a dump shows that nobody did."""
    refused: defaultdict[Location, list[Refusal]] = defaultdict(list)
    for configuration, plane in whole(view):
        hook = next((h for h in configuration.live_hooks if empty(h.client.ca_bundle)), None)
        if hook is None or filled(view, configuration):
            continue
        refusal = _refusal(view, configuration, plane, hook)
        if refusal:
            refused[refusal.value.where].append(refusal)
        elif configuration.dumped and _patchable(configuration):
            yield _unpatched(configuration, hook)
    yield from map(_refused, refused.values())


@dataclass(frozen=True, slots=True)
class Refusal:
    """The variable of an istiod that keeps it from patching a configuration of its pods' label."""

    istiod: Workload
    name: str
    value: Value
    configuration: Configuration
    hook: Hook
    plane: Plane


def _refusal(view: View, configuration: Configuration, plane: Plane, hook: Hook) -> Refusal | None:
    """That of an istiod which the configuration's label names, if no other istiod patches it."""
    revision = configuration.meta.label(REVISION) or ""
    proofs = plane.strong.get(revision, ())
    if any(p.origin is not Origin.DEPLOYMENT or p.partial for p in proofs):
        return None
    found = list(_istiods(view, configuration))
    if not found or not all(variable for _, variable in found):
        return None
    istiod, variable = found[0]
    return Refusal(istiod, *variable, configuration, hook, plane) if variable else None


def patched_here(view: View, configuration: Configuration) -> bool:
    """Whether an istiod of the tree is of the label's revision, and not told to let webhooks be."""
    return any(not (variable or w.partial) for w, variable in _istiods(view, configuration))


def let_be(view: View, configuration: Configuration) -> bool:
    """Whether every istiod of the tree that the label names is told to let webhooks be."""
    found = list(_istiods(view, configuration))
    return bool(found) and all(variable for _, variable in found)


Switched = tuple[str, Value] | None
"""What keeps an istiod from patching: the name of a variable and its value."""


def _istiods(view: View, configuration: Configuration) -> Iterator[tuple[Workload, Switched]]:
    """The istiods that the configuration's label names, with what keeps each from patching it.

    It names those that take it for their revision, and those whose pods have it as a label, by
    which the Service of a revision finds them.
    """
    revision, site = configuration.meta.label(REVISION), configuration.meta.at
    for workload in view.mesh.pilots:
        if revision and view.mesh.together(site, workload.meta.at):
            label = workload.pod.label(REVISION)
            if revision in (label, own_revision(workload) or label or DEFAULT):
                yield workload, _variable(workload, revision, configuration.mutating)


def _variable(istiod: Workload, revision: str, mutating: bool) -> tuple[str, Value] | None:
    """An empty switch, or a REVISION that is another one."""
    for container in istiod.containers:
        for name, value in ((e.key.text, e.value) for e in container.env if e.value.literal):
            switched_off = name == SWITCH[mutating] and value.text == ""
            renamed = name == OWN and value.text not in ("", revision)
            if switched_off or renamed:
                return name, value
    return None


def _refused(found: list[Refusal]) -> Hit:
    first = found[0]
    named_otherwise, own = first.name == OWN, first.configuration.meta
    why = (
        f"is {quoted(first.value.text)}, and its pods are labelled for revision"
        f" {quoted(own.label(REVISION) or '')}: it does not fill in the caBundle of"
        f" {named(own.subject)}, which has that label"
        if named_otherwise
        else f"is empty, so that it may not fill in the caBundle of {named(own.subject)}"
    )
    repair = "Make the two equal" if named_otherwise else "Set the variable"
    return Hit(
        f"{first.name} of {named(first.istiod.meta.subject)} {why}, and {UNKNOWN_AUTHORITY}."
        f" {repair}, have cert-manager inject the bundle, or write it there.",
        first.value.where,
        first.istiod.meta.subject,
        tuple(see(r.configuration.meta.subject, r.hook.where) for r in found[:SHOWN]),
        case="renamed" if named_otherwise and not first.plane.closed else None,
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
    if not document.kind.endswith("WebhookConfiguration") or not any(istios_own(document)):
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
