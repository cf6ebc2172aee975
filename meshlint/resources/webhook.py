"""Mutating and validating webhook configurations with their selectors, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from meshlint.finding import Field, Location, Type, Unread, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.keys import DEACTIVATED, HOOK_SUFFIX, REVISION, VALIDATION_HOOKS
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.source.placeholder import placeholder


@dataclass(frozen=True, slots=True)
class Expression:
    """One line of matchExpressions, or one entry of matchLabels (as `In` with one value).

    `usable` is False where Kubernetes makes no requirement of it, and None where a key or an
    operator is a placeholder.
    """

    key: str
    operator: str
    values: tuple[Value, ...]
    where: Location
    usable: bool | None = True


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

NAME = r"[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?"
LEGAL_VALUE = re.compile(rf"(?:{NAME})?\Z", re.ASCII)
LEGAL_KEY = re.compile(rf"(?:[a-z0-9](?:[-.a-z0-9]{{0,251}}[a-z0-9])?/)?{NAME}\Z", re.ASCII)
"""Labels as Kubernetes allows them (apimachinery pkg/util/validation)."""


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

    `conditional` is True where matchConditions, or rules with placeholders, may stop it.
    """

    name: Value | None
    client: Client
    namespace_selector: Selector
    object_selector: Selector
    conditional: bool
    for_pods: bool
    where: Location
    failure_policy: Field | None = None

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
    name, covers = item.field("name"), _for_pods(item)
    return Hook(
        name=name.value if name else None,
        client=_client(item),
        namespace_selector=selector(item.get("namespaceSelector")),
        object_selector=selector(item.get("objectSelector")),
        conditional=bool(item.scalars("matchConditions")) or covers is None,
        for_pods=covers is not False,
        where=name.value.where if name else item.where,
        failure_policy=item.field("failurePolicy"),
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


def _for_pods(item: Node) -> bool | None:
    """No rules at all (as in fixtures) says nothing; rules that name other resources do."""
    rules = item.get("rules")
    if rules is None or not rules.items():
        return True
    found = {_covers(rule) for rule in rules.items()}
    return True if True in found else None if None in found else False


def _covers(rule: Node) -> bool | None:
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


def selector(node: Node | None) -> Selector:
    """A label selector from YAML; an absent or empty one matches everything."""
    if node is None or node.value().type is Type.NULL:
        return EVERYTHING
    labels, listed = node.get("matchLabels"), node.get("matchExpressions")
    exact = [_exact(child) for child in labels.entries().values()] if labels else []
    more = [_expression(item) for item in listed.items()] if listed else []
    odd = [part for part, right in ((node, node.is_map), *_parts(labels, listed)) if not right]
    return Selector((*exact, *more, *(_refused(part) for part in odd)), node.where)


def _parts(labels: Node | None, listed: Node | None) -> Iterator[tuple[Node, bool]]:
    """The parts of a selector, and whether each is what it must be."""
    for part, right in ((labels, labels and labels.is_map), (listed, listed and listed.is_list)):
        if part is not None and part.value().type is not Type.NULL:
            yield part, bool(right)


def _refused(part: Node) -> Expression:
    """What is no selector: the API server refuses it, or a tool fills it in."""
    value = part.value()
    return Expression("", "", (), part.where, False if value.literal else None)


def _exact(child: Node) -> Expression:
    found = child.as_field
    return _checked(found.key, "In", (found.value,), not placeholder(child.name, "", None))


def _expression(item: Node) -> Expression:
    key, operator = item.field("key"), item.field("operator")
    literal = all(field is None or field.value.literal for field in (key, operator))
    name = key.value if key else Value("", item.where)
    return _checked(name, operator.value.text if operator else "", item.scalars("values"), literal)


def _checked(key: Value, operator: str, values: tuple[Value, ...], literal: bool) -> Expression:
    """A requirement, if it is one (apimachinery pkg/labels, NewRequirement)."""
    listed = operator in ("In", "NotIn")
    known = listed or operator in ("Exists", "DoesNotExist")
    legal = all(v.known is None or LEGAL_VALUE.match(v.known) for v in values)
    usable = known and legal and bool(values) == listed and LEGAL_KEY.match(key.text) is not None
    return Expression(key.text, operator, values, key.where, usable if literal else None)
