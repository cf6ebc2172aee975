"""What would come of a label that a fix writes: whether any webhook may be called for it."""

from __future__ import annotations

from dataclasses import replace

from meshlint.mesh.inject import called
from meshlint.mesh.pod import labels_of_pods
from meshlint.mesh.selector import Labels
from meshlint.resources.keys import (
    DATAPLANE_MODE,
    IGNORED_NAMESPACES,
    INJECT,
    INJECTION,
    NAMESPACE_NAME,
)
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View


def answered(view: View, workload: Workload) -> bool:
    """Whether pods that ask for a sidecar by the label may get one."""
    home, own = view.mesh.home(workload), labels_of_pods(workload)
    if workload.host_network or home.name in IGNORED_NAMESPACES:
        return False
    pod = replace(own, given={**own.given, INJECT: "true"}, unknown=own.unknown - {INJECT})
    return bool(called(view.mesh.plane(workload.meta.at), home.labels, pod))


def enabled(view: View, namespace: Namespace) -> bool:
    """Whether `istio-injection: enabled` may bring sidecars, and nothing else speaks against it."""
    name = namespace.meta.subject.name
    if name in IGNORED_NAMESPACES or DATAPLANE_MODE in namespace.meta.labels:
        return False
    labels = Labels({INJECTION: "enabled", NAMESPACE_NAME: name})
    return bool(called(view.mesh.plane(namespace.meta.at), labels, Labels(open=True)))
