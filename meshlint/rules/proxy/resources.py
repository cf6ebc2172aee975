"""CPU and memory of the proxy, by the annotations of its pods."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Related, quoted
from meshlint.mesh.inject import Verdict
from meshlint.resources.annotation import problem
from meshlint.resources.keys import TEMPLATES
from meshlint.resources.quantity import amount
from meshlint.resources.workload import Workload
from meshlint.rules.proxy.configured import seen
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

PAIRS = {
    "cpu": ("sidecar.istio.io/proxyCPU", "sidecar.istio.io/proxyCPULimit"),
    "memory": ("sidecar.istio.io/proxyMemory", "sidecar.istio.io/proxyMemoryLimit"),
}
"""The annotations for requests and limits.

With any one of the four, the template leaves all of the injector's own values out, so that only
annotations of one pod can be at odds (files/injection-template.yaml, "resources").
"""

HEEDING = frozenset({"sidecar", "grpc-agent"})
"""Istio's templates that look at these annotations."""


@mesh_rule
def proxy_request_above_limit(view: View) -> Iterator[Hit]:
    """The API server refuses a container that requests more than its limit."""
    for workload in view.mesh.workloads:
        for resource, (request, limit) in PAIRS.items():
            asked = workload.pod.annotations.get(request)
            allowed = workload.pod.annotations.get(limit)
            if not asked or not allowed or not _above(asked, allowed):
                continue
            if _heeded(workload) and seen(view, workload):
                yield _refused(view, workload, resource, asked, allowed)


def _above(asked: Field, allowed: Field) -> bool:
    request, limit = asked.value.known, allowed.value.known
    if request is None or limit is None:
        return False
    if problem(asked.key.text, request) or problem(allowed.key.text, limit):
        return False  # the injector refuses these already
    one, other = amount(request), amount(limit)
    return one is not None and other is not None and one > other


def _heeded(workload: Workload) -> bool:
    """Whether the template of the pods may use them, and no container of their own changes that."""
    if any(container.name == "istio-proxy" for container in workload.containers):
        return False
    names = _templates(workload)
    return names is None or bool(names & HEEDING)


def _templates(workload: Workload) -> set[str] | None:
    """The templates that pods ask for; None where they ask for none, or that is not known."""
    field = workload.pod.annotations.get(TEMPLATES)
    known = field.value.known if field else None
    return None if known is None else {name.strip() for name in known.split(",")}


def _refused(view: View, workload: Workload, resource: str, asked: Field, allowed: Field) -> Hit:
    decision, own = view.decide(workload), workload.meta.subject
    usual = _templates(workload) in (None, {"sidecar"}) and workload.partial is None
    sure = decision.verdict is Verdict.INJECTED and usual
    return Hit(
        f"The proxy of {named(own)} would request {quoted(asked.value.text)} of {resource}, more"
        f" than its limit {quoted(allowed.value.text)}: the API server refuses the"
        f" {'' if sure else 'injected '}pods with 'must be less than or equal to {resource} limit',"
        " and they never appear. Raise the limit, or lower the request.",
        asked.value.where,
        own,
        (Related("the limit", allowed.value.where),),
        case=None if sure else "unsure",
    )
