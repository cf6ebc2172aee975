"""discoveryAddress: a host that no Service has, or that istiod's certificate does not."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, quoted
from meshlint.mesh.inject import Verdict
from meshlint.resources.address import ISTIOD, PORT
from meshlint.resources.control_plane import DEFAULT, Origin
from meshlint.resources.discovery import Discovery
from meshlint.resources.service import Service
from meshlint.resources.workload import Workload
from meshlint.rules.mending import assign
from meshlint.rules.proxy.configured import meshes, pods
from meshlint.rules.proxy.discovery import PLAIN, found
from meshlint.rules.proxy.upstream import REMOTE, TAGGED, Aim, aim, behind, istiods
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import nearest
from meshlint.rules.webhooks.absent import there
from meshlint.rules.webhooks.names import certified, revisions
from meshlint.rules.words import named, see


@mesh_rule
def discovery_address_service_missing(view: View) -> Iterator[Hit]:
    """The Service of the host is nowhere, although its neighbours are there."""
    for mesh in meshes(view):
        aimed = aim(mesh) if not mesh.remote else None
        if aimed and not aimed.service.namespace:
            yield _bare(aimed)
        elif aimed and _own(mesh, aimed):
            yield from _missing(view, aimed)
    for one in pods(view):
        if one.holds is not None and (aimed := aim(one.holds)):
            yield from _missing(view, aimed, one.workload)


def _own(mesh: Discovery, aimed: Aim) -> bool:
    """Whether the host is no other revision's: of those another rule speaks."""
    asked = aimed.service.revision
    return asked in (None, "", mesh.owner) or mesh.owner is None


def _missing(view: View, aimed: Aim, workload: Workload | None = None) -> Iterator[Hit]:
    site, service = aimed.said.meta.at, aimed.service
    plane, space = view.mesh.plane(site), service.namespace
    known = space and plane.strong and not plane.managed
    if not known or there(view, site, space, service.name):
        return
    near = _near(view, aimed)
    if near and not _awaited(view, aimed):
        together = any(s.meta.at == site for s in near)
        yield _gone(aimed, near, plane.closed and together and workload is None)
    elif not near and (stray := _stray(view, aimed)):
        yield _astray(aimed, stray)


def _near(view: View, aimed: Aim) -> list[Service]:
    """The Services of istiod in the namespace that is named."""
    site = aimed.said.meta.at
    return [
        s
        for s in view.mesh.services_in(aimed.service.namespace)
        if s.meta.subject.name.split("-")[0] == "istiod" and not s.partial
        if view.mesh.together(site, s.meta.at) or s.meta.at == site
    ]


def _awaited(view: View, aimed: Aim) -> bool:
    """Whether the Service may come with an istiod that is installed from somewhere else."""
    plane, asked = view.mesh.plane(aimed.said.meta.at), aimed.service.revision
    if not plane.closed:
        return True
    if not asked or asked == REMOTE or asked.startswith(TAGGED):
        return asked == REMOTE
    deployed = (r.origin is Origin.DEPLOYMENT for r in plane.strong.get(asked, ()))
    return plane.possible(asked) and not any(deployed)


def _stray(view: View, aimed: Aim) -> Service | None:
    """A Service of that name in another namespace, where none of istiod's is in the named one."""
    site = aimed.said.meta.at
    others = (
        s
        for s in view.mesh.services
        if s.meta.subject.name == aimed.service.name and s.meta.subject.namespace and not s.partial
        if view.mesh.together(site, s.meta.at) and ISTIOD.match(aimed.service.name)
    )
    closed = view.mesh.plane(site).closed and bool(aimed.service.namespace)
    housed = any(_housed(w, aimed) for w in istiods(view, aimed.said))
    return next(others, None) if closed and not housed else None


def _housed(istiod: Workload, aimed: Aim) -> bool:
    return istiod.meta.subject.namespace in ("", aimed.service.namespace)


def _gone(aimed: Aim, near: list[Service], sure: bool) -> Hit:
    name, said = aimed.service.name, aimed.said.meta
    like = nearest(name, [s.meta.subject.name for s in near])
    best = next((s for s in near if s.meta.subject.name == like), near[0])
    other = f"{best.meta.subject.name}.{aimed.service.namespace}.svc:{PORT}"
    return Hit(
        f"{named(said.subject)} sends proxies to {quoted(aimed.host)}, and Service {quoted(name)}"
        f" is not here, while {quoted(best.meta.subject.name)} of the same namespace is: they get"
        f" no configuration ('no healthy upstream'). Write {quoted(other)}, or add the Service.",
        aimed.address.where,
        said.subject,
        (see(best.meta.subject, best.meta.where),),
        case=None if sure else "open",
    )


