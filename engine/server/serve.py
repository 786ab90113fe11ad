"""Serve the application: from the command line, in one process or several, or inside another program.

With several processes, uvicorn's supervisor starts, watches and restarts the workers. It holds all
sockets: the public one, from which every worker accepts connections, and one for each slot of
:class:`engine.server.placement.worker_directory.WorkerDirectory`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import selectors
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from msgspec.structs import replace
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE

from engine.errors import UsageError

from . import logs
from .http.app import create_app
from .http.http1_protocol import KEEP_ALIVE_S, LimitedHttp1Protocol
from .http.tcp_listener import TcpListener
from .hub import Hub
from .lan.access import LanAccess
from .lan.announcement import announcement
from .limits.connection_gate import ConnectionSlot
from .limits.descriptors import fit_to_descriptors
from .placement.worker_directory import WorkerDirectory
from .settings import Settings
from .supervisor import Supervisor

log = logging.getLogger(__name__)

LOOP = "engine.server.loop:make" if hasattr(selectors, "EpollSelector") else "asyncio"
"""Factory of the event loop, in uvicorn's notation."""

SHUTDOWN_TIMEOUT_S = 5
"""How long open requests may take when the server stops."""

WORKER_START_TIMEOUT_S = 30
"""How long a new worker of a rolling restart may take to start; after it the old worker stays."""

NO_MICROPHONE = """\
Browsers give the microphone only to https pages and to this machine itself: opened from
another one, the page at {address} will be refused it. To change that:
  - start `sottovoce share` in its place
  - or give a certificate: sottovoce serve --host {host} --tls-cert FILE --tls-key FILE
  - or come through a tunnel: ssh -L {port}:127.0.0.1:{port} THIS_MACHINE, then open http://127.0.0.1:{port}/
  - or put a reverse proxy with https in front of it"""


def _is_relevant(record: logging.LogRecord) -> bool:
    # uvicorn warns so of WebSockets refused with a response, too.
    return "without completing handshake" not in record.getMessage()


class _SessionServer(uvicorn.Server):
    """uvicorn server that ends the sessions before it closes their WebSockets."""

    def __init__(
        self, config: uvicorn.Config, hub: Hub, lan: LanAccess | None = None, *, signals: bool = False
    ) -> None:
        super().__init__(config)
        self._hub = hub
        self._lan = lan
        self._signals = signals
        self.on_started: Callable[[], None] = lambda: None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # Inside another program signals are left to that program.
        with super().capture_signals() if self._signals else contextlib.nullcontext():
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the life span and listen, with limits on connections."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(STARTUP_FAILURE)
        request_s = self._hub.settings.request_s

        def protocol(slot: ConnectionSlot) -> LimitedHttp1Protocol:
            return LimitedHttp1Protocol(self.config, self.server_state, self.lifespan.state, slot, request_s)

        def tls(bound: socket.socket) -> ssl.SSLContext | None:
            lan = self._lan
            return lan.tls if lan is not None and bound.getsockname()[1] == lan.port else self.config.ssl

        self.servers = [  # uvicorn only closes them
            TcpListener(bound, self._hub.gate, protocol, tls(bound), request_s)  # type: ignore[misc]
            for bound in sockets or []
        ]
        self.started = True
        if self._signals:
            end_sessions_on_signals(self._hub)
        self.on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await self._hub.close()
        finally:
            await super().shutdown(sockets)


