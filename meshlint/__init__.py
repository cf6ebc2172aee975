"""Offline linter for Istio sidecar injection in Kubernetes manifests."""

__version__ = "0.1.0"
