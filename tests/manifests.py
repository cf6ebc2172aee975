"""Manifests for tests, made from a few words."""

from __future__ import annotations


def namespace(name: str, *, rev: str | None = None, injection: str | None = None) -> str:
    """A Namespace with injection labels."""
    labels = {"istio.io/rev": rev, "istio-injection": injection}
    lines = "".join(f'    {key}: "{value}"\n' for key, value in labels.items() if value is not None)
    return (
        f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n    a: b\n{lines}"
    )


def workload(
    *,
    ns: str = "shop",
    rev: str | None = None,
    inject: str | None = None,
    note: str | None = None,
    host: bool = False,
) -> str:
    """The Deployment `cart`; `inject` and `note` (the annotation) are written as they are."""
    where = f"  namespace: {ns}\n" if ns else ""
    revision = f'        istio.io/rev: "{rev}"\n' if rev else ""
    label = f"        sidecar.istio.io/inject: {inject}\n" if inject else ""
    annotation = f"      annotations: {{sidecar.istio.io/inject: {note}}}\n" if note else ""
    network = "      hostNetwork: true\n" if host else ""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\n{where}spec:\n"
        "  selector: {matchLabels: {app: cart}}\n  template:\n    metadata:\n      labels:\n"
        f"        app: cart\n{revision}{label}{annotation}    spec:\n{network}"
        "      containers: [{name: cart, image: cart:1}]\n"
    )


def istiod(revision: str, *, image: str = "istio/pilot:1.29.1") -> str:
    """An istiod Deployment, as much of it as tells its revision."""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: istiod-{revision}\n"
        "  namespace: istio-system\nspec:\n  template:\n    metadata:\n      labels:\n"
        f'        app: istiod\n        istio.io/rev: "{revision}"\n    spec:\n      containers:\n'
        f"      - name: discovery\n        image: {image}\n"
    )


def injector(revision: str, *, tag: str | None = None, name: str | None = None) -> str:
    """The MutatingWebhookConfiguration of a revision, or of a tag that points to it."""
    asked = tag or revision
    title = name or (f"istio-revision-tag-{tag}" if tag else f"istio-sidecar-injector-{revision}")
    label = f"    istio.io/tag: {tag}\n" if tag else ""
    return (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n"
        f'metadata:\n  name: {title}\n  labels:\n    istio.io/rev: "{revision}"\n{label}webhooks:\n'
        + _hook("rev.namespace.", revision, f"istio.io/rev In {asked}|istio-injection DoesNotExist",
                "sidecar.istio.io/inject NotIn false")
        + _hook("rev.object.", revision, "istio.io/rev DoesNotExist|istio-injection DoesNotExist",
                f"sidecar.istio.io/inject NotIn false|istio.io/rev In {asked}")
    )  # fmt: skip


def _hook(prefix: str, revision: str, space: str, pod: str) -> str:
    return (
        f"- name: {prefix}sidecar-injector.istio.io\n  clientConfig:\n    service:\n"
        f"      name: istiod-{revision}\n      namespace: istio-system\n      path: /inject\n"
        f"  sideEffects: None\n  namespaceSelector:\n{_expressions(space)}"
        f"  objectSelector:\n{_expressions(pod)}"
    )


def _expressions(text: str) -> str:
    lines = ["    matchExpressions:"]
    for part in text.split("|"):
        key, operator, *values = part.split()
        lines.append(f"    - key: {key}\n      operator: {operator}")
        lines += [f'      values: ["{value}"]' for value in values]
    return "\n".join(lines) + "\n"
