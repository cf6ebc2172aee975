"""The names in istiod's serving certificate, which is one for webhooks and for proxies.

Source: istio/istio pilot/pkg/bootstrap/server.go (getDNSNames, initIstiodCerts).
"""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.resources.address import host_and_port, unfit
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.discovery import Discovery
from meshlint.resources.keys import REVISION
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View

ALWAYS = ("istiod", "istiod-remote", "istio-pilot")
CUSTOM = "ISTIOD_CUSTOM_HOST"
PROVIDER = "PILOT_CERT_PROVIDER"
"""Who signs the certificate; with any other than istiod, its names are not known."""

SHARED = "SHARED_MESH_CONFIG"
"""A ConfigMap that is laid under the mesh configuration, of a name of one's own."""


def certified(view: View, istiods: list[Workload], host: str) -> bool:
    """Whether one of them may serve a certificate with the name.

    Its revision's Service is among the names, and the host of its own mesh configuration. The
    revision is REVISION, or else the label of its pods.
    """
    return any(_hidden(w) or any(_fits(n, host) for n in _names(view, w)) for w in istiods)


def revisions(istiod: Workload) -> set[str]:
    """The revisions that an istiod may be of, by what it is told and by the label of its pods."""
    told = _environment(istiod).get("REVISION", "")
    return {r for r in (told, istiod.pod.label(REVISION) or DEFAULT) if r}


def _environment(istiod: Workload) -> dict[str, str]:
    env = (e for container in istiod.containers for e in container.env)
    return {e.key.text: e.value.text for e in reversed(list(env))}


def _hidden(istiod: Workload) -> bool:
    """Whether istiod may serve a certificate of which the names are not known."""
    if REVISION in istiod.pod.labels and istiod.pod.label(REVISION) is None:
        return True
    env = (e for container in istiod.containers for e in container.env)
    told = {e.key.text: e.value for e in env}
    custom, provider = told.get(CUSTOM), told.get(PROVIDER)
    foreign = provider is not None and provider.text not in ("", "istiod")
    shared = SHARED in told and told[SHARED].text != ""
    return foreign or shared or (custom is not None and not custom.literal)


def _names(view: View, istiod: Workload) -> Iterator[str]:
    space = istiod.meta.subject.namespace
    own = (f"istiod-{r}" for r in sorted(revisions(istiod)))
    yield from (f"{name}.{space}.svc" for name in (*ALWAYS, *own))
    yield from _environment(istiod).get(CUSTOM, "").split(",")
    for mesh in mesh_configurations(view, istiod):
        if mesh.address is not None:
            known = mesh.address.known
            yield host_and_port(known)[0] if known and unfit(known) is None else "*"


def mesh_configurations(view: View, istiod: Workload) -> Iterator[Discovery]:
    """The mesh configurations that an istiod may read."""
    for mesh in view.mesh.every(Discovery):
        one, other = mesh.meta.at, istiod.meta.at
        seen = view.mesh.visible(one, other) or view.mesh.visible(other, one)
        if seen and mesh.owner in revisions(istiod):
            yield mesh


def _fits(name: str, host: str) -> bool:
    """Whether a name of a certificate is that of the host; "*" stands for what is not known."""
    if name == "*":
        return True
    name = name.strip().lower().removesuffix(".")
    return name == host or (name.startswith("*.") and name[1:] == host[host.find(".") :])
