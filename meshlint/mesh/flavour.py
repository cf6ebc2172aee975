"""Whose mesh it is, and what that says of names that no tree ever shows.

Managed Cloud Service Mesh: the revisions of its channels and the tag `default` are served by
Google's webhooks (anthos-service-mesh-packages asmcli/components/control-plane/managed.sh). The
Istio add-on of AKS has no default revision: namespaces must name one such as asm-1-22. OpenShift
Service Mesh 2 goes by membership, and no label of a namespace asks for a default revision.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from meshlint.resources.control_plane import Origin, Revision
from meshlint.resources.declared import Declared, Flavour
from meshlint.resources.maistra import MEMBER_OF
from meshlint.resources.webhook import Configuration

CHANNELS = ("asm-managed", "asm-managed-rapid", "asm-managed-stable")
"""The revisions of managed Cloud Service Mesh, of which a cluster has one."""

WITHOUT_DEFAULT = frozenset({Flavour.AKS, Flavour.OSSM2})
AKS_NAMESPACE = "aks-istio-system"
AKS_REVISION = re.compile(r"asm-\d-\d{1,2}\Z")
"""MAJOR-MINOR; the names of Google's installer have three digits or more: asm-1233-2."""


def declared_flavours(declared: Iterable[Declared]) -> Iterator[Flavour]:
    """What somebody says of the cluster."""
    return (d.flavour for d in declared if d.flavour and d.meant)


def shown_flavours(
    declared: Iterable[Declared],
    revisions: Iterable[Revision],
    injectors: Collection[Configuration],
) -> Iterator[Flavour]:
    """What documents of the tree, and the names of revisions, tell."""
    yield from (d.flavour for d in declared if d.flavour)
    every = list(revisions)
    if any(r.origin is Origin.MANAGED for r in every):
        yield Flavour.CSM_MANAGED
    added = any(r.origin is Origin.DECLARED and AKS_REVISION.match(r.name.text) for r in every)
    if added or any(map(_of_aks, injectors)):
        yield Flavour.AKS
    if any(h.namespace_selector.mentions(MEMBER_OF) for c in injectors for h in c.live_hooks):
        yield Flavour.OSSM2


def _of_aks(configuration: Configuration) -> bool:
    """Told by the namespace in which its Service is, or at the end of its name."""
    places = (hook.client.service_namespace for hook in configuration.hooks)
    served = any(place and place.value.known == AKS_NAMESPACE for place in places)
    return served or configuration.meta.subject.name.endswith(f"-{AKS_NAMESPACE}")
