"""MESH7xx: settings of Argo CD, Flux, Helm and Kustomize that fight istiod over a field."""

from meshlint.rules.gitops import argo, replacing, validator, values

__all__ = ["argo", "replacing", "validator", "values"]
