"""MESH3xx: webhook configurations that the API server cannot call, or that nobody will patch."""

from meshlint.rules.webhooks import bundle, calling, filling, naming, patching, serving

__all__ = ["bundle", "calling", "filling", "naming", "patching", "serving"]
