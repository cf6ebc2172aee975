"""Jobs whose proxy outlives them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Hit, Related, Subject
from meshlint.mesh.inject import Verdict
from meshlint.resources.document import Meta
from meshlint.resources.keys import INJECT, INJECTION, INJECTION_KEYS, REVISION, TEMPLATES
from meshlint.resources.site import Site
from meshlint.resources.workload import Workload
from meshlint.rules.meaning import NATIVE
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import meant
from meshlint.rules.words import named, see

KINDS = frozenset({"Job", "CronJob"})

NATIVE_SINCE = 27
"""The minor version from which sidecars are native where nodes can (istio/istio#56428)."""

SWITCH = "ENABLE_NATIVE_SIDECARS"
"""The variable of istiod that decides on it, where it is set."""

ENDED = re.compile(
    r"quitquitquit|pilot-agent|scuttle|ISTIO_QUIT_API|ENVOY_ADMIN_API|:150(?:00|20)\b"
    r"|EXIT_ON_ZERO_ACTIVE_CONNECTIONS|holdApplicationUntilProxyStarts"
)
"""Words of those who have thought of the proxy, and may end it when the Job is done."""


@mesh_rule
def job_in_injected_namespace(view: View) -> Iterator[Hit]:
    """A Job is complete when all containers of its pod have ended, and the proxy never does."""
    for workload in view.mesh.workloads:
        if workload.meta.subject.kind not in KINDS or _considered(workload):
            continue
        if view.decide(workload).verdict is Verdict.INJECTED and not _native(view, workload):
            yield Hit(
                f"{named(workload.meta.subject)} has its pods injected: the proxy does not end when"
                f" they are done, so {_never(workload)}. Label the pod template"
                f" '{INJECT}: \"false\"'.",
                workload.meta.where,
                workload.meta.subject,
                _origin(view, workload),
            )


def _never(workload: Workload) -> str:
    what = "its Jobs never complete" if workload.job else "the Job never completes"
    surely = workload.pod.annotations.get(NATIVE)
    native = "" if surely else " unless the sidecar is a native one (Istio 1.27, Kubernetes 1.33)"
    return what + native


def _considered(workload: Workload) -> bool:
    """Whether the pods have a word of their own on their proxy, right or wrong, or may have."""
    pod = workload.pod
    words = (*pod.labels, *pod.annotations, *pod.strays)
    if any((meant(key) or key) in INJECTION_KEYS | {TEMPLATES} for key in words):
        return True
    outer = (meta for meta in (workload.meta, workload.job) if meta)
    if any((meant(key) or key) == INJECT for meta in outer for key in _keys(meta)):
        return True
    return bool(workload.proxy_images) or any(map(ENDED.search, _texts(workload)))


def _keys(meta: Meta) -> tuple[str, ...]:
    return (*meta.labels, *meta.annotations, *meta.strays)


def _texts(workload: Workload) -> Iterator[str]:
    """Where a Job that ends its proxy can be seen to do so."""
    for container in workload.containers:
        yield container.command
        yield container.image.text if container.image else ""
        yield from (f"{field.key.text}={field.value.text}" for field in container.env)
    yield from (field.value.text for field in workload.pod.annotations.values())


def _native(view: View, workload: Workload) -> bool:
    """Whether the sidecar is, or may well be, an init container that ends with the pod."""
    field = workload.pod.annotations.get(NATIVE)
    if field:
        return field.value.known != "false"
    plane, revision = view.mesh.plane(workload.meta.at), view.decide(workload).revision
    found = plane.revisions.get(revision or "", ())
    told = _switches(view, {(istiod.subject, istiod.at) for istiod in found})
    minors = plane.minors(revision)
    return told != {"false"} if told else minors is not None and minors[1] >= NATIVE_SINCE


def _switches(view: View, istiods: set[tuple[Subject, Site]]) -> set[str]:
    """What these istiods are told to do for all pods."""
    found = (w for w in view.mesh.workloads if (w.meta.subject, w.meta.at) in istiods)
    env = (field for istiod in found for c in istiod.containers for field in c.env)
    return {field.value.text for field in env if field.key.text == SWITCH}


def _origin(view: View, workload: Workload) -> tuple[Related, ...]:
    """The label of the namespace that has the pods injected."""
    for namespace in view.mesh.home(workload).copies[:1]:
        labels = namespace.meta.labels
        label = labels.get(INJECTION) or labels.get(REVISION)
        return (see(namespace.meta.subject, label.value.where if label else namespace.meta.where),)
    return ()
