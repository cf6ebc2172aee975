"""The values that the injector accepts for pod annotations; anything else denies the pod.

Source: istio/istio pkg/kube/inject/validate.go (AnnotationValidation), and what it calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from meshlint.finding import Field, Type, quoted
from meshlint.resources.keys import PROXY_CONFIG
from meshlint.resources.proxy_config import text_faults
from meshlint.resources.proxy_value import Fault
from meshlint.resources.quantity import QUANTITY
from meshlint.source.placeholder import placeholder, templated

Validator = Callable[[str], str | None]
"""A value to the problem with it, or None."""

BITS = re.compile(r"(?:0|[1-9][0-9]*)\Z")
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
        if slash and BITS.match(bits) and "%" not in part:
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
    if QUANTITY.match(value):
        return None
    spaced = ", remove the space" if QUANTITY.match(value.strip()) else ""
    return f"{quoted(value)} is not a quantity such as 100m or 1Gi{spaced}"


def _proxy_config(value: str) -> str | None:
    fault = first(value)
    if fault is None:
        return None
    line = f" (line {fault.where.line} of the value)" if "\n" in value.strip() else ""
    return f"{said(fault)}{line}"


def first(value: str) -> Fault | None:
    """The fault of a ProxyConfig that most istiods stumble over."""
    return min(text_faults(value), key=lambda fault: fault.since, default=None)


def said(fault: Fault) -> str:
    """A fault of a ProxyConfig in words, with its field."""
    return f"{quoted(fault.path) if fault.path else 'it'} {fault.text}"


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
    PROXY_CONFIG: _proxy_config,
    "sidecar.istio.io/proxyCPU": _quantity,
    "sidecar.istio.io/proxyMemory": _quantity,
    "sidecar.istio.io/proxyCPULimit": _quantity,
    "sidecar.istio.io/proxyMemoryLimit": _quantity,
}

INTERFACES_CHECKED = 30
"""Istio's first minor version that looks at the names of interfaces."""

SPACES_CHECKED = 29
"""The first that looks at quantities itself. Before, they failed in the pod that the template made,
in which spaces around them pass."""


def heard(field: Field) -> str | None:
    """The value of an annotation, None where it is not known. A null is an empty string.

    Maps in flow style may end in braces that look like the end of a template's.
    """
    value, text = field.value, field.value.text
    if value.type is Type.NULL:
        return ""
    flowing = value.type is Type.STRING and field.key.text == PROXY_CONFIG and "}}" in text
    if flowing and not templated(text) and not placeholder(text.replace("}}", "} "), "", None):
        return text
    return value.known


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value; `since` as in `Fault`: istiods before that let it pass."""

    text: str
    since: int = 0


def problem(key: str, value: str) -> Problem | None:
    """Why the injector refuses a pod annotation; None where it does not."""
    check = VALIDATORS.get(key)
    text = check(value) if check else None
    if check is None or text is None:
        return None
    return Problem(text, _since(check, value))


def _since(check: Validator, value: str) -> int:
    if check is _interfaces:
        return INTERFACES_CHECKED
    if check is _quantity and QUANTITY.match(value.strip()):
        return SPACES_CHECKED
    fault = first(value) if check is _proxy_config else None
    return fault.since if fault else 0
