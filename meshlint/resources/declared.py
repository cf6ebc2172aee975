"""What is known of a whole cluster: declared, kept by a snapshot, or told by a document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from meshlint.finding import Location
from meshlint.resources.site import Site


class Flavour(StrEnum):
    """Whose mesh it is: some answer to labels in ways of their own (see mesh/inject)."""

    ISTIO = "istio"
    CSM_INCLUSTER = "csm-incluster"
    CSM_MANAGED = "csm-managed"
    AKS = "aks"
    OSSM2 = "ossm2"
    SAIL = "sail"


@dataclass(frozen=True, slots=True)
class Declared:
    """`closed` means that no other revisions and tags exist than those known here.

    `default` tells whether somebody takes istio-injection=enabled: None where nothing is said of
    it, and then even a closed set may have a default. `meant` is True where somebody says so of the
    cluster; else a document of the tree leads to it.
    """

    where: Location
    site: Site
    closed: bool
    default: bool | None = None
    flavour: Flavour | None = None
    meant: bool = True

    @property
    def at(self) -> Site:
        """The cluster: a site without a path; of a document of the tree, its own site."""
        return self.site
