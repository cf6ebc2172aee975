"""The certificates in a caBundle or a ConfigMap of roots, as far as they decide on trust."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----.*?-----END \1-----", re.DOTALL)
CERTIFICATE = b"CERTIFICATE"
MOST = 200
"""Certificates that are looked at: a bundle of all public roots has about 150."""


class NoCertificate(ValueError):
    """A PEM block that holds no certificate which can be read; the text says what it holds."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`print` is the SHA-256 of the certificate, `key` that of its public key, both as hex.

    `authority` tells whether it may sign others (basicConstraints CA), `own` whether it is signed
    by itself, as a root is.
    """

    print: str
    key: str
    since: datetime
    until: datetime
    authority: bool
    own: bool


def certificates(pem: bytes) -> tuple[Certificate, ...]:
    """The certificates of PEM text; blocks of other types do not count, as for Go.

    Raises:
        NoCertificate: a certificate block does not decode, as the API server refuses it too.
    """
    blocks = (match for match in BLOCK.finditer(pem) if match.group(1) == CERTIFICATE)
    return tuple(_read(match.group(0)) for match, _ in zip(blocks, range(MOST), strict=False))


def private(pem: bytes) -> bool:
    """Whether a private key stands in PEM text: nobody should be told more of it."""
    return any(b"PRIVATE KEY" in match.group(1) for match in BLOCK.finditer(pem))


def _read(block: bytes) -> Certificate:
    from hashlib import sha256

    from cryptography import x509  # 60 ms, and hardly any tree has a certificate
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    faults = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)
    try:
        found = x509.load_pem_x509_certificate(block)
        key = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Certificate(
            print=sha256(found.public_bytes(Encoding.DER)).hexdigest(),
            key=sha256(key).hexdigest(),
            since=found.not_valid_before_utc,
            until=found.not_valid_after_utc,
            authority=_signs(found),
            own=found.issuer == found.subject,
        )
    except (*faults, x509.DuplicateExtension) as error:
        raise NoCertificate(type(error).__name__) from None


def _signs(found: object) -> bool:
    """As Go has it (crypto/x509 CheckSignatureFrom): only version 1 may do without constraints."""
    from cryptography import x509

    assert isinstance(found, x509.Certificate)
    try:
        return found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return found.version is x509.Version.v1
