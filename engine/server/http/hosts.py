"""Check the host names of requests: the defence against DNS rebinding.

A page of another site can let its own name resolve to this machine's address, and then has the same
origin as the server: only the name in ``Host`` differs. Addresses are accepted, as they don't resolve
to others; so is ``localhost``, which browsers resolve themselves.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from engine.server.settings import Settings

from .problems import Problem

LOCAL = ("localhost", "*.localhost")
"""Names of the machine itself (RFC 6761, section 6.3)."""


def host_names(settings: Settings) -> frozenset[str]:
    """Return the accepted host names: those in the settings, of the certificate and of the machine."""
    machine = socket.gethostname().lower()
    told = {settings.host, *settings.allowed_hosts, *_certificate_names(settings.tls_cert)}
    return frozenset({*LOCAL, machine, f"{machine}.local", *(name.lower().rstrip(".") for name in told)})


def is_known_host(host: str, names: Iterable[str]) -> bool:
    """Return whether ``host``, the header, is an address or one of the names; ``*.`` stands for one label."""
    name = _name(host)
    return _is_address(name) or _is_among(name, names)


def is_localhost(host: str) -> bool:
    """Return whether ``host``, the header, is a name of the machine itself."""
    return _is_among(_name(host), LOCAL)


def link_host(settings: Settings) -> str | None:
    """Return a name or address by which browsers elsewhere can open the page, with a microphone.

    None where there is none: the page is served to this machine only, or not by https.
    """
    if settings.local or settings.tls_cert is None:
        return None
    named = [name for name in _certificate_names(settings.tls_cert) if not name.startswith("*")]
    host: str | None = named[0] if named else settings.host
    if host in ("0.0.0.0", "::"):
        host = _own_address()
    return f"[{host}]" if host is not None and ":" in host else host


class KnownHostsOnly:
    """Middleware that refuses requests for other host names: 421 (RFC 9110, section 15.5.20), WebSockets too.

    Requests without ``Host``, which HTTP/1.0 allows, come from no browser, and are accepted.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        host = Headers(scope=scope).get("host") if scope["type"] in ("http", "websocket") else None
        if host is None or is_known_host(host, self._names):
            return await self._app(scope, receive, send)
        name = _name(host)
        answer = Problem(
            421,
            f"this server is not known by the name {name!r}. If it is yours, say so: "
            f"sottovoce serve --allowed-host {name}. Until then open it by its address",
        ).response()
        if scope["type"] == "http":
            return await answer(scope, receive, send)
        await WebSocket(scope, receive, send).send_denial_response(answer)


def _name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_among(name: str, names: Iterable[str]) -> bool:
    return name in names or re.sub(r"^[^.]+", "*", name) in names


def _own_address() -> str | None:
    """Return this machine's address on its default route; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            any_socket.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737)
        except OSError:
            return None
        address: str = any_socket.getsockname()[0]
        return address


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _certificate_names(file: str | None) -> list[str]:
    """Return a certificate's DNS names; none where it can't be read, which is reported where it is loaded."""
    if file is None:
        return []
    try:
        certificate = x509.load_pem_x509_certificate(Path(file).read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return []
    return names.get_values_for_type(x509.DNSName)
