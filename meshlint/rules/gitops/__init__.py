"""MESH7xx: settings of Argo CD, Flux, Helm and Kustomize that fight istiod over a field."""

from meshlint.rules.gitops import argo, contested, forced, healing, replacing, validator, values

__all__ = ["argo", "contested", "forced", "healing", "replacing", "validator", "values"]
