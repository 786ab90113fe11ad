"""Access log: a line for each request, when enabled."""

from __future__ import annotations

import logging
import time
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.server.logs import ACCESS

MAX_PATH_CHARS = 120

log = logging.getLogger(ACCESS)


class AccessLog:
    """Middleware that logs each request after its response, or when a WebSocket is closed.

    Ids, keys and other path parameters are masked: they are secrets.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "lifespan" or not log.isEnabledFor(logging.INFO):
            return await self._app(scope, receive, send)
        began_s, status = time.monotonic(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            client = scope.get("client")
            log.info(
                '%s "%s %s" %s %.0f ms',
                client[0] if client else "-",
                scope.get("method", "WEBSOCKET"),
                _masked_path(scope, status),
                status or "-",
                1000 * (time.monotonic() - began_s),
            )


def _masked_path(scope: Scope, status: int) -> str:
    """Return the path of a request with its parameters masked."""
    path: str = scope["path"]
    if status == 404:
        return "(unknown)"
    parameters = scope.get("path_params", {})
    if not parameters and status >= 400:  # refused before it came to its route, or by the page's files
        path = "/".join(path.split("/")[:2])
    for name, value in parameters.items():
        path = path.replace(str(value), f"{{{name}}}")
    return quote(path[:MAX_PATH_CHARS], safe="/{}")
