"""Map errors to HTTP responses with problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from engine.errors import BadOffer, NoAnswer, UsageError
from engine.server.limits.quota import QuotaExceeded
from engine.server.rooms.closed import RoomClosed
from engine.server.sessions.admission import SessionRefused
from engine.server.sessions.endings import SessionGone

HINTS = {
    404: "there is nothing here; sessions begin with POST /whip and end when the speaker leaves",
    405: "this method cannot be used here; Allow says which can",
}


class Problem(Exception):
    """An error response."""

    def __init__(
        self, status: int, detail: str, headers: dict[str, str] | None = None, reason: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        self.reason = reason

    def response(self) -> Response:
        """Return it as problem details of type ``about:blank``, with a one-word ``reason`` if it has one."""
        body = {"title": HTTPStatus(self.status).phrase, "status": self.status, "detail": str(self)}
        if self.reason is not None:
            body["reason"] = self.reason
        headers = {"cache-control": "no-store", **self.headers}
        return Response(
            msgspec.json.encode(body), self.status, headers, media_type="application/problem+json"
        )


async def ignore_disconnect(websocket: WebSocket, error: Exception) -> None:
    """Do nothing: the peer of this WebSocket has left, which it may at any time."""


async def on_error(request: Request, error: Exception) -> Response:
    """Respond to an exception. Only expected ones are explained."""
    return as_problem(error).response()


def as_problem(error: Exception) -> Problem:
    """Return the problem for an exception."""
    match error:
        case Problem():
            return error
        case BadOffer():
            return Problem(422 if error.parsed else 400, str(error))
        case NoAnswer():
            return Problem(504, str(error))
        case SessionRefused():
            return Problem(503, str(error), {"retry-after": str(error.retry_s)}, error.reason)
        case QuotaExceeded():
            return Problem(429, str(error), {"retry-after": str(error.retry_s)}, "address")
        case SessionGone():
            return Problem(410, str(error))
        case RoomClosed():
            status = {None: 404, "full": 409, "empty": 409, "busy": 503}.get(error.reason, 410)
            return Problem(status, str(error), reason=error.reason)
        case ClientDisconnect():
            return Problem(400, "the request was not sent to its end")
        case UsageError():
            return Problem(400, str(error))
        case HTTPException():
            return Problem(
                error.status_code, HINTS.get(error.status_code, error.detail), dict(error.headers or {})
            )
        case _:
            return Problem(500, "the server failed on this request; its log says more")
