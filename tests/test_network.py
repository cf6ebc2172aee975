"""NetworkPolicies: meshlint against an oracle that knows everything, and what it must not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import pytest
import yaml

from meshlint.facts import facts
from meshlint.mesh.reach import Connection, Pods, admits, isolates
from meshlint.mesh.selector import ABSENT, Labels
from meshlint.resources.network_policy import Direction, NetworkPolicy
from meshlint.rules.control_plane.policies import Around, blocking
from tests.lint import lint_text
from tests.manifests import injector, istiod
from tests.network_oracle import Machine, Yaml, allowed

NAME = "kubernetes.io/metadata.name"
SYSTEM = {NAME: "istio-system"}
ISTIOD = Machine("istio-system", {"app": "istiod", "istio.io/rev": "1-29"}, SYSTEM,
                 ports={"https-webhooks": 15017, "tls-xds": 15012})  # fmt: skip
API_SERVER = Machine("", address="172.16.0.2")
SCRAPER = Machine("monitoring", {"app": "prometheus"}, {NAME: "monitoring", "team": "ops"},
                  address="10.4.1.1")  # fmt: skip
CART = Machine("shop", {"app": "cart", "tier": "web"}, {NAME: "shop", "mesh": "on"},
               address="10.4.2.1")  # fmt: skip
GATEWAY = Machine("istio-system", {"app": "gateway"}, SYSTEM, address="10.4.3.1")
OTHERS = (API_SERVER, SCRAPER, CART, GATEWAY)
PORTS = (15012, 15017, 443)

IN = "podSelector: {matchLabels: {app: istiod}}, "
WEB = "ports: [{port: 15017}]"
SPECS = {
    "selects everything": "{podSelector: {}}",
    "selects everything by null maps": "{podSelector: {matchLabels: null, matchExpressions: []}}",
    "selects others": "{podSelector: {matchLabels: {app: gateway}}, policyTypes: [Ingress]}",
    "selects by revision": "{podSelector: {matchLabels: {istio.io/rev: 1-29}}}",
    "selects another revision": "{podSelector: {matchLabels: {istio.io/rev: 1-28}}}",
    "selects by In": "{podSelector: {matchExpressions: [{key: app, operator: In,"
    " values: [istiod, pilot]}]}}",
    "selects by NotIn": "{podSelector: {matchExpressions: [{key: app, operator: NotIn,"
    " values: [istiod]}]}}",
    "selects by NotIn of a missing key": "{podSelector: {matchExpressions: [{key: tier,"
    " operator: NotIn, values: [web]}]}}",
    "selects by Exists": "{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}",
    "selects by DoesNotExist": "{podSelector: {matchExpressions: [{key: app,"
    " operator: DoesNotExist}]}}",
    "selects by both": "{podSelector: {matchLabels: {app: istiod}, matchExpressions: [{key: tier,"
    " operator: Exists}]}}",
    "no types, no rules": f"{{{IN}}}",
    "no types, egress rules": f"{{{IN} egress: [{{}}]}}",
    "no types, empty egress": f"{{{IN} egress: []}}",
    "empty types": f"{{{IN} policyTypes: [], egress: [{{ports: [{{port: 53}}]}}]}}",
    "null types": f"{{{IN} policyTypes: null}}",
    "egress alone": f"{{{IN} policyTypes: [Egress]}}",
    "egress alone, with ingress rules": f"{{{IN} policyTypes: [Egress], ingress: [{{{WEB}}}]}}",
    "both types, ingress rules": f"{{{IN} policyTypes: [Ingress, Egress], ingress: [{{{WEB}}}]}}",
    "both types, egress rules": f"{{{IN} policyTypes: [Ingress, Egress], egress: [{{{WEB}}}]}}",
    "null ingress": f"{{{IN} ingress: null}}",
    "empty ingress": f"{{{IN} ingress: []}}",
    "one empty rule": f"{{{IN} ingress: [{{}}]}}",
    "one null rule": f"{{{IN} ingress: [null]}}",
    "empty from": f"{{{IN} ingress: [{{from: [], {WEB}}}]}}",
    "null from": f"{{{IN} ingress: [{{from: null, {WEB}}}]}}",
    "empty ports": f"{{{IN} ingress: [{{ports: []}}]}}",
    "null ports": f"{{{IN} ingress: [{{ports: null, from: [{{podSelector: {{}}}}]}}]}}",
    "one port": f"{{{IN} ingress: [{{{WEB}}}]}}",
    "one other port": f"{{{IN} ingress: [{{ports: [{{port: 443}}]}}]}}",
    "two ports": f"{{{IN} ingress: [{{ports: [{{port: 443}}, {{port: 15012, protocol: TCP}}]}}]}}",
    "the port of UDP": f"{{{IN} ingress: [{{ports: [{{port: 15017, protocol: UDP}}]}}]}}",
    "every port of TCP": f"{{{IN} ingress: [{{ports: [{{protocol: TCP}}]}}]}}",
    "every port of UDP": f"{{{IN} ingress: [{{ports: [{{protocol: UDP}}]}}]}}",
    "a range around": f"{{{IN} ingress: [{{ports: [{{port: 15000, endPort: 15100}}]}}]}}",
    "a range up to": f"{{{IN} ingress: [{{ports: [{{port: 15010, endPort: 15017}}]}}]}}",
    "a range short of": f"{{{IN} ingress: [{{ports: [{{port: 15010, endPort: 15016}}]}}]}}",
    "a range from": f"{{{IN} ingress: [{{ports: [{{port: 15017, endPort: 15018}}]}}]}}",
    "a named port": f"{{{IN} ingress: [{{ports: [{{port: https-webhooks}}]}}]}}",
    "another named port": f"{{{IN} ingress: [{{ports: [{{port: tls-xds}}]}}]}}",
    "a name that no container has": f"{{{IN} ingress: [{{ports: [{{port: webhooks}}]}}]}}",
    "from own pods": f"{{{IN} ingress: [{{from: [{{podSelector: {{}}}}]}}]}}",
    "from some own pods": f"{{{IN} ingress: [{{from: [{{podSelector:"
    " {matchLabels: {app: gateway}}}]}]}",
    "from all namespaces": f"{{{IN} ingress: [{{from: [{{namespaceSelector: {{}}}}]}}]}}",
    "from a namespace": f"{{{IN} ingress: [{{from: [{{namespaceSelector:"
    " {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}]}",
    "from namespaces but one": f"{{{IN} ingress: [{{from: [{{namespaceSelector: {{matchExpressions:"
    " [{key: mesh, operator: NotIn, values: ['on']}]}}]}]}",
    "from pods of a namespace": f"{{{IN} ingress: [{{from: [{{namespaceSelector:"
    " {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: prometheus}}}]}]}",
    "from other pods of a namespace": f"{{{IN} ingress: [{{from: [{{namespaceSelector:"
    " {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: grafana}}}]}]}",
    "from a namespace, or own pods": f"{{{IN} ingress: [{{from: [{{namespaceSelector:"
    " {matchLabels: {team: ops}}}, {podSelector: {matchLabels: {app: gateway}}}]}]}",
    "a null selector is none": f"{{{IN} ingress: [{{from: [{{namespaceSelector: {{}},"
    " podSelector: null}]}]}",
    "port and peer": f"{{{IN} ingress: [{{from: [{{namespaceSelector: {{}}}}], {WEB}}}]}}",
    "port of one rule, peer of another": f"{{{IN} ingress: [{{from: [{{podSelector: {{}}}}],"
    f" ports: [{{port: 443}}]}}, {{from: [{{namespaceSelector: {{matchLabels: {{team: ops}}}}}}],"
    f" {WEB}}}]}}",
    "all from pods, one from everybody": f"{{{IN} ingress: [{{from: [{{namespaceSelector: {{}}}}]}},"
    f" {{{WEB}}}]}}",
}
"""Policies of istiod's namespace, in flow style; nothing in them is unknown."""


