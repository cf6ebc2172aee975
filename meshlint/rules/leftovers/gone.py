"""Webhook configurations of revisions that have no istiod any more."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import commonpath, dirname, isabs

from meshlint.finding import Hit, Related, quoted
from meshlint.mesh.agreement import agreed
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.default_validator import DefaultValidator
from meshlint.resources.keys import REVISION, TAG
from meshlint.resources.site import Site
from meshlint.resources.webhook import Configuration
from meshlint.rules.leftovers.old import old_api, old_name, refused, removal
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import MANAGED
from meshlint.rules.webhooks.patching import obsolete
from meshlint.rules.webhooks.serving import own_revision, services
from meshlint.rules.words import listed, named, see

DEFAULT_VALIDATOR = "validation.istio.io"
"""The hook that validates what has no revision label; it is moved from revision to revision."""


@mesh_rule
def webhook_leftover(view: View) -> Iterator[Hit]:
    """A configuration of a revision without istiod, while another revision has one."""
    for configuration in view.mesh.configurations:
        plane = view.mesh.plane(configuration.meta.at)
        if configuration.partial or not configuration.live_hooks or not _live(configuration, plane):
            continue
        if obsolete(configuration, plane):
            yield old_name(view, configuration, plane)
        elif refused(configuration, plane):
            yield old_api(configuration, plane)
        elif _dead(configuration, plane) and not _renamed(view, configuration):
            yield _orphan(view, configuration, plane)
    yield from _defaults(view)


def _defaults(view: View) -> Iterator[Hit]:
    """Charts that make the default validator for a revision without istiod."""
    for told in view.mesh.every(DefaultValidator):
        plane, name = view.mesh.plane(told.meta.at), told.revision.known
        near = any(_near(told.meta.at, r.at) for found in plane.strong.values() for r in found)
        unsure = told.partial is not None or plane.vague or not near
        if name and not unsure and not MANAGED.match(name) and not view.mesh.everywhere(name):
            yield _default(told, name, plane)


def _default(told: DefaultValidator, name: str, plane: Plane) -> Hit:
    own = told.meta.subject
    service = "istiod" if name == DEFAULT else f"istiod-{name}"
    return Hit(
        f"{named(own)} sets 'defaultRevision' of Istio's base chart to {quoted(name)}, of which no"
        f" istiod is here; live are {listed(tuple(plane.strong))}. The chart makes"
        " istiod-default-validator call that istiod: resources of Istio's without a revision label"
        f' are not validated, or, where it fails closed, not accepted: \'service "{service}" not'
        " found'. Set a live revision.",
        told.revision.where,
        own,
    )


REACH = 2
"""Directories up to a common one, from where a webhook and an istiod are still of one platform."""


def _live(configuration: Configuration, plane: Plane) -> bool:
    """Whether an istiod is installed from nearby: far away it may be for some other cluster."""
    site = configuration.meta.at
    return any(_near(site, r.at) for found in plane.strong.values() for r in found)


def _near(one: Site, other: Site) -> bool:
    """Whether one place is in, above or below the other's directory, or is in a neighbouring one.

    What is known of a whole cluster stands nowhere, and is near to all of it.
    """
    if not other.path or (one.cluster and one.cluster == other.cluster):
        return True
    folders = dirname(one.path), dirname(other.path)
    if isabs(one.path) != isabs(other.path):
        return True
    shared = commonpath(folders)
    up, down = (len(folder.removeprefix(shared).strip("/").split("/")) for folder in folders)
    return shared in folders or max(up, down) <= REACH


def _dead(configuration: Configuration, plane: Plane) -> bool:
    """Whether no istiod of the label's revision is here. Tags have a rule of their own."""
    revision = configuration.meta.label(REVISION)
    if revision is None or plane.vague or revision in plane.strong or MANAGED.match(revision):
        return False
    tag = configuration.mutating and TAG in configuration.meta.labels
    remote = any(hook.client.url is not None for hook in configuration.live_hooks)
    return not tag and not remote and agreed(configuration)


def _renamed(view: View, configuration: Configuration) -> bool:
    """Whether an istiod is of that revision by its variable or by its pods' label, if not by both.

    Then it is the istiod that is wrong, and not left over what goes with it.
    """
    revision, site = configuration.meta.label(REVISION), configuration.meta.at
    return any(
        revision in (own_revision(w), w.pod.label(REVISION))
        for w in view.mesh.pilots
        if view.mesh.visible(site, w.meta.at)
    )


def _orphan(view: View, configuration: Configuration, plane: Plane) -> Hit:
    own, field = configuration.meta, configuration.revision
    asking = _asking(view, configuration) if configuration.mutating else ()
    return Hit(
        f"{named(own.subject)} belongs to revision {quoted(own.label(REVISION) or '')}, of which no"
        f" istiod is here; live are {listed(tuple(plane.strong))}. Without that istiod, calls fail"
        f" with {_failure(view, configuration)}. {_repair(view, configuration, plane, asking)}",
        field.value.where if field else own.where,
        own.subject,
        asking,
    )


def _repair(
    view: View, configuration: Configuration, plane: Plane, asking: tuple[Related, ...]
) -> str:
    """What to do, in the order in which nothing is left without an injector."""
    last = removal(view, configuration)
    live = next(iter(plane.strong)) if len(plane.strong) == 1 else "REVISION"
    if DEFAULT_VALIDATOR in (hook.full_name for hook in configuration.live_hooks):
        return f"Set 'defaultRevision' of Istio's base chart to a live revision, or r{last}"
    if not asking:
        return f"R{last}"
    return (
        "First move what asks for it ('kubectl label namespace NAME istio.io/rev="
        f"{live} --overwrite'), then its tags ('istioctl tag set TAG --revision {live}"
        f" --overwrite'), restart the pods, and at last r{last}"
    )


def _failure(view: View, configuration: Configuration) -> str:
    """What the API server says: of a Service that is gone, or of one that is left without pods."""
    hooks = configuration.live_hooks
    if any(services(view, configuration, hook) for hook in hooks):
        return f"'no endpoints available for service \"{_service(configuration)}\"'"
    return f"'service \"{_service(configuration)}\" not found'"


def _service(configuration: Configuration) -> str:
    names = (hook.client.service_name for hook in configuration.live_hooks)
    return next((name.value.text for name in names if name), "istiod")


def _asking(view: View, configuration: Configuration) -> tuple[Related, ...]:
    """What sees the configuration and is still labelled for its revision: at most five."""
    site, revision = configuration.meta.at, configuration.meta.label(REVISION)
    spaces = (
        (n.meta, n.meta.labels[REVISION].value.where) for n in view.mesh.asking(revision or "")
    )
    pods = (
        (w.meta, w.pod.labels[REVISION].value.where)
        for w in view.mesh.workloads
        if w.pod.label(REVISION) == revision
    )
    seen = {
        where: see(meta.subject, where)
        for meta, where in (*spaces, *pods)
        if view.mesh.visible(meta.at, site)
    }
    return tuple(seen.values())[:5]
