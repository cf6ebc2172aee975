"""NetworkPolicies that stand between the API server and istiod's webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from meshlint.finding import Hit, Related, printable
from meshlint.mesh.home import home_at
from meshlint.mesh.reach import Connection, Pods
from meshlint.mesh.selector import Labels
from meshlint.resources.network_policy import Direction, NetworkPolicy, Rule
from meshlint.resources.site import Site
from meshlint.resources.workload import Workload
from meshlint.rules.control_plane.istiods import (
    HTTPS,
    Istiod,
    free,
    istiods,
    pods_of,
    reached,
)
from meshlint.rules.control_plane.policies import Cause, Lack, Policies, blocking, cause
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

SHOWN = 5
SYSTEM = "kube-system"
HANGS = "calls hang until 'context deadline exceeded'"


@mesh_rule
def network_policy_blocks_webhook(view: View) -> Iterator[Hit]:
    """NetworkPolicies isolate istiod's pods, and none admits the port of its webhooks."""
    policies = Policies(view)
    for istiod in istiods(view):
        if free(view, istiod) or policies.overruled(istiod.site):
            continue
        own, ports = pods_of(view, istiod), reached(view, istiod, HTTPS)
        wanted = [Connection(Direction.INGRESS, own, None, port) for port in sorted(ports)]
        around = policies.around(istiod.workload)
        found = [blocking(around, one) for one in wanted]
        if found and all(found):
            agent = replace(wanted[0], other=_agent(view, istiod.site))
            yield _uncalled(istiod, found[0], wanted[0], sure=bool(blocking(around, agent)))


def _agent(view: View, site: Site) -> Pods:
    """The pods through which some clusters' API servers reach webhooks, as GKE's konnectivity."""
    there = (n for n in view.mesh.namespaces if n.meta.subject.name == SYSTEM)
    here = [n for n in there if view.mesh.together(site, n.meta.at)]
    return Pods(SYSTEM, home_at(SYSTEM, site, here).labels, Labels(open=True))


def _uncalled(
    istiod: Istiod, policies: Sequence[NetworkPolicy], wanted: Connection, *, sure: bool
) -> Hit:
    why, port = cause(policies, wanted), wanted.port
    pods = f"the pods of {named(istiod.workload.meta.subject)}"
    if why.lack is Lack.PORT:
        text = (
            f"No NetworkPolicy admits the API server at port {port}, where {pods} serve webhooks;"
            f" this rule admits {_ports(why.rule)}{_mistaken(why.rule)}: {HANGS}. Add port {port}."
        )
    elif why.lack is Lack.BOTH:
        text = (
            f"{named(why.policy.meta.subject)} isolates {pods}, and no NetworkPolicy admits port"
            f" {port}, where the API server calls their webhooks: {HANGS}. Add a rule that admits"
            f" port {port}, without 'from'."
        )
    else:
        text = _from_pods(pods, port, sure)
    related = _beside(istiod.workload, policies, why)
    return Hit(text, why.where, why.policy.meta.subject, related, case=None if sure else "pods")


def _from_pods(pods: str, port: int, sure: bool) -> str:
    head = f"NetworkPolicies admit port {port}, where {pods} serve webhooks, from pods only"
    tail = f"Admit port {port} in a rule without 'from'."
    if sure:
        return f"{head}, and the API server is no pod: {HANGS}. {tail}"
    return (
        f"{head}: unless the API server calls through an agent that is one of them, as on GKE,"
        f" {HANGS}. {tail}"
    )


def _ports(rule: Rule | None) -> str:
    """`port 443`, `ports 15010 and 15012-15014`, as they are written."""
    found = []
    for port in rule.ports if rule else ():
        number, end = port.number, port.end
        text = f"{number.value.text}-{end.value.text}" if number and end else ""
        text = text or (number.value.text if number else "all")
        protocol = port.protocol.value.text if port.protocol else "TCP"
        found.append(printable(text if protocol == "TCP" else f"{text}/{protocol}")[:30])
    first, last = ", ".join(found[:-1]), found[-1] if found else ""
    return f"ports {first} and {last}" if first else f"port {last}"


def _mistaken(rule: Rule | None) -> str:
    """443 is what webhooks call, and no port of istiod's pods."""
    numbers = {port.number.value.text for port in (rule.ports if rule else ()) if port.number}
    return " (443 is a port of the Service, and policies see those of pods)" * (HTTPS in numbers)


def _beside(
    workload: Workload, policies: Iterable[NetworkPolicy], why: Cause
) -> tuple[Related, ...]:
    """The pods that are isolated, and the other policies that isolate them."""
    others = [p for p in policies if p is not why.policy][:SHOWN]
    return (
        see(workload.meta.subject, workload.meta.where),
        *(see(p.meta.subject, p.meta.where) for p in others),
    )
