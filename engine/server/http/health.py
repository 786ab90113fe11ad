"""Health endpoints: whether the server works, and whether it admits a session now."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from engine.server.hub import Hub
from engine.server.sessions.admission import SessionRefused

from .problems import Problem


async def healthz(request: Request) -> Response:
    """Return 200 while the server's periodic tasks run, else 503 with those that stopped: restart it then.

    Restart it as well when there is no response for some seconds.
    """
    hub: Hub = request.app.state.hub
    late = hub.heartbeats.late
    if late is not None:
        raise Problem(
            503, f"this server must be restarted: it has not done this any more: {late}", reason="stuck"
        )
    return Response(msgspec.json.encode({"status": "ok"}), media_type="application/json")


async def readyz(request: Request) -> Response:
    """Return 200 while a new session is admitted, else 503 with the reason and ``Retry-After``."""
    hub: Hub = request.app.state.hub
    refusal = hub.refusal()
    if refusal is not None:
        raise SessionRefused(refusal)
    body = {"status": "ready", "sessions": len(hub.sessions), "shedding_level": hub.load.level}
    return Response(msgspec.json.encode(body), media_type="application/json")
