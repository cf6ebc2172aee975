"""What the ServiceAccount of an istiod may do: the union of all roles that are bound to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from posixpath import dirname
from typing import TypeVar

from meshlint.resources.control_plane import Origin, Revision
from meshlint.resources.document import Meta
from meshlint.resources.istiod_account import IstiodAccount
from meshlint.resources.rbac import WIDE, Binding, Grantee, Role, Rule
from meshlint.rules.registry import View

NAMELESS = frozenset({"list", "watch", "create", "deletecollection"})
"""Verbs of requests that name no object, or one that is not there: resourceNames refuse them."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of object as permissions know it: API group ("" for the core one) and resource."""

    group: str
    resource: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule of a bound role; `wide` where it holds in all namespaces."""

    role: Role
    rule: Rule
    wide: bool

    def about(self, thing: Thing) -> bool:
        """Whether it speaks of a thing, whatever it allows."""
        groups, resources = {thing.group, "*"}, {thing.resource, "*"}
        return bool(self.rule.groups & groups and self.rule.resources & resources)

    def allows(self, thing: Thing, verb: str, named: bool = False) -> bool:
        """As the API server decides (k8s.io/kubernetes/pkg/registry/rbac/validation/rule.go).

        `named` is True where the request is for objects of one name, which a list may be too.
        """
        if self.rule.names and verb in NAMELESS and not (named and verb != "create"):
            return False
        return self.about(thing) and bool(self.rule.verbs & {verb, "*"})


@dataclass(frozen=True, slots=True)
class Granted:
    """All that an account may do, and by which bindings."""

    grants: tuple[Grant, ...]
    bindings: tuple[Binding, ...]

    def allows(self, thing: Thing, verb: str, *, own: bool = False, named: bool = False) -> bool:
        """Whether it may do one of some verbs (`update|patch`), in its own namespace or in all."""
        there = [grant for grant in self.grants if grant.wide or own]
        verbs = verb.split("|")
        return any(grant.allows(thing, one, named) for grant in there for one in verbs)


def granted(view: View, account: IstiodAccount) -> Granted | None:
    """What an istiod's account may do; None where something may be missing.

    That is so where a binding or a role is not whole, or has rules added by others, where a bound
    role is not in the tree, where it is bound in other namespaces too, and where no
    ClusterRoleBinding beside it binds it.
    """
    bindings = list(bound(view, account))
    own = account.meta.subject.namespace
    spaces = {b.meta.subject.namespace for b, sure in bindings if sure and not b.wide} - {own}
    whole = any(b.wide and beside(account, b.meta) for b, _ in bindings)
    if spaces or not whole or not all(sure for _, sure in bindings):
        return None
    grants = [_grants(view, account, binding) for binding, _ in bindings]
    if None in grants:
        return None
    every = tuple(grant for found in grants if found for grant in found)
    return Granted(every, tuple(binding for binding, _ in bindings))


def bound(view: View, account: IstiodAccount) -> Iterator[tuple[Binding, bool]]:
    """The bindings that may be for an account, and whether they surely are."""
    for binding in nearest(view, account, view.mesh.every(Binding)):
        answer = binds(binding, account)
        if answer is not False:
            yield binding, answer is True


def binds(binding: Binding, account: IstiodAccount) -> bool | None:
    """Whether a binding is for an account; None where that is not known."""
    answers = [_means(grantee, account) for grantee in binding.grantees]
    if True in answers:
        return None if binding.partial else True
    return None if None in answers or binding.partial else False


def _means(grantee: Grantee, account: IstiodAccount) -> bool | None:
    name, space = grantee.name.known, account.meta.subject.namespace
    if name is None:
        return None
    if grantee.kind == "Group":
        return name in (*WIDE, f"{WIDE[0]}:{space}")
    if grantee.kind == "User":
        return name == account.user
    if name != account.account:
        return False
    given = grantee.namespace.known if grantee.namespace else None
    return None if given is None else given == space


def _grants(view: View, account: IstiodAccount, binding: Binding) -> list[Grant] | None:
    roles = list(meant(view, account, binding))
    if not roles or any(role.partial or role.aggregated for role in roles):
        return None
    return [Grant(role, rule, binding.wide) for role in roles for rule in role.rules]


def meant(view: View, account: IstiodAccount, binding: Binding) -> Iterator[Role]:
    """The roles of the tree that a binding is to: several where there are copies."""
    wanted = (binding.role_kind, binding.role.known if binding.role else None)
    for role in nearest(view, account, view.mesh.every(Role)):
        spaces = {role.meta.subject.namespace, binding.meta.subject.namespace, ""}
        if role.key == wanted and (binding.role_kind == "ClusterRole" or len(spaces) < 3):
            yield role


def beside(account: IstiodAccount, other: Meta) -> bool:
    """Whether an object is applied with an istiod, or stands in its folder.

    What stands farther off, as of another version, may be for another istiod.
    """
    sites = (account.meta.at, other.at)
    folders = {replace(site, path=dirname(site.path)) for site in sites}
    return len(folders) == 1


def known(account: IstiodAccount) -> bool:
    """Whether an istiod runs as an account of a known name, in a known namespace."""
    space = account.meta.namespace.known if account.meta.namespace else None
    literal = account.name is None or account.name.known is not None
    return account.partial is None and bool(space) and literal


def revision_of(view: View, account: IstiodAccount) -> Revision | None:
    """What the same Deployment tells of its revision, with its image as it is in the end."""
    own = account.meta
    found = (r for r in view.mesh.revisions if r.origin is Origin.DEPLOYMENT)
    return next((r for r in found if r.subject == own.subject and r.at == own.at), None)


F = TypeVar("F", Binding, Role)


def nearest(view: View, account: IstiodAccount, facts: Iterable[F]) -> Iterator[F]:
    """Those that the account's cluster may have; of copies, those that are applied with it."""
    site = account.meta.at
    there = [fact for fact in facts if view.mesh.visible(site, fact.meta.at)]
    here = {fact.meta.subject for fact in there if fact.meta.at == site}
    yield from (f for f in there if f.meta.at == site or f.meta.subject not in here)
