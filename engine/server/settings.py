"""What a server can be told, checked."""

from __future__ import annotations

import ipaddress
import math
import re
from pathlib import Path

from aiortc import RTCIceServer
from msgspec import Struct

from engine.errors import UsageError

ICE_URL = re.compile(
    r"(?P<scheme>stun|turns?):(?:(?P<user>[^:@/?\s]+):(?P<password>[^@/?\s]+)@)?"
    r"(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>\d{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)

MAX_WORKERS = 64
"""More processes than that would rather be more machines."""

ALLOWED_HOST = re.compile(r"(\*\.)?[\w-]+(\.[\w-]+)*\.?")
"""A host's name, without scheme, port or path."""

WORKER_PATH = re.compile(r"(/([\w.~-]|\{slot\})+)+")
"""Without a slash at its end: the paths of WHIP follow."""


class IceServer(Struct, frozen=True, kw_only=True):
    """A STUN or TURN server, for the engine and for the page."""

    urls: str
    username: str | None = None
    credential: str | None = None

    @classmethod
    def parse(cls, url: str) -> IceServer:
        """From ``stun:host[:port]`` or ``turn:user:password@host[:port][?transport=udp]``.

        RFC 7065 leaves user and password out of the address; on a command line there is
        no better place for them.

        Raises
        ------
        UsageError
            Says what it must look like.
        """
        match = ICE_URL.fullmatch(url)
        is_turn = match is not None and match["scheme"] != "stun"
        fits = match is not None and is_turn == (match["user"] is not None)
        if (
            match is None
            or not fits
            or (match["transport"] and not is_turn)
            or int(match["port"] or 1) > 65535
        ):
            raise UsageError(
                f"{url!r} is no ICE server: it must look like stun:host:port or turn:user:password@host:port"
            )
        port = f":{match['port']}" if match["port"] else ""
        transport = f"?transport={match['transport']}" if match["transport"] else ""
        urls = f"{match['scheme']}:{match['host']}{port}{transport}"
        return cls(urls=urls, username=match["user"], credential=match["password"])

    def for_peer(self) -> RTCIceServer:
        """As aiortc wants it."""
        return RTCIceServer(urls=self.urls, username=self.username, credential=self.credential)

    def link(self) -> str:
        """Value of a ``Link`` header (RFC 9725, section 4.6)."""
        login = f'; username="{self.username}"; credential="{self.credential}"; credential-type="password"'
        return f'<{self.urls}>; rel="ice-server"' + (login if self.username else "")


class Settings(Struct, frozen=True, kw_only=True):
    """How to serve. :func:`checked` before use."""

    host: str = "127.0.0.1"
    port: int = 8765
    """0 takes any free one."""

    profile: str = "conversation"
    """The profile of sessions that don't ask for one: a shipped name, or a TOML file."""

    allowed_hosts: tuple[str, ...] = ()
    """Names by which browsers may ask for it, beside its addresses, ``localhost``, the machine's own
    name and those in its certificate; ``*.`` at the beginning stands for one label."""

    tls_cert: str | None = None
    tls_key: str | None = None
    max_sessions: int = 250
    """Never more than that, however idle the processor is: it bounds memory and open files."""

    max_cpu: float = 0.85
    """Share of one processor core that the sessions may need before new ones are refused."""

    max_delay_s: float = 0.05
    """How long what arrives may wait (95 of 100 times) before sessions are refused and shedding begins."""

    metrics: bool = False
    """Whether ``/metrics`` is also served to others than this machine."""

    quota: float = 1.0
    """How many times the amounts of :mod:`.quota` one address may use; 0 for no bounds."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose ``X-Forwarded-For`` and ``-Proto`` are believed."""

    ice_servers: tuple[IceServer, ...] = ()
    stall_s: float = 4.0
    """Neither audio, a message nor an answer to ICE's question for this long: the connection is gone."""

    resume_s: float = 30.0
    """How long a session waits for its speaker to come back."""

    connect_s: float = 15.0
    """How long a new connection may take until something is heard on it."""

    workers: int = 1
    """Processes; each takes its share of ``max_sessions``."""

    worker_path: str | None = None
    """Where a reverse proxy has the workers, such as ``/w{slot}``; None: on the ports after ``port``."""

    drills: str | None = None
    """Folder with drills of one's own, TOML files, beside the shipped ones."""

    sounds: str | None = None
    """Folder with recordings that stand in for distractions."""

    drain_s: float = 5.0
    """How long sessions may go on after SIGTERM."""

    max_connections: int = 2048
    """TCP connections at a time; with as many, who has said nothing for longest gives way to a new one."""

    max_connections_per_address: int = 512
    """Likewise of one address. Behind a reverse proxy all are the proxy's."""

    request_s: float = 10.0
    """How long the header of a request may take to come, and its body again."""

    access_log: bool = False
    """Whether the log gets a line for each request, with the address that it came from."""

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


def checked(settings: Settings) -> Settings:
    """Return settings that can be used.

    Raises
    ------
    UsageError
        Says which cannot, and what would.
    """
    if not 0 <= settings.port <= 65535:
        raise UsageError(f"port {settings.port}: must be from 0 to 65535")
    if settings.max_sessions < 1:
        raise UsageError(f"max sessions {settings.max_sessions}: must be 1 or more")
    if not settings.max_cpu > 0:
        raise UsageError(f"max cpu {settings.max_cpu:g}: must be above 0; 0.85 is 85 % of a core")
    if not settings.max_delay_s > 0:
        raise UsageError(f"max delay {settings.max_delay_s:g} s: must be above 0")
    for name, most in (
        ("max connections", settings.max_connections),
        ("max connections per address", settings.max_connections_per_address),
    ):
        if most < 8:
            raise UsageError(f"{name} {most}: must be 8 or more; a browser opens six")
    if not settings.request_s > 0:
        raise UsageError(f"request {settings.request_s:g} s: must be above 0")
    if not 1 <= settings.workers <= MAX_WORKERS:
        raise UsageError(f"workers {settings.workers}: must be from 1 to {MAX_WORKERS}")
    if settings.workers > 1 and settings.port and settings.port + settings.workers + 1 > 65535:
        raise UsageError(f"port {settings.port}: the {settings.workers + 1} after it are for the workers")
    if settings.drain_s < 0:
        raise UsageError(f"drain {settings.drain_s:g} s: must be 0 or more")
    if not 0 <= settings.quota < math.inf:
        raise UsageError(f"quota {settings.quota:g}: must be 0, for no bounds, or more; 1 is the usual one")
    for proxy in settings.trusted_proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError as error:
            raise UsageError(
                f"trusted proxy {proxy!r}: must be an address or a network, such as 127.0.0.1 or 10.0.0.0/8"
            ) from error
    for name in settings.allowed_hosts:
        if not ALLOWED_HOST.fullmatch(name):
            raise UsageError(f"allowed host {name!r}: must be a name alone, such as coach.example.com")
    path = settings.worker_path
    if path is not None and (
        not WORKER_PATH.fullmatch(path) or path.count("{slot}") != 1 or path.startswith("//")
    ):
        raise UsageError(f"worker path {path!r}: must be a path with {{slot}} in it, such as /w{{slot}}")
    if settings.tls_key is not None and settings.tls_cert is None:
        raise UsageError("a TLS key needs its certificate as well: --tls-cert FILE")
    for name, file in (("certificate", settings.tls_cert), ("key", settings.tls_key)):
        if file is not None and not Path(file).is_file():
            raise UsageError(f"TLS {name} {file}: no such file")
    return settings
