"""Certificates for this machine: who trusts which, until when, and who can read the keys."""

from __future__ import annotations

import os
import re
import socket
import ssl
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from engine.errors import UsageError
from engine.server.lan.addresses import IP
from engine.server.lan.certificates import Identity, fingerprint, make_authority, make_leaf, to_pem
from engine.server.lan.kept import AUTHORITY, LEAF, SELF_SIGNED, KeptCertificates

NOW = datetime.now(UTC)
HOME = [ip_address("192.168.1.20"), ip_address("fd00::2")]
OFFICE = [ip_address("10.1.2.3")]


def kept(folder: Path, *, self_signed: bool = False) -> KeptCertificates:
    return KeptCertificates(folder / "certificates", self_signed=self_signed)


def current(
    folder: Path, addresses: Sequence[IP], now: datetime = NOW, *, self_signed: bool = False
) -> tuple[x509.Certificate, x509.Certificate | None]:
    """The certificates that are there for some addresses: this machine's, and its authority's."""
    leaf, authority = kept(folder, self_signed=self_signed).current(addresses, now)
    return leaf.certificate, None if authority is None else authority.certificate


def handshake(server: Identity, trusted: x509.Certificate, host: str, folder: Path) -> None:
    """Connect to a server of this identity in memory, as a client that trusts one certificate."""
    file = folder / "server.pem"
    file.write_bytes(to_pem(server))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    asking = ssl.create_default_context(cadata=trusted.public_bytes(Encoding.DER))
    asking.verify_flags |= ssl.VERIFY_X509_STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asking.wrap_bio(down, up, server_hostname=host)
    other = serving.wrap_bio(up, down, server_side=True)
    steps: list[Callable[[], None]] = [client.do_handshake, other.do_handshake] * 3
    for step in steps:
        try:
            step()
        except ssl.SSLWantReadError:
            continue
    assert client.getpeercert()


@pytest.mark.parametrize(
    "host", ["192.168.1.20", "fd00::2", "localhost", f"{socket.gethostname().lower()}.local"]
)
def test_who_trusts_the_authority_trusts_this_machine(tmp_path: Path, host: str) -> None:
    leaf, authority = kept(tmp_path).current(HOME, NOW)
    assert authority is not None
    handshake(leaf, authority.certificate, host, tmp_path)


@pytest.mark.parametrize("host", ["bank.example", "localhost.example", "8.8.8.8", "2606:4700::1111", "dev"])
def test_the_authority_can_be_no_site_of_the_internet(tmp_path: Path, host: str) -> None:
    authority = make_authority("dev", HOME, NOW)
    forged = make_leaf([host], authority, NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(forged, authority.certificate, host, tmp_path)


def test_an_address_of_the_internet_is_spoken_for_where_the_machine_has_it(tmp_path: Path) -> None:
    public = [ip_address("8.8.8.8")]
    leaf, authority = kept(tmp_path).current(public, NOW)
    assert authority is not None
    handshake(leaf, authority.certificate, "8.8.8.8", tmp_path)
    assert current(tmp_path, HOME)[1] == authority.certificate, "devices go on trusting it"
    assert current(tmp_path, [ip_address("9.9.9.9")])[1] != authority.certificate


def test_a_certificate_stays_as_long_as_it_serves(tmp_path: Path) -> None:
    first, authority = current(tmp_path, HOME)
    for addresses, days in ((HOME, 0), (HOME[:1], 0), (HOME, 59)):
        assert current(tmp_path, addresses, NOW + timedelta(days=days)) == (first, authority)
    moved, same = current(tmp_path, OFFICE)
    assert moved != first
    assert same == authority, "devices trust it"
    later, same = current(tmp_path, OFFICE, NOW + timedelta(days=61))
    assert later != moved, "it would have expired in a month"
    assert same == authority
    at_last = current(tmp_path, OFFICE, NOW + timedelta(days=5 * 365 - 80))[1]
    assert at_last != authority, "it would have expired before its certificate"


def test_one_that_signs_itself_has_no_authority(tmp_path: Path) -> None:
    leaf, authority = current(tmp_path, HOME, self_signed=True)
    assert authority is None
    assert os.listdir(tmp_path / "certificates") == [SELF_SIGNED]
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", fingerprint(leaf))
    current(tmp_path, HOME)
    assert current(tmp_path, HOME, self_signed=True) == (leaf, None), "the other way is beside it"


def test_only_the_user_can_read_the_keys(tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        kept(tmp_path).current(HOME, NOW)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"certificates": 0o700, AUTHORITY: 0o600, LEAF: 0o600}


def test_a_key_that_others_could_read_is_not_used(tmp_path: Path) -> None:
    kept(tmp_path).current(HOME, NOW)
    file = tmp_path / "certificates" / AUTHORITY
    file.chmod(0o640)
    with pytest.raises(UsageError, match="could be read by others"):
        kept(tmp_path).current(HOME, NOW)
    file.unlink()
    kept(tmp_path).current(HOME, NOW)


@pytest.mark.parametrize("text", [b"", b"nonsense", to_pem(make_authority("one", [], NOW))[:300]])
def test_a_damaged_file_is_said_to_be_one(tmp_path: Path, text: bytes) -> None:
    kept(tmp_path).current(HOME, NOW)
    (tmp_path / "certificates" / AUTHORITY).write_bytes(text)
    with pytest.raises(UsageError, match="Delete it, and another one is made"):
        kept(tmp_path).current(HOME, NOW)


def test_another_ones_key_is_damage(tmp_path: Path) -> None:
    kept(tmp_path).current(HOME, NOW)
    one, other = make_authority("one", [], NOW), make_authority("other", [], NOW)
    (tmp_path / "certificates" / AUTHORITY).write_bytes(to_pem(Identity(one.certificate, other.key)))
    with pytest.raises(UsageError, match="damaged"):
        kept(tmp_path).current(HOME, NOW)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "certificates").write_text("a file")
    with pytest.raises(UsageError, match="must be yours to write"):
        kept(tmp_path).current(HOME, NOW)
