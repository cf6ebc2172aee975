"""MESH6xx: pods that come up without a usable proxy, or that the injector refuses."""

from meshlint.rules.proxy import annotations, blank, committed, gateways, missing

__all__ = ["annotations", "blank", "committed", "gateways", "missing"]