def document(spec: str, name: str = "one", namespace: str = "istio-system") -> str:
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"
    )


def read(text: str) -> tuple[NetworkPolicy, ...]:
    found = facts("policies.yaml", text.encode()).resources
    return tuple(policy for policy in found if isinstance(policy, NetworkPolicy))


def pods(machine: Machine) -> Pods | None:
    """The machine as the rules see it; the API server is no pod."""
    if not machine.namespace:
        return None
    names = {name: frozenset({port}) for name, port in machine.ports.items()}
    return Pods(machine.namespace, Labels(machine.space), Labels(machine.labels), names)


def blocked(policies: Sequence[NetworkPolicy], way: str, own: Machine, other: Machine, port: int
            ) -> bool:  # fmt: skip
    inside = pods(own)
    assert inside is not None
    wanted = Connection(Direction(way), inside, pods(other), port)
    return bool(blocking(Around(tuple(policies), ()), wanted))


def questions() -> Iterator[tuple[str, Machine, Machine, int]]:
    """Who calls istiod at what, and whom istiod calls."""
    for other, port in product(OTHERS, PORTS):
        yield "Ingress", ISTIOD, other, port
    for other in (SCRAPER, CART, GATEWAY):
        yield "Egress", ISTIOD, other, 15017


@pytest.mark.parametrize("name", SPECS)
def test_one_policy_does_what_the_documentation_says(name: str) -> None:
    text = document(SPECS[name])
    plain = list(yaml.safe_load_all(text))
    for way, own, other, port in questions():
        expected = not allowed(plain, way, own, other, port)
        assert blocked(read(text), way, own, other, port) == expected, (way, other, port)


