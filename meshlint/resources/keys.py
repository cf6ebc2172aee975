"""Istio's label and annotation keys, and who reads them where.

Source: annotation/annotations.yaml and label/labels.yaml of istio/api 1.31, and the keys that
istio/istio itself uses beside them.
"""

from __future__ import annotations

INJECTION = "istio-injection"
REVISION = "istio.io/rev"
INJECT = "sidecar.istio.io/inject"
TAG = "istio.io/tag"
DATAPLANE_MODE = "istio.io/dataplane-mode"
DEACTIVATED = "istio.io/deactivated"
STATUS = "sidecar.istio.io/status"
TEMPLATES = "inject.istio.io/templates"
PROXY_IMAGE = "sidecar.istio.io/proxyImage"
PROXY_CONFIG = "proxy.istio.io/config"
NAMESPACE_NAME = "kubernetes.io/metadata.name"

NAMESPACE_KEYS = frozenset({INJECTION, REVISION, DATAPLANE_MODE})
INJECTION_KEYS = NAMESPACE_KEYS | {INJECT}

POD_ANNOTATIONS = frozenset(
    f"sidecar.istio.io/{name}"
    for name in (
        "inject status rewriteAppHTTPProbers discoveryAddress proxyImage proxyImageType proxyCPU"
        " proxyCPULimit proxyMemory proxyMemoryLimit interceptionMode bootstrapOverride"
        " statsInclusionPrefixes statsInclusionSuffixes statsInclusionRegexps statsHistogramBuckets"
        " statsFlushInterval statsEvictionInterval statsHistogramBins statsCompression userVolume"
        " userVolumeMount logLevel componentLogLevel agentLogLevel nativeSidecar extraStatTags"
        " enableCoreDump controlPlaneAuthPolicy capNetBindService"
    ).split()
) | frozenset(
    "status.sidecar.istio.io/port readiness.status.sidecar.istio.io/initialDelaySeconds"
    " readiness.status.sidecar.istio.io/periodSeconds"
    " readiness.status.sidecar.istio.io/failureThreshold"
    " readiness.status.sidecar.istio.io/applicationPorts"
    " traffic.sidecar.istio.io/includeOutboundIPRanges"
    " traffic.sidecar.istio.io/excludeOutboundIPRanges"
    " traffic.sidecar.istio.io/includeInboundPorts traffic.sidecar.istio.io/excludeInboundPorts"
    " traffic.sidecar.istio.io/excludeInterfaces traffic.sidecar.istio.io/includeOutboundPorts"
    " traffic.sidecar.istio.io/excludeOutboundPorts traffic.sidecar.istio.io/kubevirtInterfaces"
    " prometheus.istio.io/merge-metrics prometheus.istio.io/scrape-targets"
    " prometheus.istio.io/secure-port proxy.istio.io/config proxy.istio.io/overrides"
    " inject.istio.io/templates istio.io/reroute-virtual-interfaces".split()
)
"""Annotations that only the injector or the proxy reads, and only on the pod."""

OTHER_ANNOTATIONS = frozenset(
    "alpha.istio.io/kubernetes-serviceaccounts alpha.istio.io/canonical-serviceaccounts"
    " networking.istio.io/exportTo traffic.istio.io/nodeSelector galley.istio.io/analyze-suppress"
    " istio.io/dry-run istio.io/rev istio.io/autoRegistrationGroup istio.io/workloadController"
    " istio.io/connectedAt istio.io/disconnectedAt topology.istio.io/controlPlaneClusters"
    " gateway.istio.io/controller-version ambient.istio.io/redirection"
    " ambient.istio.io/waypoint-inbound-binding gateway.istio.io/service-account"
    " gateway.istio.io/name-override networking.istio.io/service-type"
    " networking.istio.io/traffic-distribution istio.io/use-waypoint-canary-weight"
    " ambient.istio.io/bypass-inbound-capture ambient.istio.io/dns-capture"
    " ambient.istio.io/xfcc-include-client-identity networking.istio.io/address-type"
    " networking.istio.io/tunnel networking.istio.io/cluster istio.io/unmanaged-gateway"
    " gateway.istio.io/tls-terminate-mode gateway.istio.io/tls-cipher-suites"
    " gateway.istio.io/defaults-for-class gateway.istio.io/listener-protocol"
    " leader.istio.io/holder-key envoyfilter.istio.io/referenced-services"
    " internal.istio.io/service-account-name internal.istio.io/route-semantics"
    " istio.io/insecurepath istio.io/connect-strategy istio.io/ambient-redirection"
    " istio.io/for-service-account test.istio.io/mesh-config-hash policy.istio.io/check"
    " policy.istio.io/checkRetries policy.istio.io/checkBaseRetryWaitTime"
    " policy.istio.io/checkMaxRetryWaitTime policy.istio.io/lang"
    " operator.istio.io/managed operator.istio.io/version operator.istio.io/component"
    " istio.io/ignore-policy-attachment gateway.istio.io/agentgatewayImage istio.io/draining"
    " proxy.istio.io/health-checks-enabled internal.istio.io/gateway-semantics"
    " internal.istio.io/gateway-service internal.istio.io/service-semantics"
    " internal.istio.io/parents internal.istio.io/parent-namespace internal.istio.io/always-push"
    " internal.istio.io/webhook-always-reject".split()
)

