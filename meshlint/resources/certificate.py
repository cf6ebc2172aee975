"""The certificates in a caBundle or a ConfigMap of roots, as far as they decide on trust."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    E = TypeVar("E", bound=x509.ExtensionType)

BLOCK = re.compile(
    rb"^-----BEGIN CERTIFICATE-----[ \t]*\r?\n([^-]*+)^-----END CERTIFICATE-----[ \t]*\r?$",
    re.MULTILINE,
)
"""A block as Go reads it (encoding/pem): its marks stand on lines of their own, not indented."""

KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----")
MOST = 4000
"""Certificates that are looked at: an object as large as the API server takes has fewer."""

BROKEN = "a PEM block that is no certificate"
MARKS = "no PEM block whose BEGIN and END are lines of their own"


class NoCertificate(ValueError):
    """PEM text without a certificate that the API server can read; the text says what it holds."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`print` is the SHA-256 of the certificate, `key` that of its public key, both as hex.

    `authority` tells whether it may sign others (basicConstraints CA, keyUsage), `own` whether it
    is signed by itself, as a root is.
    """

    print: str
    key: str
    since: datetime
    until: datetime
    authority: bool
    own: bool


def certificates(pem: bytes) -> tuple[Certificate, ...]:
    """The certificates of PEM text; blocks of other types do not count, nor broken ones, as for Go.

    None at all where one is there that only `cryptography` refuses, as then little can be said.

    Raises:
        NoCertificate: there is none, so that the API server cannot use the text.
    """
    blocks = [match.group(1) for match, _ in zip(BLOCK.finditer(pem), range(MOST), strict=False)]
    found, broken = [], False
    for block in blocks:
        try:
            found.append(_read(block))
        except NoCertificate:
            broken = True
    if not found:
        raise NoCertificate(BROKEN if broken else MARKS)
    sure = tuple(one for one in found if one)
    return sure if len(sure) == len(found) else ()


def private(pem: bytes) -> bool:
    """Whether a private key stands in PEM text: nobody should be told more of it."""
    return KEY.search(pem) is not None


def _read(block: bytes) -> Certificate | None:
    """None for what Go may be able to read: a version, key or name that is unusual."""
    from base64 import b64decode
    from warnings import catch_warnings

    from cryptography import x509  # 60 ms, and hardly any tree has a certificate
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        with catch_warnings(action="ignore"):  # of serial numbers that nobody should give
            der = b64decode(block.translate(None, b" \t\r\n"), validate=True)
            return _made(x509.load_der_x509_certificate(der))
    except (UnsupportedAlgorithm, x509.InvalidVersion, x509.UnsupportedGeneralNameType):
        return None
    except (ValueError, TypeError, x509.DuplicateExtension):
        raise NoCertificate(BROKEN) from None


def _made(found: x509.Certificate) -> Certificate:
    from hashlib import sha256

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Certificate(
        print=sha256(found.public_bytes(Encoding.DER)).hexdigest(),
        key=sha256(key).hexdigest(),
        since=found.not_valid_before_utc,
        until=found.not_valid_after_utc,
        authority=_signs(found),
        own=found.issuer == found.subject,
    )


def _signs(found: x509.Certificate) -> bool:
    """As Go has it (crypto/x509 CheckSignatureFrom): only version 1 may do without constraints."""
    from cryptography import x509

    constraints = _extension(found, x509.BasicConstraints)
    usage = _extension(found, x509.KeyUsage)
    allowed = constraints.ca if constraints else found.version is x509.Version.v1
    return allowed and (usage is None or usage.key_cert_sign)


def _extension(found: x509.Certificate, kind: type[E]) -> E | None:
    from cryptography import x509

    try:
        return found.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
