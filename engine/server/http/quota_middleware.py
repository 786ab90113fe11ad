"""Count requests against the quota of their address, before they are processed."""

from __future__ import annotations

import logging
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from engine.server.limits.quota import Kind, Quota, QuotaExceeded, address_of

from .feedback_page import crowded
from .problems import as_problem

POST, READ = ("POST",), ("GET", "HEAD")

FORMS = re.compile(r"/feedback(/.*)?")
"""Paths of people who were given a link: they are answered with pages."""

COUNTED: tuple[tuple[re.Pattern[str], tuple[str, ...], Kind], ...] = (
    (re.compile(r"/whip"), POST, "offers"),
    (re.compile(r"/rooms"), POST, "rooms"),
    (re.compile(r"/rooms/[^/]+/(seats|observers)"), POST, "seats"),
    (re.compile(r"/rooms/[^/]+/qr"), READ, "seats"),
    (FORMS, READ + POST, "forms"),
)
"""Kind that a request to a path counts as, by its methods."""

SECRET_PATHS = re.compile(r"/(whip|rooms|sessions|feedback)(/.*)?")
"""Paths with secrets in them."""

NOT_FOUND = (404, 410)

NO_SUCH_SEAT = 4403
"""Close code of a WebSocket for a wrong seat."""

PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip")
"""Headers that reverse proxies add."""

log = logging.getLogger(__name__)


class QuotaMiddleware:
    """Middleware that refuses requests beyond the quota: 429 (RFC 6585, section 4) with ``Retry-After``."""

    def __init__(self, app: ASGIApp, quota: Quota, *, proxied: bool) -> None:
        self._app = app
        self._quota = quota
        self._warned = proxied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it; count requests for what doesn't exist."""
        if scope["type"] not in ("http", "websocket") or not SECRET_PATHS.fullmatch(scope["path"]):
            return await self._app(scope, receive, send)
        self._warn_of_proxy(Headers(scope=scope))
        address = address_of(scope.get("client"))
        try:
            self._quota.check_request(address, "guesses")
            for path, methods, kind in COUNTED:
                if scope.get("method") in methods and path.fullmatch(scope["path"]):
                    self._quota.count_request(address, kind)
        except QuotaExceeded as refused:
            is_form = FORMS.fullmatch(scope["path"]) is not None
            answer = crowded(refused.retry_s) if is_form else as_problem(refused).response()
            if scope["type"] == "http":
                return await answer(scope, receive, send)
            return await WebSocket(scope, receive, send).send_denial_response(answer)

        async def noted(message: Message) -> None:
            if message.get("status") in NOT_FOUND or (
                message["type"] == "websocket.close" and message.get("code") == NO_SUCH_SEAT
            ):
                self._guessed(address)
            await send(message)

        await self._app(scope, receive, noted)

    def _guessed(self, address: str) -> None:
        try:
            self._quota.count_request(address, "guesses")
        except QuotaExceeded:
            return  # the next request is refused

    def _warn_of_proxy(self, headers: Headers) -> None:
        if not self._warned and any(name in headers for name in PROXIED):
            self._warned = True
            log.warning(
                "requests come through a reverse proxy, whose users all count as one address: "
                "name the proxy with --trusted-proxy ADDRESS"
            )
