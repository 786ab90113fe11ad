"""Keeps other web sites from using a server that runs on the visitor's own machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from .problems import Problem

DEFAULT_PORTS = {"http": 80, "https": 443}


def same_origin(connection: HTTPConnection) -> None:
    """Refuse a request that a browser sends for a page of another site.

    Browsers name the page's site in ``Origin``, on every POST, PATCH, DELETE and
    WebSocket; it must be the host that was asked. The scheme is not compared: behind a
    proxy that ends TLS it differs. Programs that are no browsers send no ``Origin``, and
    pass.

    Raises
    ------
    Problem
        403.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return
    parts = urlsplit(origin)
    host = connection.headers.get("host", "")
    try:
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
        asked = urlsplit(f"//{host}")
        same = parts.hostname is not None and parts.hostname == asked.hostname
        same = same and port == (asked.port or DEFAULT_PORTS.get(parts.scheme, 0))
    except ValueError:
        same = False
    if not same:
        raise Problem(403, f"a page of {origin} may not use this server; open http://{host}/ instead")