LABELS = frozenset(
    "security.istio.io/tlsMode service.istio.io/canonical-name service.istio.io/canonical-revision"
    " service.istio.io/workload-name networking.istio.io/gatewayPort istio.io/rev istio.io/tag"
    " operator.istio.io/component operator.istio.io/managed operator.istio.io/version"
    " install.operator.istio.io/owning-resource install.operator.istio.io/owning-resource-namespace"
    " install.operator.istio.io/owner-name install.operator.istio.io/owner-kind"
    " install.operator.istio.io/owner-generation install.operator.istio.io/owner-group"
    " topology.istio.io/subzone topology.istio.io/network topology.istio.io/cluster"
    " topology.istio.io/locality sidecar.istio.io/inject gateway.istio.io/managed"
    " istio.io/dataplane-mode istio.io/use-waypoint istio.io/use-waypoint-namespace"
    " istio.io/use-waypoint-canary istio.io/use-waypoint-canary-namespace"
    " istio.io/ingress-use-waypoint istio.io/waypoint-for istio.io/gateway-name"
    " networking.istio.io/enable-autoallocate-ip istio.io/global istio.io/local"
    " istio.io/persistent-session istio.io/persistent-session-header istio.io/config"
    " istio.io/owned-by istio.io/deactivated istio.io/test-exclude-namespace istio.io/key"
    " istio.io/inferencepool-extension-service istio.io/inferencepool-extension-port"
    " istio.io/inferencepool-extension-failure-mode istio.io/inferencepool-name"
    " experimental.istio.io/disable-gateway-port-translation"
    " install.operator.istio.io/owning-resource-not-pruned".split()
)

KNOWN = POD_ANNOTATIONS | OTHER_ANNOTATIONS | LABELS | {INJECTION}

GHOSTS = {
    **dict.fromkeys(
        "istio-inject istio-injection/enabled istio.io/injection istio.io/inject istio_injection"
        " istio.io/istio-injection istio-injected istio-sidecar-injection istioinjection"
        " istio.injection istio-injection-enabled".split(),
        INJECTION,
    ),
    **dict.fromkeys("istio.io/revision istio.io/version istio-rev istio/rev".split(), REVISION),
    **dict.fromkeys(
        "sidecar.istio.io/injection sidecar.istio.io/injected sidecar.istio.io/enabled"
        " sidecar.istio.io/injector sidecar.istio/inject sidecar-istio-io/inject sidecar.istio.io"
        " sidecar.istio.io.inject sidecar.istio.io-inject istio.io/sidecar-inject"
        " sidecar.istio.io/injectt istio.sidecar.io/inject sidecar.io/inject"
        " sidecar.istio.io_inject".split(),
        INJECT,
    ),
    "sidecar.istio.io/native-side": "sidecar.istio.io/nativeSidecar",
    "istio.io/data-plane-mode": DATAPLANE_MODE,
    "istio.io/dataplanemode": DATAPLANE_MODE,
}
"""Keys that people write and nobody reads, and the key that was meant."""

IGNORED_NAMESPACES = frozenset(
    {"kube-system", "kube-public", "kube-node-lease", "local-path-storage"}
)
"""Where the injector never injects (pkg/kube/inject/initializer.go)."""

MARK = "meshlint"
"""What a text has in it that may suppress findings: by a comment, or by an annotation."""

IGNORE = f"{MARK}.dev/ignore"
"""The annotation that suppresses findings about its object; nothing of Istio reads it."""

HOOK_SUFFIX = "sidecar-injector.istio.io"
"""istiod patches the caBundle of hooks whose names end so (pkg/webhooks/webhookpatch.go)."""

VALIDATION_HOOKS = frozenset({"rev.validation.istio.io", "validation.istio.io"})
