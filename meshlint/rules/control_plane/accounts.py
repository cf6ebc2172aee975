"""Whether the ServiceAccount that istiod's Deployment names is made by anybody."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, quoted
from meshlint.resources.document import Meta
from meshlint.resources.istiod_account import DEFAULT, IstiodAccount
from meshlint.resources.rbac import Binding, Grantee, ServiceAccount
from meshlint.rules.control_plane.granting import beside, binds, known, meant, nearest
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

OLD = "istiod-service-account"
"""The account of istiod up to 1.10, which later charts keep beside the one that is used."""


@mesh_rule
def istiod_service_account_missing(view: View) -> Iterator[Hit]:
    """istiod runs as an account that is not here, while another one that looks so is unused."""
    for account in view.mesh.every(IstiodAccount):
        plane = view.mesh.plane(account.meta.at)
        if not known(account) or plane.vague or account_of(view, account) is not None:
            continue
        near = next(_unused(view, account), None)
        if near:
            yield _missing(account, near)
        elif plane.closed and _rendered(view, account):
            yield _absent(account)


def account_of(view: View, account: IstiodAccount) -> ServiceAccount | str | None:
    """What makes the account that an istiod runs as; None where nothing does."""
    if account.account == DEFAULT:
        return DEFAULT
    name, space = account.account, account.meta.subject.namespace
    return next((one for one in _there(view, account) if _is(one, space, name)), None)


def nobody(view: View, account: IstiodAccount, grantee: Grantee) -> bool:
    """Whether no ServiceAccount and no istiod of the tree is the one that a binding means."""
    name, space = grantee.name.known, grantee.namespace.known if grantee.namespace else None
    if name is None or space is None or name == DEFAULT:
        return False
    users = (u for u in view.mesh.every(IstiodAccount) if _near(view, account, u.meta))
    run = (user for user in users if user.meta.subject.namespace in (space, "") or not known(user))
    made = any(_is(one, space, name) for one in _there(view, account))
    return not made and all(user.account != name for user in run)


def _is(one: ServiceAccount, space: str, name: str) -> bool:
    """Whether it may be the account of a name; what names no namespace may be in any."""
    own = one.meta
    there = own.namespace.known if own.namespace else None
    known_name = own.name.known if own.name else None
    return known_name in (name, None) and there in (space, None)


def _there(view: View, account: IstiodAccount) -> Iterator[ServiceAccount]:
    """The ServiceAccounts that the istiod's cluster may have."""
    for one in view.mesh.every(ServiceAccount):
        if _near(view, account, one.meta):
            yield one


def _near(view: View, account: IstiodAccount, other: Meta) -> bool:
    return view.mesh.visible(account.meta.at, other.at)


def _unused(view: View, account: IstiodAccount) -> Iterator[ServiceAccount]:
    """Accounts for an istiod, applied with this one, as which none of the tree runs."""
    users = (u for u in view.mesh.every(IstiodAccount) if _near(view, account, u.meta))
    used = {(user.meta.subject.namespace, user.account) for user in users}
    name, space = account.account, account.meta.subject.namespace
    for one in _there(view, account):
        own = one.meta.subject
        moved = own.name == name and own.namespace != space
        named_so = own.namespace == space and own.name.split("-")[0] == "istiod"
        alike = own.name.startswith(OLD) == name.startswith(OLD)
        free = (own.namespace, own.name) not in used and one.partial is None
        if free and beside(account, one.meta) and (moved or (named_so and alike)):
            yield one


def _missing(account: IstiodAccount, near: ServiceAccount) -> Hit:
    own = account.meta.subject
    return Hit(
        f"{named(own)} runs as ServiceAccount {quoted(account.account)}, which is not here, while"
        f" {named(near.meta.subject)} is, and nothing runs as that: {_fails(account)}. Write its"
        " name, in the namespace of the Deployment.",
        account.name.where if account.name else account.meta.where,
        own,
        (see(near.meta.subject, near.meta.where),),
    )


def _fails(account: IstiodAccount) -> str:
    full = f"{account.meta.subject.namespace}/{account.account}"
    return (
        "no pod of istiod appears ('error looking up service account"
        f' {quoted(full)[1:-1]}: serviceaccount "{quoted(account.account)[1:-1]}" not found\')'
    )


def _rendered(view: View, account: IstiodAccount) -> bool:
    """Whether roles and bindings for the account, and other accounts, stand beside it."""
    bindings = nearest(view, account, view.mesh.every(Binding))
    mine = [b for b in bindings if binds(b, account) and beside(account, b.meta)]
    roles = any(True for binding in mine for _ in meant(view, account, binding))
    return roles and any(beside(account, one.meta) for one in _there(view, account))


def _absent(account: IstiodAccount) -> Hit:
    own = account.meta.subject
    return Hit(
        f"{named(own)} runs as ServiceAccount {quoted(account.account)}, which is not here, while"
        f" its roles and bindings are: unless somebody else makes it, {_fails(account)}.",
        account.name.where if account.name else account.meta.where,
        own,
        case="elsewhere",
    )
