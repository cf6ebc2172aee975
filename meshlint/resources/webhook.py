"""Mutating and validating webhook configurations with their selectors, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from meshlint.finding import Field, Location, Value
from meshlint.resources.branch import Branch, Part, branch
from meshlint.resources.document import Document, Meta
from meshlint.resources.keys import DEACTIVATED, HOOK_SUFFIX, REVISION, VALIDATION_HOOKS
from meshlint.resources.label_selector import (
    EVERYTHING,
    LEGAL_VALUE,
    Expression,
    Selector,
    selector,
)
from meshlint.resources.reader import reads
from meshlint.unread import Unread

__all__ = [
    "EVERYTHING",
    "LEGAL_VALUE",
    "Client",
    "Configuration",
    "Expression",
    "Hook",
    "Selector",
    "alone",
    "configuration",
    "edited",
    "istios",
    "selector",
]


@dataclass(frozen=True, slots=True)
class Client:
    """Where the API server sends reviews: a URL or a Service. Fields as written, None if absent."""

    url: Field | None
    service: Field | None
    service_name: Field | None
    service_namespace: Field | None
    path: Field | None
    port: Field | None
    ca_bundle: Field | None


@dataclass(frozen=True, slots=True)
class Hook:
    """One entry of `webhooks`. `for_pods` is False where its rules never see a pod's creation.

    `rules` is where they stand. It is None where no hook of the configuration has any, for which
    `for_pods` is True: such a hook is never called, but examples leave rules out. `conditional` is
    True where matchConditions, or rules with placeholders, may stop it.
    """

    name: Value | None
    client: Client
    namespace_selector: Selector
    object_selector: Selector
    conditional: bool
    for_pods: bool
    where: Location
    failure_policy: Field | None = None
    rules: Location | None = None

    @property
    def inert(self) -> bool:
        """Deactivated on purpose, as istioctl does with the injector that a tag replaces."""
        selectors = (self.namespace_selector, self.object_selector)
        return any(selector.mentions(DEACTIVATED) for selector in selectors)

    @property
    def full_name(self) -> str:
        return self.name.text if self.name else ""


@dataclass(frozen=True, eq=False)
class Configuration:
    """A Mutating- or ValidatingWebhookConfiguration that is Istio's.

    `dumped` is True for a copy of a live object (it has a uid or a resourceVersion, which is
    `locked`). `source` is the list `webhooks` as it stands, on which patches are put. `fragment`
    is True for what a patch says of a configuration that is not here: it is applied, and tells
    nothing of what it lacks.
    """

    meta: Meta
    mutating: bool
    hooks: tuple[Hook, ...]
    partial: Unread | None
    dumped: bool
    source: Branch | None = None
    fragment: bool = False
    locked: Value | None = None

    @cached_property
    def live_hooks(self) -> tuple[Hook, ...]:
        return tuple(hook for hook in self.hooks if not hook.inert)

    @property
    def revision(self) -> Field | None:
        """The label by which istiod finds what it has to patch."""
        return self.meta.labels.get(REVISION)


@reads("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
def configuration(document: Document) -> Iterator[Configuration]:
    """Istio's own: told by hook names and services, never by the object's name."""
    node = document.root.get("webhooks")
    hooks, mutating = _hooks(node), _mutating(document.kind)
    if node and any(istios(hook, mutating) for hook in hooks):
        uid, version = (document.root.field("metadata", key) for key in ("uid", "resourceVersion"))
        yield Configuration(
            meta=document.meta,
            mutating=mutating,
            hooks=hooks,
            partial=document.partial,
            dumped=uid is not None or version is not None,
            source=branch(node),
            locked=version.value if version else None,
        )


def edited(whole: Configuration, source: Branch) -> Configuration:
    """The configuration with another list `webhooks`."""
    return replace(whole, hooks=_hooks(source), source=source)


def alone(meta: Meta, source: Branch) -> Iterator[Configuration]:
    """What a patch says of hooks of Istio's, in an object that is not here."""
    hooks, mutating = _hooks(source), _mutating(meta.subject.kind)
    if any(istios(hook, mutating) for hook in hooks):
        partial = Unread.PATCH
        yield Configuration(meta, mutating, hooks, partial, False, source, fragment=True)


def _mutating(kind: str) -> bool:
    return kind.startswith("Mutating")


def _hooks(node: Part | None) -> tuple[Hook, ...]:
    """The hooks; where some have rules, those without are never called."""
    found = [_hook(item) for item in node.items()] if node else []
    ruled = any(hook.rules for hook in found)
    return tuple(hook if hook.rules or not ruled else _unruled(hook) for hook in found)


def _unruled(hook: Hook) -> Hook:
    return replace(hook, for_pods=False, rules=hook.where)


def istios(hook: Hook, mutating: bool) -> bool:
    """Whether a hook calls an istiod's injector or validator."""
    if mutating:
        return hook.full_name.endswith(HOOK_SUFFIX) or _calls_istiod(hook, "/inject")
    known = hook.full_name in VALIDATION_HOOKS or hook.full_name.endswith(".validation.istio.io")
    return known or _calls_istiod(hook, "/validate")


def _calls_istiod(hook: Hook, path: str) -> bool:
    service, asked = hook.client.service_name, hook.client.path
    name = service.value.text if service else ""
    return (
        name.split("-")[0] == "istiod" and asked is not None and asked.value.text.startswith(path)
    )


def _hook(item: Part) -> Hook:
    name, rules = item.field("name"), item.get("rules")
    covers = _for_pods(rules)
    return Hook(
        name=name.value if name else None,
        client=_client(item),
        namespace_selector=selector(item.get("namespaceSelector")),
        object_selector=selector(item.get("objectSelector")),
        conditional=bool(item.scalars("matchConditions")) or covers is None,
        for_pods=covers is not False,
        where=name.value.where if name else item.where,
        failure_policy=item.field("failurePolicy"),
        rules=rules.where if rules else None,
    )


def _client(item: Part) -> Client:
    def field(*keys: str) -> Field | None:
        return item.field("clientConfig", *keys)

    return Client(
        url=field("url"),
        service=field("service"),
        service_name=field("service", "name"),
        service_namespace=field("service", "namespace"),
        path=field("service", "path"),
        port=field("service", "port"),
        ca_bundle=field("caBundle"),
    )


def _for_pods(rules: Part | None) -> bool | None:
    """No rules at all (as in fixtures) says nothing; rules that name other resources do."""
    if rules is None:
        return True
    found = {_covers(rule) for rule in rules.items()}
    return True if True in found else None if None in found else False


def _covers(rule: Part) -> bool | None:
    """Whether a rule sees CREATE of core/v1 pods (k8s.io/apiserver admission, rules.Matcher).

    What a rule leaves out, as fixtures do, is taken for any; None where it has a placeholder.
    `matchPolicy` changes nothing, as pods have one version.
    """
    scope = rule.field("scope")
    answers = (
        _has(rule.scalars("apiGroups"), ("", "*")),
        _has(rule.scalars("apiVersions"), ("v1", "*")) if rule.get("apiVersions") else True,
        _has(rule.scalars("operations"), ("CREATE", "*")),
        _has(rule.scalars("resources"), PODS),
        _has((scope.value,), ("Namespaced", "*")) if scope else True,
    )
    return False if False in answers else None if None in answers else True


PODS = ("pods", "*", "pods/*", "*/*")
"""Resources among which pods are; behind a slash a star takes what is not below them too."""


def _has(found: tuple[Value, ...], wanted: tuple[str, ...]) -> bool | None:
    if any(value.text in wanted for value in found):
        return True
    return None if any(not value.literal for value in found) else False
