"""Whether the bindings of istiod's roles are for istiod, and to roles that are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Hit, Location, Value, printable, quoted
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.istiod_account import IstiodAccount
from meshlint.resources.rbac import Binding, Grantee, Role
from meshlint.rules.control_plane.accounts import account_of, nobody
from meshlint.rules.control_plane.granting import beside, binds, known, meant, nearest, revision_of
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named, see

STEMS = ("istiod-clusterrole", "istiod-gateway-controller", "istiod")
"""What the names of istiod's roles begin with; its revision and namespace may follow."""

Kind = tuple[bool, str]
"""Whether a binding is for all namespaces, and the stem of its role's name."""


@dataclass(frozen=True, slots=True)
class Stage:
    """An istiod whose account is known, and the bindings that its cluster may have."""

    view: View
    account: IstiodAccount
    bindings: tuple[Binding, ...]

    def mine(self, binding: Binding) -> bool | None:
        return binds(binding, self.account)

    def near(self, binding: Binding) -> bool:
        return beside(self.account, binding.meta)


@mesh_rule
def istiod_binding_astray(view: View) -> Iterator[Hit]:
    """A binding of istiod's role is for nobody, or for a role that is not there."""
    done: set[Location] = set()
    for account in view.mesh.every(IstiodAccount):
        if known(account) and not view.mesh.plane(account.meta.at).vague:
            stage = Stage(view, account, tuple(nearest(view, account, view.mesh.every(Binding))))
            for hit in (*_astray(stage), *_dangling(stage)):
                if hit.where not in done:
                    done.add(hit.where)
                    yield hit


def _stem(binding: Binding) -> Kind | None:
    """None for a role that has no name of istiod's."""
    name = (binding.role.known if binding.role else None) or ""
    stem = next((stem for stem in STEMS if f"{name}-".startswith(f"{stem}-")), None)
    return (binding.wide, stem) if stem else None


def _astray(stage: Stage) -> Iterator[Hit]:
    """Bindings to accounts that nobody makes, of roles that istiod's own account is not given.

    An account that has roles of other names may have got them instead.
    """
    held = {_stem(binding) for binding in stage.bindings if stage.mine(binding) is not False}
    if None in held or account_of(stage.view, stage.account) is None:
        return
    for binding in stage.bindings:
        stem, lost = _stem(binding), _lost(stage, binding)
        if stem and stem not in held and lost and stage.near(binding):
            yield _stray(stage, binding, lost)


def _lost(stage: Stage, binding: Binding) -> Grantee | None:
    """The subject of a binding that is for nobody, though it is meant for this istiod."""
    found = [one for one in binding.grantees if one.kind == "ServiceAccount"]
    if binding.partial or not found or len(found) < len(binding.grantees):
        return None
    if not all(nobody(stage.view, stage.account, one) for one in found):
        return None
    same = (one for one in found if one.name.text == stage.account.account)
    return next(same, found[0] if _meant(stage, binding) else None)


def _meant(stage: Stage, binding: Binding) -> bool:
    """Whether the role has the name that the charts give to one of this istiod."""
    stem, own = _stem(binding), stage.account.meta
    found = revision_of(stage.view, stage.account)
    revision = found.name.known if found else None
    if stem is None or revision is None or binding.role is None:
        return False
    start = stem[1] if revision == DEFAULT else f"{stem[1]}-{revision}"
    return binding.role.text in (start, f"{start}-{own.subject.namespace}")


def _stray(stage: Stage, binding: Binding, lost: Grantee) -> Hit:
    account, own = stage.account, binding.meta
    right = f"{account.meta.subject.namespace}/{account.account}"
    space = lost.namespace.text if lost.namespace else ""
    plane, main = stage.view.mesh.plane(account.meta.at), _main(binding)
    effect = " and never becomes ready" if main else ""
    return Hit(
        f"{named(own.subject)} gives a role of istiod's to ServiceAccount"
        f" {quoted(f'{space}/{lost.name.text}')}, which is not here, and {quoted(right)}, as which"
        f" {named(account.meta.subject)} runs, has no such binding: istiod logs 'forbidden: User"
        f' "{printable(account.user)}" cannot …\'{effect}. Name {quoted(right)}.',
        _odd(account, lost).where,
        own.subject,
        (see(account.meta.subject, account.name.where if account.name else account.meta.where),),
        case=None if main and plane.closed and not plane.bare else "open",
    )


def _main(binding: Binding) -> bool:
    """Whether the role is the one for what istiod reads of the cluster."""
    return binding.wide and _stem(binding) != (True, STEMS[1])


def _odd(account: IstiodAccount, lost: Grantee) -> Value:
    """The namespace where the name is right, else the name."""
    wrong_place = lost.namespace is not None and lost.name.text == account.account
    return lost.namespace if wrong_place and lost.namespace else lost.name


def _dangling(stage: Stage) -> Iterator[Hit]:
    """A binding of istiod's account to a role that is missing where its others are."""
    if any(r.meta.name is None or r.meta.name.known is None for r in stage.view.mesh.every(Role)):
        return
    own = [b for b in stage.bindings if stage.mine(b) and stage.near(b) and _stem(b)]
    for binding in own:
        role = binding.role
        if role is None or next(meant(stage.view, stage.account, binding), None):
            continue
        others = [r for b in own if b.meta.at == binding.meta.at for r in _beside(stage, b)]
        if others:
            yield _gone(stage, binding, role, others[0])


def _beside(stage: Stage, binding: Binding) -> Iterator[Role]:
    """The roles of a binding that are applied with it."""
    for role in meant(stage.view, stage.account, binding):
        if role.meta.at == binding.meta.at and role.partial is None:
            yield role


def _gone(stage: Stage, binding: Binding, role: Value, other: Role) -> Hit:
    own, account = binding.meta, stage.account
    return Hit(
        f"{named(own.subject)} gives istiod the {binding.role_kind} {quoted(role.text)}, which is"
        f" not here, while {named(other.meta.subject)} is: a binding to a role that does not exist"
        f' allows nothing, and istiod logs \'forbidden: User "{printable(account.user)}" cannot'
        " …'. Write the name of the role that is meant, or add it.",
        role.where,
        own.subject,
        (see(other.meta.subject, other.meta.where),),
        case="dangling",
    )
