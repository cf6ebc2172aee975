"""What stands in Git as a caBundle: nothing, a blank, no base64, or no certificate."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.keys import HOOK_SUFFIX
from meshlint.resources.sync import Sync
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.mending import remove
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import SHOUTED
from meshlint.rules.webhooks.fillers import filled
from meshlint.rules.webhooks.healing import again, healer
from meshlint.rules.webhooks.patching import (
    CERTIFICATE,
    UNKNOWN_AUTHORITY,
    decoded,
    empty,
    leaked,
    minors,
    patched,
    written,
)

SHORT = 30
"""Characters of a caBundle that may be shown; no private key is so short."""

OMITTED = 11
"""Since Istio 1.11 the charts render no empty caBundle (istio/istio#33052)."""


@mesh_rule
def webhook_cabundle_value(view: View) -> Iterator[Hit]:
    """A caBundle in Git that is empty, no base64, or no certificate."""
    for configuration, plane in written(view):
        if not filled(view, configuration):
            yield from _faults(view, configuration, plane)


def _faults(view: View, configuration: Configuration, plane: Plane) -> Iterator[Hit]:
    sync = healer(view, configuration, "caBundle")
    for hook in configuration.live_hooks:
        field = hook.client.ca_bundle
        fault = _fault(field, patched(configuration, hook)) if field else None
        if field and fault:
            words, case = fault
            if case == "empty":
                words = f"{_EMPTY}{_again(sync)}{_LEAVE}"
                old = min(minors(plane), default=0) < OMITTED
                case = "empty" if old and not sync else "wipes"
            own, fix = configuration.meta.subject, _left_out(configuration, hook, field, case)
            yield Hit(words, field.value.where, own, case=case, fix=fix)


def _left_out(
    configuration: Configuration, hook: Hook, field: Field, case: str | None
) -> Fix | None:
    """Without the key, which is how Istio's charts have it: istiod fills it in.

    Somebody may have a use for a blank; and a long text may be a certificate that is to be mended.
    """
    own = not configuration.fragment and hook.client.service is not None and not hook.client.url
    there = field.key.where.path == configuration.meta.where.path
    short = case != "blank" and len(field.value.text) <= SHORT
    sure = own and there and short and patched(configuration, hook)
    return remove(field, safe=empty(field)) if sure else None


def _again(sync: Sync | None) -> str:
    """By whom it is written again although nothing changes in Git."""
    return f" {again(sync, 'it')}, so the two never come to rest." if sync else ""


def _fault(field: Field, patched: bool) -> tuple[str, str | None] | None:
    """What is wrong with a caBundle, and how bad: None for an error."""
    text = field.value.text
    if SHOUTED.match(text):
        return f"{_named(text)} {_BLANK}", "blank"
    if not field.value.literal or leaked(text):
        return None
    if empty(field):
        return (_EMPTY, "empty") if patched else None
    pem = decoded(text)
    if pem is None:
        return f"{_named(text)} {_undecodable(text)}. {_REFUSED}", None
    if CERTIFICATE.search(pem):
        return None
    return f"{_named(text)} {_GARBAGE}{_LATER if patched else _STUCK}", (
        "garbage" if patched else None
    )


def _named(text: str) -> str:
    """With the text where it is short: a long one may be a key, which no message may show."""
    return f"caBundle {quoted(text)}" if len(text) <= SHORT else "This caBundle"


def _undecodable(text: str) -> str:
    if decoded("".join(text.split())) is not None:
        return "has spaces in it, as folded scalars have"
    if CERTIFICATE.search(text.encode()):
        return "is a certificate that is not encoded in base64"
    return "is not base64"


_BLANK = (
    "is a word that something must replace before this is applied, or the API server refuses the"
    " object; and each new apply then overwrites what istiod has patched in. Leave the key out."
)
_REFUSED = "The API server refuses the object. Leave the key out, or write one line of base64."
_EMPTY = (
    "This empty caBundle is what an apply writes over the one that istiod has patched in: until"
    f" istiod repairs it, {UNKNOWN_AUTHORITY}."
)
_LEAVE = " Leave the key out."
_GARBAGE = (
    "is base64 and holds no certificate: every call fails with 'unable to parse bytes as PEM block'"
)
_LATER = " until istiod replaces it. Leave the key out."
_STUCK = (
    ", and istiod does not replace it without the label istio.io/rev and, for injection, a hook"
    f" name that ends in '{HOOK_SUFFIX}'. Leave the key out and repair these."
)