def end_sessions_on_signals(hub: Hub) -> None:
    """End the sessions before a signal reaches uvicorn: SIGTERM drains them, SIGINT doesn't wait.

    Call on the loop, in the main thread, once uvicorn has installed its own handlers.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    leaving: dict[int, asyncio.Task[None]] = {}

    async def leave(number: int) -> None:
        try:
            await (hub.drain() if number == signal.SIGTERM else hub.close())
        except Exception:  # the server must end in any case
            log.exception("sessions could not be ended in order")
        pass_on(number)

    def pass_on(number: int) -> None:
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, None)

    def begin(number: int) -> None:
        if signal.SIGINT in leaving:
            pass_on(number)  # a second interrupt: uvicorn forces the exit
        elif number not in leaving:
            for other in leaving.values():
                other.cancel()
            leaving[number] = loop.create_task(leave(number), name="leave")

    for number in before:
        signal.signal(number, lambda number, _: loop.call_soon_threadsafe(begin, number))


def _config(app: Any, settings: Settings, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop=LOOP,
        http="h11",
        ws="websockets-sansio",
        ws_max_size=65_536,
        ws_per_message_deflate=False,  # 70 bytes could expand to 64 KiB, and batches are short
        timeout_keep_alive=KEEP_ALIVE_S,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        timeout_worker_healthcheck=WORKER_START_TIMEOUT_S,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        **more,
    )


def _load_config(config: uvicorn.Config) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").addFilter(_is_relevant)
    try:
        config.load()
    except (ssl.SSLError, OSError) as error:
        raise UsageError(
            f"TLS certificate {config.ssl_certfile} and its key: {error}; "
            "both must be PEM files and belong together"
        ) from error
    return config


def _prepare(hub: Hub, *, signals: bool) -> tuple[_SessionServer, list[socket.socket], LanAccess | None]:
    """Return the server, its sockets, of which the first is its own address, and what others reach it by."""
    settings = hub.settings
    lan = None if settings.lan is None else LanAccess(settings.lan)
    app = create_app(hub, lan=lan)
    config = _load_config(_config(app, settings, lifespan="on"))
    hub.warm_up()
    bound = [_bind(settings, settings.port)]
    if lan is not None:
        bound += _bind_lan(lan)
    return _SessionServer(config, hub, lan, signals=signals), bound, lan


def _bind_lan(lan: LanAccess) -> list[socket.socket]:
    """Return sockets on all of the machine's addresses, and tell ``lan`` their port."""
    bound = [_bind(Settings(host="0.0.0.0"), lan.port)]
    lan.port = bound[0].getsockname()[1]
    if socket.has_dualstack_ipv6():
        bound.append(_bind(Settings(host="::"), lan.port, alone=True))
    return bound


def _address(settings: Settings, bound: socket.socket) -> str:
    host = "127.0.0.1" if settings.host == "0.0.0.0" else "[::1]" if settings.host == "::" else settings.host
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{'http' if settings.tls_cert is None else 'https'}://{host}:{bound.getsockname()[1]}/"


def _bind(settings: Settings, port: int, *, alone: bool = False) -> socket.socket:
    """Return a socket at an address; ``alone``: of IPv6, without the IPv4 addresses."""
    try:
        kind = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)[0]
        # With its protocol set: only then asyncio disables Nagle's algorithm, which adds 40 ms a response.
        bound = socket.socket(*kind[:3])
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no name of a host"
        raise UsageError(f"host {settings.host!r}: {why}; for this machine only, use 127.0.0.1") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if bound.family == socket.AF_INET6 and alone:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(kind[4])
    except OSError as error:
        bound.close()
        raise UsageError(
            f"cannot listen on {settings.host} port {port}: {error.strerror}; "
            "try another port, or 0 for any free one"
        ) from error
    return bound


