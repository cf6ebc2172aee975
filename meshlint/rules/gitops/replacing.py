"""Syncs and upgrades that replace webhook configurations, and with them istiod's caBundle."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Value
from meshlint.resources.document import Document
from meshlint.resources.webhook import configuration
from meshlint.rules.gitops.argo import options, spec_of
from meshlint.rules.gitops.charts import istio_releases
from meshlint.rules.mending import remove, rewrite
from meshlint.rules.registry import document_rule
from meshlint.rules.words import named

REPLACING = frozenset({"Replace=true", "Force=true"})
"""Argo CD: kubectl replace, and kubectl apply or replace with --force."""

SERVER_SIDE = "serverSideApply"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"


@document_rule
def gitops_replaces_webhooks(document: Document) -> Iterator[Hit]:
    """A replaced configuration has no caBundle until istiod has written it again."""
    for value, how in _argo(document):
        yield _replaced(document, value, f"{how} makes {{}} replace", "sync", None, None)
    for field, how in _annotated(document):
        fix = _merging(field)
        yield _replaced(document, field.value, f"{how} makes {{}} replace", "sync", None, fix)
    for field, case in _flux(document):
        how = "spec.upgrade.force makes {}"
        if case:
            how += ", where Helm applies client-side,"
        yield _replaced(document, field.value, f"{how} replace", "upgrade", case, remove(field))


def _merging(field: Field) -> Fix:
    """The annotation without the options by which an object is replaced."""
    words = [word.strip() for word in field.value.text.split(",")]
    kept = [word for word in words if word not in REPLACING]
    return rewrite(field, value=",".join(kept)) if kept else remove(field)


def _replaced(
    document: Document, where: Value, how: str, when: str, case: str | None, fix: Fix | None
) -> Hit:
    own = document.meta.subject
    return Hit(
        f"{how.format(named(own))} Istio's webhook configurations instead of merging: the caBundle"
        f" that istiod has written is gone after each {when}, and until istiod has repaired it no"
        " pod of an injected namespace can be created. Apply them without it.",
        where.where,
        own,
        case=case,
        fix=fix,
    )


def _argo(document: Document) -> Iterator[tuple[Value, str]]:
    """The sync options of an Application that installs one of Istio's charts."""
    spec = spec_of(document)
    if spec is not None and istio_releases(document):
        yield from ((value, value.text) for value in options(spec) if value.text in REPLACING)


def _annotated(document: Document) -> Iterator[tuple[Field, str]]:
    """The same options as an annotation of one configuration."""
    field = document.meta.annotations.get(SYNC_OPTIONS)
    if field and document.kind.endswith("WebhookConfiguration"):
        words = {word.strip() for word in field.value.text.split(",")} & REPLACING
        if words and any(True for _ in configuration(document)):
            yield field, min(words)


def _flux(document: Document) -> Iterator[tuple[Field, str | None]]:
    """Helm's --force, which updates by replacing, and does nothing with server-side apply.

    How a release is applied it keeps from its first installation, unless it is told otherwise
    (fluxcd/helm-controller internal/action/upgrade.go).
    """
    if document.kind == "HelmRelease" and istio_releases(document):
        force, mode = (document.root.field("spec", "upgrade", k) for k in ("force", SERVER_SIDE))
        asked = mode.value.text if mode else "auto"
        if force and force.value.text == "true" and asked != "enabled":
            yield force, None if asked == "disabled" else "unsure"
