"""As which users containers run, where one of them is that of the proxy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Type, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.resources.workload import PATHS
from meshlint.source.node import Node
from meshlint.unread import Unread

PROXY_USER = "1337"
"""By its traffic the proxy is told apart from the application (tools/istio-iptables)."""

RUN_AS = ("securityContext", "runAsUser")


@dataclass(frozen=True, slots=True)
class Users:
    """Containers of pods, without init containers, that run as the proxy's user, by name.

    `meta` is that of the workload. The value stands with the container, or else with the pod.
    """

    meta: Meta
    partial: Unread | None
    as_proxy: tuple[tuple[str, Value], ...]


@reads(*{kind for _, kind in PATHS} - {"Service"})
@reads("Service", hints=("serving.knative",))
def users(document: Document) -> Iterator[Users]:
    """Only of what has the number in it."""
    path = PATHS.get((document.group, document.kind))
    if path is None or PROXY_USER not in document.root.page.text:
        return
    spec = document.root.get(*path, "spec")
    found = tuple(_found(spec)) if spec is not None else ()
    if found:
        yield Users(document.meta, document.partial, found)


def _found(spec: Node) -> Iterator[tuple[str, Value]]:
    """A container's own word goes before the pod's."""
    pod, listed = spec.field(*RUN_AS), spec.get("containers")
    for item in listed.items() if listed is not None else ():
        name, own = item.field("name"), item.field(*RUN_AS)
        field = own if own is not None and own.value.type is not Type.NULL else pod
        if field is not None and field.value.type is Type.INT and field.value.text == PROXY_USER:
            yield name.value.text if name else "", field.value
