"""Webhook configurations of revisions that have no istiod any more."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import commonpath, dirname, isabs

from meshlint.finding import Hit, Related, quoted
from meshlint.mesh.agreement import agreed
from meshlint.mesh.plane import Plane
from meshlint.resources.document import Meta
from meshlint.resources.keys import REVISION, TAG
from meshlint.resources.site import Site
from meshlint.resources.webhook import Configuration
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import MANAGED
from meshlint.rules.webhooks.patching import minors, obsolete
from meshlint.rules.webhooks.serving import services
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
            yield _old_name(configuration, plane)
        elif _dead(configuration, plane) and not _renamed(view, configuration):
            yield _orphan(view, configuration, plane)


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


def _old_name(configuration: Configuration, plane: Plane) -> Hit:
    kept = configuration.meta.label(REVISION) in plane.strong
    fate = (
        "all of Istio's resources are validated twice"
        if kept
        else "nobody patches its caBundle, without which applying Istio's resources fails"
    )
    own = configuration.meta
    return Hit(
        f"{named(own.subject)} has the name that Istio up to 1.10 used, and istiod here is"
        f" 1.{min(minors(plane))}: no later version updates or removes it, and {fate}. Remove it"
        f" from Git, and with {_delete(own)}.",
        own.where,
        own.subject,
        case=None if kept else "old",
    )


def _delete(own: Meta) -> str:
    return f"'kubectl delete {own.subject.kind.lower()} {own.subject.name}'"


def _dead(configuration: Configuration, plane: Plane) -> bool:
    """Whether no istiod of the label's revision is here. Tags have a rule of their own."""
    revision = configuration.meta.label(REVISION)
    if revision is None or plane.vague or revision in plane.strong or MANAGED.match(revision):
        return False
    tag = configuration.mutating and TAG in configuration.meta.labels
    remote = any(hook.client.url is not None for hook in configuration.live_hooks)
    return not tag and not remote and agreed(configuration)


def _renamed(view: View, configuration: Configuration) -> bool:
    """Whether an istiod patches it although its pods have another label, which is not its fault."""
    revision, site = configuration.meta.label(REVISION), configuration.meta.at
    return any(
        e.key.text == "REVISION" and e.value.text == revision
        for w in view.mesh.workloads
        if view.mesh.visible(site, w.meta.at)
        for container in w.containers
        if container.name == "discovery"
        for e in container.env
    )


def _orphan(view: View, configuration: Configuration, plane: Plane) -> Hit:
    own, field = configuration.meta, configuration.revision
    asking = _asking(view, configuration) if configuration.mutating else ()
    return Hit(
        f"{named(own.subject)} belongs to revision {quoted(own.label(REVISION) or '')}, of which no"
        f" istiod is here; live are {listed(tuple(plane.strong))}. Without that istiod, calls fail"
        f" with {_failure(view, configuration)}. {_repair(configuration, plane, asking)}",
        field.value.where if field else own.where,
        own.subject,
        asking,
    )


def _repair(configuration: Configuration, plane: Plane, asking: tuple[Related, ...]) -> str:
    """What to do, in the order in which nothing is left without an injector."""
    own = configuration.meta
    last = f"emove it from Git, and with {_delete(own)}."
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
