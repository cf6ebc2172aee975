"""Certificates for tests: made from a few words, small, and the same on every run."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

SINCE, UNTIL = datetime(2024, 3, 1), datetime(2034, 3, 1)
"""From when to when a certificate is valid that says nothing else."""


@cache
def ed25519(seed: str) -> Ed25519PrivateKey:
    """The key of a name: the same name gives the same key."""
    return Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()).digest())


@cache
def elliptic(seed: str) -> CertificateIssuerPrivateKeyTypes:
    return derive_private_key(int(sha256(seed.encode()).hexdigest(), 16) >> 8, SECP256R1())


@cache
def rsa() -> CertificateIssuerPrivateKeyTypes:
    return generate_private_key(65537, 2048)


def made(
    subject: str = "root",
    key: CertificateIssuerPrivateKeyTypes | None = None,
    *,
    signed_by: tuple[str, CertificateIssuerPrivateKeyTypes] | None = None,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    ca: bool | None = True,
    more: Iterable[x509.ExtensionType] = (),
) -> bytes:
    """The DER of a certificate; a root, unless said otherwise.

    `key` is by default that of the subject's name, `signed_by` the subject itself. With `ca` None
    there are no basicConstraints.
    """
    own = key or ed25519(subject)
    issuer, signer = signed_by or (subject, own)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(own.public_key())
        .serial_number(1)
        .not_valid_before(since)
        .not_valid_after(until)
    )
    constraints = [] if ca is None else [x509.BasicConstraints(ca, None)]
    for extension in (*constraints, *more):
        builder = builder.add_extension(extension, critical=False)
    hashed = None if isinstance(signer, Ed25519PrivateKey) else SHA256()
    return builder.sign(signer, hashed).public_bytes(Encoding.DER)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def extension(oid: str, der: bytes) -> x509.UnrecognizedExtension:
    """An extension with any content, also one that is not of its form."""
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), der)


def usage(*, sign: bool) -> x509.KeyUsage:
    """A keyUsage that says whether the key may sign certificates."""
    names = "content_commitment key_encipherment data_encipherment key_agreement".split()
    rest = dict.fromkeys([*names, "crl_sign", "encipher_only", "decipher_only"], False)
    return x509.KeyUsage(digital_signature=True, key_cert_sign=sign, **rest)


VERSION_3 = bytes.fromhex("a003020102")


def version_1(der: bytes) -> bytes:
    """The same certificate, which must have no extensions, as one of version 1.

    Its signature no longer fits, which nothing here looks at.
    """
    signed, rest = _opened(_opened(der)[0])
    assert signed.startswith(VERSION_3)
    return _sequence(_sequence(signed.removeprefix(VERSION_3)) + rest)


def _opened(der: bytes) -> tuple[bytes, bytes]:
    """The content of the first element, and what follows it."""
    size = der[1] & 0x7F if der[1] & 0x80 else 0
    length = int.from_bytes(der[2 : 2 + size]) if size else der[1]
    return der[2 + size : 2 + size + length], der[2 + size + length :]


def _sequence(content: bytes) -> bytes:
    size = bytes([len(content)])
    return (b"\x30\x81" if len(content) > 127 else b"\x30") + size + content


def block(content: bytes, label: str = "CERTIFICATE") -> bytes:
    """One PEM block, whatever its content."""
    mark = label.encode()
    body = encodebytes(content)
    return b"-----BEGIN " + mark + b"-----\n" + body + b"-----END " + mark + b"-----\n"


def secret(key: Ed25519PrivateKey) -> bytes:
    """The PEM of a private key, which no output may show."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def request(key: Ed25519PrivateKey) -> bytes:
    """The PEM of a certificate signing request."""
    signed = x509.CertificateSigningRequestBuilder().subject_name(_name("root")).sign(key, None)
    return signed.public_bytes(Encoding.PEM)


def bundle(*pem: bytes) -> str:
    """A caBundle: base64 in one line."""
    return b64encode(b"".join(pem)).decode()
