"""discoveryAddress: whether there is an istiod behind the host, and the one that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from meshlint.finding import Hit, Related, Value, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.address import PORT, ServiceHost, host_and_port, service_host, unfit
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.discovery import Discovery, Place
from meshlint.resources.service import Service
from meshlint.resources.workload import Workload
from meshlint.rules.mending import assign
from meshlint.rules.proxy.configured import meshes
from meshlint.rules.proxy.discovery import OLD, PLAIN, found
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import MANAGED
from meshlint.rules.webhooks.names import SHARED, certified, revisions
from meshlint.rules.webhooks.serving import selects
from meshlint.rules.words import listed, named, see

REMOTE = "remote"
"""istiod-remote is a Service of the chart, and no revision's."""

TAGGED = "revision-tag-"
STOCK = "istiod.istio-system.svc"
"""Where istiod's code sends proxies if nothing is said (pkg/config/mesh/mesh.go), of whatever
revision it is itself."""


@dataclass(frozen=True, slots=True)
class Aim:
    """An address that is fit, and the Service in the cluster that its host is the name of."""

    said: Discovery
    address: Value
    host: str
    port: str
    service: ServiceHost


def aim(said: Discovery) -> Aim | None:
    """None where the host may be anywhere, or is one of Istio's before it had an istiod."""
    address = said.address
    if address is None or address.known is None or unfit(address.text):
        return None
    host, port = host_and_port(address.text)
    service = service_host(host)
    if service is None or service.name.startswith(OLD):
        return None
    if not service.namespace and not said.of_mesh:  # pods look for it in their own
        service = replace(service, namespace=said.meta.subject.namespace)
    return Aim(said, address, host, port, service)


@mesh_rule
def discovery_address_revision(view: View) -> Iterator[Hit]:
    """The mesh configuration of one revision names the istiod of another."""
    for mesh in meshes(view):
        owner, plane = mesh.owner, view.mesh.plane(mesh.meta.at)
        if owner is not None and MANAGED.match(owner):
            yield from _of_google(mesh, owner)
        elif owner is not None and owner in plane.strong and not mesh.remote:
            yield from _of_another(view, plane, mesh, owner)


def _of_google(mesh: Discovery, owner: str) -> Iterator[Hit]:
    """Managed revisions of Cloud Service Mesh; those of AKS may be told an address."""
    if mesh.address is not None and mesh.address.literal and owner.startswith("asm-managed"):
        yield Hit(
            f"{named(mesh.meta.subject)} sets discoveryAddress for the managed revision"
            f" {quoted(owner)}, whose control plane is Google's and in no Service of the cluster:"
            " proxies that ask for their configuration there get none ('no healthy upstream')."
            " Remove it.",
            mesh.address.where,
            mesh.meta.subject,
            case="other",
        )


def _of_another(view: View, plane: Plane, mesh: Discovery, owner: str) -> Iterator[Hit]:
    aimed = aim(mesh)
    if aimed is not None:
        yield from _differs(view, plane, aimed, owner)
    elif mesh.address is None and mesh.place is Place.CONFIG_MAP and owner != DEFAULT:
        own = [w for w in istiods(view, mesh) if owner in revisions(w)]
        if not any(e.key.text == SHARED for w in own for c in w.containers for e in c.env):
            yield from _unset(view, mesh, owner)


def istiods(view: View, said: Discovery) -> list[Workload]:
    """The istiods of the cluster of what is said."""
    return [
        w
        for w in view.mesh.pilots
        if view.mesh.together(said.meta.at, w.meta.at) or view.mesh.visible(w.meta.at, said.meta.at)
    ]


def behind(view: View, said: Discovery, services: list[Service]) -> list[Workload] | None:
    """The istiods that Services select; None where that is not known."""
    if any(s.partial is not None or s.external or s.selector is None for s in services):
        return None
    return [w for w in istiods(view, said) if any(_of(s, w) and selects(s, w) for s in services)]


def _of(service: Service, istiod: Workload) -> bool:
    return service.meta.subject.namespace == istiod.meta.subject.namespace


