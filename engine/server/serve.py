"""Serves the application: from the command line, or beside other things in one process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager

import uvicorn

from engine.errors import UsageError

from .app import create_app
from .hub import Hub
from .settings import Settings

FAREWELL_S = 5
"""How long requests may take to finish when the server stops."""

NO_MICROPHONE = """\
Browsers give the microphone only to https pages and to this machine itself: opened from
another one, the page at {address} will be refused it. To change that:
  - give a certificate: sottovoce serve --host {host} --tls-cert FILE --tls-key FILE
  - or come through a tunnel: ssh -L {port}:127.0.0.1:{port} THIS_MACHINE, then open http://127.0.0.1:{port}/
  - or put a reverse proxy with https in front of it"""


def _is_news(record: logging.LogRecord) -> bool:
    # uvicorn takes a WebSocket that was refused with an answer for one left without.
    return "without completing handshake" not in record.getMessage()


class _Server(uvicorn.Server):
    """uvicorn that lets sessions say goodbye before it closes their WebSockets."""

    def __init__(self, config: uvicorn.Config, hub: Hub, *, signals: bool) -> None:
        super().__init__(config)
        self._hub = hub
        self._signals = signals
        self.on_started: Callable[[], None] = lambda: None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # Inside another program the signals are that program's.
        with super().capture_signals() if self._signals else contextlib.nullcontext():
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._hub.close()
        await super().shutdown(sockets)


def _prepare(hub: Hub, *, signals: bool) -> tuple[_Server, socket.socket, str]:
    settings = hub.settings
    tls = settings.tls_cert is not None
    config = uvicorn.Config(
        create_app(hub),
        http="h11",
        ws="websockets-sansio",
        ws_max_size=65_536,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL_S,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    try:
        config.load()
    except (ssl.SSLError, OSError) as error:
        raise UsageError(
            f"TLS certificate {settings.tls_cert} and its key: {error}; "
            "both must be PEM files and belong together"
        ) from error
    hub.warm_up()
    bound = _bind(settings)
    port = bound.getsockname()[1]
    host = "127.0.0.1" if settings.host == "0.0.0.0" else "[::1]" if settings.host == "::" else settings.host
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return _Server(config, hub, signals=signals), bound, f"{'https' if tls else 'http'}://{host}:{port}/"


def _bind(settings: Settings) -> socket.socket:
    try:
        kind = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(kind[0], socket.SOCK_STREAM)
    except OSError as error:
        raise UsageError(
            f"host {settings.host!r}: {error.strerror}; for this machine only, use 127.0.0.1"
        ) from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(kind[4])
    except OSError as error:
        bound.close()
        raise UsageError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; "
            "try another port, or 0 for any free one"
        ) from error
    return bound


def run(settings: Settings, say: Callable[[str], None] = print) -> None:
    """Serve until interrupted; ``say`` gets the address and what there is to know.

    Raises
    ------
    UsageError
        Settings that cannot be used, a port that is taken.
    """
    server, bound, address = _prepare(Hub(settings), signals=True)

    def tell() -> None:
        say(f"Sottovoce is at {address}  (Ctrl+C ends it)")
        if not settings.local and settings.tls_cert is None:
            port = bound.getsockname()[1]
            say(NO_MICROPHONE.format(address=address, host=settings.host, port=port))
        sys.stdout.flush()

    server.on_started = tell  # not before: until then an interrupt isn't taken as the end
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(server.serve([bound]))


@asynccontextmanager
async def serving(settings: Settings | Hub) -> AsyncIterator[str]:
    """Serve in this process while the context lasts; gives the address, such as ``http://127.0.0.1:8765/``.

    With a hub of the caller's own, the sessions can be looked at.

    Raises
    ------
    UsageError
        Settings that cannot be used, a port that is taken.
    """
    hub = settings if isinstance(settings, Hub) else Hub(settings)
    server, bound, address = _prepare(hub, signals=False)
    task = asyncio.create_task(server.serve([bound]), name="serve")
    try:
        while not server.started:
            if task.done():
                task.result()
                raise UsageError("the server could not start; its log says why")
            await asyncio.sleep(0.01)
        yield address
    finally:
        server.should_exit = True
        await task
