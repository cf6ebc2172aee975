"""Mutating and validating webhook configurations with their selectors, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from meshlint.finding import Field, Location, Unread, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.keys import DEACTIVATED, HOOK_SUFFIX, REVISION, VALIDATION_HOOKS
from meshlint.resources.reader import reads
from meshlint.source.node import Node


@dataclass(frozen=True, slots=True)
class Expression:
    """One line of matchExpressions, or one entry of matchLabels (as `In` with one value)."""

    key: str
    operator: str
    values: tuple[Value, ...]
    where: Location


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector; without expressions it matches everything."""

    expressions: tuple[Expression, ...] = ()
    where: Location | None = None

    def values_of(self, key: str) -> tuple[Value, ...]:
        """The values that `In` asks of a key."""
        return tuple(
            v for e in self.expressions if e.key == key and e.operator == "In" for v in e.values
        )

    def mentions(self, key: str) -> bool:
        return any(expression.key == key for expression in self.expressions)


EVERYTHING = Selector()


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
    """One entry of `webhooks`. `for_pods` is False where its rules never see a pod's creation."""

    name: Value | None
    client: Client
    namespace_selector: Selector
    object_selector: Selector
    conditional: bool
    for_pods: bool
    where: Location

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

    `dumped` is True for a copy of a live object (it has a uid or a resourceVersion).
    """

    meta: Meta
    mutating: bool
    hooks: tuple[Hook, ...]
    partial: Unread | None
    dumped: bool

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
    hooks = tuple(_hook(item) for item in node.items()) if node else ()
    mutating = document.kind.startswith("Mutating")
    if any(istios(hook, mutating) for hook in hooks):
        uid, version = (document.root.get("metadata", key) for key in ("uid", "resourceVersion"))
        dumped = uid is not None or version is not None
        yield Configuration(document.meta, mutating, hooks, document.partial, dumped)


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


def _hook(item: Node) -> Hook:
    name = item.field("name")
    return Hook(
        name=name.value if name else None,
        client=_client(item),
        namespace_selector=selector(item.get("namespaceSelector")),
        object_selector=selector(item.get("objectSelector")),
        conditional=bool(item.scalars("matchConditions")),
        for_pods=_for_pods(item),
        where=name.value.where if name else item.where,
    )


def _client(item: Node) -> Client:
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


def _for_pods(item: Node) -> bool:
    """No rules at all (as in fixtures) says nothing; rules that name other resources do."""
    rules = item.get("rules")
    if rules is None or not rules.items():
        return True
    return any(_covers(rule) for rule in rules.items())


def _covers(rule: Node) -> bool:
    asked = (("apiGroups", ""), ("resources", "pods"), ("operations", "CREATE"))
    return all(
        any(value.text in (want, "*", "*/*") for value in rule.scalars(key)) for key, want in asked
    )


def selector(node: Node | None) -> Selector:
    """A label selector from YAML; an absent or empty one matches everything."""
    if node is None:
        return EVERYTHING
    labels = node.fields("matchLabels")
    exact = [Expression(k, "In", (f.value,), f.key.where) for k, f in labels.items()]
    listed = node.get("matchExpressions")
    more = [_expression(item) for item in listed.items()] if listed else []
    return Selector((*exact, *more), node.where)


def _expression(item: Node) -> Expression:
    key, operator = item.field("key"), item.field("operator")
    return Expression(
        key=key.value.text if key else "",
        operator=operator.value.text if operator else "",
        values=item.scalars("values"),
        where=key.value.where if key else item.where,
    )