def test_policies_add_up() -> None:
    """Every two policies, all the same questions."""
    parsed = {name: read(document(spec)) for name, spec in SPECS.items()}
    plain: dict[str, list[Yaml]] = {
        name: [yaml.safe_load(document(spec))] for name, spec in SPECS.items()
    }
    answers = set()
    for one, two in combinations(SPECS, 2):
        for way, own, other, port in questions():
            expected = not allowed(plain[one] + plain[two], way, own, other, port)
            found = blocked(parsed[one] + parsed[two], way, own, other, port)
            assert found == expected, (one, two, way, other, port)
            answers.add((way, expected))
    assert len(answers) == 4


EGRESS = {
    "nothing": "{podSelector: {}, policyTypes: [Egress]}",
    "an empty section without types isolates nobody": "{podSelector: {}, egress: []}",
    "DNS": "{podSelector: {}, egress: [{ports: [{port: 53}, {port: 53, protocol: UDP}]}]}",
    "istiod": "{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels:"
    " {kubernetes.io/metadata.name: istio-system}}, podSelector: {matchLabels: {app: istiod}}}],"
    " ports: [{port: 15012}]}]}",
    "istiod, not as a pod of the own namespace": "{podSelector: {}, egress: [{to: [{podSelector:"
    " {matchLabels: {app: istiod}}}]}]}",
    "istiod by the port's name": "{podSelector: {}, egress: [{ports: [{port: tls-xds}]}]}",
    "the port's name, which own pods lack": "{podSelector: {}, egress: [{to: [{podSelector: {}}],"
    " ports: [{port: tls-xds}]}]}",
    "other pods": "{podSelector: {matchLabels: {app: pay}}, policyTypes: [Egress]}",
    "everything": "{podSelector: {}, egress: [{}]}",
}


