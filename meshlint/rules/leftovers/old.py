"""Webhook configurations of Istio and Kubernetes versions that are past."""

from __future__ import annotations

from meshlint.finding import Hit
from meshlint.mesh.plane import Plane
from meshlint.resources.document import Meta
from meshlint.resources.keys import REVISION
from meshlint.resources.webhook import Configuration
from meshlint.rules.registry import View
from meshlint.rules.webhooks.healing import pruner
from meshlint.rules.webhooks.patching import minors
from meshlint.rules.words import named

BETA = "admissionregistration.k8s.io/v1beta1"
"""The API that Kubernetes 1.22 removed."""

WITHOUT_BETA = 15
"""Since Istio 1.15 every supported Kubernetes is 1.22 or later (istio.io, supported releases)."""


def refused(configuration: Configuration, plane: Plane) -> bool:
    """Whether no Kubernetes under an istiod in sight knows the configuration's API any more."""
    old = configuration.meta.subject.api_version == BETA
    return old and min(minors(plane), default=0) >= WITHOUT_BETA


def old_api(configuration: Configuration, plane: Plane) -> Hit:
    own, minor = configuration.meta, min(minors(plane))
    return Hit(
        f"{named(own.subject)} is of the API '{BETA}', which Kubernetes 1.22 removed, and istiod"
        f" 1.{minor} is for later ones: applying it fails with 'no matches for kind"
        f' "{own.subject.kind}"\', and what a cluster still has of it stays as it was. Render it'
        " anew.",
        own.where,
        own.subject,
    )


def old_name(view: View, configuration: Configuration, plane: Plane) -> Hit:
    kept = configuration.meta.label(REVISION) in plane.strong
    fate = (
        "all of Istio's resources are validated twice"
        if kept
        else "nobody patches its caBundle, without which applying Istio's resources fails"
    )
    own = configuration.meta
    return Hit(
        f"{named(own.subject)} has the name that Istio up to 1.10 used, and istiod here is"
        f" 1.{min(minors(plane))}: no later version updates or removes it, and {fate}."
        f" R{removal(view, configuration)}",
        own.where,
        own.subject,
        case=None if kept else "old",
    )


def removal(view: View, configuration: Configuration) -> str:
    """How to remove it, without the first letter: whether it is enough to do so in Git."""
    own = configuration.meta
    sync, prunes = pruner(view, configuration)
    if sync and prunes:
        return f"emove it from Git, and {named(sync.meta.subject)} deletes it."
    why = f", as {named(sync.meta.subject)} does not prune it" if sync and prunes is False else ""
    return f"emove it from Git, and with {_delete(own)}{why}."


def _delete(own: Meta) -> str:
    return f"'kubectl delete {own.subject.kind.lower()} {own.subject.name}'"
