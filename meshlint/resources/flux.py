"""Flux, and the Helm controller of k3s: what is applied from which folder, which Namespace is made.

The fields are those of fluxcd/kustomize-controller and fluxcd/helm-controller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from meshlint.resources.applier import (
    Applier,
    Made,
    given,
    kustomized,
    made_namespace,
    settled,
    switched_on,
)
from meshlint.resources.document import Document
from meshlint.resources.layer import Labelling
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import reads

KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
HELM = "helm.toolkit.fluxcd.io"
K3S = "helm.cattle.io"


@reads("Kustomization")
def kustomization(document: Document) -> Iterator[Made]:
    """A folder with its own kustomization, or with one that Flux makes of all YAML below it.

    One without a source is a fragment, such as a Kustomize patch.
    """
    spec = document.root.get("spec")
    whole = document.group == KUSTOMIZE and document.partial is None
    if whole and given(spec, "sourceRef", "name"):
        yield from settled(_applier(document))


def _applier(document: Document) -> Iterator[Applier]:
    spec = document.root.get("spec")
    folder = given(spec, "path")
    if spec is None or folder is None:
        return
    pairs = spec.fields("commonMetadata", "labels")
    yield Applier(
        subject=document.meta.subject,
        where=document.meta.where,
        folder=folder,
        recursive=True,
        cluster=_cluster(document),
        layer=replace(
            kustomized(spec, "targetNamespace"),
            labels=(Labelling(pairs, templates=False),) if pairs else (),
            annotations=spec.fields("commonMetadata", "annotations"),
        ),
    )


def _cluster(document: Document) -> str:
    """The cluster of a kubeConfig, told by what holds it: a Secret or ConfigMap beside it."""
    config = document.root.get("spec", "kubeConfig")
    if config is None or not config.is_map:
        return ""
    name = given(config, "secretRef", "name") or given(config, "configMapRef", "name")
    own = document.meta.subject.namespace
    return "flux:" + "/".join(part for part in (own, name.text if name else "") if part)


@reads("HelmRelease", hints=("createnamespace",))
def helm_release(document: Document) -> Iterator[Namespace]:
    """The target namespace, if it is to be created (internal/action/install.go, newInstall)."""
    name = given(document.root, "spec", "targetNamespace")
    creates = switched_on(document.root.field("spec", "install", "createNamespace"))
    if document.group == HELM and creates and name is not None and name.known is not None:
        yield made_namespace(name, _cluster(document), document.partial)


@reads("HelmChart", hints=("createnamespace",))
def helm_chart(document: Document) -> Iterator[Namespace]:
    """The same for the HelmChart of k3s and RKE2 (k3s-io/helm-controller)."""
    name = given(document.root, "spec", "targetNamespace")
    creates = switched_on(document.root.field("spec", "createNamespace"))
    if document.group == K3S and creates and name is not None and name.known is not None:
        yield made_namespace(name, "", document.partial)
