"""The ports of an istiod's pods: those that its containers name, and where it is told to listen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Value
from meshlint.resources.control_plane import istiod
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

FLAG = re.compile(r"--(\w+)(?:=(.*))?\Z", re.DOTALL)
PORT = re.compile(r":(\d{1,5})\Z")


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """An entry of a container's `ports`; None where something is not given, or not known."""

    name: Value | None
    number: Value | None
    protocol: Value | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag of pilot-discovery: its name, its value, and the argument that it stands in."""

    name: str
    text: str
    value: Value

    @property
    def port(self) -> int | None:
        """The port of an address such as `:15017`; None for anything else."""
        match = PORT.search(self.text)
        return int(match.group(1)) if match and self.value.literal else None


@dataclass(frozen=True, slots=True)
class IstiodPorts:
    """Ports and flags of an istiod's Deployment, joined with its Workload by place and site.

    `alone` is True where `discovery` is the only container, so that nothing else can listen.
    """

    meta: Meta
    partial: Unread | None
    ports: tuple[ContainerPort, ...]
    flags: tuple[Flag, ...]
    alone: bool

    def flag(self, name: str) -> Flag | None:
        """A flag by its name; of several the last one counts."""
        return next((flag for flag in reversed(self.flags) if flag.name == name), None)


@reads("Deployment", hints=("istiod", "discovery"))
def istiod_ports(document: Document) -> Iterator[IstiodPorts]:
    """The Deployments that tell of a revision."""
    spec = document.root.get("spec", "template", "spec")
    for revision in istiod(document):
        containers = list(_containers(spec)) if spec else []
        discovery = [c for c in containers if _name(c) == "discovery"]
        yield IstiodPorts(
            meta=document.meta,
            partial=revision.partial,
            ports=tuple(port for c in containers for port in _ports(c)),
            flags=tuple(flag for c in discovery for flag in _flags(_words(c))),
            alone=len(containers) == len(discovery) == 1,
        )


def _containers(spec: Node) -> Iterator[Node]:
    """All of them: an init container that keeps running has ports like others."""
    for key in ("initContainers", "containers"):
        node = spec.get(key)
        yield from node.items() if node else ()


def _name(container: Node) -> str:
    name = container.field("name")
    return name.value.text if name else ""


def _ports(container: Node) -> Iterator[ContainerPort]:
    node = container.get("ports")
    for item in node.items() if node else ():
        fields = (item.field(key) for key in ("name", "containerPort", "protocol"))
        name, number, protocol = (field.value if field else None for field in fields)
        yield ContainerPort(name, number, protocol)


def _words(container: Node) -> tuple[Value, ...]:
    return (*container.scalars("command"), *container.scalars("args"))


def _flags(args: tuple[Value, ...]) -> Iterator[Flag]:
    """`--name=value`, or `--name` and the next argument."""
    for position, value in enumerate(args):
        match = FLAG.match(value.text)
        if match and match.group(2) is not None:
            yield Flag(match.group(1), match.group(2), value)
        elif match and position + 1 < len(args):
            following = args[position + 1]
            yield Flag(match.group(1), following.text, following)
