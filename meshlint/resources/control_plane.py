"""Evidence of control planes: which revisions and tags exist, and how surely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from meshlint.finding import Field, Location, Subject, Type, Value
from meshlint.resources.declared import Declared, Flavour
from meshlint.resources.document import Document
from meshlint.resources.keys import REVISION
from meshlint.resources.reader import reads
from meshlint.resources.site import Site
from meshlint.resources.workload import Container, Workload, workload
from meshlint.source.node import Node
from meshlint.unread import Unread

DEFAULT = "default"
"""The name under which webhooks and namespaces know the revision that was installed as ""."""

PILOT_VERSION = re.compile(r":v?(1)\.(\d+)")


class Origin(StrEnum):
    """What kind of document tells of a revision or tag."""

    DEPLOYMENT = "istiod Deployment"
    OPERATOR = "IstioOperator"
    HELM = "Helm values"
    SAIL = "Sail operator"
    MANAGED = "managed control plane"
    CONFIG_MAP = "ConfigMap"
    WEBHOOK = "webhook configuration"
    DECLARED = "declaration"


STRONG = frozenset(Origin) - {Origin.CONFIG_MAP, Origin.WEBHOOK}
"""Proof that an istiod of this revision is installed; webhooks may be left over from one."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A control plane's revision. `name.literal` is False where the name is a placeholder.

    `explicit` is False where "default" follows from no name being given. `version` is istiod's
    (major, minor), where its image tells. `image` is istiod's image, or its tag alone. `label` is
    the revision by which Services find its pods, where it takes itself for another one.
    """

    name: Value
    origin: Origin
    subject: Subject
    partial: Unread | None = None
    explicit: bool = True
    version: tuple[int, int] | None = None
    image: Value | None = None
    site: Site | None = None
    label: Value | None = None

    @property
    def at(self) -> Site:
        """From where the object reaches a cluster; by default its own file."""
        return self.site or Site(self.name.where.path)

    @property
    def strong(self) -> bool:
        return self.origin in STRONG


@dataclass(frozen=True, slots=True)
class Tag:
    """A revision tag; `target` is the revision it points to, None where that cannot be said."""

    name: Value
    target: Value | None
    origin: Origin
    subject: Subject
    partial: Unread | None = None
    site: Site | None = None

    @property
    def at(self) -> Site:
        """From where the object reaches a cluster; by default its own file."""
        return self.site or Site(self.name.where.path)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A control plane is installed from here, but its revisions stand somewhere else."""

    where: Location
    why: str
    site: Site | None = None

    @property
    def at(self) -> Site:
        """From where the object reaches a cluster; by default its own file."""
        return self.site or Site(self.where.path)


@reads("Deployment")
def istiod(document: Document) -> Iterator[Revision]:
    """An istiod: container `discovery`, or label app=istiod (charts/istio-discovery/deployment)."""
    if not any(word in document.root.page.text for word in ("istiod", "discovery")):
        return
    for found in workload(document):
        discovery = next((c for c in found.containers if c.name == "discovery"), None)
        if found.pod.label("app") == "istiod" or (discovery and _is_pilot(discovery)):
            name, label = _revision_of(found, discovery)
            yield Revision(
                name=name or _default(found.meta.where),
                origin=Origin.DEPLOYMENT,
                subject=found.meta.subject,
                partial=found.partial,
                explicit=name is not None,
                version=_version(discovery),
                image=discovery.image if discovery else None,
                label=label,
            )


def _is_pilot(container: Container) -> bool:
    return container.image is not None and "pilot" in container.image.text


def _revision_of(found: Workload, discovery: Container | None) -> tuple[Value | None, Value | None]:
    """What istiod itself reads, else its label; and the label where that is another one.

    Where both say the same, the label shows it: there it stands once for all readers.
    """
    field = found.pod.labels.get(REVISION) or found.meta.labels.get(REVISION)
    label = field.value if field else None
    env = (e for e in discovery.env if e.key.text == "REVISION") if discovery else iter(())
    told = next((e.value for e in env if e.value.text), None)
    if told is None or label is None or label.text == told.text:
        return label or told, None
    return told, label


def _version(discovery: Container | None) -> tuple[int, int] | None:
    image = discovery.image if discovery else None
    match = PILOT_VERSION.search(image.text) if image else None
    return (int(match.group(1)), int(match.group(2))) if match else None


def _default(where: Location) -> Value:
    return Value(DEFAULT, where, Type.STRING)


