"""HTTP requests without an answer yet, and the age of the oldest."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

EXCLUDED_PATH = "/whip"
"""Offers wait for STUN servers and goodbyes for the far end, which says nothing of the server."""


class PendingRequests:
    """Requests that have arrived with their body and have no answer yet.

    Parameters
    ----------
    clock : monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since_s: dict[object, float] = {}

    @property
    def oldest_s(self) -> float:
        """Age of the oldest request; 0 when there is none."""
        return self._clock() - min(self._since_s.values()) if self._since_s else 0.0

    def begin(self, request: object) -> None:
        """Begin to count a request; a second call changes nothing."""
        self._since_s.setdefault(request, self._clock())

    def end(self, request: object) -> None:
        """Stop counting a request."""
        self._since_s.pop(request, None)


class PendingRequestsMiddleware:
    """ASGI middleware that counts each request from the end of its body to the start of its answer."""

    def __init__(self, app: ASGIApp, pending: PendingRequests) -> None:
        self._app = app
        self._pending = pending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].startswith(EXCLUDED_PATH):
            return await self._app(scope, receive, send)
        request, pending = object(), self._pending
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            pending.begin(request)

        async def received() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                pending.begin(request)
            return message

        async def sent(message: Message) -> None:
            pending.end(request)
            await send(message)

        try:
            await self._app(scope, received, sent)
        finally:
            pending.end(request)
