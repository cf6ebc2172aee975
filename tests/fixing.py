"""Manifests with one fault each, for tests of fixes."""

from __future__ import annotations


def namespace(labels: str, name: str = "shop", annotations: str = "{}") -> str:
    """A Namespace; labels and annotations are written as they are."""
    return (
        f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n"
        f"  labels: {labels}\n  annotations: {annotations}\n"
    )


def deployment(
    labels: str = "{}",
    annotations: str = "{}",
    *,
    own: str = "{}",
    selector: str = "{app: cart}",
    spec: str = "containers: [{name: cart, image: cart:1}]",
) -> str:
    """A Deployment in `shop`: `labels` and `annotations` of its pods, `own` labels of itself."""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\n  namespace: shop\n"
        f"  labels: {own}\nspec:\n  selector: {{matchLabels: {selector}}}\n  template:\n"
        f"    metadata:\n      labels: {labels}\n      annotations: {annotations}\n"
        f"    spec: {{{spec}}}\n"
    )


def hook(bundle: str) -> str:
    """A hook of the default revision with a caBundle, written as it is."""
    return (
        "- name: rev.namespace.sidecar-injector.istio.io\n  sideEffects: None\n"
        "  admissionReviewVersions: [v1]\n  clientConfig:\n"
        "    service: {name: istiod, namespace: istio-system, path: /inject}\n"
        f"    caBundle: {bundle}\n"
        "  rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]\n"
        "  namespaceSelector: {matchLabels: {istio.io/rev: default}}\n"
    )


def webhook(*hooks: str, labels: str = "{istio.io/rev: default}") -> str:
    """An injector's configuration."""
    return (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n"
        f"metadata:\n  name: istio-sidecar-injector\n  labels: {labels}\nwebhooks:\n{''.join(hooks)}"
    )