@pytest.mark.parametrize("name", EGRESS)
def test_what_leaves_pods(name: str) -> None:
    text = document(EGRESS[name], namespace="shop")
    plain = list(yaml.safe_load_all(text))
    for other, port in product((ISTIOD, SCRAPER, GATEWAY), PORTS):
        expected = not allowed(plain, "Egress", CART, other, port)
        assert blocked(read(text), "Egress", CART, other, port) == expected, (other, port)


DENY = document("{podSelector: {}, policyTypes: [Ingress]}", "deny")

MAY_ADMIT = {
    "an ipBlock": f"{{{IN} ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8}}}}]}}]}}",
    "an ipBlock with exceptions": f"{{{IN} ingress: [{{from: [{{ipBlock: {{cidr: 0.0.0.0/0,"
    " except: [10.0.0.0/8]}}]}]}",
    "a placeholder for the port": f"{{{IN} ingress: [{{ports: [{{port: '${{PORT}}'}}]}}]}}",
    "a placeholder for the protocol": f"{{{IN} ingress: [{{ports: [{{protocol: '${{P}}'}}]}}]}}",
    "a placeholder for the end": f"{{{IN} ingress: [{{ports: [{{port: 1, endPort: '${{E}}'}}]}}]}}",
    "a port of digits in quotes": f"{{{IN} ingress: [{{ports: [{{port: '15017'}}]}}]}}",
    "a port as a fraction": f"{{{IN} ingress: [{{ports: [{{port: 15017.0}}]}}]}}",
    "a port with too many digits": f"{{{IN} ingress: [{{ports: [{{port: {'9' * 5000}}}]}}]}}",
    "a port of another base": f"{{{IN} ingress: [{{ports: [{{port: 0x3AA9}}]}}]}}",
    "a range without a start": f"{{{IN} ingress: [{{ports: [{{endPort: 15017}}]}}]}}",
    "a range of a name": f"{{{IN} ingress: [{{ports: [{{port: tls-xds, endPort: 15017}}]}}]}}",
    "an odd protocol": f"{{{IN} ingress: [{{ports: [{{port: 15017, protocol: tcp}}]}}]}}",
    "rules that are no list": f"{{{IN} ingress: {{from: []}}}}",
    "peers that are no list": f"{{{IN} ingress: [{{from: {{podSelector: {{}}}}}}]}}",
    "ports that are no list": f"{{{IN} ingress: [{{ports: 443}}]}}",
    "a rule that is a word": f"{{{IN} ingress: [all]}}",
    "a peer that is empty": f"{{{IN} ingress: [{{from: [{{}}]}}]}}",
    "a peer of two sorts": f"{{{IN} ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8}},"
    " podSelector: {}}]}]}",
    "peers that are no list, at another port": f"{{{IN} ingress: [{{from: {{}},"
    " ports: [{port: 443}]}]}",
    "types that are placeholders, with rules": f"{{{IN} policyTypes: ['${{TYPE}}'],"
    " ingress: [{}]}",
    "no selector, as in a patch": "{policyTypes: [Ingress]}",
    "no spec": "null",
    "the nodes' network on OpenShift": f"{{{IN} ingress: [{{from: [{{namespaceSelector:"
    " {matchLabels: {network.openshift.io/policy-group: host-network}}}]}]}",
}
"""What may admit the API server, as far as can be told."""

MAY_ISOLATE = {
    "types that are placeholders": f"{{{IN} policyTypes: ['${{TYPE}}']}}",
    "types that are no list": f"{{{IN} policyTypes: Ingress}}",
    "a placeholder in the selector": "{podSelector: {matchLabels: {app: '${APP}'}}}",
    "an operator that there is not": "{podSelector: {matchExpressions: [{key: app, operator: Is,"
    " values: [istiod]}]}}",
    "a selector that is a word": "{podSelector: istiod}",
}
"""What may be put on other pods, or on none."""


