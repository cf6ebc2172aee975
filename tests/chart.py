"""What Istio's charts render, as far as it decides injection, and objects to decide on.

Sources in istio/istio: manifests/charts/istio-control/istio-discovery/templates/deployment.yaml,
mutatingwebhook.yaml, revision-tags-mwc.yaml and istiod-injector-configmap.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import indent

from meshlint.facts import facts
from meshlint.mesh.inject import Decision, decide
from meshlint.mesh.model import Mesh
from meshlint.resources.workload import Workload
from meshlint.units.place import place

INJ, REV, SI = "istio-injection", "istio.io/rev", "sidecar.istio.io/inject"
SUFFIX = "sidecar-injector.istio.io"
SYSTEM = ("kube-system", "kube-public", "kube-node-lease", "local-path-storage")
CONFIG = "policy: enabled\nalwaysInjectSelector:\n  []\nneverInjectSelector:\n  []\n"
TEMPLATES = (
    "sidecar gateway grpc-simple grpc-agent waypoint kube-gateway agentgateway"
    " agentgateway-waypoint".split()
)


def control_plane(
    revision: str = "",
    *,
    tags: tuple[str, ...] = (),
    auto: bool = False,
    version: str = "1.29.1",
    config: str | None = CONFIG,
    off: bool = False,
) -> str:
    """Everything of one revision that has a say in injection; `off` deactivates its own hooks.

    `config` is the injector's configuration, to which the stock templates are added; None leaves
    its ConfigMap out.
    """
    parts = [istiod(revision, version), configuration(revision, auto=auto, off=off)]
    parts += [configuration(revision, tag=tag, auto=auto) for tag in tags]
    parts += [settings(revision, config)] if config is not None else []
    return together(*parts)


def together(*documents: str) -> str:
    return "---\n".join(documents)


def named(stem: str, revision: str) -> str:
    """`istiod-1-29` or `istiod`: nothing is added for the revision that was installed as ""."""
    return f"{stem}-{revision}" if revision else stem


def istiod(revision: str = "", version: str = "1.29.1", image: str = "") -> str:
    """The Deployment."""
    asked, name = revision or "default", named("istiod", revision)
    selector = {"app": "istiod", REV: revision} if revision else {"istio": "pilot"}
    labels = {"app": "istiod", REV: asked, SI: "false", "istio": "istiod" if revision else "pilot"}
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: istio-system
  labels:
{_pairs({"app": "istiod", REV: asked, "istio": "pilot"}, 4)}
spec:
  selector:
    matchLabels:
{_pairs(selector, 6)}
  template:
    metadata:
      labels:
{_pairs(labels, 8)}
      annotations:
        {SI}: "false"
    spec:
      serviceAccountName: {name}
      containers:
      - name: discovery
        image: {json.dumps(image or f"registry.istio.io/release/pilot:{version}")}
        args: [discovery, "--monitoringAddr=:15014"]
        env:
        - name: REVISION
          value: {json.dumps(asked)}
"""


def configuration(
    revision: str = "", *, tag: str = "", auto: bool = False, off: bool = False, name: str = ""
) -> str:
    """The MutatingWebhookConfiguration of a revision, or of one of its tags.

    `off` is what istioctl makes of the one that a default tag replaces.
    """
    asked = tag or revision or "default"
    title = f"istio-revision-tag-{tag}" if tag else named("istio-sidecar-injector", revision)
    labels = {REV: revision or "default", "app": "sidecar-injector"}
    if tag:
        labels["istio.io/tag"] = tag
    hooks = dict(_hooks(asked, default=asked == "default", auto=auto))
    return (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n"
        f"metadata:\n  name: {name or title}\n  labels:\n{_pairs(labels, 4)}\nwebhooks:\n"
    ) + "".join(
        _hook(prefix, revision, *((NEVER, NEVER) if off else sides))
        for prefix, sides in hooks.items()
    )


NEVER = "matchLabels:\n  istio.io/deactivated: never-match\n"


