"""Addresses as HOST:PORT, and the Services that hosts are names of.

Source: istio/istio pkg/config/validation/agent/validation.go, ValidateProxyAddress, and Go's
net.SplitHostPort.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from meshlint.finding import quoted

LABEL = re.compile(r"[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\Z")
NUMBER = re.compile(r"[-+]?[0-9]+\Z")
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")
PORT = "15012"
"""Where istiod serves configuration over TLS."""

ISTIOD = re.compile(r"(?:istiod(?:-.+)?|istio-pilot)\Z")
SERVICE = re.compile(r"([^.]+)(?:\.([^.]+)(?:\.(svc)(\..+)?)?)?\Z")


def unfit(address: str) -> str | None:
    """Why Istio refuses an address, partly in its own words; None where it does not."""
    found = _split(address)
    if isinstance(found, str):
        return f"{quoted(address)} is not HOST:PORT ('{found}')"
    host, port = found
    if NUMBER.match(port) is None:
        return f"in {quoted(address)} the port {quoted(port)} is not a number"
    if len(port) > 30 or not 1 <= int(port) <= 65535:
        return f"in {quoted(address)} the port number {port} is not in the range 1..65535"
    if _named(host) or _ip(host):
        return None
    return f"in {quoted(address)} the host {quoted(host)} is not a valid hostname or an IP address"


def _split(address: str) -> tuple[str, str] | str:
    """Host and port, or what Go's net.SplitHostPort says of the address."""
    head, colon, port = address.rpartition(":")
    if not colon:
        return "missing port in address"
    if not address.startswith("["):
        if ":" in head:
            return "too many colons in address"
        odd = next((c for c in "[]" if c in address), "")
        return f"unexpected '{odd}' in address" if odd else (head, port)
    inner, bracket, rest = address[1:].partition("]")
    if not bracket:
        return "missing ']' in address"
    if rest != f":{port}":
        return "too many colons in address" if rest[:1] == ":" else "missing port in address"
    odd = next((c for c in "[]" if c in inner + port), "")
    return f"unexpected '{odd}' in address" if odd else (inner, port)


def host_and_port(address: str) -> tuple[str, str]:
    """The parts of an address that is fit; a final dot of the host is not part of its name."""
    found = _split(address)
    host, port = found if not isinstance(found, str) else (address, "")
    return host.lower().removesuffix("."), str(int(port)) if port else ""


def _named(host: str) -> bool:
    """Whether a host is a domain name, whose last label must not be a number."""
    parts = host.split(".")
    if not host or len(host) > 255 or NUMBER.match(parts[-1]):
        return False
    own = parts[:-1] if parts[-1] == "" else parts
    return bool(own) and all(LABEL.match(part) for part in own)


def _ip(host: str) -> bool:
    import ipaddress  # few addresses are no names

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def mended(address: str) -> str | None:
    """What was most likely meant by an unfit address; None where that is not clear."""
    plain = SCHEME.sub("", "".join(address.split())).partition("/")[0].rstrip(":")
    for guess in (plain, f"{plain}:{PORT}", f"{plain.rpartition(':')[0]}:{PORT}"):
        if plain and unfit(guess) is None:
            return guess
    return None


@dataclass(frozen=True, slots=True)
class ServiceHost:
    """The Service that a host is a name of. `namespace` is "" where the host is its bare name.

    `certain` is the one form of the name that istiod's certificate has: NAME.NAMESPACE.svc.
    """

    name: str
    namespace: str
    certain: bool

    @property
    def revision(self) -> str | None:
        """`REV` of the Service istiod-REV; "" of istiod; None of any other."""
        if self.name == "istiod":
            return ""
        return self.name.removeprefix("istiod-") if self.name.startswith("istiod-") else None


def service_host(host: str) -> ServiceHost | None:
    """The Service in the cluster; None for a host that may be anywhere."""
    match = SERVICE.match(host)
    if match is None:
        return None
    name, space, svc, domain = match.groups()
    if svc is None and ISTIOD.match(name) is None:
        return None
    return ServiceHost(name, space or "", svc is not None and domain is None)
