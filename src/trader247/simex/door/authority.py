"""What makes a served exchange trustworthy to its clients: a certificate, and who vouches for it.

The authority signs this one certificate, and its private key is forgotten before anything is
written: nobody can ever use it to vouch for anything else to those who trust it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=397)
_SPARE = timedelta(days=30)
_AHEAD = timedelta(hours=1)
_NAMES = ("localhost",)
_ADDRESSES = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM texts: the authority to trust, the server's certificate, and its private key."""

    authority: bytes
    server: bytes
    server_key: bytes


def issue(now: datetime) -> Certificates:
    """A new authority and a certificate for the loopback addresses, good for over a year."""
    authority_key, server_key = _new_key(), _new_key()
    name = _name("trader247 simulated exchange CA")
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    vouched_by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    authority = (
        _builder(name, name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(vouched_by, critical=False)
        .sign(authority_key, SHA256())
    )
    public = server_key.public_key()
    server = (
        _builder(_name("localhost"), name, public, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_alternatives(), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(vouched_by, critical=False)
        .sign(authority_key, SHA256())
    )
    return Certificates(
        authority=authority.public_bytes(Encoding.PEM),
        server=server.public_bytes(Encoding.PEM),
        server_key=server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def is_still_good(server: bytes, now: datetime) -> bool:
    """Whether a certificate can be used for another month. Raises ValueError: it is none."""
    certificate = x509.load_pem_x509_certificate(server)
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - _SPARE


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternatives() -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [x509.DNSName(each) for each in _NAMES]
        + [x509.IPAddress(ip_address(each)) for each in _ADDRESSES]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - _AHEAD,
        not_valid_after=now + _LIFE,
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
