"""Where proxies are told to find istiod: discoveryAddress, wherever it is written.

It is a field of ProxyConfig, which is `defaultConfig` of the mesh configuration of a revision
(istio/istio pilot/pkg/bootstrap/mesh.go: the ConfigMap istio, or istio-REVISION), or what the pod
annotation proxy.istio.io/config lays over that. An older annotation sets it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from meshlint.finding import Location, Type, Value
from meshlint.resources.carrier import ISTIOD_CHARTS, releases
from meshlint.resources.control_plane import DEFAULT, Revision, operator, sail
from meshlint.resources.document import Document, Meta
from meshlint.resources.keys import PROXY_CONFIG
from meshlint.resources.proxy_value import given
from meshlint.resources.reader import reads
from meshlint.resources.values import Values
from meshlint.source.node import Node
from meshlint.unread import Unread

CONFIG = PROXY_CONFIG
DEPRECATED = "sidecar.istio.io/discoveryAddress"
FIELD = "discoveryAddress"
POLICY = "controlPlaneAuthPolicy"
SAN = "ISTIOD_SAN"
"""Environment of the proxy, by which it expects another name in istiod's certificate."""

MAP_NAME = re.compile(r"istio(?:-(.+))?\Z")
PATH = ("meshConfig", "defaultConfig")
YES = frozenset({"true", "yes", "on"})


class Place(StrEnum):
    """Who says it."""

    CONFIG_MAP = "ConfigMap"
    OPERATOR = "IstioOperator"
    HELM = "Helm values"
    SAIL = "Sail operator"
    ANNOTATION = CONFIG
    DEPRECATED = DEPRECATED


@dataclass(frozen=True, slots=True)
class Discovery:
    """One place that may say where istiod is found. `meta` is that of the object that says it.

    `address` is None where nothing is said, and `where` the place that could say it. `plain` is
    whether TLS is switched off there (controlPlaneAuthPolicy NONE), None where nothing is said of
    that. `told` is the revision in the values of a chart, None where that is not known. `remote`
    is True where these values lead to an istiod of another cluster, and `renamed` where proxies
    are told to expect another name than the host.
    """

    meta: Meta
    partial: Unread | None
    place: Place
    address: Value | None
    where: Location
    plain: bool | None = None
    told: Value | None = None
    remote: bool = False
    renamed: bool = False

    @property
    def of_mesh(self) -> bool:
        """Whether it holds for all proxies of a revision."""
        return self.place not in (Place.ANNOTATION, Place.DEPRECATED)

    @property
    def owner(self) -> str | None:
        """The revision whose istiod reads it: that of the ConfigMap's name, or of the values."""
        if self.place is Place.CONFIG_MAP:
            name = self.meta.name.known if self.meta.name else None
            match = MAP_NAME.match(name or "")
            return (match.group(1) or DEFAULT) if match else None
        return self.told.known if self.told else None


@reads("ConfigMap", hints=("istio",))
def mesh_map(document: Document) -> Iterator[Discovery]:
    """The mesh configuration as istiod reads it."""
    name, node = document.meta.name, document.root.get("data", "mesh")
    if name is None or node is None or MAP_NAME.match(name.text) is None:
        return
    root = _inside(node)
    if root is not None:
        inner = root.get("defaultConfig")
        at = inner.key_where if inner is not None else node.key_where
        yield _read(document, Place.CONFIG_MAP, inner, at)


def _inside(node: Node) -> Node | None:
    """The map in a text, with the places of the file where the text is a block."""
    from meshlint.resources.patch import texts  # few manifests have a mesh configuration

    roots = texts(node)
    return roots[0] if roots and roots[0].is_map else None


def _read(document: Document, place: Place, config: Node | None, where: Location) -> Discovery:
    """A ProxyConfig, or that there is none."""
    bare = Discovery(document.meta, document.partial, place, None, where)
    return configured(bare, config) if config is not None else bare


def configured(bare: Discovery, config: Node) -> Discovery:
    """What a ProxyConfig says."""
    address, policy = given(config, FIELD), given(config, POLICY)
    return replace(
        bare,
        address=_said(address.value()) if address is not None else None,
        plain=policy.value().text in ("NONE", "0") if policy is not None else None,
        renamed=config.get("proxyMetadata", SAN) is not None,
    )


def _said(value: Value) -> Value | None:
    """A null is as if it were absent."""
    return None if value.type is Type.NULL else value


@reads("IstioOperator")
def operator_mesh(document: Document) -> Iterator[Discovery]:
    """The mesh configuration of an IstioOperator, which may be given in two places."""
    nodes = [document.root.get("spec", *path, *PATH) for path in ((), ("values",))]
    found = [node for node in nodes if node is not None and node.is_map]
    profile = document.root.field("spec", "profile")
    values = document.root.get("spec", "values")
    remote = profile is not None and profile.value.text in ("remote", "external")
    revision = next(operator(document), None)
    for node in found[:1]:
        read = _read(document, Place.OPERATOR, node, node.key_where)
        told = revision.name if isinstance(revision, Revision) else None
        given_values = Values((values,) if values is not None and values.is_map else ())
        yield replace(read, told=told, remote=remote or _remote(given_values))


@reads("Istio", "IstioRevision")
def sail_mesh(document: Document) -> Iterator[Discovery]:
    """That of the Sail operator's resources."""
    values, revision = document.root.get("spec", "values"), next(sail(document), None)
    if revision is not None and values is not None and values.is_map:
        told = revision.name if isinstance(revision, Revision) else None
        yield from _of_values(document, Place.SAIL, Values((values,)), told)


@reads("HelmRelease", "Application", "ApplicationSet", "HelmChart", hints=("istio",))
@reads("Kustomization")
def charted_mesh(document: Document) -> Iterator[Discovery]:
    """That in the values of an istiod chart."""
    for release in releases(document):
        if release.chart in ISTIOD_CHARTS:
            field = release.field("revision")
            told = field.value if field and field.value.text else None
            if told is None and (field is not None or release.complete):
                told = Value(DEFAULT, document.meta.where)
            yield from _of_values(document, Place.HELM, release.given, told)


def _of_values(
    document: Document, place: Place, values: Values, told: Value | None
) -> Iterator[Discovery]:
    """What a chart lays over its own mesh configuration; what is empty changes nothing there."""
    address, policy = values.field(*PATH, FIELD), values.field(*PATH, POLICY)
    if address is None and policy is None:
        return
    value = address.value if address else None
    yield Discovery(
        document.meta,
        document.partial,
        place,
        _said(value) if value is not None and value.text else None,
        address.key.where if address else document.meta.where,
        plain=policy.value.text == "NONE" if policy else None,
        told=told,
        remote=_remote(values),
        renamed=values.field(*PATH, "proxyMetadata", SAN) is not None,
    )


def _remote(values: Values) -> bool:
    """Whether the istiod that these proxies ask is in another cluster."""
    address = values.field("global", "remotePilotAddress")
    enabled = values.field("istiodRemote", "enabled")
    if address is not None and address.value.text:
        return True
    return enabled is not None and enabled.value.text.lower() in YES
