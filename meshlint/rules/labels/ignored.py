"""Namespaces that the injector never touches, and labels that ask it to."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fields, Fix, Hit, quoted
from meshlint.resources.keys import DATAPLANE_MODE, IGNORED_NAMESPACES, INJECTION, REVISION
from meshlint.resources.namespace import Namespace
from meshlint.rules.mending import remove, stands
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import entry


@mesh_rule
def ignored_namespace_labelled(view: View) -> Iterator[Hit]:
    """Four namespaces that the injector never touches (pkg/kube/inject/initializer.go)."""
    for namespace in view.mesh.namespaces:
        name, field = namespace.meta.subject.name, _asked(namespace.meta.labels)
        if field and name in IGNORED_NAMESPACES:
            yield Hit(
                f"{entry(field)} injects nothing: the injector passes over every pod of namespace"
                f" {quoted(name)}, whatever its labels are. Remove the label.",
                field.value.where,
                namespace.meta.subject,
                fix=_bare(namespace),
            )


def _bare(namespace: Namespace) -> Fix | None:
    """Without any label that asks for sidecars."""
    own = namespace.meta
    fields = [own.labels[key] for key in (INJECTION, REVISION) if key in own.labels]
    there = all(stands(field, own, ("metadata", "labels")) for field in fields)
    return remove(*fields) if there and namespace.partial is None else None


def _asked(labels: Fields) -> Field | None:
    """The label that asks for sidecars; in ambient mode a revision chooses that of waypoints."""
    legacy, revision, mode = (labels.get(key) for key in (INJECTION, REVISION, DATAPLANE_MODE))
    if legacy:
        return legacy if legacy.value.known == "enabled" else None
    ambient = mode is not None and mode.value.known in ("ambient", None)
    return revision if revision and revision.value.known and not ambient else None
