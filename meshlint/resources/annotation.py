"""The values that the injector accepts for pod annotations; anything else denies the pod.

Source: istio/istio pkg/kube/inject/validate.go (AnnotationValidation), and what it calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from meshlint.finding import quoted
from meshlint.source.parse import Unparsable, parse
from meshlint.source.placeholder import templated
from meshlint.source.split import Slice

Validator = Callable[[str], str | None]
"""A value to the problem with it, or None."""

QUANTITY = re.compile(r"[+-]?(\d+|\d+\.\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?\Z")
INTERFACE = re.compile(r"[a-zA-Z][a-zA-Z0-9_.\-]*\Z")
BOOLS = frozenset("1 t T TRUE true True 0 f F FALSE false False".split())


def _mode(value: str) -> str | None:
    if value in ("REDIRECT", "TPROXY", "NONE"):
        return None
    return f"{quoted(value)} is none of REDIRECT, TPROXY and NONE"


def _number(bits: int) -> Validator:
    def check(value: str) -> str | None:
        if value.isascii() and value.isdigit() and int(value[:20]) < 2**bits:
            return None
        return f"{quoted(value)} is not a number from 0 to {2**bits - 1}"

    return check


def _port(value: str) -> str | None:
    return _number(16)(value.strip())


def _ports(value: str) -> str | None:
    wrong = (_port(part) for part in value.strip().split(",")) if value.strip() else iter(())
    return next((problem for problem in wrong if problem), None)


def _ports_or_all(value: str) -> str | None:
    return None if value == "*" else _ports(value)


def _ranges(value: str) -> str | None:
    return next((p for p in map(_range, value.split(",")) if p), None) if value else None


def _ranges_or_all(value: str) -> str | None:
    return None if value == "*" else _ranges(value)


def _range(part: str) -> str | None:
    import ipaddress  # few manifests have ranges

    _, slash, bits = part.partition("/")
    try:
        if slash and bits.isascii() and bits.isdigit():
            ipaddress.ip_network(part, strict=False)
            return None
    except ValueError:
        pass
    return f"{quoted(part)} is not an address range such as 10.0.0.0/8{_hint(part)}"


def _hint(part: str) -> str:
    plain = part.strip()
    if plain != part:
        return ", remove the space"
    import ipaddress

    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return ""
    return f", write {quoted(f'{plain}/{address.max_prefixlen}')} for one address"


def _interfaces(value: str) -> str | None:
    for name in value.split(",") if value else ():
        plain = name.strip()
        if not plain or len(plain) > 15 or not INTERFACE.match(plain):
            return f"{quoted(name)} is not the name of a network interface"
    return None


def _bool(value: str) -> str | None:
    return None if value in BOOLS else f"{quoted(value)} is neither true nor false"


def _quantity(value: str) -> str | None:
    if QUANTITY.match(value.strip()):
        return None
    return f"{quoted(value)} is not a quantity such as 100m or 1Gi"


def _proxy_config(value: str) -> str | None:
    if not value.strip() or templated(value):
        return None
    try:
        root = parse("", Slice(value, 0, 1))
    except Unparsable as error:
        return f"it is not YAML ({error}, line {error.line} of the value)"
    return None if root.is_map else "it is not a map of ProxyConfig fields"


_TRAFFIC = "traffic.sidecar.istio.io/"
_READINESS = "readiness.status.sidecar.istio.io/"

VALIDATORS: dict[str, Validator] = {
    "sidecar.istio.io/interceptionMode": _mode,
    "status.sidecar.istio.io/port": _port,
    _READINESS + "initialDelaySeconds": _number(32),
    _READINESS + "periodSeconds": _number(32),
    _READINESS + "failureThreshold": _number(32),
    _TRAFFIC + "includeOutboundIPRanges": _ranges_or_all,
    _TRAFFIC + "excludeOutboundIPRanges": _ranges,
    _TRAFFIC + "includeInboundPorts": _ports_or_all,
    _TRAFFIC + "excludeInboundPorts": _ports,
    _TRAFFIC + "excludeOutboundPorts": _ports,
    _TRAFFIC + "excludeInterfaces": _interfaces,
    _TRAFFIC + "kubevirtInterfaces": _interfaces,
    "istio.io/reroute-virtual-interfaces": _interfaces,
    "prometheus.istio.io/merge-metrics": _bool,
    "proxy.istio.io/config": _proxy_config,
    "sidecar.istio.io/proxyCPU": _quantity,
    "sidecar.istio.io/proxyMemory": _quantity,
    "sidecar.istio.io/proxyCPULimit": _quantity,
    "sidecar.istio.io/proxyMemoryLimit": _quantity,
}

CHECKED_SINCE = {key: 30 for key, check in VALIDATORS.items() if check is _interfaces}
"""Keys that older istiods let pass, and Istio's minor version that first refuses them."""
