"""The types of what an injector reads: its configuration, and the chart's values."""

from __future__ import annotations

from meshlint.resources.shape import (
    ANYTHING,
    BOOLEAN,
    STRING,
    TEXT,
    Shape,
    listed,
    mapped,
    struct,
)

TEXTS = listed(TEXT, "a list of texts")
STRINGS = listed(STRING, "a list of strings")
SELECTORS = listed(
    struct(
        {
            "matchLabels": mapped(TEXT, "a map of texts"),
            "matchExpressions": listed(
                struct({"key": TEXT, "operator": TEXT, "values": TEXTS}), "a list of maps"
            ),
        },
        "a label selector",
    ),
    "a list of label selectors",
)

CONFIG = struct(
    {
        "policy": TEXT,
        "defaultTemplates": TEXTS,
        "templates": mapped(TEXT, "a map of texts"),
        "aliases": mapped(TEXTS, "a map of lists"),
        "neverInjectSelector": SELECTORS,
        "alwaysInjectSelector": SELECTORS,
        "injectedAnnotations": mapped(TEXT, "a map of texts"),
    }
)
"""Type Config of istio/istio pkg/kube/inject."""


def _all(shape: Shape, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


QUANTITIES = mapped(STRING, "a map of strings")
RESOURCES = struct({"requests": QUANTITIES, "limits": QUANTITIES})

PROXY = struct(
    {
        **_all(
            STRING,
            "autoInject clusterDomain componentLogLevel excludeIPRanges excludeInboundPorts"
            " excludeOutboundPorts image includeIPRanges includeInboundPorts includeOutboundPorts"
            " logLevel",
        ),
        **_all(BOOLEAN, "enableCoreDump holdApplicationUntilProxyStarts privileged"),
        "resources": RESOURCES,
    }
)

GLOBAL = struct(
    {
        **_all(
            STRING,
            "caAddress caName hub imagePullPolicy istioNamespace jwtPolicy meshID network"
            " pilotCertProvider priorityClassName remotePilotAddress variant",
        ),
        **_all(
            BOOLEAN,
            "configCluster configValidation externalIstiod logAsJson mountMtlsCerts"
            " omitSidecarInjectorConfigMap",
        ),
        **_all(STRINGS, "imagePullSecrets podDNSSearchNamespaces"),
        "logging": struct({"level": STRING}),
        "multiCluster": struct({"clusterName": STRING, "enabled": BOOLEAN}),
        "proxy": PROXY,
        "proxy_init": struct({"image": STRING, "resources": RESOURCES}),
    }
)

VALUES = struct(
    {
        "revision": STRING,
        "global": GLOBAL,
        "sidecarInjectorWebhook": struct(
            {
                **_all(BOOLEAN, "enableNamespacesByDefault rewriteAppHTTPProbe"),
                **_all(ANYTHING, "injectedAnnotations templates"),
                **_all(
                    listed(ANYTHING, "a list of label selectors"),
                    "alwaysInjectSelector neverInjectSelector",
                ),
                "defaultTemplates": STRINGS,
            }
        ),
    }
)
"""Message Values of istio/istio operator/pkg/apis/values_types.proto: what has the same type since
Istio 1.9 and is given to an injector. A number is no string there, and a string no boolean."""
