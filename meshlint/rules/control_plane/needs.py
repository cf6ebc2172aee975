"""What an istiod has to be allowed, and what is lost without.

Sources in istio/istio: manifests/charts/istio-control/istio-discovery/templates/clusterrole.yaml
and role.yaml, and the code that asks: informers list and watch, and nothing else but what is
written here. `get` is in no row: istiod looks things up in what it has listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from meshlint.resources.istiod_account import IstiodAccount
from meshlint.rules.control_plane.granting import Thing

READS = ("list", "watch")
STREAMS = 29
"""From Istio 1.29 on a list may be had by a watch (client-go 0.35, WatchListClient)."""


@dataclass(frozen=True, slots=True)
class Need:
    """Verbs that every istiod of some versions needs on some things; `update|patch` is either.

    `untold` is True for what stands for other rows where the version is not known. `own` is True
    where its own namespace is enough, `named` where the objects have one name.
    `keeps` are variables of its environment, each with a test of the values that leave the need;
    `hooks` is True or False for what only serves mutating or validating webhooks.
    """

    things: tuple[Thing, ...]
    verbs: tuple[str, ...]
    effect: str
    case: str = "feature"
    since: int = 0
    until: int = 0
    untold: bool = False
    own: bool = False
    named: bool = False
    hooks: bool | None = None
    keeps: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)

    def asked(self, account: IstiodAccount, minor: int | None) -> bool:
        """Whether an istiod of that account and minor version surely has it."""
        return self._fits(minor) and self._kept(account)

    def _fits(self, minor: int | None) -> bool:
        if minor is None:
            return self.since == 0
        return self.since <= minor <= (self.until or minor) and not self.untold

    def _kept(self, account: IstiodAccount) -> bool:
        if account.open and self.keeps:
            return False
        found = ((test, account.environment.get(name)) for name, test in self.keeps.items())
        values = ((test, entry.value) for test, entry in found if entry)
        return all(value.literal and test(value.text) for test, value in values)


def _things(group: str, names: str) -> tuple[Thing, ...]:
    return tuple(Thing(group, name) for name in names.split())


def _true(text: str) -> bool:
    return text.lower() in ("true", "t", "1")


def _false(text: str) -> bool:
    return text.lower() in ("", "false", "f", "0")


def _unset(text: str) -> bool:
    return text == ""


def _istiods(text: str) -> bool:
    return text in ("", "istiod")


WAITS = (
    "istiod never becomes ready, as it waits for the first list, and webhook calls fail with"
    " 'no endpoints available'"
)
CRDS = (
    "istiod never becomes ready where the definition of these resources is installed, as it waits"
    " for the first list of each"
)
UNSIGNED = (
    "it never fills in their caBundle, and {} with 'x509: certificate signed by unknown authority'"
)
PODS = UNSIGNED.format("calls of the injector fail")
APPLIES = UNSIGNED.format("each apply of Istio's resources fails")
SIGNS = {"ENABLE_CA_SERVER": _true, "PILOT_CERT_PROVIDER": _istiods}
INJECTS = {"INJECTION_WEBHOOK_CONFIG_NAME": bool}
VALIDATES = {"VALIDATION_WEBHOOK_CONFIG_NAME": bool}
CHECKS = {"PILOT_ENABLE_XDS_IDENTITY_CHECK": _true}
ALL = {"PILOT_IGNORE_RESOURCES": _unset}
MUTATING = _things("admissionregistration.k8s.io", "mutatingwebhookconfigurations")
VALIDATING = _things("admissionregistration.k8s.io", "validatingwebhookconfigurations")
DEFINITIONS = _things("apiextensions.k8s.io", "customresourcedefinitions")
NETWORKING = "gateways virtualservices destinationrules serviceentries sidecars envoyfilters"
SECURITY = "authorizationpolicies peerauthentications requestauthentications"

NEEDS = (
    Need(_things("", "pods services nodes namespaces"), READS, WAITS, "stops"),
    Need(_things("discovery.k8s.io", "endpointslices"), READS, WAITS, "stops", since=19),
    # before 1.18 some versions list them once and watch nothing (pilot/pkg/config/kube/crdclient)
    Need(DEFINITIONS, ("list",), WAITS, "stops", until=17),
    Need(DEFINITIONS, READS, WAITS, "stops", since=18),
    Need(_things("", "secrets"), READS, WAITS, "stops", since=18, keeps=CHECKS),
    Need(_things("networking.istio.io", NETWORKING), READS, CRDS, "open", keeps=ALL),
    Need(_things("security.istio.io", SECURITY), READS, CRDS, "open", keeps=ALL),
    Need(_things("telemetry.istio.io", "telemetries"), READS, CRDS, "open", 11, keeps=ALL),
    Need(_things("extensions.istio.io", "wasmplugins"), READS, CRDS, "open", 12, keeps=ALL),
    # before 1.9 it patched (pkg/webhooks/webhookpatch.go)
    Need(MUTATING, (*READS, "patch"), PODS, since=1, until=8, hooks=True, keeps=INJECTS),
    Need(MUTATING, (*READS, "update"), PODS, since=9, hooks=True, keeps=INJECTS),
    Need(MUTATING, (*READS, "update|patch"), PODS, untold=True, hooks=True, keeps=INJECTS),
    Need(VALIDATING, (*READS, "update"), APPLIES, hooks=False, keeps=VALIDATES),
    Need(
        _things("", "configmaps"),
        (*READS, "create", "update"),
        "it cannot write istio-ca-root-cert into every namespace, and pods with a proxy wait with"
        " 'configmap \"istio-ca-root-cert\" not found'",
        named=True,
        keeps={**SIGNS, "ENABLE_CLUSTER_TRUST_BUNDLE_API": _false},
    ),
    Need(
        _things("authentication.k8s.io", "tokenreviews"),
        ("create",),
        "it cannot tell who calls, so that no proxy gets a certificate or configuration",
        keeps={"JWT_RULE": _unset, "XDS_AUTH": _true},
    ),
    Need(
        _things("authorization.k8s.io", "subjectaccessreviews"),
        ("create",),
        "gateways get no certificates from Secrets (credentialName)",
        since=8,
        keeps=CHECKS,
    ),
)

STRICT = Need(
    _things("networking.istio.io", "gateways"),
    ("create",),
    "it cannot try its validating webhook out (a dry run), leaves its failurePolicy at Ignore, and"
    " broken resources of Istio's are let in while it is away",
    own=True,
    hooks=False,
    keeps=VALIDATES,
)
"""Where the webhook has failurePolicy Ignore (pkg/webhooks/validation/controller)."""

ROOT = Need(
    _things("", "secrets"),
    ("create",),
    "it does not start as long as no Secret istio-ca-secret or cacerts is there, for it cannot keep"
    " a root of its own",
    "minor",
    own=True,
    keeps=SIGNS,
)
LEASES = Need(
    _things("coordination.k8s.io", "leases"),
    ("get", "create", "update"),
    "no istiod becomes the one that makes Deployments for Gateways of the Gateway API",
    "minor",
    since=18,
    own=True,
    keeps={
        "ENABLE_LEADER_ELECTION": _true,
        "PILOT_ENABLE_GATEWAY_API": _true,
        "PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER": _true,
    },
)
"""Where there are such Gateways."""

ELSEWHERE = frozenset({"kubeconfig", "configDir", "registries", "appNamespace", "a"})
"""Flags of an istiod that reads another cluster, files, or less than all namespaces."""

REMOTE = ("EXTERNAL_ISTIOD", "LOCAL_CLUSTER_SECRET_WATCHER")
KUBECONFIGS = ("", "/var/run/secrets/remote/config")
"""What the charts set, where no file is by default."""


def foreign(account: IstiodAccount) -> bool:
    """Whether an istiod may do without permissions in its own cluster."""
    return bool(account.flags & ELSEWHERE) or any(_remote(account))


def _remote(account: IstiodAccount) -> Iterator[bool]:
    for name in REMOTE:
        entry = account.environment.get(name)
        yield entry is not None and not (entry.value.literal and _false(entry.value.text))
    config = account.environment.get("KUBECONFIG")
    yield config is not None and config.value.text not in KUBECONFIGS
