"""What Istio's webhook configurations say of failures, and who fills in their caBundle."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.checks import choosing, kinds
from meshlint.checks.registry import Given, Parameter, check
from meshlint.finding import Field, Fix, Hit, Location, quoted
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.mending import rewrite
from meshlint.rules.registry import View
from meshlint.rules.webhooks.fillers import FILLERS, OWNED_BY, jobs
from meshlint.rules.webhooks.patching import empty, patched
from meshlint.rules.words import entry, listed, named

USUAL = {
    "admissionregistration.k8s.io/v1": "Fail",
    "admissionregistration.k8s.io/v1beta1": "Ignore",
}
"""What the API server takes for a failurePolicy that is left out."""

WHICH = {
    "webhooks": Parameter(
        kinds.Word("mutating", "validating"),
        "which configurations: the injectors' (default), or the validators'",
    ),
    "names": Parameter(kinds.globs, "only configurations of these names, with `*` and `?`"),
}


def _hooks(view: View, given: Given) -> Iterator[tuple[Configuration, Hook]]:
    """The hooks in use of the configurations that are meant, each as far as it is known."""
    mutating = (given.get("webhooks") or "mutating") == "mutating"
    names = given.get("names")
    for configuration in view.mesh.configurations:
        own = configuration.meta.name
        known = own.known if own else None
        if configuration.mutating is not mutating or not configuration.meta.at.path:
            continue
        if names is None or choosing.among(known, names):
            yield from ((configuration, hook) for hook in configuration.live_hooks)


@check(
    {"policy": Parameter(kinds.Word("Fail", "Ignore"), "what it must be", needed=True), **WHICH},
    fixable="unsafe",
)
def webhook_failure_policy(view: View, given: Given) -> Iterator[Hit]:
    """Hooks of Istio's webhook configurations with another failurePolicy than they must have."""
    wanted: str = given.get("policy")
    for configuration, hook in _hooks(view, given):
        own, field = configuration.meta, hook.failure_policy
        if configuration.partial is not None and not configuration.fragment:
            continue
        value = _policy(configuration, field)
        if value in (None, wanted):
            continue
        written = None if field is None or empty(field) else field
        said = f"has {entry(written)}" if written else f"leaves failurePolicy to be {value}"
        yield Hit(
            f"Hook {quoted(hook.full_name)} of {named(own.subject)} {said}, and needs"
            f" {quoted(f'failurePolicy: {wanted}')}.",
            written.value.where if written else hook.where,
            own.subject,
            fix=_rewritten(written, own.where, wanted) if written else None,
        )


def _rewritten(field: Field, where: Location, wanted: str) -> Fix | None:
    """With what is wanted, where it stands in the file of its object."""
    return rewrite(field, value=wanted) if field.key.where.path == where.path else None


def _policy(configuration: Configuration, field: Field | None) -> str | None:
    """What a hook's failurePolicy is; None where that is not known."""
    if field is not None and not field.value.literal:
        return None
    if not empty(field):
        return field.value.known if field else None
    return None if configuration.fragment else USUAL.get(configuration.meta.subject.api_version)


SOURCES = ("istiod", "cert-manager", "openshift", "google", "job", "inline")


@check(
    {
        "sources": Parameter(
            kinds.Words(*SOURCES), "who may: some of " + ", ".join(SOURCES), needed=True
        ),
        **WHICH,
    }
)
def webhook_cabundle_source(view: View, given: Given) -> Iterator[Hit]:
    """Hooks whose caBundle comes from somebody else than it may, or from nobody."""
    allowed: tuple[str, ...] = given.get("sources")
    for configuration, hook in _hooks(view, given):
        for source, where in _sources(view, configuration, hook):
            if source not in allowed:
                own = configuration.meta.subject
                yield Hit(
                    f"The caBundle of hook {quoted(hook.full_name)} of {named(own)}"
                    f" {COMES[source]}, and may come only from {listed(allowed)}.",
                    where,
                    own,
                )
                break


NOBODY = "nobody"
COMES = {
    "istiod": "is left to istiod",
    "cert-manager": "is filled in by cert-manager",
    "openshift": "is filled in by OpenShift",
    "google": "is kept by Google",
    "job": "is filled in by a Job of this tree",
    "inline": "stands in the file",
    NOBODY: "is filled in by nobody that the file names",
}


def _sources(
    view: View, configuration: Configuration, hook: Hook
) -> Iterator[tuple[str, Location]]:
    """Who fills in a caBundle, as far as the tree shows, each with the place that shows it.

    What only patches say of an object is told of that; nothing is said of a hook with a URL,
    behind which anybody may be, and of a caBundle that is a placeholder.
    """
    field, whole = hook.client.ca_bundle, configuration.partial is None
    if field is not None and not field.value.literal:
        return
    if field is not None and not empty(field) and (whole or configuration.fragment):
        yield "inline", field.key.where
    if not whole or hook.client.service is None:
        return
    others = list(_others(view, configuration, hook))
    yield from others
    if not others and empty(field):
        yield ("istiod" if patched(configuration, hook) else NOBODY), hook.where


def _others(view: View, configuration: Configuration, hook: Hook) -> Iterator[tuple[str, Location]]:
    own = configuration.meta
    for key in FILLERS:
        if key in own.annotations:
            who = "openshift" if "openshift" in key else "cert-manager"
            yield who, own.annotations[key].key.where
    if OWNED_BY in own.labels:
        yield "google", own.labels[OWNED_BY].key.where
    if any(True for _ in jobs(view, configuration)):
        yield "job", hook.where
