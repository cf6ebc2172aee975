"""Roles, bindings and ServiceAccounts for tests, made from a line each.

What istiod is allowed by Istio's charts: manifests/charts/istio-control/istio-discovery/templates/
clusterrole.yaml and role.yaml of istio/istio, without what no rule asks for.
"""

from __future__ import annotations

from tests.chart import configuration, istiod, named

WIDE = (
    "admissionregistration.k8s.io mutatingwebhookconfigurations get,list,watch,update,patch",
    "admissionregistration.k8s.io validatingwebhookconfigurations get,list,watch,update",
    "networking.istio.io,security.istio.io,telemetry.istio.io,extensions.istio.io * get,list,watch",
    "apiextensions.k8s.io customresourcedefinitions get,list,watch",
    "- pods,nodes,services,namespaces,endpoints get,list,watch",
    "discovery.k8s.io endpointslices get,list,watch",
    "- configmaps create,get,list,watch,update",
    "authentication.k8s.io tokenreviews create",
    "authorization.k8s.io subjectaccessreviews create",
    "- secrets get,list,watch",
)
"""API groups (`-` is the core one), resources and verbs of istiod's ClusterRole."""

OWN = (
    "networking.istio.io gateways create",
    "- secrets create,get,watch,list,update,delete",
    "coordination.k8s.io leases get,update,patch,create",
)
"""Those of its Role."""

RBAC = "apiVersion: rbac.authorization.k8s.io/v1\n"
SYSTEM = "istio-system"


def role(name: str, *rules: str, ns: str = "", more: str = "") -> str:
    """A Role where it has a namespace, else a ClusterRole; `more` is put behind its rules."""
    kind, where = ("Role", f"  namespace: {ns}\n") if ns else ("ClusterRole", "")
    listed = "rules:\n" + "".join(map(rule, rules)) if rules else "rules: []\n"
    return f"{RBAC}kind: {kind}\nmetadata:\n  name: {name}\n{where}{listed}{more}"


def rule(line: str) -> str:
    """`GROUPS RESOURCES VERBS [NAMES]`, each a list with commas."""
    keys = ("apiGroups", "resources", "verbs", "resourceNames")
    pairs = zip(keys, line.split(), strict=False)
    texts = [f"{key}: [{', '.join(map(_quoted, words.split(',')))}]" for key, words in pairs]
    return "".join(f"{'  - ' if i == 0 else '    '}{text}\n" for i, text in enumerate(texts))


def _quoted(word: str) -> str:
    return '""' if word == "-" else f'"{word}"'


def binding(name: str, *subjects: str, to: str = "", ns: str = "", kind: str = "") -> str:
    """A binding to the role of its own name, or another, of its own kind, or another.

    Subjects are `NAMESPACE/NAME` for ServiceAccounts, `User:NAME` and `Group:NAME`.
    """
    scope = "Role" if ns else "ClusterRole"
    where = f"  namespace: {ns}\n" if ns else ""
    return (
        f"{RBAC}kind: {scope}Binding\nmetadata:\n  name: {name}\n{where}roleRef:\n"
        f"  apiGroup: rbac.authorization.k8s.io\n  kind: {kind or scope}\n  name: {to or name}\n"
        "subjects:\n"
    ) + "".join(map(_subject, subjects))


def _subject(text: str) -> str:
    kind, _, name = text.partition(":")
    if name:
        return f'  - kind: {kind}\n    name: "{name}"\n'
    space, _, name = text.rpartition("/")
    where = f"    namespace: {space}\n" if space else ""
    return f"  - kind: ServiceAccount\n    name: {name}\n{where}"


def account(name: str = "istiod", ns: str = SYSTEM) -> str:
    where = f"  namespace: {ns}\n" if ns else ""
    return f"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n{where}"


def permitted(
    revision: str = "",
    *,
    version: str = "1.28.2",
    wide: tuple[str, ...] = WIDE,
    own: tuple[str, ...] | None = OWN,
    hooks: bool = True,
) -> list[str]:
    """The documents of an istiod with all that it needs, the Deployment first.

    `hooks` is False where its webhooks stand elsewhere, so that other control planes may exist.
    """
    name, title = named("istiod", revision), f"{named('istiod-clusterrole', revision)}-{SYSTEM}"
    found = [istiod(revision, version), account(name)]
    found += [role(title, *wide), binding(title, f"{SYSTEM}/{name}")]
    if own is not None:
        found += [role(name, *own, ns=SYSTEM), binding(name, f"{SYSTEM}/{name}", ns=SYSTEM)]
    return [*found, configuration(revision)] if hooks else found
