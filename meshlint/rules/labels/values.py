"""Values of injection labels that mean something else than they say."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.keys import INJECT, INJECTION
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import entry

YES = frozenset("true yes y on 1 enable enabled active injected inject allow".split())
NO = frozenset("false no n off 0 disable disabled none never".split())


@mesh_rule
def namespace_injection_value(view: View) -> Iterator[Hit]:
    """Only the exact word `enabled` injects; every other value blocks, even on the pods' own wish."""
    for namespace in view.mesh.namespaces:
        field = namespace.meta.labels.get(INJECTION)
        value = field.value.known if field else None
        if field is None or value is None or value in ("enabled", "disabled"):
            continue
        plain = value.strip().lower()
        wish = "enabled" if plain in YES else "disabled" if plain in NO else None
        yield Hit(
            f"{entry(field)} switches injection off in namespace"
            f" {quoted(namespace.meta.subject.name)}: only the exact value 'enabled' injects, and"
            " any other also keeps pods from opting in by themselves."
            + (f" Write '{wish}'." if wish else " Write 'enabled' or 'disabled'."),
            field.value.where,
            namespace.meta.subject,
            case=None if wish == "enabled" else "off",
        )


@mesh_rule
def pod_inject_value(view: View) -> Iterator[Hit]:
    """Only the exact strings "true" and "false" count on a pod."""
    for workload in view.mesh.workloads:
        field = workload.pod.labels.get(INJECT) or workload.pod.annotations.get(INJECT)
        value = field.value.known if field else None
        if field is None or value in (None, "true", "false"):
            continue
        minor = _newest_minor(view.mesh.plane(workload.meta.where.path))
        refusal = value is not None and value.lower() == "false"
        yield Hit(
            _junk(field, refusal),
            field.value.where,
            workload.meta.subject,
            case="injected" if refusal and minor is not None and minor >= 27 else None,
        )


def _newest_minor(plane: Plane) -> int | None:
    versions = [r.version for rs in plane.revisions.values() for r in rs if r.version]
    return max(minor for _, minor in versions) if versions else None


def _junk(field: Field, refusal: bool) -> str:
    if refusal:
        return (
            f"{entry(field)} does not keep the sidecar away: only the exact string \"false\" does."
            " Istio 1.27 and later inject these pods, earlier versions still decline. Write"
            ' "false".'
        )
    return (
        f"{entry(field)} is neither \"true\" nor \"false\": Istio 1.27 and later ignore it and follow"
        " the namespace, earlier versions read it in their own way. Write one of the two."
    )
