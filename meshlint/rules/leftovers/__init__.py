"""MESH4xx: webhook configurations that outlived their control plane, or that call twice."""

from meshlint.rules.leftovers import gone, overlap

__all__ = ["gone", "overlap"]
