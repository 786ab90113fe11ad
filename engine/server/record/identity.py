"""Who a visitor is, for the record: the one person a server keeps a record of, or nobody.

Hosting for many replaces :class:`OnePerson` by an :class:`Identity` of its own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from engine.server.settings import Settings

OPEN_SERVER = (
    "This server can be reached from other machines, so nothing is kept. Whoever runs it can say whose "
    "record it keeps: sottovoce serve --record NAME."
)
SWITCHED_OFF = "This server keeps nothing: it was started with --record off."
OTHERS = "This server keeps takes for one person only, on its own machine. Of what you say nothing is kept."

PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers that say that a request comes from elsewhere, through a proxy."""


class Identity(Protocol):
    """Says who a visitor is."""

    def person(self, connection: HTTPConnection) -> str | None:
        """Return the person whose takes this visitor may keep and read; None for nobody."""

    def why_nobody(self) -> str:
        """Return why nothing is kept of a visitor who is nobody, as a sentence."""


class OnePerson:
    """The identity of a server with one record: whoever opens the page on the server's own machine.

    Everyone else is nobody, as is who comes through a proxy: it may bring anyone.
    """

    def __init__(self, settings: Settings) -> None:
        self._name = settings.record
        self._why = OTHERS if settings.record else SWITCHED_OFF if settings.local else OPEN_SERVER

    def person(self, connection: HTTPConnection) -> str | None:
        """Return the name of the record for a connection from this machine itself; None for any other."""
        client = None if connection.client is None else connection.client.host
        return self._name if is_here(client, connection.headers) else None

    def why_nobody(self) -> str:
        """Return why nothing is kept of a visitor who is nobody."""
        return self._why


def is_direct(client: str | None, headers: Mapping[str, str]) -> bool:
    """Return whether a request comes from this machine itself, and through no proxy on it.

    Parameters
    ----------
    client : address of the connection's other end; None where it has none.
    headers : of the request, by their names in lower case.
    """
    return client is not None and is_loopback(client) and not any(name in headers for name in PROXIED)


def is_here(client: str | None, headers: Mapping[str, str]) -> bool:
    """Return whether it does, and asks for this machine by a name of its own."""
    if not is_direct(client, headers):
        return False
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        return False
    return _is_own_name(host or "")


def is_loopback(address: str) -> bool:
    """Return whether an IP address is this machine's own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback


def _is_own_name(host: str) -> bool:
    """Return whether a host, as in a URL, is this machine's own: ``localhost`` or a loopback address."""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name)
