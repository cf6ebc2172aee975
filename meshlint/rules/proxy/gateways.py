"""Gateways that the injector would make into sidecars."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Fix, Hit
from meshlint.mesh.inject import Verdict
from meshlint.resources.keys import TEMPLATES
from meshlint.resources.workload import Workload
from meshlint.rules.mending import add, of_pods
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

DOMAIN = TEMPLATES.partition("/")[0] + "/"


@mesh_rule
def gateway_template_missing(view: View) -> Iterator[Hit]:
    """A proxy alone in its pod is a gateway, and the default template makes it a sidecar."""
    for workload in view.mesh.workloads:
        image = workload.auto_image
        if image is None or not unguided(workload):
            continue
        if view.decide(workload).verdict is not Verdict.NOT_INJECTED:
            yield Hit(
                f"The pods of {named(workload.meta.subject)} have no container but 'istio-proxy',"
                " as gateways do, and do not choose the template of gateways: the injector makes"
                " the proxy a sidecar, which listens for no Gateway. Set the annotation"
                f" '{TEMPLATES}: gateway' on the pod template.",
                image.where,
                workload.meta.subject,
                fix=_template(workload),
            )


def unguided(workload: Workload) -> bool:
    """Whether pods are gateways by their looks, and do not choose a template."""
    return _alone(workload) and not _chosen(workload)


def _template(workload: Workload) -> Fix | None:
    """The annotation, where there is none of another template."""
    pods = (*of_pods(workload.meta.subject), "annotations")
    told = TEMPLATES in workload.pod.annotations or workload.borrowed
    return None if told else add(workload.meta.where, pods, TEMPLATES, "gateway")


def _alone(workload: Workload) -> bool:
    """Whether the pods are nothing but a proxy, of which this file does not say the mode."""
    inner = [container for container in workload.containers if not container.init]
    proxy = len(inner) == 1 and inner[0].name == "istio-proxy"
    return proxy and "router" not in inner[0].command and workload.partial is None


def _chosen(workload: Workload) -> bool:
    """Whether pods choose a template, rightly or not, other than that of sidecars."""
    pod = workload.pod
    keys = {key for key in (*pod.labels, *pod.annotations, *pod.strays) if key.startswith(DOMAIN)}
    field = pod.annotations.get(TEMPLATES)
    plain = field is not None and field.value.known == "sidecar"
    return bool(keys) and not (plain and keys == {TEMPLATES})
