"""Certificates that stand in Git as a caBundle: whether calls can succeed with them, and agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meshlint.finding import Field, Hit, Related, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.certificate import Certificate, NoCertificate, certificates, private
from meshlint.resources.keys import REVISION
from meshlint.resources.root import Root
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.parameter import parameter
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.fillers import filled, injected
from meshlint.rules.webhooks.patching import (
    CERTIFICATE,
    UNKNOWN_AUTHORITY,
    decoded,
    empty,
    leaked,
    patched,
    written,
)
from meshlint.rules.words import named

if TYPE_CHECKING:
    from datetime import datetime

DAYS = parameter(
    "webhook-cabundle-certificate",
    "days",
    0,
    (0, 3650),
    "How many days before it expires the last certificate of a bundle is reported.",
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A caBundle that holds PEM: the field, and its certificates.

    `broken` says what stands there instead of a certificate; with neither, nothing is known.
    """

    configuration: Configuration
    hook: Hook
    field: Field
    plane: Plane
    found: tuple[Certificate, ...] = ()
    broken: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """A root that was issued anew with its old key goes on verifying what it signed."""
        return frozenset(certificate.key for certificate in self.found)

    @property
    def repaired(self) -> bool:
        """Whether an istiod of its revision, or cert-manager, would write its own over it."""
        return patched(self.configuration, self.hook) or injected(self.configuration)


def fields(view: View) -> Iterator[tuple[Configuration, Plane, Hook, Field]]:
    """Every caBundle of Istio's webhooks that is not empty."""
    for configuration, plane in written(view):
        for hook in configuration.live_hooks:
            field = hook.client.ca_bundle
            if field and field.value.known and not empty(field):
                yield configuration, plane, hook, field


def bundles(view: View) -> Iterator[Bundle]:
    """Every caBundle of Istio's webhooks that holds a certificate, or seems to."""
    for configuration, plane, hook, field in fields(view):
        pem = decoded(field.value.text)
        if pem is None or not CERTIFICATE.search(pem) or private(pem):
            continue
        try:
            yield Bundle(configuration, hook, field, plane, certificates(pem))
        except NoCertificate as error:
            yield Bundle(configuration, hook, field, plane, broken=str(error))


@mesh_rule
def webhook_cabundle_certificate(view: View) -> Iterator[Hit]:
    """A certificate with which no call succeeds, or that istiod writes over."""
    for configuration, _, _, field in fields(view):
        if leaked(field.value.text):
            where = field.value.where
            yield Hit(f"This caBundle {_KEY}", where, configuration.meta.subject, case="key")
    for bundle in bundles(view):
        fault = _fault(view, bundle)
        if fault:
            words, case = fault
            own = bundle.configuration.meta
            yield Hit(f"This caBundle {words}", bundle.field.value.where, own.subject, case=case)


def _fault(view: View, bundle: Bundle) -> tuple[str, str | None] | None:
    """What is wrong with the certificates, and how bad: None for an error."""
    now = view.now()
    late = "repaired" if bundle.repaired else None
    if bundle.broken:
        return f"holds {bundle.broken}. {_UNREADABLE}", late
    valid = [c for c in bundle.found if c.since <= now <= c.until]
    if bundle.found and not valid:
        return f"{_untimely(bundle.found, now)}{UNKNOWN_AUTHORITY}{_until(bundle)}", late
    if valid and not any(certificate.authority for certificate in valid):
        return _leaf(valid)
    if valid and view.value(DAYS) and not bundle.repaired:
        soon = _soon(max(c.until for c in valid), now, view.value(DAYS))
        if soon:
            return soon
    return _pinned(view, bundle) if valid else None


def _soon(until: datetime, now: datetime, days: int) -> tuple[str, str] | None:
    """That a bundle expires before so many days are over."""
    left = (until - now).days
    if left >= days:
        return None
    return (
        f"expires on {until.date()}, in {left} days: from then on {UNKNOWN_AUTHORITY}. Put a root"
        " certificate that is valid longer beside it, or leave the key out and let istiod fill it.",
        "soon",
    )


def _untimely(found: Iterable[Certificate], now: datetime) -> str:
    early = [certificate.since for certificate in found if certificate.since > now]
    if early:
        return f"is not valid before {min(early).date()}: until then "
    return f"expired on {max(certificate.until for certificate in found).date()}: "


_KEY = (
    "holds a private key. A caBundle is public, and whoever reads this repository can now sign as"
    " this mesh. Replace the root certificate, and leave the key out."
)
_UNREADABLE = "The API server cannot use it, and every call fails. Leave the key out."


def _until(bundle: Bundle) -> str:
    if bundle.repaired:
        who = "cert-manager or OpenShift" if injected(bundle.configuration) else "istiod"
        return f", after each apply, until {who} replaces it. Leave the key out."
    return ". Put the present root certificate here, or leave the key out and let istiod fill it."


def _leaf(found: Iterable[Certificate]) -> tuple[str, str]:
    """Go takes a leaf as a root only for that very certificate."""
    own = all(certificate.own for certificate in found)
    return (
        "holds no certificate authority (CA:TRUE): it is trusted only if istiod serves this very"
        " certificate. Put the root certificate here, or leave the key out and let istiod fill it.",
        "lonely" if own else "leaf",
    )


def _pinned(view: View, bundle: Bundle) -> tuple[str, str] | None:
    """Only beside its istiod: in Git alone, a literal bundle may be what an operator wants."""
    live = bundle.configuration.meta.label(REVISION) in bundle.plane.strong
    if not live or not bundle.repaired or filled(view, bundle.configuration):
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
        usual = max(group, key=lambda one: sum(bool(one.keys & other.keys) for other in group))
        yield from (_differs(odd, usual) for odd in group if not odd.keys & usual.keys)


@mesh_rule
def webhook_cabundle_not_the_root(view: View) -> Iterator[Hit]:
    """The bundle has no certificate of the mesh's root, which stands in the tree as well."""
    for bundle in bundles(view):
        site, space = bundle.configuration.meta.at, bundle.hook.client.service_namespace
        known = space.value.known if space else None
        roots = [r for r in view.mesh.roots if view.mesh.visible(site, r.at)]
        own = [r for r in roots if known and r.subject.namespace in ("", known)]
        if bundle.found and own and not any(bundle.keys & root.keys for root in own):
            yield _other_root(bundle, own[0])


def _other_root(bundle: Bundle, root: Root) -> Hit:
    own = bundle.configuration.meta
    return Hit(
        f"This caBundle shares no key with the root in {named(root.subject)}, from which istiod's"
        f" certificate comes: {UNKNOWN_AUTHORITY}{_until(bundle)}",
        bundle.field.value.where,
        own.subject,
        (Related("the root of the mesh", root.where),),
    )


def _differs(odd: Bundle, usual: Bundle) -> Hit:
    own, other = odd.configuration.meta, usual.configuration.meta
    same = odd.configuration is usual.configuration
    whose = f"hook {quoted(usual.hook.full_name)}" if same else named(other.subject)
    return Hit(
        f"This caBundle trusts other keys than that of {whose}, although one istiod serves both:"
        f" with one of them {UNKNOWN_AUTHORITY}. Put the same root certificate in both, or leave"
        " both out and let istiod fill them.",
        odd.field.value.where,
        own.subject,
        (Related(f"the caBundle of {whose}", usual.field.value.where),),
    )
