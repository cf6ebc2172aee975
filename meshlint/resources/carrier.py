"""Helm values inside other documents: what HelmRelease, Application, HelmChart install.

A carrier may hold the values as YAML, as text, or as single parameters, and may leave some to
files that are not read here; then what it does not say is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field
from meshlint.resources.control_plane import DEFAULT, Elsewhere, Origin, Revision, Tag, named
from meshlint.resources.document import Document
from meshlint.resources.injector import Settings, charted
from meshlint.resources.reader import reads
from meshlint.resources.values import Values
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse

ISTIOD_CHARTS = frozenset({"istiod", "istio-discovery"})


@dataclass(frozen=True, slots=True)
class Release:
    """A chart with the values given for it; not `complete` where further values are elsewhere.

    `version` is the chart's, as it is asked for: it may be a range.
    """

    chart: str
    values: tuple[Node, ...]
    parameters: dict[str, Field]
    complete: bool
    version: Field | None = None

    @property
    def given(self) -> Values:
        """The values as one."""
        return Values(self.values, self.parameters, self.complete)

    def field(self, *keys: str) -> Field | None:
        """A value by its path; parameters win, then later values, as Helm merges them."""
        return self.given.field(*keys)


@reads("HelmRelease", "Application", "ApplicationSet", "HelmChart", hints=("istio",))
@reads("Kustomization")
def installed(document: Document) -> Iterator[Revision | Tag | Elsewhere | Settings]:
    """Revision, tags and injector of each istiod chart that the document installs."""
    for release in releases(document):
        if release.chart in ISTIOD_CHARTS:
            yield from _istiod(release, document)


def _istiod(
    release: Release, document: Document
) -> Iterator[Revision | Tag | Elsewhere | Settings]:
    own, field = document.meta, release.field("revision")
    if field is None and not release.complete:
        yield charted(release.given, None, own.where, Origin.HELM)
        yield Elsewhere(own.where, "its Helm values stand in other files")
        return
    revision = named(field, own.where, Origin.HELM, own.subject, document.partial)
    yield revision
    if not (revision.explicit and revision.name.known == DEFAULT):  # whose ConfigMap nobody reads
        yield charted(release.given, revision.name, own.where, Origin.HELM)
    for values in release.values:
        for tag in values.scalars("revisionTags"):
            yield Tag(tag, revision.name, Origin.HELM, own.subject, document.partial)
    if not release.complete:
        yield Elsewhere(own.where, "its Helm values stand in other files")


def releases(document: Document) -> Iterator[Release]:
    root, kind, group = document.root, document.kind, document.group
    if kind == "HelmRelease" and group == "helm.toolkit.fluxcd.io":
        yield _flux(root)
    elif kind == "HelmChart" and group == "helm.cattle.io":
        yield _k3s(root)
    elif kind == "Application" and group == "argoproj.io":
        yield from _argo(root.get("spec"))
    elif kind == "ApplicationSet" and group == "argoproj.io":
        yield from _argo(root.get("spec", "template", "spec"))
    elif kind == "Kustomization" and group == "kustomize.config.k8s.io":
        charts = root.get("helmCharts")
        yield from (_kustomize(item) for item in (charts.items() if charts else ()))


def _flux(root: Node) -> Release:
    chart = root.field("spec", "chart", "spec", "chart")
    complete = not root.scalars("spec", "valuesFrom")
    version = root.field("spec", "chart", "spec", "version")
    return Release(_base(chart), _some(root.get("spec", "values")), {}, complete, version)


def _k3s(root: Node) -> Release:
    chart = root.field("spec", "chart")
    parameters = dict(root.fields("spec", "set"))
    values = _text(root.get("spec", "valuesContent"))
    version = root.field("spec", "version")
    return Release(_base(chart), values or (), parameters, values is not None, version)


def _kustomize(item: Node) -> Release:
    complete = item.get("valuesFile") is None and not item.scalars("additionalValuesFiles")
    chart, version = _base(item.field("name")), item.field("version")
    return Release(chart, _some(item.get("valuesInline")), {}, complete, version)


def _argo(spec: Node | None) -> Iterator[Release]:
    sources = spec.get("sources") if spec else None
    source = spec.get("source") if spec else None
    for node in (*_some(source), *(sources.items() if sources else ())):
        text = _text(node.get("helm", "values"))
        values = (*(text or ()), *_some(node.get("helm", "valuesObject")))
        listed = node.get("helm", "parameters")
        pairs = [(p.field("name"), p.field("value")) for p in listed.items()] if listed else []
        parameters = {name.value.text: value for name, value in pairs if name and value}
        complete = text is not None and not node.scalars("helm", "valueFiles")
        chart = _base(node.field("chart") or node.field("path"))
        version = node.field("targetRevision") if node.field("chart") else None
        yield Release(chart, values, parameters, complete, version)


def _base(chart: Field | None) -> str:
    """`istiod` of `istio/istiod`, and of a path to the chart."""
    return chart.value.text.rstrip("/").rpartition("/")[2] if chart else ""


def _some(node: Node | None) -> tuple[Node, ...]:
    return (node,) if node is not None and node.is_map else ()


def _text(node: Node | None) -> tuple[Node, ...] | None:
    """Values given as a block of text, which is YAML by itself; None where it cannot be read."""
    if node is None or not node.value().text.strip():
        return ()
    if node.block is None or "{{" in node.block:
        return None
    try:
        return _some(parse(node.page.path, node.inner))
    except Unparsable:
        return None
