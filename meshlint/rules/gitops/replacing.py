"""Syncs and upgrades that replace webhook configurations, and with them istiod's caBundle."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit, Value
from meshlint.resources.document import Document
from meshlint.resources.webhook import configuration
from meshlint.rules.gitops.argo import options, spec_of
from meshlint.rules.gitops.charts import istio_releases
from meshlint.rules.registry import document_rule
from meshlint.rules.words import named

REPLACING = frozenset({"Replace=true", "Force=true"})
"""Argo CD: kubectl replace, and kubectl apply or replace with --force."""

SYNC_OPTIONS = "argocd.argoproj.io/sync-options"


@document_rule
def gitops_replaces_webhooks(document: Document) -> Iterator[Hit]:
    """A replaced configuration has no caBundle until istiod has written it again."""
    for where, how in (*_argo(document), *_annotated(document), *_flux(document)):
        own = document.meta.subject
        yield Hit(
            f"{how} makes {named(own)} replace Istio's webhook configurations instead of merging:"
            " the caBundle that istiod has written is gone after each sync, and until istiod has"
            " repaired it no pod of an injected namespace can be created. Apply them without it.",
            where.where,
            own,
        )


def _argo(document: Document) -> Iterator[tuple[Value, str]]:
    """The sync options of an Application that installs one of Istio's charts."""
    spec = spec_of(document)
    if spec is not None and istio_releases(document):
        yield from ((value, value.text) for value in options(spec) if value.text in REPLACING)


def _annotated(document: Document) -> Iterator[tuple[Value, str]]:
    """The same options as an annotation of one configuration."""
    field = document.meta.annotations.get(SYNC_OPTIONS)
    if field and document.kind.endswith("WebhookConfiguration"):
        words = {word.strip() for word in field.value.text.split(",")} & REPLACING
        if words and any(True for _ in configuration(document)):
            yield field.value, min(words)


def _flux(document: Document) -> Iterator[tuple[Value, str]]:
    """Helm's --force, which updates by replacing (helm-controller, spec.upgrade.force)."""
    if document.kind == "HelmRelease" and istio_releases(document):
        field: Field | None = document.root.field("spec", "upgrade", "force")
        if field and field.value.text == "true":
            yield field.value, "spec.upgrade.force"
