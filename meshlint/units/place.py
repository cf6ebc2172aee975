"""Every object with its site, namespace and labels as the units that include it leave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from meshlint.finding import Unread
from meshlint.resources.gateway import Gateway
from meshlint.resources.kustomization import Kustomization
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.service import Service
from meshlint.resources.webhook import Configuration
from meshlint.resources.workload import Workload


def place(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The facts as clusters get them: those in patch files become partial."""
    every = list(resources)
    patches = {path for k in every if isinstance(k, Kustomization) for path in k.patches}
    return (_patch(item, patches) for item in every)


def _patch(item: Resource, patches: set[str]) -> Resource:
    if not isinstance(item, Namespace | Workload | Configuration | Gateway | Service):
        return item
    if item.meta.where.path in patches and item.partial is None:
        return replace(item, partial=Unread.PATCH)
    return item
