"""Roles, their bindings and ServiceAccounts, as far as they may be istiod's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, Type, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

GROUP = "rbac.authorization.k8s.io"
WIDE = ("system:serviceaccounts", "system:authenticated")
"""Groups that every ServiceAccount is in; a binding to one need not speak of Istio."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An entry of a role's `rules`; `names` are its resourceNames: none for any.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
    """

    groups: frozenset[str]
    resources: frozenset[str]
    verbs: frozenset[str]
    names: frozenset[str]
    where: Location
    """The key `verbs`, else the entry."""
    listed: Location
    """The key `resources`, else the entry."""


@dataclass(frozen=True, slots=True)
class Role:
    """A Role or ClusterRole; `aggregated` where others add rules to it (aggregationRule)."""

    meta: Meta
    partial: Unread | None
    rules: tuple[Rule, ...]
    aggregated: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Kind and name, by which a roleRef means it."""
        return self.meta.subject.kind, self.meta.subject.name


@dataclass(frozen=True, slots=True)
class Grantee:
    """A subject of a binding: a User, Group or ServiceAccount, the last with its namespace."""

    kind: str
    name: Value
    namespace: Value | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding or ClusterRoleBinding; `role` is the name of a role of kind `role_kind`."""

    meta: Meta
    partial: Unread | None
    role_kind: str
    role: Value | None
    grantees: tuple[Grantee, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether it is for all namespaces, and for what is in none."""
        return self.meta.subject.kind == "ClusterRoleBinding"


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A ServiceAccount; a namespace has one called `default` without anybody making it."""

    meta: Meta
    partial: Unread | None


@reads("ServiceAccount", hints=("istio",))
def service_account(document: Document) -> Iterator[ServiceAccount]:
    if document.api_version == "v1":
        yield ServiceAccount(document.meta, document.partial)


@reads("Role", "ClusterRole", hints=("istio",))
def role(document: Document) -> Iterator[Role]:
    """Without `rules` it is a fragment, unless others give it some."""
    if document.group != GROUP:
        return
    node, aggregated = document.root.get("rules"), document.root.get("aggregationRule") is not None
    whole = aggregated or (node is not None and node.is_list)
    rules = [_rule(item) for item in node.items()] if node else []
    partial = document.partial or (None if whole else Unread.PATCH)
    if None in rules:
        partial = partial or Unread.PLACEHOLDER
    yield Role(document.meta, partial, tuple(rule for rule in rules if rule), aggregated)


def _rule(item: Node) -> Rule | None:
    """None where something of it is not known, or no list."""
    lists = [_texts(item, key) for key in ("apiGroups", "resources", "verbs", "resourceNames")]
    groups, resources, verbs, names = lists
    if groups is None or resources is None or verbs is None or names is None:
        return None
    return Rule(groups, resources, verbs, names, _at(item, "verbs"), _at(item, "resources"))


def _at(item: Node, key: str) -> Location:
    node = item.get(key)
    return node.key_where if node else item.where


def _texts(item: Node, key: str) -> frozenset[str] | None:
    node = item.get(key)
    values = item.scalars(key)
    known = all(value.literal for value in values) and (node is None or node.is_list)
    return frozenset(value.text for value in values) if known else None


@reads("RoleBinding", "ClusterRoleBinding", hints=("istio", *WIDE))
def binding(document: Document) -> Iterator[Binding]:
    """Without `roleRef` or `subjects` it is a fragment."""
    if document.group != GROUP:
        return
    kind, name = (document.root.field("roleRef", key) for key in ("kind", "name"))
    node = document.root.get("subjects")
    grantees = [_grantee(item) for item in node.items()] if node and node.is_list else None
    whole = kind is not None and name is not None and grantees is not None
    partial = document.partial or (None if whole else Unread.PATCH)
    if grantees is None or None in grantees or (kind is not None and kind.value.known is None):
        partial = partial or Unread.PLACEHOLDER
    yield Binding(
        meta=document.meta,
        partial=partial,
        role_kind=kind.value.text if kind else "",
        role=name.value if name else None,
        grantees=tuple(grantee for grantee in grantees or () if grantee),
    )


def _grantee(item: Node) -> Grantee | None:
    """None where it is not known whom it means."""
    kind, name, namespace = (item.field(key) for key in ("kind", "name", "namespace"))
    if kind is None or name is None or kind.value.known is None:
        return None
    given = namespace is not None and namespace.value.type is not Type.NULL
    return Grantee(kind.value.text, name.value, namespace.value if given and namespace else None)
