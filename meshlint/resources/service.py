"""The Service fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Fields, Location, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a Service; `target` is None where it is the same as `port`."""

    port: Value | None
    target: Value | None
    where: Location


@dataclass(frozen=True, slots=True)
class Service:
    """A core Service. `selector` is empty where somebody else makes its endpoints.

    `external` is True for an ExternalName, which is a name for another host.
    """

    meta: Meta
    partial: Unread | None
    ports: tuple[Port, ...] = ()
    selector: Fields | None = None
    external: bool = False


@reads("Service", hints=("istio",))
def service(document: Document) -> Iterator[Service]:
    """Kubernetes' own Service, not Knative's."""
    if document.api_version == "v1":
        ports = document.root.get("spec", "ports")
        kind = document.root.field("spec", "type")
        yield Service(
            meta=document.meta,
            partial=document.partial,
            ports=tuple(map(_port, ports.items())) if ports else (),
            selector=document.root.fields("spec", "selector") or None,
            external=kind is not None and kind.value.text == "ExternalName",
        )


def _port(item: Node) -> Port:
    port, target = item.field("port"), item.field("targetPort")
    return Port(
        port=port.value if port else None,
        target=target.value if target else None,
        where=port.value.where if port else item.where,
    )
