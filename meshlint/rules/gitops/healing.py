"""Argo CD's self-heal and Flux's correction of drift, against what istiod writes."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Hit
from meshlint.resources.carrier import Release
from meshlint.resources.document import Document
from meshlint.resources.sync import OWNED, RESPECT
from meshlint.rules.gitops.argo import ignored, spec_of
from meshlint.rules.gitops.charts import istio_releases
from meshlint.rules.gitops.values import minor_of
from meshlint.rules.registry import document_rule
from meshlint.rules.words import named
from meshlint.source.node import Node

DEFAULT_CHART = "default"
"""The chart of the default revision, whose validator says Ignore whatever the values are."""

KEPT = 28
"""Since Istio 1.28 the charts leave failurePolicy out of upgrades, for who tells an upgrade from an
installation: Helm does, and `helm template` does not (istio/istio#58302)."""


@document_rule
def argo_heals_validator(document: Document) -> Iterator[Hit]:
    """Whoever undoes drift sets failurePolicy back to Ignore as often as istiod sets it to Fail."""
    if document.kind == "HelmRelease":
        yield from _drift(document)
        return
    spec = spec_of(document)
    heal = spec.field("syncPolicy", "automated", "selfHeal") if spec else None
    if spec is None or heal is None or heal.value.text != "true":
        return
    for release in istio_releases(document):
        if release.complete and not _told(release) and not _left_alone(spec):
            yield _fight(document, heal)
            return


def _told(release: Release) -> bool:
    """Whether the values keep Ignore out (validatingwebhookconfiguration.yaml of both charts)."""
    keys = ("validationFailurePolicy", "validationCABundle", "validationURL")
    off = release.field("global", "configValidation")
    return any(release.field("base", key) for key in keys) or (
        off is not None and off.value.text == "false"
    )


def _left_alone(spec: Node) -> bool:
    """Whether the field is ignored; that the ignoring is respected, another rule looks after."""
    listed = spec.get("ignoreDifferences")
    found = (ignored(item) for item in (listed.items() if listed else ()))
    return any(part == "failurePolicy" for _, part in filter(None, found))


def _fight(document: Document, heal: Field) -> Hit:
    own = document.meta.subject
    return Hit(
        f"{named(own)} heals itself, and the chart renders 'failurePolicy: Ignore' into Istio's"
        " validating webhook, which istiod sets to Fail: the two undo each other without end. Set"
        " the chart's value 'base.validationFailurePolicy: Fail', or ignore the field with"
        f" '{RESPECT}'.",
        heal.value.where,
        own,
    )


def _drift(document: Document) -> Iterator[Hit]:
    """A HelmRelease that corrects drift (fluxcd/helm-controller internal/action/diff.go).

    What post-renderers do to the webhooks is not looked at.
    """
    mode = document.root.field("spec", "driftDetection", "mode")
    rendered = document.root.get("spec", "postRenderers") is not None
    if mode is None or mode.value.text != "enabled" or rendered or _passed_over(document.root):
        return
    for release in istio_releases(document):
        if release.complete and not (_told(release) and release.chart != DEFAULT_CHART):
            yield _corrected(document, release, mode)
            return


def _passed_over(root: Node) -> bool:
    """Whether an ignore rule is for the field, or for what holds it."""
    listed = root.get("spec", "driftDetection", "ignore")
    paths = [v.text for item in (listed.items() if listed else ()) for v in item.scalars("paths")]
    return any(path in ("", "/webhooks") or OWNED[1] in path for path in paths)


def _corrected(document: Document, release: Release, mode: Field) -> Hit:
    own, minor = document.meta.subject, minor_of(release.version)
    lasting = release.chart == DEFAULT_CHART or (minor is not None and minor < KEPT)
    end = "without end" if lasting else "until the release is upgraded for the first time"
    valued = release.chart != DEFAULT_CHART
    repair = (
        "Set the chart's value 'base.validationFailurePolicy: Fail', or let" if valued else "Let"
    )
    return Hit(
        f"{named(own)} corrects drift, and the chart renders 'failurePolicy: Ignore' into Istio's"
        f" validating webhook, which istiod sets to Fail: the two undo each other {end}. {repair}"
        " driftDetection ignore '/webhooks/0/failurePolicy' of ValidatingWebhookConfigurations.",
        mode.value.where,
        own,
        case=None if lasting else "first",
    )
