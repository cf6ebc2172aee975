"""Why it is not known whether a webhook is called, and what would settle that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshlint.finding import Type
from meshlint.mesh.calls import completed
from meshlint.mesh.decision import Call, Reason
from meshlint.mesh.home import Home
from meshlint.mesh.outcome import by_membership
from meshlint.mesh.plane import Plane
from meshlint.mesh.pod import labels_of_pods
from meshlint.mesh.selector import UNKNOWN, Labels, holds
from meshlint.mesh.stock import auto_hook
from meshlint.mesh.wish import FILL_IN, whole_of
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.maistra import MEMBER_OF
from meshlint.resources.webhook import Selector
from meshlint.resources.workload import Workload

FILE = ".meshlint.yaml"
PLATFORM = "scan the platform repository"
DECLARE = f"declare it under namespaces: in {FILE}"


def doubts(plane: Plane, workload: Workload, home: Home, calls: Iterable[Call]) -> Iterator[Reason]:
    """What is not known of webhooks that may be called: of the namespace, the pods, themselves."""
    unsure = list(calls)
    space, pod = completed(home.labels), labels_of_pods(workload)
    sides = [(c.hook.namespace_selector, c.hook.object_selector) for c in unsure]
    for key in _open_keys((selector for selector, _ in sides), space):
        yield _of_namespace(key, workload, home, plane)
    for key in _open_keys((selector for _, selector in sides), pod):
        yield _of_pod(key, workload, pod)
    for call in unsure:
        yield from _of_webhook(call, plane)


def _open_keys(selectors: Iterable[Selector], labels: Labels) -> list[str]:
    """The keys on whose unknown labels selectors hang."""
    asked = (expression for selector in selectors for expression in selector.expressions)
    hanging = (e.key for e in asked if holds(e, labels) is None)
    return sorted({key for key in hanging if labels.state(key) is UNKNOWN})


def _of_namespace(key: str, workload: Workload, home: Home, plane: Plane) -> Reason:
    if not home.name:
        return _nameless(workload)
    if key == MEMBER_OF:
        text = f"whether namespace {home.name} is a member of the mesh is not known"
        return Reason(text, None, "scan its ServiceMeshMember, or the ServiceMeshMemberRoll")
    if not home.copies:
        settle = f"{DECLARE}, or scan the repository that holds it"
        return Reason(f"Namespace {home.name} is not in the scanned tree", None, settle)
    where = home.copies[0].meta.where
    fields = [copy.meta.labels[key] for copy in home.copies if key in copy.meta.labels]
    blank = next(
        (f.value for f in fields if f.value.type is not Type.NULL and not f.value.known), None
    )
    if blank is not None:
        what = "no string" if blank.literal else "a placeholder"
        return Reason(f"{key} of namespace {home.name} is {what}", blank.where, FILL_IN)
    if home.labels.open:
        text = f"Namespace {home.name} may have more labels than are written here"
        return Reason(text, where, DECLARE)
    text = f"copies or patches of Namespace {home.name} disagree on {key}"
    settle = f"lint the files of one cluster at a time, or name them under clusters: in {FILE}"
    return Reason(text, where, settle)


def _nameless(workload: Workload) -> Reason:
    given = workload.meta.namespace
    if given is not None:
        return Reason("the namespace is not known: it is a placeholder", given.where, FILL_IN)
    text = "the namespace is not known: metadata.namespace is not set"
    settle = f"no kustomization sets one either; use --namespace, or paths: in {FILE}"
    return Reason(text, None, settle)


def _of_pod(key: str, workload: Workload, pod: Labels) -> Reason:
    field = workload.pod.labels.get(key)
    if field is not None:
        what = "no string" if field.value.literal else "a placeholder"
        return Reason(f"{key} of the pod is {what}", field.value.where, FILL_IN)
    if pod.open:
        text = "the pod's labels are not fully known"
        return Reason(text, workload.pod.where, whole_of(workload))
    text = f"the value of {key}, which the pod is given when it is made, is not known"
    return Reason(text, workload.pod.where, "let the webhook ask for another label")


def _of_webhook(call: Call, plane: Plane) -> Iterator[Reason]:
    """What is not known of the webhook itself."""
    if call.configuration is None:
        yield from _of_revision(call, plane)
        return
    name, where = call.hook.full_name, call.hook.where
    if call.hook.conditional:
        text = "a webhook has matchConditions, which are not evaluated"
        settle = "ask the cluster: kubectl create --dry-run=server -o yaml shows what is injected"
        yield Reason(text, where, settle)
    sides = (call.hook.namespace_selector, call.hook.object_selector)
    expressions = [expression for side in sides for expression in side.expressions]
    if any(e.usable is None or any(v.known is None for v in e.values) for e in expressions):
        yield Reason(f"a selector of webhook {name} has a placeholder", where, FILL_IN)
    refused = next((e for e in expressions if e.usable is False), None)
    if refused is not None:
        text = f"the API server refuses a selector of webhook {name}, which may not be there then"
        yield Reason(text, refused.where, "correct the selector")
    if call.configuration.partial is not None:
        text = f"webhook {name} stands in a fragment or a template, and may not be there"
        yield Reason(text, where, "lint what is rendered")


def _of_revision(call: Call, plane: Plane) -> Iterator[Reason]:
    """Of a webhook that the charts would render: whether its control plane is there."""
    revision = call.revision or ""
    if by_membership(call):
        (asked,) = call.hook.namespace_selector.values_of(MEMBER_OF)
        here = {mesh.meta.subject.namespace for mesh in plane.meshes}
        if asked.known is None or asked.text not in here:
            place = f" in namespace {asked.text}" if asked.known else ""
            text = f"the ServiceMeshControlPlane{place} is not in the scanned tree"
            yield Reason(text, None, PLATFORM)
    elif revision == DEFAULT and plane.configured.get(DEFAULT) is False:
        text = "the default revision's webhooks are switched off, and its successor is not known"
        yield Reason(text, None, f"say defaultRevision: in {FILE}, or {PLATFORM}")
    elif call.hook is auto_hook() and plane.sure(DEFAULT):
        text = "whether pods are injected by default (enableNamespacesByDefault) is not known"
        yield Reason(text, None, f"{PLATFORM}, whose webhooks or injector tell")
    elif revision and not plane.sure(revision):
        key = "defaultRevision" if revision == DEFAULT else "revisions"
        verb = "say" if revision == DEFAULT else "declare it under"
        text = f"revision {revision} is not in the scanned tree"
        yield Reason(text, None, f"{verb} {key}: in {FILE}, or {PLATFORM}")
