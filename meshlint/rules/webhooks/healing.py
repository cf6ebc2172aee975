"""Who applies a webhook configuration again and again, and writes Git's values over istiod's."""

from __future__ import annotations

from posixpath import dirname

from meshlint.finding import Fields
from meshlint.resources.document import Meta
from meshlint.resources.sync import OWNED, Customized, Sync, Tool
from meshlint.resources.webhook import Configuration
from meshlint.rules.registry import View
from meshlint.rules.words import named

Table = dict[Tool, dict[str, tuple[str, ...]]]

LEFT_ALONE: Table = {
    Tool.FLUX: {
        "kustomize.toolkit.fluxcd.io/ssa": ("ifnotpresent", "ignore"),
        "kustomize.toolkit.fluxcd.io/reconcile": ("disabled",),
    },
    Tool.CONFIG_SYNC: {
        "configmanagement.gke.io/managed": ("disabled",),
        "client.lifecycle.config.k8s.io/mutation": ("ignore",),
    },
    Tool.ARGO: {"argocd.argoproj.io/hook": ()},
}
"""Annotations (Flux: labels too) of objects that a tool does not write to once they exist, with
the values that say so, in lower case; none for any."""

KEPT: Table = {
    Tool.FLUX: {
        **LEFT_ALONE[Tool.FLUX],
        "kustomize.toolkit.fluxcd.io/ssa": ("ignore",),
        "kustomize.toolkit.fluxcd.io/prune": ("disabled",),
    },
    Tool.CONFIG_SYNC: {
        "configmanagement.gke.io/managed": ("disabled",),
        "client.lifecycle.config.k8s.io/deletion": ("detach",),
    },
    Tool.ARGO: {"argocd.argoproj.io/sync-options": ("prune=false",)},
}
"""The same for objects that a tool does not delete when they are gone from Git."""

WHEN = {
    Tool.ARGO: "at once, by self-heal",
    Tool.FLUX: "at each interval",
    Tool.CONFIG_SYNC: "as soon as it sees the difference",
}


def appliers(view: View, configuration: Configuration) -> list[Sync]:
    """Those of the tree that apply a configuration; several where it cannot be told which.

    The site names the file of the first in a chain of them, from which the others come.
    """
    at = configuration.meta.at
    near = (s for s in view.mesh.every(Sync) if at.by in (s.meta.where.path, s.meta.at.by))
    found = {s.meta.where: s for s in near if at.by}
    return [s for s in found.values() if any(_holds(folder, at.path) for folder in s.folders)]


def _holds(folder: str | None, path: str) -> bool:
    """Whether a file may be in a folder, which is named from the root of a repository.

    What applies a whole repository is not followed (see `Applier`), and so never the one.
    """
    if folder is None:
        return True
    own = folder.strip("./")
    return bool(own) and f"/{own}/" in f"/{dirname(path)}/"


def healer(view: View, configuration: Configuration, field: str) -> Sync | None:
    """Who writes Git's value of a field over that of istiod, without any change in Git."""
    found = appliers(view, configuration)
    sure = all(_heals(view, sync, configuration, field) for sync in found)
    return found[0] if found and sure else None


def _heals(view: View, sync: Sync, configuration: Configuration, field: str) -> bool:
    own = configuration.meta
    if sync.partial or not sync.heals or _told(sync.tool, own, LEFT_ALONE):
        return False
    return not spared(view, sync, configuration, field)


def spared(view: View, sync: Sync, configuration: Configuration, field: str) -> bool:
    """Whether a tool is told that a field of this configuration may differ."""
    own = configuration.meta.subject
    if sync.spares(own.kind, own.name, field):
        return True
    told = view.mesh.every(Customized) if sync.tool is Tool.ARGO else ()
    return any(_ignores(one, own.kind, field) for one in told)


def _ignores(custom: Customized, kind: str, field: str) -> bool:
    """Whether Argo CD itself is told so; the text is not looked into any closer."""
    text = custom.text
    wide = "webhooks" in text and not any(part in text for part in OWNED)
    return (field in text or wide) and (kind in text or "ignoreDifferences.all" in text)


def left_alone(configuration: Configuration, sync: Sync | None) -> bool:
    """Whether an annotation keeps the tool, or whatever tool there may be, from writing to it."""
    tools = [sync.tool] if sync else list(Tool)
    return any(_told(tool, configuration.meta, LEFT_ALONE) for tool in tools)


def _told(tool: Tool, own: Meta, table: Table) -> bool:
    maps: tuple[Fields, ...] = (own.annotations, own.labels)
    for fields in maps if tool is Tool.FLUX else maps[:1]:
        for key, words in table[tool].items():
            field = fields.get(key)
            said = field.value.text.lower().replace(" ", "").split(",") if field else []
            if field and (not words or any(word in words for word in said)):
                return True
    return False


def pruner(view: View, configuration: Configuration) -> tuple[Sync | None, bool | None]:
    """Who applies it, and whether it is deleted once it is gone from Git; None if not known."""
    found = appliers(view, configuration)
    if not found:
        return None, None
    first = found[0]
    if _told(first.tool, configuration.meta, KEPT):
        return first, False
    answers = {None if sync.partial else sync.prunes for sync in found}
    return first, answers.pop() if len(answers) == 1 else None


def again(sync: Sync, what: str) -> str:
    """`Application argocd/mesh writes it again at once, by self-heal`."""
    return f"{named(sync.meta.subject)} writes {what} again {WHEN[sync.tool]}"
