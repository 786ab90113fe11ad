"""How long the oldest request waits that has no answer yet."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

WAITS = "/whip"
"""Offers wait for STUN servers, and goodbyes for the far end: that is not the server's own time."""


class Unanswered:
    """Requests that are all here and have no answer yet.

    Parameters
    ----------
    clock : monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since_s: dict[object, float] = {}

    @property
    def oldest_s(self) -> float:
        """Age of the oldest; 0 when there is none."""
        return self._clock() - min(self._since_s.values()) if self._since_s else 0.0

    def came(self, request: object) -> None:
        """Count a request from now on."""
        self._since_s.setdefault(request, self._clock())

    def went(self, request: object) -> None:
        """Count it no more."""
        self._since_s.pop(request, None)


class Awaited:
    """Tells :class:`Unanswered` of each request once its body is here, and of its answer."""

    def __init__(self, app: ASGIApp, unanswered: Unanswered) -> None:
        self._app = app
        self._unanswered = unanswered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["path"].startswith(WAITS):
            return await self._app(scope, receive, send)
        request, unanswered = object(), self._unanswered
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            unanswered.came(request)

        async def received() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                unanswered.came(request)
            return message

        async def sent(message: Message) -> None:
            unanswered.went(request)
            await send(message)

        try:
            await self._app(scope, received, sent)
        finally:
            unanswered.went(request)
