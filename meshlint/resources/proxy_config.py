"""What istiod refuses of a ProxyConfig: the annotation proxy.istio.io/config, read as it reads it.

Source: istio/istio pkg/kube/inject/validate.go (validateProxyConfig) and
pkg/config/validation/agent/validation.go (ValidateMeshConfigProxyConfig). Unknown fields pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from meshlint.finding import Location, Type, quoted
from meshlint.resources.address import unfit
from meshlint.resources.proxy_value import DURATION, Fault, given, misfits
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.placeholder import templated
from meshlint.source.split import split

DISCOVERY = "discoveryAddress"
HOST_IP = "$(HOST_IP)"
"""What istiod fills in for tracers before it looks at their addresses."""

ADDRESSED = ("zipkin", "lightstep", "datadog")
TRACERS = (*ADDRESSED, "stackdriver", "openCensusAgent")
"""Of these one counts: the last in this order that is given."""

ADDRESSES = (
    ("statsdUdpAddress",),
    ("envoyMetricsServiceAddress",),
    ("envoyMetricsService", "address"),
    ("envoyAccessLogService", "address"),
)
POLICIES = ("NONE", "MUTUAL_TLS", "0", "1")
PART = re.compile(r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)")
NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}


def in_text(text: str) -> Node | None:
    """The root of a ProxyConfig that is given as text, with places in that text.

    None where there is nothing in it, or a template that is yet to be filled in. Of several
    documents the first one counts.

    Raises:
        Unparsable: it is not YAML.
    """
    piece = next(split(text), None) if text.strip() and not templated(text) else None
    return None if piece is None else parse("", piece)


@lru_cache(maxsize=512)
def text_faults(text: str) -> tuple[Fault, ...]:
    """All that istiod refuses of a ProxyConfig that is given as text, with places in that text."""
    try:
        root = in_text(text)
    except Unparsable as error:
        where = Location("", error.line, error.column, error.line, error.column + 1)
        return (Fault("", f"is not YAML ({error})", where),)
    return tuple(faults(root)) if root is not None else ()


def faults(root: Node) -> list[Fault]:
    """All that istiod refuses: wrong types, and only where there are none, wrong values."""
    from meshlint.resources.proxy_schema import PROXY_CONFIG  # few manifests have a ProxyConfig

    return list(misfits(root, PROXY_CONFIG)) or list(_senseless(root))


def _senseless(root: Node) -> Iterator[Fault]:
    yield from _empty(root)
    yield from _drain(root)
    yield from _addresses(root)
    yield from _tracer(root)
    yield from _port(root, "proxyAdminPort")
    yield from _port(root, "statusPort", 11)
    yield from _policy(root)
    yield from _provider(root)


def at(root: Node, *keys: str) -> Node | None:
    """A field at a path, unless it is null."""
    node: Node | None = root
    for key in keys:
        node = given(node, key) if node is not None else None
    return node if node is not None and node.value().type is not Type.NULL else None


def _text(node: Node | None) -> str | None:
    """A string that is known; None where there is none."""
    return node.value().known if node is not None else None


def _fault(node: Node, path: str, text: str, since: int = 0) -> Fault:
    return Fault(path, text, node.where, since)


def _empty(root: Node) -> Iterator[Fault]:
    for key in ("configPath", "binaryPath", "serviceCluster"):
        node = at(root, key)
        other = key == "serviceCluster" and at(root, "tracingServiceName") is not None
        if node is not None and _text(node) == "" and not other:
            yield _fault(node, key, "must not be empty")


def _drain(root: Node) -> Iterator[Fault]:
    node = at(root, "drainDuration")
    text = _text(node)
    nanoseconds = _duration(text) if text is not None else None
    if node is None or nanoseconds is None:
        return
    if nanoseconds < 10**6:
        yield _fault(
            node,
            "drainDuration",
            f"must be longer than {quoted(text or '')} ('duration must be greater than 1ms')",
        )
    elif nanoseconds % 10**9:
        yield _fault(
            node,
            "drainDuration",
            f"must be in whole seconds, and is {quoted(text or '')} ('drain time only supports"
            " durations to seconds precision')",
        )


def _duration(text: str) -> int | None:
    """Nanoseconds; None where there are none to count."""
    from fractions import Fraction  # few configurations have one

    if not DURATION.match(text):
        return None
    sign = -1 if text.startswith("-") else 1
    total = sum(
        Fraction(number.rstrip(".") or 0) * NANOSECONDS[unit] for number, unit in PART.findall(text)
    )
    return sign * int(total)


def _addresses(root: Node) -> Iterator[Fault]:
    node = at(root, DISCOVERY)
    text = _text(node)
    if node is not None and text is not None:
        problem = unfit(text)
        if problem:
            yield _fault(node, DISCOVERY, f"is no address: {problem}")
    for path in ADDRESSES:
        node = at(root, *path)
        text = _text(node)
        problem = unfit(text) if text else None
        if node is not None and problem:
            yield _fault(node, ".".join(path), f"is no address: {problem}")


def _tracer(root: Node) -> Iterator[Fault]:
    """The address of the tracer that counts; lightstep asks for a token as well."""
    found = [(name, node) for name in TRACERS if (node := at(root, "tracing", name)) is not None]
    for name, node in found[-1:]:
        if name in ADDRESSED:
            yield from _collector(name, node)
        if name == "lightstep" and _text(at(node, "accessToken")) in (None, ""):
            yield _fault(node, "tracing.lightstep", "needs an accessToken")


def _collector(name: str, node: Node) -> Iterator[Fault]:
    """The address of a tracer, which must be there; in some of them HOST_IP is filled in."""
    address = at(node, "address")
    value = address.value() if address is not None else None
    text = value.text if value is not None else ""
    known = value is None or value.literal
    if not known and name != "lightstep" and HOST_IP in text:
        text = text.replace(HOST_IP, "127.0.0.1", 1)
        known = "$" not in text
    problem = unfit(text) if known else None
    if problem:
        yield _fault(address or node, f"tracing.{name}.address", f"is no address: {problem}")


def _port(root: Node, key: str, since: int = 0) -> Iterator[Fault]:
    node = at(root, key)
    value = node.value() if node is not None else None
    digits = value.text.strip() if value is not None and value.literal else "1"
    if (
        node is not None
        and re.fullmatch(r"-?[0-9]{1,20}", digits)
        and not 1 <= int(digits) <= 65535
    ):
        yield _fault(node, key, f"must be in the range 1..65535, and is {digits}", since)


def _policy(root: Node) -> Iterator[Fault]:
    node = at(root, "controlPlaneAuthPolicy")
    value = node.value() if node is not None else None
    known = value is not None and value.literal and value.type in (Type.STRING, Type.INT)
    if node is not None and value is not None and known and value.text not in POLICIES:
        yield _fault(
            node,
            "controlPlaneAuthPolicy",
            f"must be NONE or MUTUAL_TLS, and is {quoted(value.text)} ('unrecognized control plane"
            " auth policy')",
        )


def _provider(root: Node) -> Iterator[Fault]:
    """A private key provider needs its kind, and how often it is to be asked."""
    node = at(root, "privateKeyProvider")
    if node is None:
        return
    kinds = [found for key in ("cryptomb", "qat") if (found := at(node, key)) is not None]
    if not kinds:
        yield _fault(node, "privateKeyProvider", "needs 'cryptomb' or 'qat'", 14)
        return
    delay = at(kinds[-1], "pollDelay")
    text = _text(delay)
    if delay is None or (text is not None and _duration(text) == 0):
        yield _fault(
            delay or kinds[-1], "privateKeyProvider", "needs a 'pollDelay' that is not zero", 14
        )
