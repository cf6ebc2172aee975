"""Who else than istiod fills in a caBundle: cert-manager, OpenShift, Google, or a Job."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Container, Workload
from meshlint.rules.registry import View

FILLERS = (
    "cert-manager.io/inject-ca-from",
    "cert-manager.io/inject-ca-from-secret",
    "cert-manager.io/inject-apiserver-ca",
    "service.beta.openshift.io/inject-cabundle",
)
"""Annotations by which somebody else than istiod fills the caBundle."""

OWNED_BY = "istio.io/owned-by"
JOBS = frozenset({"Job", "CronJob"})

CERTGEN = re.compile(r"--webhook-name[= ]\s*[\"']?([\w.-]+)")
"""What `patch` of kube-webhook-certgen writes to (kubernetes/ingress-nginx images/kube-webhook-
certgen/rootfs/cmd/patch.go); both kinds, unless told otherwise."""

KUBECTL = re.compile(
    r"\b(mutating|validating)webhookconfigurations?(?:\.[a-z0-9.]+)?[\s/]+[\"']?(\$?\{?[\w.-]+)",
    re.IGNORECASE,
)
VERBS = re.compile(r"\b(?:patch|apply|replace)\b")


def filled(view: View, configuration: Configuration) -> bool:
    """Whether another controller, Google, or a Job of the tree takes care of the caBundle."""
    return filled_elsewhere(configuration) or any(True for _ in jobs(view, configuration))


def filled_elsewhere(configuration: Configuration) -> bool:
    """Whether the configuration itself tells of another controller, or of Google."""
    if injected(configuration) or OWNED_BY in configuration.meta.labels:
        return True
    return any(hook.client.url is not None for hook in configuration.live_hooks)


def injected(configuration: Configuration) -> bool:
    """Whether cert-manager or OpenShift is asked to fill the caBundle."""
    return any(key in configuration.meta.annotations for key in FILLERS)


def jobs(view: View, configuration: Configuration) -> Iterator[tuple[Workload, Container]]:
    """The Jobs and CronJobs whose commands write to a configuration."""
    site = configuration.meta.at
    for workload in view.mesh.workloads:
        if workload.meta.subject.kind in JOBS and view.mesh.visible(site, workload.meta.at):
            for container in workload.containers:
                if _writes(container, configuration):
                    yield workload, container


def _writes(container: Container, configuration: Configuration) -> bool:
    """Whether a command names the configuration as what it patches, maybe by a variable."""
    command, own = container.command, configuration.meta.subject.name
    if VERBS.search(command) is None:
        return False
    kind = "mutating" if configuration.mutating else "validating"
    asked = {m.group(1) for m in CERTGEN.finditer(command)}
    if own in asked and f"--patch-{kind}=false" not in command:
        return True
    values = {f"${e.key.text}": e.value.text for e in container.env}
    named = {m.group(2).replace("{", "") for m in KUBECTL.finditer(command) if _is(m, kind)}
    return own in named or any(values.get(name) == own for name in named)


def _is(match: re.Match[str], kind: str) -> bool:
    return match.group(1).lower() == kind