class WorkerApp:
    """Factory of a worker's application, pickled and called in the process that uvicorn starts for it.

    ``sockets`` and ``slots``, their addresses, have one item for each slot. ``public`` and ``shared``,
    its address, are common to all workers.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        public: socket.socket,
        shared: str,
        sockets: list[socket.socket],
        slots: list[str],
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._sockets = sockets
        self._public = public
        self._shared = shared
        self._slots = slots

    def __call__(self) -> Starlette:
        """Make the application."""
        logs.set_up(access=self._settings.access_log)
        directory = WorkerDirectory(self._folder, self._shared, self._slots)
        hub = Hub(self._settings, placement=directory)
        hub.warm_up()
        _freeze_heap()

        @asynccontextmanager
        async def serving_slot(app: Starlette) -> AsyncIterator[None]:
            server = _SessionServer(_load_config(_config(app, self._settings, lifespan="off")), hub)
            async with _serving(server, self._public, self._sockets[directory.slot]) as task:
                # Without the server the worker would only look alive; the supervisor starts another.
                task.add_done_callback(lambda _: None if server.should_exit else _terminate())
                end_sessions_on_signals(hub)
                parent = multiprocessing.parent_process()
                if parent is not None:  # without the parent nothing would end this worker
                    loop = asyncio.get_running_loop()
                    loop.add_reader(parent.sentinel, _parent_ended, loop, parent.sentinel)
                yield

        return create_app(hub, serving_slot)


def _freeze_heap() -> None:
    """Exclude all present objects from later garbage collections; only for the server's own process.

    The compiler alone leaves hundreds of thousands of objects; a full collection over them would
    stall every session for several packets' time.
    """
    gc.collect()
    gc.freeze()


def _parent_ended(loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
    loop.remove_reader(sentinel)
    _terminate()


def _terminate() -> None:
    signal.raise_signal(signal.SIGTERM)


def run(settings: Settings, say: Callable[[str], None] = print) -> None:
    """Serve until interrupted; ``say`` is called with the address and advice.

    Raises
    ------
    UsageError
        Invalid settings, or a port in use.
    """
    logs.set_up(access=settings.access_log)
    settings = fit_to_descriptors(settings)
    if settings.workers > 1:
        return _run_workers(Hub(settings).settings, say)
    server, bound, lan = _prepare(Hub(settings), signals=True)
    _freeze_heap()

    def started() -> None:
        _announce(settings, bound[0], say)
        if lan is not None:
            lan.on_moved = lambda: _announce_lan(lan, say)
            lan.on_moved()

    server.on_started = started  # only after the start: until then an interrupt isn't handled
    factory = server.config.get_loop_factory()
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(server.serve(bound))


def _run_workers(settings: Settings, say: Callable[[str], None]) -> None:
    _load_config(_config(Starlette(), settings))  # a bad certificate is reported here, not by each worker
    share = replace(settings, max_sessions=-(-settings.max_sessions // settings.workers))
    with ExitStack() as stack:
        public = stack.enter_context(_bind(settings, settings.port))
        # One more than workers: in a rolling restart the new worker starts before the old one ends.
        ports = [settings.port and settings.port + 1 + slot for slot in range(settings.workers + 1)]
        sockets = [stack.enter_context(_bind(settings, port)) for port in ports]
        path = settings.worker_path
        slots = [
            path.replace("{slot}", str(slot)) if path else f":{own.getsockname()[1]}"
            for slot, own in enumerate(sockets)
        ]
        shared = "" if path else f":{public.getsockname()[1]}"
        folder = stack.enter_context(TemporaryDirectory(prefix="sottovoce-"))  # readable by this user only
        worker = WorkerApp(share, Path(folder), public, shared, sockets, slots)
        config = _config(worker, settings, lifespan="on", factory=True, workers=settings.workers)
        Supervisor(config, lambda: _announce(settings, public, say)).run()


def _announce(settings: Settings, bound: socket.socket, say: Callable[[str], None]) -> None:
    address = _address(settings, bound)
    say(f"Sottovoce is at {address}  (Ctrl+C ends it)")
    if not settings.local and settings.tls_cert is None:
        say(NO_MICROPHONE.format(address=address, host=settings.host, port=bound.getsockname()[1]))
    sys.stdout.flush()


def _announce_lan(lan: LanAccess, say: Callable[[str], None]) -> None:
    drawn = sys.stdout.isatty() and sys.stdout.encoding.lower().startswith("utf")
    for line in announcement(lan, drawn=drawn):
        say(line)
    sys.stdout.flush()


@asynccontextmanager
async def serving(settings: Settings | Hub) -> AsyncIterator[str]:
    """Serve in this process while the context lasts; yields the address, such as ``http://127.0.0.1:8765/``.

    With a hub of the caller's own, its sessions are accessible.

    Raises
    ------
    UsageError
        Invalid settings, or a port in use.
    """
    hub = settings if isinstance(settings, Hub) else Hub(settings)
    server, bound, _ = _prepare(hub, signals=False)
    async with _serving(server, *bound):
        yield _address(hub.settings, bound[0])


@asynccontextmanager
async def _serving(server: _SessionServer, *bound: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(server.serve(list(bound)), name="serve")
    try:
        while not server.started:
            if task.done():
                task.result()
                raise UsageError("the server could not start; its log says why")
            await asyncio.sleep(0.01)
        yield task
    finally:
        server.should_exit = True
        await task
