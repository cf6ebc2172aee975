"""What becomes of a namespace that has no word on injection, and whether it really has none."""

from __future__ import annotations

from meshlint.finding import Location
from meshlint.mesh.calls import called
from meshlint.mesh.decision import Call
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import Labels, labels_of
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.document import Meta
from meshlint.resources.keys import (
    IGNORED_NAMESPACES,
    INJECT,
    INJECTION_KEYS,
    NAMESPACE_NAME,
    REVISION,
)
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View
from meshlint.rules.spelling import meant

OWN = ("istio-", "kube-")
"""How the names of namespaces begin that hold the mesh or the cluster itself."""


def by_default(view: View, namespace: Namespace) -> Location | None:
    """Where it is said that pods without a word are injected in namespaces without one.

    That is a hook of the tree's own that takes them, or the value enableNamespacesByDefault. None
    where nothing says so, or where no webhook is called for them all the same.
    """
    plane = view.mesh.plane(namespace.meta.at)
    values = (settings.by_default for settings in plane.settings_of(DEFAULT))
    said = next((v.where for v in values if v and v.known == "true"), None)
    calls = _calls(plane, namespace)
    hooks = (call.hook.where for call in calls if call.sure and call.configuration)
    return next(hooks, said) if calls else None


def _calls(plane: Plane, namespace: Namespace) -> tuple[Call, ...]:
    """The webhooks for pods without labels."""
    own = labels_of(namespace.meta.labels)
    name = {NAMESPACE_NAME: namespace.meta.subject.name}
    return called(plane, Labels({**own.given, **name}, own.unknown), Labels())


def _picked(call: Call) -> bool:
    """Whether a hook goes by another label or the name, as OpenShift Service Mesh 2 does."""
    clauses = call.hook.namespace_selector.expressions
    return any(clause.operator in ("In", "Exists") for clause in clauses)


def settled(view: View, namespace: Namespace) -> bool:
    """Whether something else than a label of this document decides, or has been said."""
    name = namespace.meta.subject.name
    if namespace.partial or namespace.more or name in IGNORED_NAMESPACES or name.startswith(OWN):
        return True
    copies = [
        n
        for n in view.mesh.namespaces
        if n.meta.subject.name == name and view.mesh.visible(namespace.meta.at, n.meta.at)
    ]
    picked = any(map(_picked, _calls(view.mesh.plane(namespace.meta.at), namespace)))
    return picked or any(_keyed(copy.meta) for copy in copies) or _decided(view, namespace)


def _keyed(meta: Meta) -> bool:
    """Whether there is a key of injection, wherever it stands and however it is spelled."""
    keys = (*meta.labels, *meta.annotations, *meta.strays)
    return any((meant(key) or key) in INJECTION_KEYS for key in keys)


def _decided(view: View, namespace: Namespace) -> bool:
    """Whether a control plane is there, or all workloads that are there decide for themselves."""
    name, plane = namespace.meta.subject.name, view.mesh.plane(namespace.meta.at)
    istiods = {r.subject.namespace for found in plane.strong.values() for r in found}
    there = [w for w in view.mesh.workloads if w.meta.subject.namespace == name]
    return name in istiods or (bool(there) and all(map(_speaks, there)))


def _speaks(workload: Workload) -> bool:
    pod = workload.pod
    word = INJECT in pod.labels or REVISION in pod.labels or INJECT in pod.annotations
    return word or workload.host_network is not None