def _differs(view: View, plane: Plane, aimed: Aim, owner: str) -> Iterator[Hit]:
    asked = aimed.service.revision
    if asked is None or asked in (owner, REMOTE):
        return
    reached = behind(view, aimed.said, found(view, aimed.said, aimed.service))
    if reached is None or any(owner in revisions(w) for w in reached):
        return
    if asked.startswith(TAGGED):
        yield from _of_tag(plane, aimed, owner, asked.removeprefix(TAGGED))
    elif asked == "" and (owner == DEFAULT or not reached):
        return
    elif reached or plane.possible(asked) or not plane.closed:
        yield _other(view, aimed, owner, reached, asked)
    else:
        yield _nobody(plane, aimed, owner, asked)


def _of_tag(plane: Plane, aimed: Aim, owner: str, tag: str) -> Iterator[Hit]:
    """The Service of a tag leads to what the tag points to."""
    targets = {t.target.known for t in plane.tags.get(tag, ()) if t.target}
    if targets and owner not in targets and None not in targets:
        yield _tagged(aimed, owner, targets)


def _own(aimed: Aim, owner: str) -> str:
    """The address of the revision that reads the configuration."""
    name = "istiod" if owner == DEFAULT else f"istiod-{owner}"
    return f"{name}.{aimed.service.namespace or 'istio-system'}.svc:{PORT}"


def _other(view: View, aimed: Aim, owner: str, reached: list[Workload], asked: str = "") -> Hit:
    whose = f"istiod of revision {quoted(asked)}" if asked else named(reached[0].meta.subject)
    secure = aimed.port != PLAIN and not aimed.said.plain and not aimed.said.renamed
    if reached and secure and not certified(view, reached, aimed.host):
        fate = (
            f"they come to {whose}, whose certificate does not hold that name, and get no"
            " configuration ('x509: certificate is valid for istiod…')"
        )
    else:
        fate = (
            f"they are configured by {whose}, and get nothing any more ('no healthy upstream') when"
            " that is removed"
        )
    return Hit(
        f"{named(aimed.said.meta.subject)} is of revision {quoted(owner)}, and sends its proxies to"
        f" {quoted(aimed.host)}: {fate}. Write '{_own(aimed, owner)}'.",
        aimed.address.where,
        aimed.said.meta.subject,
        tuple(see(w.meta.subject, w.meta.where) for w in reached[:1]),
        case="other",
        fix=assign(aimed.address, _own(aimed, owner)),
    )


def _tagged(aimed: Aim, owner: str, targets: set[str | None]) -> Hit:
    names = listed(tuple(sorted(target for target in targets if target)))
    return Hit(
        f"{named(aimed.said.meta.subject)} is of revision {quoted(owner)}, and sends its proxies to"
        f" {quoted(aimed.host)}, the Service of a tag that points to {names}: they are configured"
        f" by another istiod than the one that injects them. Write '{_own(aimed, owner)}'.",
        aimed.address.where,
        aimed.said.meta.subject,
        case="other",
        fix=assign(aimed.address, _own(aimed, owner)),
    )


def _nobody(plane: Plane, aimed: Aim, owner: str, asked: str) -> Hit:
    return Hit(
        f"{named(aimed.said.meta.subject)} is of revision {quoted(owner)}, and sends its proxies to"
        f" {quoted(aimed.host)}, of a revision {quoted(asked)} that is not here (known are"
        f" {listed(plane.names)}): no proxy gets a configuration, and pods do not become ready ('no"
        f" healthy upstream'). Write '{_own(aimed, owner)}'.",
        aimed.address.where,
        aimed.said.meta.subject,
        fix=assign(aimed.address, _own(aimed, owner)),
    )


def _unset(view: View, mesh: Discovery, owner: str) -> Iterator[Hit]:
    """Without an address, code sends proxies to the Service istiod of istio-system."""
    stock = service_host(STOCK)
    assert stock is not None
    there = found(view, mesh, stock)
    reached = behind(view, mesh, there)
    if reached is None or any(owner in revisions(w) for w in reached):
        return
    own = mesh.meta.subject
    yield Hit(
        f"{named(own)} has no discoveryAddress, and without one istiod of revision"
        f" {quoted(owner)} sends its proxies to '{STOCK}:{PORT}', which is not its own Service. Add"
        f" 'discoveryAddress: istiod-{owner}.{own.namespace or 'istio-system'}.svc:{PORT}' to"
        " 'defaultConfig'.",
        mesh.where,
        own,
        tuple(Related(named(s.meta.subject), s.meta.where) for s in there[:1]),
        case="other",
    )
