"""MESH3xx: webhook configurations that the API server cannot call, or that nobody will patch."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from meshlint.finding import Field, Hit, Location, Related, Type, quoted
from meshlint.mesh.agreement import Dispute, disputes
from meshlint.mesh.plane import Plane
from meshlint.resources.document import Meta
from meshlint.resources.keys import HOOK_SUFFIX, REVISION
from meshlint.resources.service import Service
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import meant
from meshlint.rules.words import named, see

FILLERS = (
    "cert-manager.io/inject-ca-from",
    "cert-manager.io/inject-ca-from-secret",
    "cert-manager.io/inject-apiserver-ca",
    "service.beta.openshift.io/inject-cabundle",
)
"""Annotations by which somebody else than istiod fills the caBundle."""

OWNED_BY = "istio.io/owned-by"
NEEDS_LABEL = 11
"""Since Istio 1.11 istiod finds its webhooks by the label istio.io/rev."""


def _whole(view: View) -> Iterator[tuple[Configuration, Plane]]:
    for configuration in view.mesh.configurations:
        if configuration.partial is None and configuration.live_hooks:
            yield configuration, view.mesh.plane(configuration.meta.where.path)


def _filled_elsewhere(configuration: Configuration) -> bool:
    """Whether another controller, or Google, takes care of the caBundle."""
    own = configuration.meta
    if any(key in own.annotations for key in FILLERS) or OWNED_BY in own.labels:
        return True
    return any(hook.client.url is not None for hook in configuration.live_hooks)


def _empty(field: Field | None) -> bool:
    return field is None or field.value.type is Type.NULL or field.value.text == ""


@mesh_rule
def webhook_cabundle_value(view: View) -> Iterator[Hit]:
    """A caBundle in Git that is empty, no base64, or no certificate."""
    for configuration, _ in _whole(view):
        if _filled_elsewhere(configuration):
            continue
        for hook in configuration.live_hooks:
            field = hook.client.ca_bundle
            fault = _fault(field.value.text, field.value.type) if field else None
            if field is None or fault is None or not field.value.literal:
                continue
            words, case = fault
            if case == "garbage" and not _patched(configuration, hook):
                case = None
            yield Hit(words, field.value.where, configuration.meta.subject, case=case)


def _fault(text: str, kind: Type) -> tuple[str, str | None] | None:
    """What is wrong with a caBundle, and how bad: None for an error."""
    if kind is Type.NULL or text == "":
        return (
            "This empty caBundle is what an apply writes over the one that istiod has patched in:"
            " until istiod repairs it, calls fail with 'x509: certificate signed by unknown"
            " authority'. Leave the key out.",
            "empty",
        )
    try:
        pem = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return (
            f"caBundle {quoted(text, 30)} is not base64, so the API server refuses the whole object."
            " Leave the key out and let istiod fill it.",
            None,
        )
    if not re.search(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----", pem):
        return (
            f"caBundle {quoted(text, 30)} is valid base64 and holds no certificate: every call fails"
            " with 'unable to parse bytes as PEM block' until somebody replaces it. Leave the key"
            " out and let istiod fill it.",
            "garbage",
        )
    return None


def _patched(configuration: Configuration, hook: Hook) -> bool:
    """Whether an istiod of the configuration's revision would repair the caBundle."""
    named_so = not configuration.mutating or hook.full_name.endswith(HOOK_SUFFIX)
    return configuration.revision is not None and named_so


@mesh_rule
def webhook_revision_label_missing(view: View) -> Iterator[Hit]:
    """Without the label istio.io/rev no istiod patches the configuration's caBundle."""
    for configuration, plane in _whole(view):
        own = configuration.meta
        if REVISION in own.labels or _filled_elsewhere(configuration):
            continue
        if any(meant(key) == REVISION for key in own.labels):
            continue
        bare = any(_empty(hook.client.ca_bundle) for hook in configuration.live_hooks)
        yield Hit(
            f"{named(own.subject)} has no label 'istio.io/rev', by which istiod (1.11 and later)"
            f" finds what to patch: nobody {'fills in' if bare else 'renews'} its caBundle, and calls"
            " fail with 'x509: certificate signed by unknown authority'. Add"
            f" 'istio.io/rev: {_guess(configuration)}' to its labels.",
            _misplaced(own) or own.where,
            own.subject,
            case=_age(plane, bare),
        )


def _misplaced(own: Meta) -> Location | None:
    field = own.annotations.get(REVISION)
    return field.key.where if field else None


def _guess(configuration: Configuration) -> str:
    for hook in configuration.live_hooks:
        field = hook.client.service_name
        if field and field.value.text.startswith("istiod-"):
            return field.value.text.removeprefix("istiod-")
    return "default"


def _age(plane: Plane, bare: bool) -> str | None:
    """An error only where an istiod is in sight that needs the label."""
    minors = [r.version[1] for rs in plane.revisions.values() for r in rs if r.version]
    if minors and max(minors) < NEEDS_LABEL:
        return "old"
    return None if bare and minors else "unsure"


