"""Documents into the small facts that leave a file. Importing a reader's module registers it."""

from meshlint.resources import (  # noqa: F401
    argo,
    budget,
    carrier,
    config_annotation,
    config_sync,
    control_plane,
    default_validator,
    discovery,
    envoy_filter,
    firewall,
    flux,
    fragment,
    gateway,
    injector_map,
    istio_resource,
    istiod,
    istiod_account,
    istiod_ports,
    istiod_sources,
    kustomization,
    maistra,
    namespace,
    network_policy,
    rbac,
    replica_count,
    root,
    scaling,
    service,
    sync,
    users,
    webhook,
    workload,
)
from meshlint.resources.reader import Resource, asked_for, read

__all__ = ["Resource", "asked_for", "read"]
