"""Whom a hook calls, and whether label, selectors and Service are of one revision."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Field, Hit, Location, Related, Type, quoted
from meshlint.mesh.agreement import Dispute, disputes
from meshlint.resources.service import Service
from meshlint.resources.webhook import Configuration, Hook
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.patching import whole
from meshlint.rules.words import named, see

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
        f" {right.place} says {quoted(right.says)}: {effect[dispute.about]}. Make them equal.",
        odd.where,
        configuration.meta.subject,
        tuple(Related(f"the {word.place}", word.where) for word in (right, *dispute.also)),
    )


@mesh_rule
def webhook_url_invalid(view: View) -> Iterator[Hit]:
    """A hook calls either a Service or an https URL without query, fragment or user."""
    for configuration, _ in whole(view):
        for hook in configuration.live_hooks:
            fault = _client_fault(hook)
            if fault:
                words, where = fault
                yield Hit(words, where, configuration.meta.subject)


def _client_fault(hook: Hook) -> tuple[str, Location] | None:
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


@mesh_rule
def webhook_service_missing(view: View) -> Iterator[Hit]:
    """The Service that a hook calls is nowhere, although its neighbours are there."""
    for configuration, plane in whole(view):
        for hook in configuration.live_hooks:
            field = hook.client.service_name
            name = field.value.known if field else None
            if field is None or name is None or name.startswith("istiod-"):
                continue
            there = _services(view, configuration, hook)
            near = _neighbours(configuration, there)
            if near and name not in {service.meta.subject.name for service in there}:
                yield _absent(configuration, field, near[0], plane.closed)


def _absent(configuration: Configuration, field: Field, near: Service, closed: bool) -> Hit:
    name = field.value.text
    return Hit(
        f"{named(configuration.meta.subject)} calls Service {quoted(name)}, which is not here,"
        f" while {quoted(near.meta.subject.name)} of the same namespace is: calls fail with"
        f" 'service \"{name}\" not found'. Write the name of istiod's Service.",
        field.value.where,
        configuration.meta.subject,
        (see(near.meta.subject, near.meta.where),),
        case=None if closed else "open",
    )


def _services(view: View, configuration: Configuration, hook: Hook) -> list[Service]:
    """Every Service of the hook's namespace that the configuration's cluster may have."""
    field, site = hook.client.service_namespace, configuration.meta.at
    spaces = (field.value.known, "") if field and field.value.known else ()
    services = (s for space in spaces for s in view.mesh.services_in(space))
    return [s for s in services if view.mesh.visible(site, s.meta.at)]


def _neighbours(configuration: Configuration, services: list[Service]) -> list[Service]:
    """Those of istiod that stand in the configuration's own file, as a chart renders them."""
    site = configuration.meta.at
    return [
        s
        for s in services
        if s.meta.at == site and not s.partial and s.meta.subject.namespace
        if s.meta.subject.name.split("-")[0] == "istiod"
    ]
