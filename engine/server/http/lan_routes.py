"""What is told of the way in for other machines of the network, and the authority's certificate."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request
from starlette.responses import Response

from engine.server.lan.access import LanAccess
from engine.server.lan.certificates import fingerprint

from .problems import Problem

NO_AUTHORITY = (
    "this server has no authority whose certificate could be installed; "
    "one that was started with `sottovoce share` has"
)


def lan_view(lan: LanAccess) -> dict[str, Any]:
    """Return what the page has to know to make links for other machines."""
    authority = lan.authority
    return {
        "url": lan.urls[0],
        "fingerprint": lan.fingerprint,
        "authority": None if authority is None else fingerprint(authority),
    }


async def authority(request: Request) -> Response:
    """Return the certificate of the authority that `sottovoce share` made, for devices that are to trust it.

    404 where there is none. The authority's key stays on the server's machine.
    """
    lan: LanAccess | None = request.app.state.lan
    if lan is None or lan.authority is None:
        raise Problem(404, NO_AUTHORITY)
    der = lan.authority.public_bytes(Encoding.DER)
    return Response(der, media_type="application/x-x509-ca-cert")
