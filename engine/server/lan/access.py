"""The way in for other machines of the network: where it is, and the certificate that is shown there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509

from engine.errors import UsageError
from engine.server.settings import Lan

from .addresses import IP, own_addresses
from .certificates import fingerprint, is_private
from .kept import KeptCertificates

CHECK_S = 10.0
"""How often the machine's addresses are looked at."""

NO_ADDRESS = (
    "this machine has no address in a network, so nobody else can reach it: connect it to one, "
    "or use `sottovoce serve`, which is for this machine alone"
)

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


class LanAccess:
    """Addresses and certificate of a server that others in the network can reach.

    Parameters
    ----------
    settings : with the folder of the certificates.
    find : finds the machine's addresses, the likeliest first; :func:`own_addresses` without it.
    find : finds the machine's addresses, the likeliest first.

    Raises
    ------
    UsageError
        The machine has no address, not the one that was asked for, or no certificate can be made.
    """

    def __init__(
        self,
        settings: Lan,
        find: Callable[[], Sequence[IP]] | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._wanted = None if settings.address is None else ip_address(settings.address)
        self._find = find or own_addresses
        self._now = now
        self._kept = KeptCertificates(Path(settings.folder), self_signed=settings.self_signed)
        self.port = settings.port
        """Where it is served; that of the settings may be 0, for any."""
        self.on_moved: Callable[[], None] = lambda: None
        """Called when other machines have to use another address."""
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found = self._find()
        if not found:
            raise UsageError(NO_ADDRESS)
        if self._wanted is not None and self._wanted not in found:
            raise UsageError(
                f"address {self._wanted}: this machine has none like it in a network, but {_listed(found)}"
            )
        self._addresses = self._chosen(found)
        self._take(*self._kept.current(self._addresses, now()))

    @property
    def urls(self) -> list[str]:
        """Where the page is for other machines; the first is the one to give to others."""
        hosts = [f"[{address}]" if address.version == 6 else f"{address}" for address in self._addresses]
        return [f"https://{host}:{self.port}/" for host in hosts]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate that browsers are shown."""
        return fingerprint(self._certificate)

    @property
    def authority(self) -> x509.Certificate | None:
        """Certificate of the authority, for devices that are to trust it; None where it is self-signed."""
        return self._authority

    async def refresh(self) -> None:
        """Look at the addresses, and show a new certificate where they or the time ask for one."""
        addresses = self._chosen(await asyncio.to_thread(self._find))
        if not addresses:
            return  # no network now: the old ones may come back
        moved = addresses[0] != self._addresses[0]
        made = await asyncio.to_thread(self._kept.current, addresses, self._now())
        self._addresses = addresses
        if made[0].certificate != self._certificate:
            self._take(*made)
        if moved:
            self.on_moved()

    @asynccontextmanager
    async def kept_up(self, app: Any) -> AsyncIterator[None]:
        """Look after it while an application serves."""
        task = asyncio.create_task(self._keep_up(), name="look after the certificate")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep_up(self) -> None:
        problem = ""
        while True:
            await asyncio.sleep(CHECK_S)
            try:
                await self.refresh()
                problem = ""
            except (UsageError, OSError) as error:
                if str(error) != problem:
                    problem = str(error)
                    log.error("the certificate for other machines stays as it is: %s", problem)

    def _chosen(self, found: Sequence[IP]) -> list[IP]:
        """Return the addresses to serve: private ones where there are any, and first the one asked for."""
        private = [address for address in found if is_private(address)]
        asked = [self._wanted] if self._wanted is not None and self._wanted in found else []
        return list(dict.fromkeys([*asked, *(private or found)]))

    def _take(self, leaf: Any, authority: Any) -> None:
        self._certificate: x509.Certificate = leaf.certificate
        self._authority: x509.Certificate | None = None if authority is None else authority.certificate
        self.tls.load_cert_chain(self._kept.file)


def _listed(found: Sequence[IP]) -> str:
    return " and ".join(filter(None, (", ".join(map(str, found[:-1])), str(found[-1]))))
