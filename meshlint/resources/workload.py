"""Everything with a pod template: which labels reach the pods, and where the others stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Type, Value
from meshlint.resources.document import Document, Meta, meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

TEMPLATE = ("spec", "template")
PATHS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (),
    ("", "PodTemplate"): ("template",),
    ("", "ReplicationController"): TEMPLATE,
    ("apps", "Deployment"): TEMPLATE,
    ("apps", "StatefulSet"): TEMPLATE,
    ("apps", "DaemonSet"): TEMPLATE,
    ("apps", "ReplicaSet"): TEMPLATE,
    ("extensions", "Deployment"): TEMPLATE,
    ("extensions", "DaemonSet"): TEMPLATE,
    ("extensions", "ReplicaSet"): TEMPLATE,
    ("batch", "Job"): TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("apps.openshift.io", "DeploymentConfig"): TEMPLATE,
    ("argoproj.io", "Rollout"): TEMPLATE,
    ("serving.knative.dev", "Service"): TEMPLATE,
    ("serving.knative.dev", "Configuration"): TEMPLATE,
}
"""Where each kind keeps what its pods are made from, by (API group, kind)."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container or init container of the pod template."""

    name: str
    image: Value | None
    init: bool
    env: tuple[Field, ...] = ()
    """Literal environment: name and value."""
    command: str = ""
    """Command and arguments, as one text."""


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """An object that makes pods. `meta` is its own metadata, `pod` that of the pods.

    `job` is the metadata of the Jobs that a CronJob makes, which the webhook never sees.
    `borrowed` is True for a Rollout that takes its template from elsewhere (`workloadRef`).
    """

    meta: Meta
    pod: Meta
    containers: tuple[Container, ...]
    host_network: Value | None
    """`spec.hostNetwork` where it is true: such pods are never injected."""
    partial: Unread | None
    job: Meta | None = None
    borrowed: bool = False
    live: Value | None = None
    """What shows that a Pod was read from a cluster: its phase, else its uid."""
    selected: frozenset[str] = frozenset()
    """The labels by which the object finds its pods, and which change with its selector alone."""

    @property
    def is_pod(self) -> bool:
        return self.meta.subject.kind == "Pod"

    @property
    def discovers(self) -> bool:
        """Whether an istiod runs in the pods: its container has this name in every chart."""
        return any(container.name == "discovery" for container in self.containers)

    @property
    def proxy_images(self) -> tuple[Value, ...]:
        """The images of containers istio-proxy, which the injector merges with its own."""
        images = (c.image for c in self.containers if c.name == "istio-proxy")
        return tuple(image for image in images if image)

    @property
    def auto_image(self) -> Value | None:
        """The image `auto` of an istio-proxy, which waits for the injector."""
        return next((image for image in self.proxy_images if image.known == "auto"), None)


@reads(*{kind for _, kind in PATHS} - {"Service"})
@reads("Service", hints=("serving.knative",))
def workload(document: Document) -> Iterator[Workload]:
    """Any kind of PATHS. Without containers it is a fragment, such as a Kustomize patch."""
    path = PATHS.get((document.group, document.kind))
    if path is None:
        return
    template = document.root.get(*path) if path else document.root
    spec = template.get("spec") if template else None
    containers = tuple(_containers(spec)) if spec else ()
    borrowed = document.root.get("spec", "workloadRef") is not None
    whole = bool(containers) or borrowed
    host = spec.field("hostNetwork") if spec else None
    job = document.root.get("spec", "jobTemplate") if document.kind == "CronJob" else None
    own = document.meta
    yield Workload(
        meta=own,
        pod=_pod(own, template if path else document.root),
        containers=containers,
        host_network=host.value if host and _yes(host.value) else None,
        partial=document.partial or _lacking(whole, host),
        job=meta(job, "batch/v1", "Job") if job else None,
        borrowed=borrowed,
        live=None if path else _live(document),
        selected=selected(document.root),
    )


def selected(root: Node) -> frozenset[str]:
    """The keys of a workload's selector, which for ReplicationControllers is a map of labels."""
    node = root.get("spec", "selector")
    labels = node.get("matchLabels") if node else None
    listed = node.get("matchExpressions") if node else None
    keys = [item.field("key") for item in listed.items()] if listed else []
    plain = (labels or node).entries() if node else {}
    return frozenset((*plain, *(key.value.text for key in keys if key)))


def _live(pod: Document) -> Value | None:
    """What the API server or the kubelet has written, and no author of a manifest."""
    marks = (pod.root.field(*path) for path in (("status", "phase"), ("metadata", "uid")))
    return next((mark.value for mark in marks if mark and mark.value.known), None)


def _lacking(whole: bool, host: Field | None) -> Unread | None:
    """Why a template says less than its pods have."""
    if host is not None and not host.value.literal:
        return Unread.PLACEHOLDER
    return None if whole else Unread.PATCH


def _yes(value: Value) -> bool:
    """Whether a value is true to Kubernetes, which reads `yes` and `on` so too."""
    return value.type is Type.BOOL and value.text.lower() in ("true", "yes", "y", "on")


def _pod(own: Meta, template: Node | None) -> Meta:
    """The metadata that pods get; nothing of the workload's own ever reaches them."""
    if template is None:
        return Meta(own.subject, None, None, {}, {}, own.where)
    return meta(template, "v1", "Pod")


def _containers(spec: Node) -> Iterator[Container]:
    for list_name in ("initContainers", "containers"):
        node = spec.get(list_name)
        for item in node.items() if node else ():
            yield _container(item, list_name == "initContainers")


def _container(item: Node, init: bool) -> Container:
    name, image, env = item.field("name"), item.field("image"), item.get("env")
    pairs = [(e.field("name"), e.field("value")) for e in env.items()] if env else []
    return Container(
        name=name.value.text if name else "",
        image=image.value if image else None,
        init=init,
        env=tuple(Field(n.value, v.value) for n, v in pairs if n and v),
        command=" ".join(v.text for key in ("command", "args") for v in item.scalars(key)),
    )
