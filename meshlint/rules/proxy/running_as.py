"""Applications that run as the user of the proxy."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Value, quoted
from meshlint.mesh.inject import Verdict
from meshlint.resources.keys import STATUS, TEMPLATES
from meshlint.resources.users import PROXY_USER, Users
from meshlint.resources.workload import Workload
from meshlint.rules.proxy.configured import key_of
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

OWN = frozenset({"istio-proxy", "istio-operator", "discovery"})
"""Containers of Istio's own, which may run as that user."""

MODE = "sidecar.istio.io/interceptionMode"
REDIRECTING = "sidecar"
"""The template that redirects the traffic of pods."""


@mesh_rule
def application_runs_as_proxy(view: View) -> Iterator[Hit]:
    """Redirection leaves the traffic of user 1337 alone, as it is the proxy's (IST0144)."""
    found = {key_of(users.meta): users for users in view.mesh.every(Users)}
    for workload in view.mesh.workloads if found else ():
        users = found.get(key_of(workload.meta))
        apps = [(name, value) for name, value in users.as_proxy if name not in OWN] if users else []
        if users is None or not apps or users.partial or not _redirected(workload):
            continue
        decision = view.decide(workload)
        if decision.verdict is not Verdict.NOT_INJECTED and decision.denied is None:
            yield _escapes(workload, apps, decision.verdict is Verdict.INJECTED)


def _redirected(workload: Workload) -> bool:
    """Whether traffic of injected pods would be redirected, away from this user."""
    annotations = workload.pod.annotations
    own = any(c.name in OWN for c in workload.containers) or STATUS in annotations
    mode, templates = annotations.get(MODE), annotations.get(TEMPLATES)
    off = mode is not None and mode.value.known in (None, "NONE")
    other = templates is not None and REDIRECTING not in (templates.value.known or "")
    return not own and not off and not other


def _escapes(workload: Workload, apps: list[tuple[str, Value]], sure: bool) -> Hit:
    names = ", ".join(quoted(name) for name, _ in apps[:3])
    plural = len(apps) > 1
    return Hit(
        f"{'Containers' if plural else 'Container'} {names} of {named(workload.meta.subject)}"
        f" {'run' if plural else 'runs'} as user {PROXY_USER}, which is the proxy's: what that"
        " user sends is not redirected into the proxy, so it leaves the pod without mTLS, and"
        f" {'' if sure else 'once these pods are injected, '}no policy of the mesh sees it. Run the"
        " application as another user.",
        apps[0][1].where,
        workload.meta.subject,
        case=None if sure else "unknown",
    )
