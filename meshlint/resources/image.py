"""Versions that the names of Istio's images tell."""

from __future__ import annotations

import re

PROXY_VERSION = re.compile(r"/proxyv2(?:-[a-z-]+)?:v?1\.(\d+)(?![^@]*@)")
"""Istio's own proxy image, of which the tag tells the version; a digest may be any.

The injector passes over an annotation without a slash.
"""

FLAVOURS = ("distroless", "debug")
"""What Istio puts behind the tags of one and the same version (inject.go, KnownImageTypes)."""


def proxy_minor(image: str) -> int | None:
    """28 of `docker.io/istio/proxyv2:1.28.3`; None where the version cannot be told."""
    match = PROXY_VERSION.search(image)
    return int(match.group(1)) if match else None


def plain(image: str) -> str:
    """An image without what tells its flavour: `…:1.28.3` of `…:1.28.3-distroless`."""
    for flavour in FLAVOURS:
        image = image.removesuffix(f"-{flavour}")
    return image