def _bare(aimed: Aim) -> Hit:
    own = aimed.said.meta.subject
    right = f"{aimed.service.name}.{own.namespace or 'istio-system'}.svc:{aimed.port}"
    return Hit(
        f"{named(own)} sends proxies to {quoted(aimed.host)}, a name without a namespace, which"
        " pods look for in their own: outside of istiod's they get no configuration ('no healthy"
        f" upstream'). Write {quoted(right)}.",
        aimed.address.where,
        own,
        case="open",
        fix=assign(aimed.address, right),
    )


def _astray(aimed: Aim, other: Service) -> Hit:
    there = other.meta.subject
    right = f"{there.name}.{there.namespace}.svc:{aimed.port}"
    return Hit(
        f"{named(aimed.said.meta.subject)} sends proxies to {quoted(aimed.host)}, and Service"
        f" {quoted(there.name)} is in namespace {quoted(there.namespace)}: they get no"
        f" configuration ('no healthy upstream'). Write {quoted(right)}.",
        aimed.address.where,
        aimed.said.meta.subject,
        (see(there, other.meta.where),),
        case="open",
        fix=assign(aimed.address, right),
    )


@mesh_rule
def discovery_address_uncertified(view: View) -> Iterator[Hit]:
    """istiod's certificate has NAME.NAMESPACE.svc of its own Services, and no other form of it."""
    for one in pods(view):
        held = one.holds
        aimed = aim(held) if held is not None else None
        if held is None or aimed is None or held.plain or held.renamed or aimed.port == PLAIN:
            continue
        if not view.mesh.plane(held.meta.at).managed and _unnamed(view, aimed):
            yield _mistrusted(view, one.workload, aimed)


def _unnamed(view: View, aimed: Aim) -> bool:
    """Whether the istiod that answers has no such name in its certificate, as far as is seen."""
    if any(other and other.host == aimed.host for other in map(aim, meshes(view))):
        return False
    services = found(view, aimed.said, aimed.service)
    reached = behind(view, aimed.said, services)
    if reached is None:
        return False
    if services:
        return bool(reached) and not certified(view, reached, aimed.host)
    asked = aimed.service.revision
    own = [w for w in istiods(view, aimed.said) if (asked or DEFAULT) in revisions(w)]
    usual = aimed.service.certain and not (asked or "").startswith(TAGGED)
    return asked is not None and not usual and not (own and certified(view, own, aimed.host))


def _mistrusted(view: View, workload: Workload, aimed: Aim) -> Hit:
    own = workload.meta.subject
    sure = view.decide(workload).verdict is Verdict.INJECTED
    better, advice = _better(view, aimed)
    return Hit(
        f"{'The' if sure else 'Where they are injected, the'} proxies of {named(own)} ask"
        f" {quoted(aimed.host)} for their configuration, a name that istiod's certificate does not"
        " hold unless its mesh configuration or ISTIOD_CUSTOM_HOST has it: the connection fails"
        f" with 'x509: certificate is valid for istiod…'. {advice}",
        aimed.address.where,
        own,
        fix=assign(aimed.address, better) if better else None,
    )


def _better(view: View, aimed: Aim) -> tuple[str | None, str]:
    """A name that the certificate has, best of a Service that is there, and words for it."""
    service, reached = (
        aimed.service,
        behind(view, aimed.said, found(view, aimed.said, aimed.service)),
    )
    names = ["istiod", *(f"istiod-{r}" for w in reached or () for r in sorted(revisions(w)))]
    space, asked = service.namespace or "istio-system", service.revision
    here = [n for n in names if reached and there(view, aimed.said.meta.at, space, n)]
    if not here and (asked is None or asked.startswith(TAGGED)):
        any_of_them = f"istiod-REVISION.{space}.svc:{aimed.port}"
        return None, f"Name the Service of a revision, '{any_of_them}'."
    right = f"{here[-1] if here else service.name}.{space}.svc:{aimed.port}"
    return right, f"Write '{right}'."