def _hooks(asked: str, *, default: bool, auto: bool) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each hook with its selectors, of namespaces and of pods."""
    free = (f"{INJ} DoesNotExist", f"{REV} DoesNotExist")
    unless = f"{SI} NotIn false"
    yield "rev.namespace.", (asks(f"{REV} In {asked}", free[0]), asks(unless))
    yield "rev.object.", (asks(*reversed(free)), asks(unless, f"{REV} In {asked}"))
    if default:
        yield "namespace.", (asks(f"{INJ} In enabled"), asks(unless))
        yield "object.", (asks(*free), asks(f"{SI} In true", free[1]))
    if default and auto:
        others = f"kubernetes.io/metadata.name NotIn {' '.join(SYSTEM)}"
        yield "auto.", (asks(*free, others), asks(f"{SI} DoesNotExist", free[1]))


def asks(*clauses: str) -> str:
    """A label selector from lines such as `key NotIn a b`."""
    lines = ["matchExpressions:"]
    for clause in clauses:
        key, operator, *values = clause.split()
        lines += [f"- key: {key}", f"  operator: {operator}"]
        lines += ["  values:", *(f'  - "{value}"' for value in values)] if values else []
    return "".join(f"{line}\n" for line in lines)


def _hook(prefix: str, revision: str, space: str, pod: str) -> str:
    return f"""- name: {prefix}{SUFFIX}
  clientConfig:
    service:
      name: {named("istiod", revision)}
      namespace: "istio-system"
      path: "/inject"
      port: 443
  sideEffects: None
  rules:
  - operations: [ "CREATE" ]
    apiGroups: [""]
    apiVersions: ["v1"]
    resources: ["pods"]
  failurePolicy: Fail
  reinvocationPolicy: "Never"
  admissionReviewVersions: ["v1"]
  namespaceSelector:
{indent(space, "    ")}  objectSelector:
{indent(pod, "    ")}"""


def settings(revision: str = "", config: str = CONFIG, *, values: str = "{}") -> str:
    """The injector's ConfigMap; the stock templates stand behind `config`, without their text."""
    templates = "" if "templates" in config else f"templates:\n{_templates()}"
    return f"""apiVersion: v1
kind: ConfigMap
metadata:
  name: {named("istio-sidecar-injector", revision)}
  namespace: istio-system
  labels:
    {REV}: {json.dumps(revision or "default")}
data:
  values: |-
{indent(values, "    ")}
  config: |-
{indent(config + templates, "    ")}"""


def _templates() -> str:
    return "".join(f"  {name}: |\n    metadata: {{}}\n" for name in TEMPLATES)


def namespace(name: str = "shop", labels: Mapping[str, str] | None = None) -> str:
    return (
        f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n"
        f"{_pairs({'team': 'a', **(labels or {})}, 4)}\n"
    )


def deployment(
    labels: Mapping[str, str] | None = None,
    *,
    name: str = "cart",
    ns: str = "shop",
    notes: Mapping[str, str] | None = None,
    spec: str = "",
) -> str:
    """A Deployment; `notes` are the annotations of its pods, `spec` more of their specification."""
    where = f"  namespace: {ns}\n" if ns else ""
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
{where}spec:
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
{_pairs({"app": name, **(labels or {})}, 8)}
      annotations:
{_pairs({"a": "b", **(notes or {})}, 8)}
    spec:
{indent(spec, "      ")}      containers:
      - name: {name}
        image: example/{name}:1
"""


def _pairs(pairs: Mapping[str, str], depth: int) -> str:
    return "\n".join(f"{' ' * depth}{key}: {json.dumps(value)}" for key, value in pairs.items())


def mesh_of(*documents: str) -> Mesh:
    return Mesh(place(facts("all.yaml", together(*documents).encode()).resources))


def workload_of(mesh: Mesh, name: str = "cart") -> Workload:
    (found,) = (w for w in mesh.workloads if w.meta.subject.name == name)
    return found


def decision(*documents: str, name: str = "cart") -> Decision:
    """What becomes of the pods of one workload."""
    mesh = mesh_of(*documents)
    return decide(mesh, workload_of(mesh, name))
