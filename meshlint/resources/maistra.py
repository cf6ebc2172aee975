"""OpenShift Service Mesh 2: control planes, and which namespaces belong to them.

Its operator labels the members of a mesh, and its webhook selects that label and no other
(maistra/istio-operator resources/helm/v2.5/istio-control/istio-discovery/templates/
mutatingwebhook.yaml). Pods opt in (resources/smcp-templates/v2.5/base: autoInject is false).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Field, Location, Type, Value
from meshlint.resources.control_plane import Elsewhere, Origin
from meshlint.resources.document import Document, Meta
from meshlint.resources.injector import Settings, selectors
from meshlint.resources.reader import reads
from meshlint.resources.site import Site
from meshlint.resources.webhook import Selector, selector
from meshlint.unread import Unread

MEMBER_OF = "maistra.io/member-of"
"""The label that the operator gives to members: the namespace of the control plane."""

IGNORED = "maistra.io/ignore-namespace"
"""The label that it gives to the namespace of the control plane itself."""

GROUP = "maistra.io"
EVERY = "*"
STOCK_PROFILES = frozenset({"default", "small", "maistra", "servicemesh", "base"})


@dataclass(frozen=True, slots=True)
class MeshPlane:
    """A ServiceMeshControlPlane; its name is that of its revision."""

    meta: Meta
    partial: Unread | None


@dataclass(frozen=True, slots=True)
class Members:
    """Namespaces that join a mesh: a ServiceMeshMemberRoll, or one ServiceMeshMember.

    `mesh` is the namespace of the control plane, `plane` its name; each None where not known.
    `names` may have EVERY among them; `selectors` choose further namespaces by their labels.
    """

    mesh: Value | None
    plane: Value | None
    names: tuple[Value, ...]
    selectors: tuple[Selector, ...]
    where: Location
    site: Site | None = None

    @property
    def at(self) -> Site:
        """From where the object reaches a cluster; by default its own file."""
        return self.site or Site(self.where.path)


@reads("ServiceMeshControlPlane")
def mesh_plane(document: Document) -> Iterator[Elsewhere | MeshPlane | Settings]:
    """The control plane, and what its injector is told."""
    own = document.meta
    yield Elsewhere(own.where, "OpenShift Service Mesh 2 has its own injection rules")
    if document.group == GROUP and own.name is not None:
        yield MeshPlane(own, document.partial)
        yield _settings(document, own.name)


def _settings(document: Document, name: Value) -> Settings:
    """`spec.proxy.injection` of v2, or the chart's values of v1; without them pods opt in."""
    root, found = document.root, ("spec", "proxy", "injection")
    chosen = root.field(*found, "autoInject") or root.field(
        "spec", "istio", "global", "proxy", "autoInject"
    )
    lists = [selectors(root.get(*found, f"{side}InjectSelector")) for side in ("never", "always")]
    never, always = lists
    return Settings(
        revision=name if name.known else None,
        where=document.meta.where,
        origin=Origin.OPERATOR,
        policy=_policy(chosen, document.meta.where) if _stock(document) or chosen else None,
        never=never or (),
        always=always or (),
        complete=None not in lists and document.partial is None and _stock(document),
    )


def _policy(field: Field | None, where: Location) -> Value:
    """The operator turns the boolean of v2 into the injector's word."""
    if field is None:
        return Value("disabled", where)
    value = field.value
    words = {"true": "enabled", "false": "disabled"} if value.type is Type.BOOL else {}
    return Value(words.get(value.text, value.text), value.where, Type.STRING, value.literal)


def _stock(document: Document) -> bool:
    """Whether all profiles (v1: the template) are those of the operator, which say `disabled`."""
    template = document.root.field("spec", "template")
    asked = (*document.root.scalars("spec", "profiles"), *([template.value] if template else ()))
    return all(value.known in STOCK_PROFILES for value in asked)


@reads("ServiceMeshMemberRoll")
def member_roll(document: Document) -> Iterator[Members]:
    """It stands in the namespace of the control plane."""
    if document.group == GROUP:
        listed = document.root.get("spec", "memberSelectors")
        yield Members(
            mesh=document.meta.namespace,
            plane=None,
            names=document.root.scalars("spec", "members"),
            selectors=tuple(map(selector, listed.items())) if listed else (),
            where=document.meta.where,
        )


@reads("ServiceMeshMember")
def member(document: Document) -> Iterator[Members]:
    """It stands in the namespace that joins, and names the control plane."""
    reference = [document.root.field("spec", "controlPlaneRef", k) for k in ("namespace", "name")]
    mesh, plane = (field.value if field else None for field in reference)
    if document.group == GROUP and document.meta.namespace is not None:
        yield Members(mesh, plane, (document.meta.namespace,), (), document.meta.where)
