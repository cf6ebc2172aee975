"""Values of Istio's charts that end in a webhook's caBundle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Field, Hit, Related, Value, quoted
from meshlint.resources.certificate import private
from meshlint.resources.document import Document
from meshlint.rules.gitops.charts import istio_values
from meshlint.rules.mending import remove, whole
from meshlint.rules.registry import document_rule
from meshlint.rules.webhooks.patching import CERTIFICATE, decoded, empty
from meshlint.rules.words import named

INJECTION = ("istiodRemote", "injectionCABundle")
VALIDATION = ("base", "validationCABundle")


@document_rule
def helm_cabundle_value(document: Document) -> Iterator[Hit]:
    """The value is written into the webhook as it is: base64 of a PEM certificate."""
    for given in istio_values(document):
        for path in (INJECTION, VALIDATION):
            field = given.values.field(*path)
            fault = _fault(field.value) if field and not empty(field) else ""
            if field and fault:
                yield Hit(
                    f"{named(document.meta.subject)} sets {quoted('.'.join(path))}, which the chart"
                    f" writes into clientConfig.caBundle, to a text that {fault}. Write the base64"
                    " of the PEM root certificate in one line.",
                    field.value.where,
                    document.meta.subject,
                )


def _fault(value: Value) -> str:
    """Why a text is no caBundle; "" if it is one, or not known."""
    if value.known is None:
        return ""
    pem = decoded(value.text)
    if pem is None:
        return "is not base64, so the API server refuses the object"
    if private(pem):
        return "holds a private key, which everybody can now read"
    return "" if CERTIFICATE.search(pem) else "holds no certificate, so every call fails"


@document_rule
def helm_tags_without_cabundle(document: Document) -> Iterator[Hit]:
    """The template of tags leaves injectionCABundle out (revision-tags-mwc.yaml)."""
    for given in istio_values(document):
        bundle, tags = given.values.field(*INJECTION), given.tags()
        if bundle and not empty(bundle) and tags:
            yield _bare(document, bundle, tags[0])


def _bare(document: Document, bundle: Field, tag: Value) -> Hit:
    own = document.meta.subject
    return Hit(
        f"{named(own)} sets injectionCABundle, and the chart writes it into the webhooks of the"
        f" revision only: those of tag {quoted(tag.text)} have no caBundle unless an istiod of this"
        " cluster patches them, and without it calls fail with 'x509: certificate signed by unknown"
        " authority'. Patch the tag's configuration too.",
        tag.where,
        own,
        (Related("the bundle of the revision", bundle.value.where),),
    )


GONE = {
    ("sidecarInjectorWebhook", "useLegacySelectors"): 24,
    ("sidecarInjectorWebhook", "objectSelector", "enabled"): 24,
    ("sidecarInjectorWebhook", "objectSelector", "autoInject"): 24,
}
"""Values that decided on injection, and the minor version that no longer reads them (Istio 1.24
release notes, istio/istio#51987)."""

MINOR = re.compile(r"v?1\.(\d+)(?:[.-]|\Z)")


@document_rule
def helm_value_gone(document: Document) -> Iterator[Hit]:
    """A value that the chart's templates do not look at any more."""
    for given in istio_values(document):
        minor = minor_of(given.version)
        for path, since in GONE.items():
            field = given.values.field(*path)
            if field and (minor is None or minor >= since):
                yield _ignored(document, path, field, since, minor)


def minor_of(version: Field | None) -> int | None:
    """The minor version of Istio that a chart's version names; None for a range."""
    match = MINOR.match(version.value.text) if version and version.value.literal else None
    return int(match.group(1)) if match else None


def _ignored(
    document: Document, path: tuple[str, ...], field: Field, since: int, minor: int | None
) -> Hit:
    when = "and has no effect here" if minor else f"and has no effect from Istio 1.{since} on"
    return Hit(
        f"{named(document.meta.subject)} sets {quoted('.'.join(path))}, which Istio 1.{since}"
        f" removed, {when}: the webhooks select by the labels istio-injection, istio.io/rev and"
        " sidecar.istio.io/inject as in every stock install. Remove it, and label what is to be"
        " injected.",
        field.key.where,
        document.meta.subject,
        case=None if minor else "unsure",
        fix=remove(field) if minor and whole(field.key) else None,
    )
