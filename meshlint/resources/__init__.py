"""Documents into the small facts that leave a file. Importing a reader's module registers it."""

from meshlint.resources import (  # noqa: F401
    argo,
    carrier,
    control_plane,
    flux,
    fragment,
    gateway,
    istio_resource,
    kustomization,
    maistra,
    namespace,
    root,
    service,
    webhook,
    workload,
)
from meshlint.resources.reader import Resource, asked_for, read

__all__ = ["Resource", "asked_for", "read"]
