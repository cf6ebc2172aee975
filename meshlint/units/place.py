"""Every object with its site, namespace and labels as the units that include it leave them."""

from __future__ import annotations

from collections.abc import Iterable

from meshlint.resources.applicationset import Series
from meshlint.resources.applier import Applier
from meshlint.resources.kustomization import Kustomization
from meshlint.resources.reader import Resource


def place(resources: Iterable[Resource]) -> list[Resource]:
    """The facts as clusters get them, in as many copies as there are ways to clusters.

    Each has the namespace, name and labels that kustomizations and appliers leave it, and its
    site. What no kustomization includes and nobody applies stays as it stands in its file; what a
    patch says is on the objects that it changes, or stays a fragment where there are none.
    """
    every = list(resources)
    if not any(isinstance(item, Kustomization | Applier | Series) for item in every):
        return every
    from meshlint.units.whole import placed  # most small scans have no such thing

    return placed(every)
