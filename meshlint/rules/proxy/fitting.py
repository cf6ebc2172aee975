"""Values of pod annotations that the injector refuses, as it would take them."""

from __future__ import annotations

from ipaddress import ip_address

from meshlint.finding import Field, Fix, Type
from meshlint.resources.annotation import problem
from meshlint.resources.keys import PROXY_CONFIG
from meshlint.rules.meaning import wish
from meshlint.rules.mending import rewrite

RANGES = "IPRanges"
MODE = "sidecar.istio.io/interceptionMode"
MERGE = "prometheus.istio.io/merge-metrics"


def fitted(field: Field) -> Fix | None:
    """The value in the form that is wanted. The injector denies the pods as they are."""
    key, value = field.key.text, field.value.known
    if value is None or key == PROXY_CONFIG or field.value.type is not Type.STRING:
        return None
    right = _form(key, value)
    sound = right not in ("", value) and problem(key, right) is None
    return rewrite(field, value=right, safe=True) if sound else None


def _form(key: str, value: str) -> str:
    """Without spaces; and as the choices of a key, and ranges, are written."""
    plain = value.strip()
    if key == MODE:
        return plain.upper()
    if key == MERGE:
        meant = wish(plain)
        return plain if meant is None else str(meant).lower()
    return ",".join(map(_range, plain.split(","))) if key.endswith(RANGES) else plain


def _range(part: str) -> str:
    """An address is the range of itself."""
    try:
        address = ip_address(part.strip())
    except ValueError:
        return part.strip()
    return f"{address}/{address.max_prefixlen}"
