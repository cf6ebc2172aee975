"""On which kinds of objects Istio reads its annotations, and which of them are deprecated.

Source: annotation/annotations.yaml of istio/api 1.31 (`resources` and `deprecated`).
"""

from __future__ import annotations

from meshlint.resources.keys import POD_ANNOTATIONS

INGRESS_CLASS = "kubernetes.io/ingress.class"
"""Not of Istio's domain, and in its list all the same."""

READ_ON: dict[str, frozenset[str]] = {
    **dict.fromkeys(POD_ANNOTATIONS, frozenset({"Pod"})),
    **dict.fromkeys(
        "ambient.istio.io/redirection ambient.istio.io/bypass-inbound-capture"
        " ambient.istio.io/dns-capture".split(),
        frozenset({"Pod"}),
    ),
    **dict.fromkeys(
        "networking.istio.io/exportTo traffic.istio.io/nodeSelector"
        " alpha.istio.io/kubernetes-serviceaccounts"
        " alpha.istio.io/canonical-serviceaccounts".split(),
        frozenset({"Service"}),
    ),
    **dict.fromkeys(
        "networking.istio.io/traffic-distribution istio.io/use-waypoint-canary-weight".split(),
        frozenset({"Namespace", "Service", "ServiceEntry"}),
    ),
    "topology.istio.io/controlPlaneClusters": frozenset({"Namespace"}),
    "istio.io/dry-run": frozenset({"AuthorizationPolicy"}),
    INGRESS_CLASS: frozenset({"Ingress"}),
}
"""Kinds by annotation. Left out are those of a Gateway, as istiod copies all that a Gateway has to
the Deployment and the Service that it makes for it, and those that only controllers write."""


def _field(name: str) -> str:
    return f"Write the field '{name}' of the pod annotation 'proxy.istio.io/config' instead."


def _matcher(name: str) -> str:
    field = f"proxyStatsMatcher.{name}"
    return f"Where it is set, '{field}' of the mesh configuration is not looked at. {_field(field)}"


_IDENTITY = "Write 'serviceAccount' of a WorkloadEntry instead."

DEPRECATED: dict[str, str] = {
    "sidecar.istio.io/statsInclusionPrefixes": _matcher("inclusionPrefixes"),
    "sidecar.istio.io/statsInclusionSuffixes": _matcher("inclusionSuffixes"),
    "sidecar.istio.io/statsInclusionRegexps": _matcher("inclusionRegexps"),
    "sidecar.istio.io/extraStatTags": _field("extraStatTags"),
    "sidecar.istio.io/discoveryAddress": _field("discoveryAddress"),
    "sidecar.istio.io/statsCompression": (
        f"Istio 1.29 and later do not read it. {_field('statsCompression')}"
    ),
    "traffic.sidecar.istio.io/kubevirtInterfaces": (
        "Write 'istio.io/reroute-virtual-interfaces' instead, which Istio 1.25 and later know."
    ),
    "alpha.istio.io/kubernetes-serviceaccounts": _IDENTITY,
    "alpha.istio.io/canonical-serviceaccounts": _IDENTITY,
}
"""What is to be known of a deprecated annotation, and what to write instead. The annotation
sidecar.istio.io/inject is not among them: a rule of its own speaks of it.

Source: istio/istio pkg/bootstrap/config.go, manifests/charts/istio-control/istio-discovery/files/
injection-template.yaml, and release note 48051.
"""

SUCCESSORS = {"traffic.sidecar.istio.io/kubevirtInterfaces": "istio.io/reroute-virtual-interfaces"}
"""Annotations beside which the deprecated one is not looked at, and kept for older versions."""
