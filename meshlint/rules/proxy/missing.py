"""Pods without a proxy where their namespace asks for one."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Related, quoted
from meshlint.mesh.inject import Verdict
from meshlint.mesh.model import Mesh
from meshlint.resources.keys import INJECT, INJECTION, REVISION, STATUS, TEMPLATES
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import entry, named, see

ENDED = frozenset({"Succeeded", "Failed"})
"""Phases of pods that no sidecar would help any more."""

WITH_PROXY = frozenset({"sidecar", "gateway", "grpc-agent"})
"""Istio's templates that add a container istio-proxy."""


@mesh_rule
def pod_without_proxy(view: View) -> Iterator[Hit]:
    """A Pod as it is in the cluster, without the sidecar that its namespace asks for (IST0103).

    A manifest is no such Pod: the injector adds the sidecar when it is applied. A Pod without marks
    of the cluster counts only beside one, of the same file and namespace, that has its sidecar.
    """
    injected = {_home(w): w for w in reversed(view.mesh.workloads) if _has_proxy(w)}
    for pod in view.mesh.workloads:
        label = _asking(view.mesh, pod) if _bare(pod) else None
        other = injected.get(_home(pod))
        if label and (pod.live or other) and view.decide(pod).verdict is not Verdict.NOT_INJECTED:
            yield _missing(pod, label, other)


def _home(workload: Workload) -> tuple[str, str]:
    return workload.meta.where.path, workload.meta.subject.namespace


def _has_proxy(workload: Workload) -> bool:
    """Whether a Pod has a sidecar that is no blank for the injector to fill in."""
    return workload.is_pod and any(i.known not in (None, "", "auto") for i in workload.proxy_images)


def _bare(pod: Workload) -> bool:
    """Whether a whole Pod should have a container istio-proxy after injection, and has none."""
    asked = pod.pod.annotations.get(TEMPLATES)
    names = {name.strip() for name in (asked.value.known or "").split(",")} if asked else WITH_PROXY
    proxied = STATUS in pod.pod.annotations or any(c.name == "istio-proxy" for c in pod.containers)
    ended = pod.live is not None and pod.live.text in ENDED
    without = pod.partial or proxied or ended or _refuses(pod)
    return pod.is_pod and not without and bool(names & WITH_PROXY)


def _refuses(pod: Workload) -> bool:
    """Whether the pod wants no sidecar, or that is not known: the label, else the annotation."""
    field = pod.pod.labels.get(INJECT) or pod.pod.annotations.get(INJECT)
    return field is not None and field.value.known not in ("true", "")


def _asking(mesh: Mesh, pod: Workload) -> Field | None:
    """The label of the pod's namespace that decides, where it is sure to be there."""
    home = mesh.home(pod)
    known = (key for key in (INJECTION, REVISION) if isinstance(home.labels.state(key), str))
    key = next(known, None)
    return home.copies[0].meta.labels.get(key) if key and home.copies else None


def _missing(pod: Workload, label: Field, other: Workload | None) -> Hit:
    own = pod.meta.subject
    asks = f"{entry(label)} of namespace {quoted(own.namespace)}"
    related = [Related("the label", label.value.where)]
    if pod.live:
        related.append(Related("written by the cluster", pod.live.where))
        text = (
            f"{named(own)} was read from a cluster and has no sidecar, though {asks} asks for one:"
            " it was created before that label, or no webhook answered to it. Pods are injected"
            " only when they are created: delete it, and look whether the next one has a sidecar."
        )
    else:
        related += [see(other.meta.subject, other.meta.where)] if other else []
        text = (
            f"{named(own)} has no sidecar and a Pod beside it has one, where {asks} asks for it. If"
            " this file was read from a cluster, the pod was created without; if it is a manifest,"
            " the pod will be injected when it is applied."
        )
    case = None if pod.live else "unmarked"
    return Hit(text, pod.meta.where, own, tuple(related), case=case)
