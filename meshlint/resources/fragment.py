"""Which documents may be patches: a kustomization elsewhere may name their file as one."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.resources.document import Document
from meshlint.resources.layer import Patch
from meshlint.resources.reader import reads
from meshlint.resources.workload import PATHS
from meshlint.source.node import Node

MAPS = ("labels", "annotations")
CONTROL_PLANE = (
    "NetworkPolicy HorizontalPodAutoscaler ScaledObject PodDisruptionBudget ServiceAccount Role"
    " ClusterRole RoleBinding ClusterRoleBinding EnvoyFilter ContainerCluster ComputeFirewall"
).split()
MASS = frozenset(
    {"Namespace", "Service", "Gateway", "ConfigMap", *(k for _, k in PATHS), *CONTROL_PLANE}
)
"""Kinds whose whole objects are many: their own facts tell what they would change as patches."""

ISTIOD = "discovery"
"""The name of istiod's container."""

CARRIERS = (
    "MutatingWebhookConfiguration ValidatingWebhookConfiguration HelmRelease HelmChart Application"
    " ApplicationSet Kustomization IstioOperator Istio IstioRevision IstioRevisionTag"
    " ControlPlaneRevision ServiceMeshControlPlane"
).split()


@reads(*MASS, *CARRIERS, hints=())
def fragment(document: Document) -> Iterator[Patch]:
    """The document as a patch, in case that a kustomization names its file as one."""
    own = document.group == "kustomize.config.k8s.io"
    if not own and (document.kind not in MASS or _directed(document)):
        from meshlint.resources.strategic import strategic  # most small scans have no patches

        yield strategic(document)


def _directed(document: Document) -> bool:
    """Whether the facts of the object itself do not say all that it would do as a patch."""
    root, path = document.root, PATHS.get((document.group, document.kind))
    if "$patch" in root.page.text or any(_null(root, "metadata", key) for key in MAPS):
        return True
    if path is None:
        return False
    if document.kind == "Deployment" and ISTIOD in root.page.text:
        return True  # whose patches may change more than what is said of other workloads
    inner = any(_null(root, *path, "metadata", *keys) for keys in ((), *((k,) for k in MAPS)))
    fragmentary = root.get(*path, "spec", "containers") is None
    return inner or fragmentary or "hostNetwork" in root.page.text


def _null(root: Node, *keys: str) -> bool:
    """Whether there is something at a path that is no map, as where one is deleted."""
    node = root.get(*keys)
    return node is not None and not node.is_map
