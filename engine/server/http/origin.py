"""Check the origin of requests, and build URLs of workers.

Other web sites must not use a server on the visitor's own machine. Workers listen on their own ports,
which are other origins for a browser: a page of any of the server's addresses may use all of them (CORS),
and no other page may.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Problem

DEFAULT_PORTS = {"http": 80, "https": 443}

HOST_NAME = re.compile(r"[A-Za-z0-9.-]+")
"""Hosts allowed in a Content-Security-Policy; IPv6 addresses aren't."""

EXPOSED_HEADERS = "Accept-Patch, ETag, Link, Location, Retry-After, Sottovoce-Resume, Sottovoce-Session"
"""Response headers that a page of another port may read."""

PREFLIGHT = {
    "access-control-allow-methods": "DELETE, OPTIONS, PATCH, POST, PUT",
    "access-control-allow-headers": "content-type, if-match, sottovoce-resume, sottovoce-seat",
    "access-control-max-age": "600",
}


def same_origin(connection: HTTPConnection, ports: Sequence[int]) -> None:
    """Refuse a request from a page of another site.

    Browsers send the page's site in ``Origin`` with every POST, PATCH, DELETE and WebSocket; it must be
    the requested host, at its port or at one of the server's own ``ports``. The scheme is not compared:
    behind a proxy that ends TLS it differs. Other programs send no ``Origin``, and are accepted.

    Raises
    ------
    Problem
        403.
    """
    origin = connection.headers.get("origin")
    if origin is not None and not _is_own_origin(origin, connection.headers.get("host", ""), ports):
        host = connection.headers.get("host", "")
        raise Problem(403, f"a page of {origin} may not use this server; open http://{host}/ instead")


def base_url(connection: HTTPConnection, address: str) -> str:
    """Return the base URL of an address of :mod:`engine.server.placement.placement`, for a request's sender.

    It ends with a slash, or is empty. For this server itself it is relative to the request's path
    (RFC 9110, section 10.2.2): a reverse proxy may have removed a prefix, which only the client knows.
    """
    if not address:
        path: bytes = connection.scope.get("raw_path") or connection.scope["path"].encode()
        return "../" * (path.count(b"/") - 1)
    if not address.startswith(":"):
        return f"{address}/"
    host = connection.url.hostname or ""
    return f"{connection.url.scheme}://{f'[{host}]' if ':' in host else host}{address}/"


def redirection(connection: HTTPConnection, address: str, **query: str) -> Problem:
    """Return a redirection of this request to an address, with method and body (RFC 9110, section 15.4.8)."""
    url = connection.url.include_query_params(**query) if query else connection.url
    target = f"{base_url(connection, address)}{url.path.lstrip('/')}" + (f"?{url.query}" if url.query else "")
    return Problem(307, "another worker has this session", {"location": target})


def ports_of(addresses: Sequence[str]) -> list[int]:
    """Return the ports among addresses."""
    return [int(address[1:]) for address in addresses if address.startswith(":")]


def connect_sources(host: str, ports: Sequence[int]) -> str:
    """Return the ``connect-src`` sources for the server's own ports; ``host`` is the header."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
    if not HOST_NAME.fullmatch(name):
        return ""
    # A source without a scheme has the page's own, which doesn't cover WebSockets.
    return "".join(f" {scheme}{name}:{port}" for port in ports for scheme in ("", "ws://", "wss://"))


class CrossPortCors:
    """CORS middleware: pages of the server's own addresses may use all of its ports."""

    def __init__(self, app: ASGIApp, ports: Sequence[int]) -> None:
        self._app = app
        self._ports = ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a preflight; add CORS headers to other responses."""
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        origin = headers.get("origin")
        if origin is None or not _is_own_origin(origin, headers.get("host", ""), self._ports):
            return await self._app(scope, receive, send)
        allowed = {"access-control-allow-origin": origin, "vary": "Origin"}
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            return await Response(status_code=204, headers={**allowed, **PREFLIGHT})(scope, receive, send)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer["access-control-allow-origin"] = origin
                answer["access-control-expose-headers"] = EXPOSED_HEADERS
                answer.add_vary_header("Origin")
            await send(message)

        await self._app(scope, receive, marked)


def _is_own_origin(origin: str, host: str, ports: Sequence[int]) -> bool:
    try:
        page = urlsplit(origin)
        asked = urlsplit(f"//{host}")
        default = DEFAULT_PORTS.get(page.scheme, 0)
        known = (asked.port or default, *ports)
        return (
            page.hostname is not None and page.hostname == asked.hostname and (page.port or default) in known
        )
    except ValueError:
        return False
