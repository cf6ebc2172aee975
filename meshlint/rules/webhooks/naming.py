"""What one configuration says of itself: its name, and whom its hooks call."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from meshlint.finding import Field, Hit, Related, quoted
from meshlint.mesh.agreement import disputes
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import TAG
from meshlint.resources.webhook import Client, Configuration, Hook, istios
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.webhooks.absent import astray
from meshlint.rules.webhooks.patching import empty, whole
from meshlint.rules.webhooks.serving import answers, services
from meshlint.rules.words import listed, named

PREFIXES = INJECTOR, TAGGED, VALIDATOR = (
    "istio-sidecar-injector",
    "istio-revision-tag",
    "istio-validator",
)
VERSION = re.compile(r"(asm-)?\d+-\d+")


@mesh_rule
def webhook_name_inconsistent(view: View) -> Iterator[Hit]:
    """A stock name that says another revision, tag or namespace than the configuration itself."""
    for configuration, plane in whole(view):
        own, names = configuration.meta, _names(configuration)
        if own.name is None or own.name.known is None or not names or disputes(configuration):
            continue
        if any(_said(view, configuration, hook, "namespace") for hook in configuration.live_hooks):
            continue
        if own.subject.name not in names and _speaks(own.subject.name, names[0], plane):
            yield Hit(
                f"{named(own.subject)} has the name of another revision, tag or namespace: by its"
                f" labels and Service, Istio would call it {listed(names)}. A later install makes a"
                " second configuration of that name, and both are called. Rename it, or correct"
                " the labels.",
                own.name.where,
                own.subject,
            )


def _speaks(name: str, right: str, plane: Plane) -> bool:
    """Whether a name has a version in it, or a known revision or tag: else it is one's own."""
    suffix = next(name.removeprefix(f"{p}-") for p in PREFIXES if name.startswith(p))
    return bool(VERSION.match(suffix)) or any(
        suffix == known or suffix.startswith(f"{known}-")
        for known in plane.names
        if known not in right
    )


def _names(configuration: Configuration) -> tuple[str, ...]:
    """The names that Istio gives to such a configuration; none where that cannot be said.

    The suffix of an injector may be a revision or a namespace (istio-discovery/templates/
    mutatingwebhook.yaml, revision-tags-mwc.yaml, validatingwebhookconfiguration.yaml).
    """
    name, space = configuration.meta.subject.name, _space(configuration)
    revision, tag = configuration.meta.label("istio.io/rev"), configuration.meta.label(TAG)
    if space is None or revision is None:
        return ()
    suffix = "" if revision == DEFAULT else f"-{revision}"
    if name.startswith(f"{TAGGED}-"):
        return _either(f"{TAGGED}-{tag}", space) if tag and configuration.mutating else ()
    if name == INJECTOR or name.startswith(f"{INJECTOR}-"):
        return _either(f"{INJECTOR}{suffix}", space) if not tag and configuration.mutating else ()
    if name.startswith(f"{VALIDATOR}-") and not configuration.mutating:
        return (f"{VALIDATOR}{suffix}-{space}",)
    return ()


def _either(name: str, space: str) -> tuple[str, ...]:
    """With the namespace behind it, which stock Istio leaves out for istio-system."""
    return (name, f"{name}-{space}")


def _space(configuration: Configuration) -> str | None:
    """The one namespace whose Services the hooks call."""
    found = {_known(hook.client.service_namespace) for hook in configuration.live_hooks}
    return found.pop() if len(found) == 1 else None


def _known(field: Field | None) -> str | None:
    return field.value.known if field else None


PARTS: tuple[tuple[str, Callable[[Client], Field | None]], ...] = (
    ("namespace", lambda client: client.service_namespace),
    ("port", lambda client: client.port),
    ("path", lambda client: client.path),
    ("url", lambda client: client.url),
)
"""What all hooks of one configuration share; a rule of their own compares the Services."""


@mesh_rule
def webhook_hooks_inconsistent(view: View) -> Iterator[Hit]:
    """Hooks of one configuration that call different istiods, or in different ways."""
    for configuration, _ in whole(view):
        for part, get in PARTS:
            own = [h for h in _own(configuration) if not _said(view, configuration, h, part)]
            odd = _odd([(hook, get(hook.client)) for hook in own])
            if odd:
                yield _stray(configuration, part, *odd)


def _said(view: View, configuration: Configuration, hook: Hook, part: str) -> bool:
    """Whether another rule knows for sure that this hook's part is right or wrong."""
    client = hook.client
    if part == "path":
        path = client.path.value.known if client.path else None
        return path is not None and not answers(path, configuration.mutating)
    if part == "port":
        return bool(services(view, configuration, hook))
    name, space = client.service_name, client.service_namespace
    return part == "namespace" and bool(name and space and astray(view, configuration, name, space))


def _own(configuration: Configuration) -> list[Hook]:
    """Those of Istio: nobody forbids a foreign hook beside them."""
    return [hook for hook in configuration.live_hooks if istios(hook, configuration.mutating)]


def _odd(called: list[tuple[Hook, Field | None]]) -> tuple[Hook, Field, Field] | None:
    """The hook that says something else than most, what it says, and one of the others."""
    given = [
        (hook, field)
        for hook, field in called
        if field and not empty(field) and field.value.literal
    ]
    counts = Counter(field.value.text for _, field in given)
    if len(counts) < 2:
        return None
    right = counts.most_common(1)[0][0]
    usual = next(field for _, field in given if field.value.text == right)
    hook, field = next((h, f) for h, f in given if f.value.text != right)
    return hook, field, usual


def _stray(configuration: Configuration, part: str, hook: Hook, odd: Field, usual: Field) -> Hit:
    return Hit(
        f"{quoted(hook.full_name)} of {named(configuration.meta.subject)} calls the {part}"
        f" {quoted(odd.value.text)}, and other hooks of it call {quoted(usual.value.text)}: one"
        " istiod serves and patches them all, so some of the calls go to the wrong place, or fail."
        " Make them equal.",
        odd.value.where,
        configuration.meta.subject,
        (Related(f"the {part} of another hook", usual.value.where),),
    )
