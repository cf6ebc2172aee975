"""Proxies that stand in Git with an image of their own, and how old that is."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Related, Value, quoted
from meshlint.mesh.inject import Verdict
from meshlint.mesh.plane import Plane
from meshlint.resources.image import proxy_minor
from meshlint.resources.keys import PROXY_IMAGE, STATUS, TEMPLATES
from meshlint.resources.workload import Workload
from meshlint.rules.mending import remove
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.patching import minors
from meshlint.rules.words import named

SUPPORTED = 2
"""How many minor versions a proxy may be older than its istiod, where revisions are used."""

USING_IMAGE = (None, "sidecar", "gateway")
"""Values of the templates annotation for which sidecar.istio.io/proxyImage is surely heard."""


@mesh_rule
def injected_output_committed(view: View) -> Iterator[Hit]:
    """The output of `istioctl kube-inject`, whose sidecar no upgrade reaches."""
    for workload in view.mesh.workloads:
        image = None if workload.partial or workload.is_pod else _frozen(view, workload)
        status = _status(workload)
        if image and (status or _redirected(workload)):
            yield _output(view, workload, status, image)


def _frozen(view: View, workload: Workload) -> Value | None:
    """The image of a container istio-proxy, unless an injector fills it in or replaces it all."""
    blanks = (None, "", "auto")
    image = next((i for i in workload.proxy_images if i.known not in blanks), None)
    return None if image is None or _replaced(view, workload) else image


def _replaced(view: View, workload: Workload) -> bool:
    """Whether an injector takes out what the status lists, and injects anew (stripPod)."""
    decision = view.decide(workload)
    taken = decision.verdict is Verdict.INJECTED or decision.denied is not None
    return bool(_status(workload)) and taken


def _status(workload: Workload) -> Field | None:
    """The annotation in which the injector lists, as JSON, what it has added."""
    field = workload.pod.annotations.get(STATUS)
    known = field.value.known if field else None
    return field if known is not None and known.lstrip().startswith("{") else None


def _redirected(workload: Workload) -> bool:
    return any(c.name == "istio-init" and c.init for c in workload.containers)


def _output(view: View, workload: Workload, status: Field | None, image: Value) -> Hit:
    sure = view.decide(workload).verdict is Verdict.NOT_INJECTED
    anew = ", unless an injector is called that replaces it" if status and not sure else ""
    return Hit(
        f"{named(workload.meta.subject)} has its sidecar in Git, as 'istioctl kube-inject' writes"
        f" it: {quoted(image.text)} stays what it is when istiod is upgraded{anew}. Commit the"
        " manifest without the sidecar, and let the webhook inject the pods.",
        status.key.where if status else image.where,
        workload.meta.subject,
        (Related("the sidecar's image", image.where),) if status else (),
        case=None if status else "unmarked",
    )


@mesh_rule
def proxy_skew(view: View) -> Iterator[Hit]:
    """A proxy that is newer than every istiod, or more than two minor versions older."""
    for workload in view.mesh.workloads:
        chosen = _chosen(view, workload)
        minor = proxy_minor(chosen.known or "") if chosen else None
        if chosen is None or minor is None:
            continue
        plane = view.mesh.plane(workload.meta.at)
        versions = minors(plane) if _dated(plane) else ()
        if versions and minor > max(versions):
            yield _newer(view, workload, chosen, minor)
        elif versions and minor < min(versions) - SUPPORTED:
            yield _older(workload, chosen, minor, plane)


def _chosen(view: View, workload: Workload) -> Value | None:
    """The image that the pods' proxy gets from this file; not for what was read from a cluster."""
    if not (workload.is_pod and STATUS in workload.pod.annotations):
        image = _frozen(view, workload)
        if image:
            return image
    field = workload.pod.annotations.get(PROXY_IMAGE)
    decision = view.decide(workload)
    heard = decision.verdict is not Verdict.NOT_INJECTED or decision.denied is not None
    return field.value if field and heard else None


def _dated(plane: Plane) -> bool:
    """Whether the version of every istiod that is installed here is known."""
    return all(any(r.version for r in rs) for rs in plane.strong.values())


def _newer(view: View, workload: Workload, chosen: Value, minor: int) -> Hit:
    plane = view.mesh.plane(workload.meta.at)
    latest = max(minors(plane))
    injected = view.decide(workload).verdict is Verdict.INJECTED
    return Hit(
        f"The proxy of {named(workload.meta.subject)} is Istio 1.{minor}, and no istiod here is"
        f" newer than 1.{latest}: a proxy must not be newer than the istiod that configures it."
        f" {_advice(workload, chosen)}",
        chosen.where,
        workload.meta.subject,
        _istiod(plane, latest),
        case=None if plane.closed and injected and _heard(workload, chosen) else "unsure",
        fix=_without(workload, chosen),
    )


def _older(workload: Workload, chosen: Value, minor: int, plane: Plane) -> Hit:
    oldest = min(minors(plane))
    return Hit(
        f"The proxy of {named(workload.meta.subject)} is Istio 1.{minor}, and no istiod here is"
        f" older than 1.{oldest}: Istio supports proxies that are at most {SUPPORTED} minor"
        f" versions behind. {_advice(workload, chosen)}",
        chosen.where,
        workload.meta.subject,
        _istiod(plane, oldest),
        case="unsure",
        fix=_without(workload, chosen),
    )


def _without(workload: Workload, chosen: Value) -> Fix | None:
    """Without the annotation; of the image of a container nobody knows who fills it in."""
    told = _annotated(workload, chosen) and workload.partial is None
    return remove(workload.pod.annotations[PROXY_IMAGE]) if told else None


def _annotated(workload: Workload, chosen: Value) -> bool:
    field = workload.pod.annotations.get(PROXY_IMAGE)
    return field is not None and field.value == chosen


def _heard(workload: Workload, chosen: Value) -> bool:
    """Whether the pods' template is sure to use the image."""
    templates = workload.pod.annotations.get(TEMPLATES)
    usual = (templates.value.known if templates else None) in USING_IMAGE
    return usual or not _annotated(workload, chosen)


def _advice(workload: Workload, chosen: Value) -> str:
    if _annotated(workload, chosen):
        return "Remove the annotation, and the injector takes the image of its own version."
    return "Write 'auto' where an injector fills in the image, else an image of istiod's version."


def _istiod(plane: Plane, minor: int) -> tuple[Related, ...]:
    found = (r for rs in plane.revisions.values() for r in rs if r.version == (1, minor))
    images = (r.image.where for r in found if r.image)
    return tuple(Related(f"istiod 1.{minor}", where) for where in images)[:1]
