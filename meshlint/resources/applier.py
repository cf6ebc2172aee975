"""Argo CD Applications and Flux Kustomizations: who applies which folder of the tree, and where."""

from __future__ import annotations

from dataclasses import dataclass, field

from meshlint.finding import Location, Subject, Value
from meshlint.resources.layer import Layer
from meshlint.resources.site import Site


@dataclass(frozen=True, slots=True)
class Applier:
    """`folder` is as written, from a repository's root; that it is this one cannot be proven.

    `recursive` tells whether plain files of subfolders are applied too, where the folder has no
    kustomization. `cluster` is the destination's name or server, "" for the cluster in which the
    applier itself stands (Argo's https://kubernetes.default.svc; always so for Flux without
    kubeConfig). `layer` is what it changes on all that it applies.
    """

    subject: Subject
    where: Location
    folder: Value
    recursive: bool
    cluster: str = ""
    layer: Layer = field(default_factory=Layer)
    site: Site | None = None

    @property
    def at(self) -> Site:
        """From where the applier itself reaches a cluster; by default its own file."""
        return self.site or Site(self.where.path)
