"""The istiods of the tree as pods: their labels, and the ports at which they can be reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from meshlint.finding import Type
from meshlint.mesh.pod import labels_of_pods
from meshlint.mesh.reach import Pods, numeral
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.declared import Flavour
from meshlint.resources.document import Meta
from meshlint.resources.istiod_ports import ContainerPort, IstiodPorts
from meshlint.resources.keys import REVISION
from meshlint.resources.service import Port, Service
from meshlint.resources.site import Site
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View
from meshlint.rules.webhooks.serving import own_revision, selects

HTTPS, DISCOVERY = "443", "15012"
"""The Service's ports for webhooks, and for proxies."""

LISTENS = {HTTPS: 15017, DISCOVERY: 15012}
"""Where istiod itself listens for them (pilot/cmd/pilot-discovery/app/cmd.go)."""

FLAGS = {HTTPS: "httpsAddr", DISCOVERY: "secureGRPCAddr"}
"""The flags of pilot-discovery that say otherwise."""


@dataclass(frozen=True, slots=True)
class Istiod:
    """An istiod's workload, and what its Deployment says of ports."""

    workload: Workload
    listens: IstiodPorts

    @property
    def revision(self) -> str:
        """The revision that it takes for its own, `default` where it is told none."""
        return own_revision(self.workload) or self.workload.pod.label(REVISION) or DEFAULT

    @property
    def site(self) -> Site:
        return self.workload.meta.at


def istiods(view: View) -> Iterator[Istiod]:
    """The istiods that serve webhooks themselves, as those since 1.5 do."""
    known = {(ports.meta.where, ports.meta.at): ports for ports in view.mesh.every(IstiodPorts)}
    for workload in view.mesh.pilots:
        listens = known.get((workload.meta.where, workload.meta.at))
        if listens is not None and workload.pod.label("app") == "istiod":
            yield Istiod(workload, listens)


def place(meta: Meta) -> str | None:
    """The namespace of an object, "" where none is given, None where it is not known."""
    return meta.namespace.known if meta.namespace else ""


def near(view: View, one: Site, other: Site) -> bool:
    """Whether two sites are in one cluster; either may be what several clusters share."""
    return view.mesh.together(one, other) or view.mesh.together(other, one)


def may_meet(view: View, one: Site, other: Site) -> bool:
    """Whether there may be a cluster that gets what stands at both sites."""
    return view.mesh.visible(one, other) or view.mesh.visible(other, one)


def pods_of(view: View, istiod: Istiod) -> Pods:
    """Its pods as NetworkPolicies see them."""
    workload = istiod.workload
    home = view.mesh.home(workload)
    return Pods(home.name, home.labels, labels_of_pods(workload), _names(istiod.listens))


def _names(listens: IstiodPorts) -> Mapping[str, frozenset[int]] | None:
    """The TCP ports that have names; None where there may be others."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for port in listens.ports:
        if port.name is None:
            continue
        number, protocol = _number(port), _protocol(port)
        if port.name.known is None or number is None or protocol is None:
            return None
        if protocol == "TCP":
            found[port.name.known].add(number)
    return None if listens.partial else {name: frozenset(ns) for name, ns in found.items()}


def _number(port: ContainerPort) -> int | None:
    return numeral(port.number.text) if port.number and port.number.literal else None


def _protocol(port: ContainerPort) -> str | None:
    """TCP where none is given, or a null."""
    value = port.protocol
    return "TCP" if value is None or value.type is Type.NULL else value.known


def reached(view: View, istiod: Istiod, number: str) -> frozenset[int]:
    """The pods' ports to which a port of their Services leads; empty where that is not known."""
    found: set[int] = set()
    for port in (p for s in services_of(view, istiod) for p in s.ports):
        if port.port is None or not port.port.literal:
            return frozenset()
        if port.port.text == number:
            leads = behind(port, istiod)
            if leads is None:
                return frozenset()
            found |= leads
    return frozenset(found or {listening(istiod, number) or LISTENS[number]})


def services_of(view: View, istiod: Istiod) -> Iterator[Service]:
    """The Services that select its pods."""
    own = istiod.workload
    for service in view.mesh.services_in(own.meta.subject.namespace):
        there = service.selector and may_meet(view, istiod.site, service.meta.at)
        if there and selects(service, own):
            yield service


def behind(port: Port, istiod: Istiod) -> frozenset[int] | None:
    """The numbers behind a Service's port, none for a name that no container has."""
    target = port.target or port.port
    if target is None or not target.literal:
        return None
    number, names = numeral(target.text), _names(istiod.listens)
    if number is not None:
        return frozenset({number})
    return names.get(target.text, frozenset()) if names is not None else None


def listening(istiod: Istiod, number: str) -> int | None:
    """Where its arguments say that it listens for what a Service's port stands for."""
    flag = istiod.listens.flag(FLAGS[number])
    return flag.port if flag else None


def free(view: View, istiod: Istiod) -> bool:
    """Whether policies do not say who reaches an istiod.

    They are not put on pods that use the network of their node. An istiod may be called from other
    clusters, through gateways; and OpenShift's operator writes policies of its own.
    """
    own = istiod.workload
    env = (e for container in own.containers for e in container.env)
    remote = any(e.key.text == "EXTERNAL_ISTIOD" and e.value.text != "false" for e in env)
    plane = view.mesh.plane(istiod.site)
    hooks = (hook for configuration in plane.injectors for hook in configuration.live_hooks)
    called = remote or any(hook.client.url is not None for hook in hooks)
    return own.host_network is not None or called or Flavour.OSSM2 in plane.flavours
