"""Make certificates for this machine: a small authority and leaves of it, or self-signed ones.

The authority may only speak for private addresses and ``.local`` names (RFC 5280, section 4.2.1.10): on a
device that trusts it, a thief of its key can pretend to be no site of the internet. The machine's bare name
is left out for that reason: it may be a top-level domain, such as ``dev``.
Nothing here reads a clock or a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Network = IPv4Network | IPv6Network
Kind = TypeVar("Kind", bound=x509.ExtensionType)

PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.2.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "::1/128", "fc00::/7",
    )
)  # fmt: skip
"""Addresses that no site of the internet has: RFC 1918, 6598, 1122, 5737, 2544, 4291, 4193."""

LOCAL_NAMES = ("local", "localhost")

LEAF_LIFE = timedelta(days=90)
RENEWED_BEFORE = timedelta(days=30)
"""A leaf is made anew when it is valid for less than this."""

AUTHORITY_LIFE = timedelta(days=5 * 365)

EARLIER = timedelta(days=1)
"""Certificates are valid from so long ago on: another device's clock may be slow."""


class Identity(NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_authority(machine: str, outside: Iterable[IPv4Address | IPv6Address], now: datetime) -> Identity:
    """Return an authority for :data:`PRIVATE` addresses, :data:`LOCAL_NAMES`, and addresses ``outside``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Sottovoce on {machine}")
    permitted: list[x509.GeneralName] = [x509.DNSName(text) for text in LOCAL_NAMES]
    permitted += [x509.IPAddress(network) for network in PRIVATE]
    permitted += [x509.IPAddress(ip_network(address)) for address in outside]
    builder = (
        _builder(name, name, key, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
    )
    return Identity(builder.sign(key, hashes.SHA256()), key)


def make_leaf(hosts: Iterable[str], authority: Identity | None, now: datetime) -> Identity:
    """Return a certificate for names and addresses, of an authority, or self-signed without one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Sottovoce")
    issuer = name if authority is None else authority.certificate.subject
    signing = key if authority is None else authority.key
    builder = (
        _builder(name, issuer, key, now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    return Identity(builder.sign(signing, hashes.SHA256()), key)


def is_current(authority: Identity, addresses: Iterable[IPv4Address | IPv6Address], now: datetime) -> bool:
    """Return whether an authority may speak for all addresses, and outlives a leaf that is made now."""
    if not _is_valid(authority.certificate, now, LEAF_LIFE):
        return False
    permitted = _extension(authority.certificate, x509.NameConstraints).permitted_subtrees or []
    networks = [ip_network(name.value) for name in permitted if isinstance(name, x509.IPAddress)]
    return all(any(address in network for network in networks) for address in addresses)


def serves(leaf: Identity, hosts: Iterable[str], authority: Identity | None, now: datetime) -> bool:
    """Return whether a leaf is of this authority, for all these hosts, and valid for long enough."""
    if not _is_valid(leaf.certificate, now, RENEWED_BEFORE):
        return False
    try:
        leaf.certificate.verify_directly_issued_by((authority or leaf).certificate)
        names = _extension(leaf.certificate, x509.SubjectAlternativeName)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return {_general(host) for host in hosts} <= set(names)


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Return whether no site of the internet has this address."""
    return any(address in network for network in PRIVATE)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate, as browsers show it: ``AB:CD:…``."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def to_pem(identity: Identity, *chain: x509.Certificate) -> bytes:
    """Return key, certificate and the certificates above it."""
    key = identity.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    return key + b"".join(one.public_bytes(pem) for one in (identity.certificate, *chain))


def from_pem(text: bytes) -> Identity:
    """Return what :func:`to_pem` was given.

    Raises
    ------
    ValueError
        It is none of that, or the key is another one's.
    """
    key = serialization.load_pem_private_key(text, None)
    certificate = x509.load_pem_x509_certificates(text)[0]
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError("the key is not the certificate's")
    return Identity(certificate, key)


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind:
    return certificate.extensions.get_extension_for_class(kind).value


def _is_valid(certificate: x509.Certificate, now: datetime, for_: timedelta) -> bool:
    return certificate.not_valid_before_utc <= now and now + for_ <= certificate.not_valid_after_utc


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
