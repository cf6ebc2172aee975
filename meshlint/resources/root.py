"""The mesh's root certificate, where it stands in the tree: only its fingerprint is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, Subject
from meshlint.resources.certificate import NoCertificate, certificates
from meshlint.resources.document import Document
from meshlint.resources.reader import reads
from meshlint.resources.site import Site
from meshlint.source.node import Node

KEY = "root-cert.pem"
NAMES = {"ConfigMap": "istio-ca-root-cert", "Secret": "cacerts"}
"""What istiod writes into each namespace, and the plugged-in CA that it reads."""


@dataclass(frozen=True, slots=True)
class Root:
    """`keys` are the SHA-256 of the public keys, as hex; `where` is the entry that holds them."""

    subject: Subject
    keys: frozenset[str]
    where: Location
    site: Site | None = None

    @property
    def at(self) -> Site:
        """From where the object reaches a cluster; by default its own file."""
        return self.site or Site(self.where.path)


@reads("ConfigMap", hints=("istio",))
@reads("Secret")
def root(document: Document) -> Iterator[Root]:
    """The roots of a ConfigMap `istio-ca-root-cert`, or of the public part of Secret `cacerts`."""
    own = document.meta
    if own.subject.name != NAMES.get(document.kind) or document.partial:
        return
    for pem, node in _texts(document):
        try:
            found = certificates(pem)
        except NoCertificate:
            continue
        if found:
            keys = frozenset(certificate.key for certificate in found)
            yield Root(own.subject, keys, node.key_where)


def _texts(document: Document) -> Iterator[tuple[bytes, Node]]:
    """The PEM text as written, or decoded: a Secret's `data` is base64, the rest is plain."""
    from base64 import b64decode

    for part in ("data", "stringData"):
        node = document.root.get(part, KEY)
        value = node.value() if node else None
        if node is None or value is None or not value.literal:
            continue
        if document.kind == "Secret" and part == "data":
            try:
                yield b64decode("".join(value.text.split()), validate=True), node
            except ValueError:
                continue
        else:
            yield value.text.encode(), node