@mesh_rule
def webhook_revision_inconsistent(view: View) -> Iterator[Hit]:
    """Label, selectors and Service of one configuration must speak of one revision."""
    for configuration, _ in _whole(view):
        for dispute in disputes(configuration):
            yield _disagreement(configuration, dispute)


def _disagreement(configuration: Configuration, dispute: Dispute) -> Hit:
    odd, right = dispute.odd, dispute.others[0]
    return Hit(
        f"In {named(configuration.meta.subject)} the {odd.place} says {quoted(odd.says)}, while the"
        f" {right.place} says {quoted(right.says)}: the webhook is patched by one control plane and"
        " calls or selects for another. Make them equal.",
        odd.where,
        configuration.meta.subject,
        (Related(f"the {right.place}", right.where),),
    )


@mesh_rule
def webhook_hook_name_unpatchable(view: View) -> Iterator[Hit]:
    """istiod patches injection hooks by the end of their names."""
    for configuration, _ in _whole(view):
        if not configuration.mutating or _filled_elsewhere(configuration):
            continue
        for hook in configuration.live_hooks:
            if not hook.full_name.endswith(HOOK_SUFFIX) and _empty(hook.client.ca_bundle):
                yield Hit(
                    f"istiod patches only hooks whose names end in '{HOOK_SUFFIX}', so the"
                    f" caBundle of {quoted(hook.full_name)} stays empty and every call fails with"
                    " 'x509: certificate signed by unknown authority'. Rename the hook.",
                    hook.where,
                    configuration.meta.subject,
                )


@mesh_rule
def webhook_url_invalid(view: View) -> Iterator[Hit]:
    """A hook calls either a Service or an https URL without query, fragment or user."""
    for configuration, _ in _whole(view):
        for hook in configuration.live_hooks:
            fault = _client_fault(hook)
            if fault:
                words, where = fault
                yield Hit(words, where, configuration.meta.subject)


def _client_fault(hook: Hook) -> tuple[str, Location] | None:
    url, service = hook.client.url, hook.client.service
    given = url is not None and url.value.type is not Type.NULL and url.value.text != ""
    if url and not url.value.literal:
        return None
    if given and service and url:
        return "A hook calls a 'url' or a 'service', not both: the object is refused.", url.key.where
    if not given and not service:
        where = url.key.where if url else hook.where
        return (
            f"{quoted(hook.full_name)} names neither a 'url' nor a 'service', so the API server has"
            " nothing to call and refuses the object. Give it one of them.",
            where,
        )
    fault = _url_fault(url.value.text) if given and url else ""
    return (fault, url.value.where) if fault and url else None


def _url_fault(url: str) -> str:
    """The API server's own rules (apiserver pkg/util/webhook/validation.go); "" where it is fine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{quoted(url)} is not a URL, so the API server refuses the object."
    wrong = (
        ("it must begin with 'https://'", parts.scheme != "https"),
        ("it has no host", not parts.hostname),
        ("it must not hold a user", bool(parts.username or parts.password)),
        ("it must not have a query", bool(parts.query)),
        ("it must not have a fragment", bool(parts.fragment)),
    )
    faults = [words for words, bad in wrong if bad]
    return f"The API server refuses {quoted(url)}: {faults[0]}." if faults else ""


@mesh_rule
def webhook_service_missing(view: View) -> Iterator[Hit]:
    """The Service that a hook calls is not there, although its neighbours are."""
    for configuration, plane in _whole(view):
        for hook in configuration.live_hooks:
            field = hook.client.service_name
            near = _neighbours(view, configuration, hook)
            if field is None or field.value.known is None or not near:
                continue
            names = {service.meta.subject.name for service in near}
            if field.value.text not in names and not field.value.text.startswith("istiod-"):
                yield _absent(configuration, field, near[0], plane.closed)


def _absent(configuration: Configuration, field: Field, near: Service, closed: bool) -> Hit:
    return Hit(
        f"Service {quoted(field.value.text)} is not here, while"
        f" {quoted(near.meta.subject.name)} of the same namespace is: calls fail with 'service"
        " not found'. Write the name of istiod's Service.",
        field.value.where,
        configuration.meta.subject,
        (
            see(near.meta.subject, near.meta.where),
            see(configuration.meta.subject, configuration.meta.where),
        ),
        case=None if closed else "open",
    )


def _neighbours(view: View, configuration: Configuration, hook: Hook) -> list[Service]:
    """The istiod Services rendered into the same file for the hook's namespace."""
    wanted = hook.client.service_namespace
    path = configuration.meta.where.path
    return [
        service
        for service in view.mesh.services
        if service.meta.where.path == path
        and service.partial is None
        and service.meta.subject.name.split("-")[0] == "istiod"
        and wanted is not None
        and service.meta.subject.namespace == wanted.value.known
    ]
