"""As whom an istiod runs, and what of its environment decides which permissions it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from meshlint.finding import Field, Fields, Value
from meshlint.resources.control_plane import istiod
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

DEFAULT = "default"
"""The ServiceAccount of pods that name none."""

FLAG = re.compile(r"-{1,2}([A-Za-z][\w-]*)")


@dataclass(frozen=True, slots=True)
class IstiodAccount:
    """The ServiceAccount of an istiod's Deployment, joined with its Workload by place and site.

    `name` is None where none is given. `environment` is that of the container `discovery`; what
    comes from elsewhere (`valueFrom`) is there as a value that is not known. `flags` are the names
    of its arguments. `open` is True where there may be more environment (`envFrom`).
    """

    meta: Meta
    partial: Unread | None
    name: Value | None
    environment: Fields = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    open: bool = False
    old: bool = False
    """Whether it is given as `serviceAccount`, which Kubernetes still reads."""

    @property
    def account(self) -> str:
        """The name of the ServiceAccount."""
        return self.name.text if self.name else DEFAULT

    @property
    def user(self) -> str:
        """What the API server calls it."""
        return f"system:serviceaccount:{self.meta.subject.namespace}:{self.account}"


@reads("Deployment", hints=("istiod", "discovery"))
def istiod_account(document: Document) -> Iterator[IstiodAccount]:
    """The Deployments that tell of a revision."""
    spec = document.root.get("spec", "template", "spec")
    for revision in istiod(document):
        given = spec.field("serviceAccountName") if spec else None
        old = spec.field("serviceAccount") if spec and given is None else None
        name = given or old
        discovery = list(_discovery(spec)) if spec else []
        yield IstiodAccount(
            meta=document.meta,
            partial=revision.partial,
            name=name.value if name and name.value.text else None,
            environment={f.key.text: f for c in discovery for f in _environment(c)},
            flags=frozenset(flag for c in discovery for flag in _flags(c)),
            open=any(c.get("envFrom") is not None for c in discovery),
            old=old is not None,
        )


def _discovery(spec: Node) -> Iterator[Node]:
    containers = spec.get("containers")
    for item in containers.items() if containers else ():
        if item.name == "discovery":
            yield item


def _environment(container: Node) -> Iterator[Field]:
    listed = container.get("env")
    for item in listed.items() if listed else ():
        name, value = item.field("name"), item.field("value")
        if name and item.get("valueFrom") is not None:
            yield Field(name.value, Value("", name.value.where, literal=False))
        elif name:
            yield Field(name.value, value.value if value else Value("", name.value.where))


def _flags(container: Node) -> Iterator[str]:
    for value in (*container.scalars("command"), *container.scalars("args")):
        match = FLAG.match(value.text)
        if match:
            yield match.group(1)
