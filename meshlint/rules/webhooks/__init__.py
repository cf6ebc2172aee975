"""MESH3xx: webhook configurations that the API server cannot call, or that nobody will patch."""

from meshlint.rules.webhooks import (
    absent,
    bundle,
    calling,
    endpoints,
    filling,
    hearing,
    naming,
    patching,
    ports,
    serving,
    value,
)

__all__ = [
    "absent",
    "bundle",
    "calling",
    "endpoints",
    "filling",
    "hearing",
    "naming",
    "patching",
    "ports",
    "serving",
    "value",
]