@pytest.mark.parametrize("name", MAY_ADMIT)
def test_what_may_admit_is_not_blocked(name: str) -> None:
    policies, deny = read(document(MAY_ADMIT[name])), read(DENY)
    assert len(policies) == 1
    assert blocked(deny, "Ingress", ISTIOD, API_SERVER, 15017)
    assert not blocked(policies + deny, "Ingress", ISTIOD, API_SERVER, 15017)


@pytest.mark.parametrize("name", MAY_ISOLATE)
def test_what_may_isolate_blocks_nothing(name: str) -> None:
    policies, deny = read(document(MAY_ISOLATE[name])), read(DENY)
    assert len(policies) == 1
    assert not blocked(policies, "Ingress", ISTIOD, API_SERVER, 15017)
    assert blocked(policies + deny, "Ingress", ISTIOD, API_SERVER, 15017)


def test_labels_that_are_not_known_decide_nothing() -> None:
    (policy,) = read(document(SPECS["from a namespace"]))
    own, other = pods(ISTIOD), Pods("", Labels(open=True), Labels(open=True))
    assert own is not None
    wanted = Connection(Direction.INGRESS, own, other, 15017)
    assert admits(policy, wanted) is None
    vague = Pods("istio-system", Labels(), Labels({}, frozenset({"app"})))
    assert isolates(policy, Direction.INGRESS, vague) is None
    assert isolates(policy, Direction.INGRESS, Pods("istio-system", Labels(), Labels())) is False
    assert Labels().state("app") is ABSENT


def test_names_of_ports_that_are_not_known_decide_nothing() -> None:
    (policy,) = read(document(SPECS["a name that no container has"]))
    own = Pods("istio-system", Labels(SYSTEM), Labels(ISTIOD.labels), None)
    assert admits(policy, Connection(Direction.INGRESS, own, None, 15017)) is None


FOREIGN = {
    "cilium.io/v2": "CiliumNetworkPolicy",
    "cilium.io/v2alpha1": "CiliumClusterwideNetworkPolicy",
    "crd.projectcalico.org/v1": "NetworkPolicy",
    "projectcalico.org/v3": "GlobalNetworkPolicy",
    "policy.networking.k8s.io/v1alpha1": "AdminNetworkPolicy",
    "crd.antrea.io/v1beta1": "ClusterNetworkPolicy",
}


def webhook_findings(*documents: str) -> list[str]:
    report = lint_text("---\n".join((istiod("1-29"), *documents)))
    return [finding.severity for finding in report.findings if finding.code == "MESH501"]


@pytest.mark.parametrize("version", FOREIGN)
def test_policies_of_other_kinds_may_admit(version: str) -> None:
    other = (
        f"apiVersion: {version}\nkind: {FOREIGN[version]}\nmetadata: {{name: more}}\nspec: {{}}\n"
    )
    assert read(other) == ()
    assert webhook_findings(DENY) == ["warning"]
    assert webhook_findings(DENY, other) == []


@pytest.mark.parametrize(
    ("selector", "severities"),
    [
        ("{}", ["note"]),
        ("{matchLabels: {kubernetes.io/metadata.name: kube-system}}", ["note"]),
        ("{matchLabels: {kubernetes.io/metadata.name: shop}}", ["warning"]),
        ("{matchLabels: {team: ops}}", ["note"]),
    ],
)
def test_an_agent_in_kube_system_may_be_the_api_server(
    selector: str, severities: list[str]
) -> None:
    rule = f"{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {selector}}}]}}]}}"
    assert webhook_findings(document(rule)) == severities


SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: istiod-1-29, namespace: istio-system}\nspec:\n"
    "  selector: {app: istiod, istio.io/rev: 1-29}\n  ports: [{port: 443, targetPort: 15012}]\n"
)


def test_a_wrong_target_is_said_once() -> None:
    """By the rule on the hook that calls it, and not again by the one on istiod's ports."""
    report = lint_text("---\n".join((istiod("1-29"), SERVICE, injector("1-29"))))
    assert [finding.code for finding in report.findings] == ["MESH309"]
