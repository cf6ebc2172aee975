"""Certificates that stand in Git as a caBundle: whether calls can succeed with them, and agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meshlint.finding import Field, Hit, Related
from meshlint.mesh.plane import Plane
from meshlint.resources.certificate import Certificate, NoCertificate, certificates, private
from meshlint.resources.keys import REVISION
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.patching import (
    CERTIFICATE,
    UNKNOWN_AUTHORITY,
    decoded,
    empty,
    filled_elsewhere,
    injected,
    patched,
    whole,
)
from meshlint.rules.words import named

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    """A caBundle that holds PEM: the field, and the certificates; none where one is broken."""

    configuration: Configuration
    hook: Hook
    field: Field
    pem: bytes
    found: tuple[Certificate, ...]
    plane: Plane

    @property
    def prints(self) -> frozenset[str]:
        return frozenset(certificate.print for certificate in self.found)

    @property
    def repaired(self) -> bool:
        """Whether an istiod of its revision, or cert-manager, would write its own over it."""
        return patched(self.configuration, self.hook) or injected(self.configuration)


def bundles(view: View) -> Iterator[Bundle]:
    """Every caBundle of Istio's webhooks that holds a certificate."""
    for configuration, plane in whole(view):
        for hook in configuration.live_hooks:
            field = hook.client.ca_bundle
            known = field.value.known if field else None
            pem = decoded(known) if field and known and not empty(field) else None
            if field and pem and CERTIFICATE.search(pem):
                yield Bundle(configuration, hook, field, pem, _found(pem), plane)


def _found(pem: bytes) -> tuple[Certificate, ...]:
    try:
        return certificates(pem)
    except NoCertificate:
        return ()


@mesh_rule
def webhook_cabundle_certificate(view: View) -> Iterator[Hit]:
    """A certificate with which no call succeeds, or that istiod writes over."""
    for bundle in bundles(view):
        fault = _fault(bundle, view.now())
        if fault:
            words, case = fault
            own = bundle.configuration.meta
            yield Hit(f"This caBundle {words}", bundle.field.value.where, own.subject, case=case)


def _fault(bundle: Bundle, now: datetime) -> tuple[str, str | None] | None:
    """What is wrong with the certificates, and how bad: None for an error."""
    late = "repaired" if bundle.repaired else None
    if private(bundle.pem):
        return f"holds a private key. {_KEY}", "key"
    if not bundle.found:
        return f"holds a PEM block that is no certificate. {_UNREADABLE}", late
    if all(certificate.until < now for certificate in bundle.found):
        day = max(certificate.until for certificate in bundle.found).date()
        return f"expired on {day}: {UNKNOWN_AUTHORITY}{_until(bundle)}", late
    if all(certificate.since > now for certificate in bundle.found):
        day = min(certificate.since for certificate in bundle.found).date()
        return f"is not valid before {day}: until then {UNKNOWN_AUTHORITY}{_until(bundle)}", late
    if not any(certificate.authority for certificate in bundle.found):
        return _leaf(bundle.found)
    return _pinned(bundle)


_KEY = (
    "A caBundle is public, and whoever reads this repository can now sign as this mesh. Replace"
    " the root certificate, and leave the key out."
)
_UNREADABLE = "The API server cannot use it, and every call fails. Leave the key out."


def _until(bundle: Bundle) -> str:
    if bundle.repaired:
        return ", after each apply, until istiod replaces it. Leave the key out."
    return ". Put the present root certificate here, or leave the key out and let istiod fill it."


def _leaf(found: Iterable[Certificate]) -> tuple[str, str]:
    """Go takes a leaf as a root only for that very certificate."""
    own = all(certificate.own for certificate in found)
    return (
        "holds no certificate authority (CA:TRUE): it is trusted only if istiod serves this very"
        " certificate. Put the root certificate here, or leave the key out and let istiod fill it.",
        "lonely" if own else "leaf",
    )


def _pinned(bundle: Bundle) -> tuple[str, str] | None:
    """Only beside its istiod: in Git alone, a literal bundle may be what an operator wants."""
    live = bundle.configuration.meta.label(REVISION) in bundle.plane.strong
    if not live or not bundle.repaired or filled_elsewhere(bundle.configuration):
        return None
    return (
        "is written over by istiod, which keeps the bundle of this configuration current: the two"
        " differ as soon as the root certificate changes. Leave the key out.",
        "pinned",
    )


@mesh_rule
def webhook_cabundle_differs(view: View) -> Iterator[Hit]:
    """Webhooks of one revision are served by one istiod, with one certificate."""
    groups: defaultdict[tuple[object, ...], list[Bundle]] = defaultdict(list)
    for bundle in bundles(view):
        own = bundle.configuration.meta
        if bundle.found:
            groups[own.at, own.label(REVISION) or own.subject].append(bundle)
    for group in groups.values():
        first = group[0]
        for bundle in group[1:]:
            if not bundle.prints & first.prints:
                yield _differs(bundle, first)


def _differs(bundle: Bundle, first: Bundle) -> Hit:
    own, other = bundle.configuration.meta, first.configuration.meta
    same = bundle.configuration is first.configuration
    whose = f"hook '{first.hook.full_name}'" if same else named(other.subject)
    return Hit(
        f"This caBundle shares no certificate with that of {whose}, although one istiod serves"
        f" both: with one of them {UNKNOWN_AUTHORITY}. Put the same root certificate in both, or"
        " leave both out and let istiod fill them.",
        bundle.field.value.where,
        own.subject,
        (Related(f"the caBundle of {whose}", first.field.value.where),),
    )
