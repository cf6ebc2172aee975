"""What proxies are told of istiod: for all of a revision, or by annotations for some pods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from meshlint.finding import Location
from meshlint.mesh.inject import Verdict
from meshlint.resources.config_annotation import Block, told
from meshlint.resources.discovery import CONFIG, DEPRECATED, Discovery, Place
from meshlint.resources.document import Meta
from meshlint.resources.site import Site
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View

Key = tuple[Location, Site]
"""An object as it comes to one cluster."""


def key_of(meta: Meta) -> Key:
    return meta.where, meta.at


def blocks_of(view: View) -> dict[Key, Block]:
    """Where the lines of the pods' annotations stand."""
    return {key_of(block.meta): block for block in view.mesh.every(Block)}


@dataclass(frozen=True, slots=True)
class Pods:
    """What the annotations of pods say of istiod: each of them, and the one that holds."""

    workload: Workload
    said: tuple[Discovery, ...]

    @property
    def holds(self) -> Discovery | None:
        """The deprecated annotation goes over the other, which says by which protocol."""
        given = [one for one in self.said if one.address is not None]
        config = next((one for one in self.said if one.place is Place.ANNOTATION), None)
        if not given:
            return None
        last = given[-1]
        if config is None or last is config:
            return last
        return replace(last, plain=config.plain, renamed=config.renamed)


def meshes(view: View) -> Iterator[Discovery]:
    """Mesh configurations that are whole: what is patched says nothing that must hold."""
    for found in view.mesh.every(Discovery):
        if found.of_mesh and found.partial is None:
            yield found


def pods(view: View) -> Iterator[Pods]:
    """Pods with annotations that an injector, and then their proxy, may see."""
    blocks = blocks_of(view)
    for workload in view.mesh.workloads:
        if workload.pod.annotations.keys().isdisjoint((CONFIG, DEPRECATED)):
            continue
        said = tuple(_said(workload, blocks.get(key_of(workload.meta))))
        if said and seen(view, workload):
            yield Pods(workload, said)


def _said(workload: Workload, block: Block | None) -> Iterator[Discovery]:
    config = workload.pod.annotations.get(CONFIG)
    near = block if config and block and block.annotation == config.value else None
    found = told(workload.meta, workload.partial, config, near) if config else None
    if found is not None:
        yield found
    old = workload.pod.annotations.get(DEPRECATED)
    if old:
        where = old.value.where
        yield Discovery(workload.meta, workload.partial, Place.DEPRECATED, old.value, where)


def seen(view: View, workload: Workload) -> bool:
    """Whether an injector may see the pods, be it that it denies them."""
    decision = view.decide(workload)
    return decision.verdict is not Verdict.NOT_INJECTED or decision.denied is not None
