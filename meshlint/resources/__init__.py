"""Documents into the small facts that leave a file. Importing a reader's module registers it."""

from meshlint.resources import (  # noqa: F401
    carrier,
    control_plane,
    gateway,
    kustomization,
    namespace,
    service,
    webhook,
    workload,
)
from meshlint.resources.reader import READERS, Resource, read

__all__ = ["READERS", "Resource", "read"]
