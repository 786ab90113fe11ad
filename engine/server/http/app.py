"""The HTTP application: routes, middleware, and the small endpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import metadata, resources
from importlib.util import find_spec

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine.cues import CUES, cue_states
from engine.errors import SottovoceError
from engine.profile import Profile
from engine.protocol import messages
from engine.server.hub import Hub
from engine.server.lan.access import LanAccess
from engine.server.sessions.pending_requests import PendingRequestsMiddleware
from engine.server.sessions.readers import MAX_WATCHERS

from . import (
    analogy_routes,
    feedback_routes,
    programme_routes,
    record_routes,
    recording_routes,
    report_routes,
    room_routes,
    story_routes,
    whip,
)
from .access_log import AccessLog
from .feedback_form import FeedbackForm
from .health import healthz, readyz
from .hosts import KnownHostsOnly, host_names, is_localhost, link_host
from .lan_routes import authority, lan_view
from .metrics import metrics
from .origin import CrossPortCors, connect_sources, ports_of
from .problems import Problem, ignore_disconnect, on_error
from .quota_middleware import QuotaMiddleware
from .websocket_exchange import exchange

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; connect-src 'self'{workers}; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
"""Content-Security-Policy: resources from this origin, recordings that the person opens in the page, and
connections to the server's own addresses only."""

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "microphone=(self), display-capture=(self), camera=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}

TOO_MANY_WATCHERS = f"{MAX_WATCHERS} watch this session already; try again when one of them has left"

HTTPS_ONLY = "max-age=31536000"
"""Strict-Transport-Security (RFC 6797): a year, for this host only."""

LifespanContext = Callable[[Starlette], AbstractAsyncContextManager[None]]
"""Makes a context that lasts while an application serves."""


def create_app(hub: Hub, within: LifespanContext | None = None, lan: LanAccess | None = None) -> Starlette:
    """Return the application of a hub; its life span opens and closes the hub, and ``within`` inside it.

    ``lan`` is how other machines of the network reach it, if they can; it is looked after meanwhile.
    """
    within = within if lan is None else lan.kept_up

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with hub:
            if within is None:
                yield
            else:
                async with within(app):
                    yield

    ports = ports_of(hub.placement.addresses)

    app = Starlette(
        routes=[
            Route("/whip", whip.Endpoint),
            Route("/whip/{id}/{key}", whip.Resource),
            WebSocketRoute("/sessions/{id}/live", live),
            Route("/rooms", room_routes.make, methods=["POST"]),
            Route("/rooms/{id}/seats", room_routes.admit, methods=["POST"]),
            Route("/rooms/{id}/qr", room_routes.qr),
            Route("/rooms/{id}/observers", room_routes.observe, methods=["POST"]),
            WebSocketRoute("/rooms/{id}/live", room_routes.live),
            *record_routes.ROUTES,
            *report_routes.ROUTES,
            *programme_routes.ROUTES,
            *story_routes.ROUTES,
            *analogy_routes.ROUTES,
            *recording_routes.ROUTES,
            *feedback_routes.ROUTES,
            *FeedbackForm(hub).routes,
            Route("/schema.json", schema),
            Route("/config.json", config),
            Route("/authority.crt", authority),
            Route("/drills", drills),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Mount("/", PageFiles(directory=str(resources.files("clients") / "web"), html=True)),
        ],
        middleware=[
            Middleware(PendingRequestsMiddleware, hub.pending_requests),
            Middleware(AccessLog),
            Middleware(SecurityHeaders, ports, https=hub.settings.tls_cert is not None),
            Middleware(KnownHostsOnly, host_names(hub.settings)),
            Middleware(CrossPortCors, ports),
            Middleware(WithoutTrailingSlash),
            Middleware(QuotaMiddleware, hub.quota, proxied=bool(hub.settings.trusted_proxies)),
        ],
        exception_handlers={
            **dict.fromkeys((HTTPException, Problem, SottovoceError, ClientDisconnect, Exception), on_error),
            WebSocketDisconnect: ignore_disconnect,
        },
        lifespan=lifespan,
    )
    app.state.hub = hub
    app.state.lan = lan
    return app


