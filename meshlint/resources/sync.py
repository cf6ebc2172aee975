"""How Argo CD, Flux and Config Sync keep what they apply: what they undo, leave alone and prune.

What they apply where, `Applier` tells. Sources: argoproj/argo-cd pkg/apis/application/v1alpha1;
fluxcd/kustomize-controller internal/controller, with fluxcd/pkg/ssa; GoogleContainerTools/
kpt-config-sync pkg/applier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from meshlint.finding import Field, Value
from meshlint.resources.applier import given, switched_on
from meshlint.resources.document import Document, Meta
from meshlint.resources.reader import reads
from meshlint.source.node import Node
from meshlint.unread import Unread

ARGO, FLUX = "argoproj.io", "kustomize.toolkit.fluxcd.io"
CONFIG_SYNC = "configsync.gke.io"

OWNED = ("caBundle", "failurePolicy")
"""What istiod writes into webhook configurations."""

ISTIOD = "pilot-discovery"
"""The field manager under which istiod writes."""

RESPECT = "RespectIgnoreDifferences=true"


class Tool(StrEnum):
    ARGO = "Argo CD"
    FLUX = "Flux"
    CONFIG_SYNC = "Config Sync"


@dataclass(frozen=True, slots=True)
class Spared:
    """Fields of OWNED that a tool ignores in some kind and name of object; patterns for both."""

    kind: str
    name: str
    fields: frozenset[str]

    def covers(self, kind: str, name: str, field: str) -> bool:
        return field in self.fields and _takes(self.kind, kind) and _takes(self.name, name)


def _takes(pattern: str, text: str) -> bool:
    """Argo's globs and Flux's regular expressions; one that is not understood takes all."""
    if pattern in ("", "*", text):
        return True
    plain = pattern.replace(".*", "*").strip("^$")
    if re.fullmatch(r"[\w.*-]+", plain) is None:
        return True
    return re.fullmatch(re.escape(plain).replace(r"\*", "[^/]*"), text) is not None


@dataclass(frozen=True, slots=True)
class Sync:
    """An Application (or a set of them), a Flux Kustomization, a RootSync or RepoSync.

    `folders` are those that it applies, as written; None for one that is not known. `heals` is
    True where it undoes changes in the cluster without any change in Git. `respects` is True where
    a sync leaves alone what is `spared`, of which else only the difference is not shown. `prunes`
    is True where what is gone from Git is deleted, None where that is not known. `force` is Flux's
    field of that name, where it is true.
    """

    meta: Meta
    partial: Unread | None
    tool: Tool
    folders: tuple[str | None, ...]
    heals: bool
    prunes: bool | None
    spared: tuple[Spared, ...] = ()
    respects: bool = True
    force: Field | None = None

    def spares(self, kind: str, name: str, field: str) -> bool:
        return any(one.covers(kind, name, field) for one in self.spared)


@dataclass(frozen=True, slots=True)
class Customized:
    """What Argo CD is told to ignore everywhere, in its own ConfigMap."""

    meta: Meta
    partial: Unread | None
    text: str


@reads("Application", "ApplicationSet", hints=("destination",))
def argo(document: Document) -> Iterator[Sync]:
    path = ("spec",) if document.kind == "Application" else ("spec", "template", "spec")
    spec = document.root.get(*path)
    if document.group != ARGO or spec is None:
        return
    automated = spec.get("syncPolicy", "automated")
    off = automated.field("enabled") if automated else None
    listed = spec.get("ignoreDifferences")
    on = automated is not None and (off is None or off.value.text != "false")
    yield Sync(
        meta=document.meta,
        partial=document.partial,
        tool=Tool.ARGO,
        folders=_folders(given(source, "path") for source in _sources(spec)),
        heals=on and automated is not None and switched_on(automated.field("selfHeal")),
        prunes=on and automated is not None and switched_on(automated.field("prune")),
        spared=tuple(_argo_spares(item) for item in (listed.items() if listed else ())),
        respects=any(
            v.text == RESPECT or not v.literal for v in spec.scalars("syncPolicy", "syncOptions")
        ),
    )


def _sources(spec: Node) -> list[Node]:
    several = spec.get("sources")
    single = (spec.get("source"), spec.get("sourceHydrator", "drySource"))
    return [*(several.items() if several else ()), *(node for node in single if node)]


def _folders(values: Iterable[Value | None]) -> tuple[str | None, ...]:
    return tuple(value.known for value in values if value)


def _argo_spares(item: Node) -> Spared:
    keys = ("jqPathExpressions", "jsonPointers")
    lines = [v.text for key in keys for v in item.scalars(key)]
    managers = {v.text for v in item.scalars("managedFieldsManagers")}
    fields = frozenset(OWNED) if ISTIOD in managers else _fields(lines)
    return Spared(_text(item, "kind"), _text(item, "name"), fields)


def _fields(lines: list[str]) -> frozenset[str]:
    """Which of OWNED some paths name; one that names neither may be of all that is below it."""
    found = {part for line in lines for part in OWNED if part in line}
    wide = any("webhooks" in line and not any(p in line for p in OWNED) for line in lines)
    return frozenset(OWNED if wide or "" in lines else found)


def _text(item: Node, *keys: str) -> str:
    field = item.field(*keys)
    return field.value.text if field else ""


@reads("Kustomization")
def flux(document: Document) -> Iterator[Sync]:
    """It applies everything again at each interval, by server-side apply that wins conflicts."""
    spec = document.root.get("spec")
    if document.group != FLUX or spec is None:
        return
    listed, force, prune = spec.get("ignore"), spec.field("force"), spec.field("prune")
    yield Sync(
        meta=document.meta,
        partial=document.partial,
        tool=Tool.FLUX,
        folders=_folders([given(spec, "path")]),
        heals=not switched_on(spec.field("suspend")),
        prunes=switched_on(prune) if prune else None,
        spared=tuple(_flux_spares(item) for item in (listed.items() if listed else ())),
        force=force if switched_on(force) else None,
    )


def _flux_spares(item: Node) -> Spared:
    lines = [v.text for v in item.scalars("paths")]
    return Spared(_text(item, "target", "kind"), _text(item, "target", "name"), _fields(lines))


@reads("RootSync", "RepoSync", hints=("dir",))
def config_sync(document: Document) -> Iterator[Sync]:
    """Config Sync undoes what differs from the source as soon as it sees it, and prunes."""
    if document.group == CONFIG_SYNC:
        folders = (given(document.root, "spec", key, "dir") for key in ("git", "oci"))
        yield Sync(
            meta=document.meta,
            partial=document.partial,
            tool=Tool.CONFIG_SYNC,
            folders=_folders(folders),
            heals=True,
            prunes=True,
        )


@reads("ConfigMap", hints=("argocd-cm",))
def argocd_cm(document: Document) -> Iterator[Customized]:
    """`resource.customizations`, in one text or in keys for each kind."""
    if document.meta.subject.name != "argocd-cm":
        return
    data = document.root.fields("data")
    found = [f.value.text for key, f in data.items() if key.startswith("resource.customizations")]
    keys = [key for key in data if "ignoreDifferences" in key]
    if found:
        yield Customized(document.meta, document.partial, "\n".join((*keys, *found)))