@reads("IstioOperator")
def operator(document: Document) -> Iterator[Revision | Tag]:
    """`istioctl install -f`: spec.revision; none where the profile brings no istiod."""
    root, own = document.root, document.meta
    profile = root.field("spec", "profile")
    pilot = root.field("spec", "components", "pilot", "enabled")
    absent = profile is not None and profile.value.text in ("empty", "remote")
    if absent or (pilot is not None and pilot.value.text == "false"):
        return
    field = root.field("spec", "revision")
    revision = named(field, own.where, Origin.OPERATOR, own.subject, document.partial)
    yield replace(revision, image=_tag(root))
    for tag in root.scalars("spec", "values", "revisionTags"):
        target = field.value if field else _default(own.where)
        yield Tag(tag, target, Origin.OPERATOR, own.subject, document.partial)


def _tag(root: Node) -> Value | None:
    """The image tag of istiod: a component's own wins."""
    paths = (("components", "pilot"), ("values", "pilot"), ())
    found = (root.field("spec", *path, "tag") for path in paths)
    return next((field.value for field in found if field), None)


def named(
    field: Field | None, where: Location, origin: Origin, subject: Subject, partial: Unread | None
) -> Revision:
    """The revision that a field names; absent, null or empty it is the default one."""
    given = field is not None and field.value.type is not Type.NULL and field.value.text != ""
    name = field.value if field is not None and given else _default(where)
    return Revision(name, origin, subject, partial, explicit=given)


@reads("Istio", "IstioRevision")
def sail(document: Document) -> Iterator[Revision | Elsewhere]:
    """Sail operator: an Istio updated in place, and an IstioRevision, are revisions of their name.

    With updateStrategy RevisionBased it is NAME-VERSION, dots as dashes
    (sail-operator controllers/istio/istio_controller.go); a version alias is not resolved.
    """
    own = document.meta
    if document.group not in ("sailoperator.io", "operator.istio.io") or own.name is None:
        return
    strategy = document.root.field("spec", "updateStrategy", "type")
    version = document.root.field("spec", "version")
    if strategy is None or strategy.value.text != "RevisionBased":
        yield Revision(own.name, Origin.SAIL, own.subject, document.partial)
    elif version is None or not re.fullmatch(r"v\d+\.\d+\.\d+", version.value.text):
        yield Elsewhere(own.where, "its version is an alias")
    else:
        name = f"{own.name.text}-{version.value.text.replace('.', '-')}"
        value = Value(name, own.name.where, Type.STRING, own.name.literal)
        yield Revision(value, Origin.SAIL, own.subject, document.partial)


@reads("IstioRevisionTag")
def sail_tag(document: Document) -> Iterator[Tag]:
    """Sail operator: a tag of the object's name; an Istio as target may be a revision of it."""
    own = document.meta
    target = document.root.field("spec", "targetRef", "name")
    kind = document.root.field("spec", "targetRef", "kind")
    direct = target is not None and kind is not None and kind.value.text == "IstioRevision"
    if own.name is not None:
        value = target.value if target and direct else None
        yield Tag(own.name, value, Origin.SAIL, own.subject, document.partial)


@reads("ControlPlaneRevision")
def managed(document: Document) -> Iterator[Revision]:
    """Cloud Service Mesh: a managed revision (mesh.cloud.google.com)."""
    own = document.meta
    if own.name is not None:
        yield Revision(own.name, Origin.MANAGED, own.subject, document.partial)


@reads("GKEHubFeatureMembership")
def membership(document: Document) -> Iterator[Declared]:
    """Cloud Service Mesh by fleet (Config Connector): managed, of whatever channel."""
    management = document.root.field("spec", "mesh", "management")
    # its form is that of a placeholder too, so that it is no literal
    automatic = management is not None and management.value.text == "MANAGEMENT_AUTOMATIC"
    if automatic and document.group == "gkehub.cnrm.cloud.google.com":
        where = document.meta.where
        yield Declared(where, Site(where.path), False, True, Flavour.CSM_MANAGED, meant=False)


@reads("ConfigMap", hints=("istio",))
def config_map(document: Document) -> Iterator[Revision]:
    """Medium evidence: the mesh or injector configuration of a revision."""
    own = document.meta
    field = own.labels.get(REVISION)
    if own.subject.name.startswith("istio") and field is not None:
        yield Revision(field.value, Origin.CONFIG_MAP, own.subject, document.partial)