async def schema(request: Request) -> Response:
    """Return the JSON Schema of the messages."""
    return Response(msgspec.json.encode(messages.schema()), media_type="application/schema+json")


async def config(request: Request) -> Response:
    """Return what the page needs before it connects."""
    hub: Hub = request.app.state.hub
    lan: LanAccess | None = request.app.state.lan
    default = hub.default
    body = {
        "version": metadata.version("sottovoce"),
        "wire_version": messages.VERSION,
        "profile": default.name,
        "profiles": [
            {"name": p.name, "description": p.description, "cues": cue_states(p, _cues_off(p), alone=True)}
            for p in hub.profiles.values()
        ],
        "ice_servers": hub.settings.ice_servers,
        "link_host": link_host(hub.settings),
        "lan": None if lan is None else lan_view(lan),
        "resume_s": hub.settings.resume_s,
        "stall_s": hub.settings.stall_s,
        "words": hub.words.unavailable is None,
        "pdf": find_spec("weasyprint") is not None,
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


def _cues_off(profile: Profile) -> list[str]:
    return [cue for cue in CUES if not profile.cue_on(cue)]


async def drills(request: Request) -> Response:
    """Return the drills: what each trains, when to use it, and what it does at each difficulty."""
    hub: Hub = request.app.state.hub
    return Response(msgspec.json.encode(hub.library.offers()), media_type="application/json")


async def live(websocket: WebSocket) -> None:
    """``/sessions/{id}/live``: all messages of a session, for watchers and publishers without a data channel.

    An invalid message gets an error message; the connection stays open. Commands need `authorize`
    first. 503 when there are enough watchers.
    """
    try:
        session = whip.session_of(websocket)
        if session.fully_watched:
            raise Problem(503, TOO_MANY_WATCHERS, {"retry-after": "30"}, "watched")
    except Problem as problem:
        await websocket.send_denial_response(problem.response())
        return
    await websocket.accept()
    outbox = session.watch()
    try:
        await exchange(websocket, outbox, lambda raw: session.receive_message(raw, outbox))
    finally:
        session.unwatch(outbox)


class PageFiles(StaticFiles):
    """The page's own files; there is nothing to be said to them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for one, and refuse a WebSocket, as well as a name that no file can have."""
        if scope["type"] == "websocket":
            answer = Problem(404, "no WebSocket is here").response()
            return await WebSocket(scope, receive, send).send_denial_response(answer)
        if "\0" in scope["path"]:
            raise HTTPException(404)
        await super().__call__(scope, receive, send)


class SecurityHeaders:
    """Adds the security headers, and lets nothing be used unasked from a cache.

    With ``https`` browsers are told to come by https only. Not where they ask for ``localhost``: that
    would hold for whatever else serves there, at any port.
    """

    def __init__(self, app: ASGIApp, ports: Sequence[int], *, https: bool) -> None:
        self._app = app
        self._ports = ports
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to its response."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                host = Headers(scope=scope).get("host", "")
                headers.setdefault(  # reports and the page of feedback are stricter
                    "content-security-policy",
                    CONTENT_SECURITY_POLICY.format(workers=connect_sources(host, self._ports)),
                )
                if self._https and not is_localhost(host):
                    headers["strict-transport-security"] = HTTPS_ONLY
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-cache")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class WithoutTrailingSlash:
    """Takes ``/whip/`` for ``/whip``: people type it, and proxies add it. There are no folders."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on without the trailing slash of its path."""
        if scope["type"] != "lifespan" and scope["path"].endswith("/"):
            scope["path"] = (
                scope["path"].rstrip("/") or "/"
            )  # in place: the access log looks for path parameters
        await self._app(scope, receive, send)
