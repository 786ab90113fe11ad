"""Keep the authority and the certificate of this machine in a folder that only its user can read."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from engine.errors import UsageError

from . import certificates
from .certificates import Identity

AUTHORITY = "authority.pem"
LEAF = "certificate.pem"
SELF_SIGNED = "self-signed.pem"
"""Files; each has a key and its certificate."""

HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?")
"""Names of machines that a certificate can hold."""


class KeptCertificates:
    """The certificates in a folder.

    Parameters
    ----------
    folder : made where it is missing, for the user alone.
    self_signed : whether to do without an authority.
    """

    def __init__(self, folder: Path, *, self_signed: bool) -> None:
        self._folder = folder
        self._self_signed = self_signed
        self.file = folder / (SELF_SIGNED if self_signed else LEAF)
        """Key and chain of the certificate, in PEM."""

    def current(
        self, addresses: Sequence[IPv4Address | IPv6Address], now: datetime
    ) -> tuple[Identity, Identity | None]:
        """Return a certificate for these addresses and the machine itself, and its authority if it has one.

        What is kept is returned while it serves for them; else it is made anew and written.

        Raises
        ------
        UsageError
            A file cannot be read or written, is damaged, or could be read by others.
        """
        machine = socket.gethostname().lower()
        names = [f"{machine}.local"] if HOST_NAME.fullmatch(machine) else []
        hosts = ["localhost", "127.0.0.1", "::1", *map(str, addresses), *names]
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            authority = None if self._self_signed else self._authority(machine, addresses, now)
            leaf = self._read(self.file)
            if leaf is None or not certificates.serves(leaf, hosts, authority, now):
                leaf = certificates.make_leaf(hosts, authority, now)
                self._write(self.file, leaf, authority)
        except OSError as error:
            raise UsageError(
                f"certificates in {self._folder}: {error.strerror}; the folder must be yours to write"
            ) from error
        return leaf, authority

    def _authority(
        self, machine: str, addresses: Sequence[IPv4Address | IPv6Address], now: datetime
    ) -> Identity:
        file = self._folder / AUTHORITY
        kept = self._read(file)
        if kept is not None and certificates.is_current(kept, addresses, now):
            return kept
        outside = [address for address in addresses if not certificates.is_private(address)]
        made = certificates.make_authority(machine, outside, now)
        self._write(file, made)
        return made

    def _read(self, file: Path) -> Identity | None:
        try:
            with file.open("rb") as stream:
                if os.name == "posix" and os.fstat(stream.fileno()).st_mode & 0o077:
                    raise UsageError(
                        f"{file} could be read by others on this machine, so its key may be known. Delete "
                        "it, and another one is made; remove the old authority where you have installed it"
                    )
                return certificates.from_pem(stream.read())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise UsageError(f"{file} is damaged ({error}). Delete it, and another one is made") from error

    def _write(self, file: Path, identity: Identity, authority: Identity | None = None) -> None:
        chain = [] if authority is None else [authority.certificate]
        unfinished = self._folder / f".{file.name}.{secrets.token_hex(8)}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(certificates.to_pem(identity, *chain))
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
