"""Whom a hook calls, and whether label, selectors and Service are of one revision."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Hit, Location, Related, Type, quoted
from meshlint.mesh.agreement import Dispute, disputes
from meshlint.resources.keys import TAG
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.patching import whole
from meshlint.rules.words import named

USER = re.compile(r"//[^/]*@")
"""User and password in a URL, which no output may show."""


@mesh_rule
def webhook_revision_inconsistent(view: View) -> Iterator[Hit]:
    """Label, selectors and Service of one configuration must speak of one revision."""
    for configuration, _ in whole(view):
        for dispute in disputes(configuration):
            yield _disagreement(configuration, dispute)


def _disagreement(configuration: Configuration, dispute: Dispute) -> Hit:
    odd, right = dispute.odd, dispute.others[0]
    effect = {
        "revision": "istiod patches by the label, and the API server matches by the selectors and"
        " calls the Service, so requests go to another istiod than is meant, or fail",
        "tag": "namespaces that are labelled for one of the two names are left out",
    }
    return Hit(
        f"In {named(configuration.meta.subject)} the {odd.place} says {quoted(odd.says)}, while the"
        f" {right.place} says {quoted(right.says)}: {effect[dispute.about]}."
        f" {_repair(configuration, dispute)}",
        odd.where,
        configuration.meta.subject,
        tuple(Related(f"the {word.place}", word.where) for word in (right, *dispute.also)),
    )


def _repair(configuration: Configuration, dispute: Dispute) -> str:
    """A tag's selectors ask for the tag, which only its label tells."""
    named_so = configuration.meta.subject.name.startswith("istio-revision-tag-")
    selected = dispute.odd.place.startswith("selector")
    if named_so and selected and TAG not in configuration.meta.labels:
        return f"If that is the name of a tag, add the label '{TAG}: {dispute.odd.says}'."
    return "Make them equal."


@mesh_rule
def webhook_url_invalid(view: View) -> Iterator[Hit]:
    """A hook calls either a Service or an https URL without query, fragment or user."""
    for configuration, _ in whole(view):
        for hook in configuration.live_hooks:
            fault = client_fault(hook)
            if fault:
                words, where = fault
                yield Hit(words, where, configuration.meta.subject)


def client_fault(hook: Hook) -> tuple[str, Location] | None:
    """Why the API server refuses a hook's clientConfig, and where that stands."""
    url, service = hook.client.url, hook.client.service
    if url and not url.value.literal:
        return None
    called = service is not None and service.value.type is Type.MAP
    if url and url.value.type is not Type.NULL:
        text = _BOTH if called else _url_fault(url.value.text)
        return (f"{quoted(hook.full_name)} {text}", url.value.where) if text else None
    where = url.key.where if url else hook.where
    return None if called else (f"{quoted(hook.full_name)} {_NEITHER}", where)


_BOTH = "has a 'url' and a 'service', so the API server refuses the object. Remove one of them."
_NEITHER = (
    "has neither a 'url' nor a 'service', so there is nothing to call and the API server refuses"
    " the object. Give it one of them."
)


def _url_fault(url: str) -> str:
    """The API server's own rules (apiserver pkg/util/webhook/validation.go); "" if it is fine."""
    from urllib.parse import urlsplit  # few webhooks have one

    try:
        parts = urlsplit(url)
    except ValueError:
        return "has a 'url' that is no URL, so the API server refuses the object."
    wrong = (
        ("does not begin with 'https://'", parts.scheme != "https"),
        ("has no host", not parts.netloc),
        ("holds a user", "@" in parts.netloc),
        ("has a query", bool(parts.query)),
        ("has a fragment", bool(parts.fragment)),
    )
    faults = [words for words, bad in wrong if bad]
    if not faults:
        return ""
    shown = quoted(USER.sub("//***@", url))
    return f"has the URL {shown}, which the API server refuses, as it {faults[0]}."
