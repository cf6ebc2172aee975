"""From where an object reaches a cluster, which need not be the file that holds it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """The end of the way that an object takes: file, kustomization, Application, cluster.

    `path` is the outermost kustomization that includes the object's file, else that file itself;
    "" for what is known of a whole cluster and stands nowhere. `by` is the file of the Argo CD
    Application or Flux Kustomization that applies it, "" where there is none. `cluster` is set
    where a cluster is named (by the configuration, a destination, a snapshot); else the paths tell.
    """

    path: str
    by: str = ""
    cluster: str = ""
