"""Argo CD: what an Application applies, where, and which Namespace it makes.

The fields are those of argoproj/argo-cd pkg/apis/application/v1alpha1/types.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from meshlint.finding import Value
from meshlint.resources.applicationset import Series, generated
from meshlint.resources.applier import (
    IN_CLUSTER,
    Applier,
    Made,
    given,
    kustomized,
    made_namespace,
    settled,
    switched_on,
)
from meshlint.resources.document import Document
from meshlint.resources.kustomization import counted
from meshlint.resources.layer import Labelling, Layer
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

GROUP = "argoproj.io"

CREATES = "CreateNamespace=true"
"""The sync option without which managedNamespaceMetadata is not looked at (controller/sync.go)."""

RENDERED = ("helm", "plugin")
"""Settings of a source that is rendered: none of its files reaches the cluster as it is."""


@reads("Application", hints=("destination",))
def application(document: Document) -> Iterator[Made]:
    """What an Application does. One with placeholders around it may not be there at all."""
    if document.group == GROUP:
        for made in settled(_made(document, document.root.get("spec"), document.partial)):
            if document.partial is None or not isinstance(made, Applier):
                yield made


@reads("ApplicationSet", hints=("destination",))
def application_set(document: Document) -> Iterator[Made | Series]:
    """What the Applications of a set do, as far as its generators tell.

    A templatePatch may change any field of the template: then nothing is certain.
    """
    spec = document.root.get("spec")
    unsure = document.partial is Unread.PATCH or document.root.page.directed
    unsure = unsure or given(spec, "templatePatch") is not None
    if document.group == GROUP and spec is not None and not unsure:
        yield from generated(spec, tuple(_made(document, spec.get("template", "spec"), None)))


def _made(document: Document, spec: Node | None, partial: Unread | None) -> Iterator[Made]:
    """What the `spec` of an Application says, placeholders and all; a fragment says nothing."""
    cluster = _cluster(spec)
    if spec is None or cluster is None:
        return
    namespace = given(spec, "destination", "namespace")
    for source in _sources(spec):
        folder = given(source, "path")
        if folder is not None and source.get("repoURL") is not None and not _rendered(source):
            yield _applier(document, source, folder, cluster, namespace)
    if namespace and CREATES in (v.known for v in spec.scalars("syncPolicy", "syncOptions")):
        managed = spec.get("syncPolicy", "managedNamespaceMetadata")
        labels = managed.fields("labels") if managed else {}
        annotations = managed.fields("annotations") if managed else {}
        yield made_namespace(namespace, cluster, partial, labels, annotations)


def _cluster(spec: Node | None) -> str | None:
    """The destination by name or server, "" for Argo's own; None unless exactly one is given."""
    named = [given(spec, "destination", key) for key in ("name", "server")]
    found = [value.text for value in named if value]
    if len(found) != 1:
        return None
    return "" if found[0] in IN_CLUSTER else found[0]


def _sources(spec: Node) -> list[Node]:
    """As ApplicationSpec.GetSources; of a hydrated Application, the source it is made from."""
    dry = spec.get("sourceHydrator", "drySource")
    several, single = spec.get("sources"), spec.get("source")
    if dry is not None:
        return [dry]
    listed = several.items() if several else []
    return listed or ([single] if single else [])


def _rendered(source: Node) -> bool:
    if given(source, "chart") is not None:
        return True
    return any(node.is_map for key in RENDERED if (node := source.get(key)) is not None)


def _applier(
    document: Document, source: Node, folder: Value, cluster: str, namespace: Value | None
) -> Applier:
    include, exclude = (given(source, "directory", key) for key in ("include", "exclude"))
    return Applier(
        subject=document.meta.subject,
        where=document.meta.where,
        folder=folder,
        recursive=switched_on(source.field("directory", "recurse")),
        cluster=cluster,
        layer=replace(_layer(source.get("kustomize")), fallback=namespace),
        include=include.text if include else "",
        exclude=exclude.text if exclude else "",
    )


def _layer(kustomize: Node | None) -> Layer:
    """What `kustomize edit` is told (util/kustomize/kustomize.go)."""
    if kustomize is None:
        return Layer()
    return replace(
        kustomized(kustomize, "namespace"),
        labels=tuple(_labels(kustomize)),
        annotations=kustomize.fields("commonAnnotations"),
        late=tuple(counted(kustomize.get("replicas"))),
    )


def _labels(kustomize: Node) -> Iterator[Labelling]:
    """Labels go to selectors and templates too, unless they are told not to."""
    pairs = kustomize.fields("commonLabels")
    plain = switched_on(kustomize.field("labelWithoutSelector"))
    if pairs:
        templates = not plain or switched_on(kustomize.field("labelIncludeTemplates"))
        yield Labelling(pairs, templates, selectors=not plain)
