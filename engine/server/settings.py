"""Settings of a server, and their validation."""

from __future__ import annotations

import ipaddress
import math
import os
import re

from aiortc import RTCIceServer
from msgspec import Struct

from engine.assistant.endpoint import Endpoint
from engine.errors import UsageError

ICE_URL = re.compile(
    r"(?P<scheme>stun|turns?):(?:(?P<user>[^:@/?\s]+):(?P<password>[^@/?\s]+)@)?"
    r"(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>\d{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)

MAX_WORKERS = 64
"""Most worker processes; beyond it use more machines."""

ALLOWED_HOST = re.compile(r"(\*\.)?[\w-]+(\.[\w-]+)*\.?")
"""A host name without scheme, port or path; ``*.`` stands for one label."""

ME = "me"
"""Name of the person whose machine it is."""

PERSON = re.compile(r"[\w.@-]{1,64}")
"""A name for a record."""

WORKER_PATH = re.compile(r"(/([\w.~-]|\{slot\})+)+")
"""A path without a trailing slash: the paths of WHIP follow."""


class IceServer(Struct, frozen=True, kw_only=True):
    """A STUN or TURN server, for the engine and for the page."""

    urls: str
    username: str | None = None
    credential: str | None = None

    @classmethod
    def parse(cls, url: str) -> IceServer:
        """Parse ``stun:host[:port]`` or ``turn:user:password@host[:port][?transport=udp]``.

        RFC 7065 has no user and password in the address; a command line has no better place for them.

        Raises
        ------
        UsageError
            The address is malformed.
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
        """Return aiortc's form of it."""
        return RTCIceServer(urls=self.urls, username=self.username, credential=self.credential)

    def link(self) -> str:
        """Return the value of a ``Link`` header (RFC 9725, section 4.6)."""
        login = f'; username="{self.username}"; credential="{self.credential}"; credential-type="password"'
        return f'<{self.urls}>; rel="ice-server"' + (login if self.username else "")


class Lan(Struct, frozen=True, kw_only=True):
    """How a server is reached from other machines of the network: by https, beside its own address."""

    folder: str
    """Where its certificates are kept."""

    port: int = 8443
    """0 takes any free one."""

    address: str | None = None
    """Which of the machine's addresses links have; None: the likeliest to reach it."""

    self_signed: bool = False
    """Whether to do without an authority of the machine's own, which devices can trust."""


class Settings(Struct, frozen=True, kw_only=True):
    """Settings of a server. Pass them through :func:`checked` before use."""

    host: str = "127.0.0.1"
    port: int = 8765
    """0 takes any free one."""

    profile: str = "conversation"
    """Default profile of sessions: a shipped name, or a TOML file."""

    allowed_hosts: tuple[str, ...] = ()
    """Accepted host names, besides addresses, ``localhost``, the machine's own name and those in the
    certificate; ``*.`` at the beginning stands for one label."""

    tls_cert: str | None = None
    tls_key: str | None = None
    lan: Lan | None = None
    """How other machines reach a server that is for this machine only otherwise; None: not at all."""

    max_sessions: int = 250
    """Most sessions, however idle the processor is: bounds memory and open files."""

    max_cpu: float = 0.85
    """Share of one processor core in use from which new sessions are refused."""

    max_delay_s: float = 0.05
    """Delay of packets and requests (95th percentile) from which sessions are refused and load is shed."""

    metrics: bool = False
    """Whether ``/metrics`` is served to other machines too."""

    quota: float = 1.0
    """Factor on the limits of :mod:`engine.server.limits.quota` for one address; 0 for no limits."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose ``X-Forwarded-For`` and ``-Proto`` are trusted."""

    ice_servers: tuple[IceServer, ...] = ()
    stall_s: float = 4.0
    """A connection without audio, messages and consent for this long is gone."""

    resume_s: float = 30.0
    """How long a session waits for its speaker to reconnect."""

    connect_s: float = 15.0
    """How long a new connection may take until something arrives on it."""

    workers: int = 1
    """Worker processes; each takes its share of ``max_sessions``."""

    worker_path: str | None = None
    """Path of the workers behind a reverse proxy, such as ``/w{slot}``; None: on the ports after ``port``."""

    drills: str | None = None
    """Folder with the user's own drills, TOML files, added to the shipped ones."""

    sounds: str | None = None
    """Folder with recordings that replace distractions."""

    words: bool = True
    """Whether words are recognised for who asks, where the packages for it are installed."""

    words_cores: float = 1.0
    """Most processor cores for recognising words; a speaker's live words need 0.2."""

    assistant: Endpoint | None = None
    """Language model that speakers may ask for advice after a take; they agree to it session by session."""

    drain_s: float = 5.0
    """How long sessions may go on after SIGTERM."""

    max_connections: int = 2048
    """Most TCP connections; at the limit the one that has waited longest gives way to a new one."""

    max_connections_per_address: int = 512
    """Most TCP connections of one address. Behind a reverse proxy all are the proxy's."""

    request_s: float = 10.0
    """Time limit of a request's header, and again of its body."""

    access_log: bool = False
    """Whether each request is logged, with its address."""

    programme: str = "four-weeks"
    """Programme of who has a record: name of a shipped one, or a TOML file."""

    record: str | None = None
    """Whose takes are kept, of what they allow; None: nothing is kept. See :func:`whose_record`."""

    store: str | None = None
    """Where: a folder or ``postgresql://…``; None: the user's data folder."""

    record_key: str | None = None
    """File with the key that encrypts the sound of takes; None: the one of the environment, if any."""

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


def whose_record(wanted: str | None, host: str) -> str | None:
    """Return :attr:`Settings.record` for what was asked for: a name, ``off``, or None for the usual.

    That is :data:`ME` on a server for this machine only, and nobody's on one that others can reach.
    """
    if wanted is None:
        return ME if Settings(host=host).local else None
    return None if wanted == "off" else wanted


def checked(settings: Settings) -> Settings:
    """Return the settings if they are valid.

    Raises
    ------
    UsageError
        A setting is invalid; the message says which values are valid.
    """
    if not 0 <= settings.port <= 65535:
        raise UsageError(f"port {settings.port}: must be from 0 to 65535")
    if settings.lan is not None:
        _check_lan(settings.lan, settings)
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
    if not 0 < settings.request_s < math.inf:
        raise UsageError(f"request {settings.request_s:g} s: must be above 0; 10 is the usual time")
    if not 1 <= settings.workers <= MAX_WORKERS:
        raise UsageError(f"workers {settings.workers}: must be from 1 to {MAX_WORKERS}")
    if settings.workers > 1 and settings.port and settings.port + settings.workers + 1 > 65535:
        raise UsageError(f"port {settings.port}: the {settings.workers + 1} after it are for the workers")
    if not 0 < settings.words_cores < math.inf:
        raise UsageError(
            f"words cores {settings.words_cores:g}: must be above 0; --no-words recognises no words"
        )
    if not 0 <= settings.drain_s < math.inf:
        raise UsageError(f"drain {settings.drain_s:g} s: must be 0 or more; 5 is the usual time")
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
    if settings.record is not None and (not PERSON.fullmatch(settings.record) or settings.record == "off"):
        raise UsageError(
            f"record {settings.record!r}: must be a name of 1 to 64 letters, digits, . @ - or _, or off"
        )
    path = settings.worker_path
    if path is not None and (
        not WORKER_PATH.fullmatch(path) or path.count("{slot}") != 1 or path.startswith("//")
    ):
        raise UsageError(f"worker path {path!r}: must be a path with {{slot}} in it, such as /w{{slot}}")
    if settings.tls_key is not None and settings.tls_cert is None:
        raise UsageError("a TLS key needs its certificate as well: --tls-cert FILE")
    for name, file in (("certificate", settings.tls_cert), ("key", settings.tls_key)):
        if file is not None and not os.path.isfile(file):
            raise UsageError(f"TLS {name} {file}: no such file")
    return settings


def _check_lan(lan: Lan, settings: Settings) -> None:
    if not 0 <= lan.port <= 65535:
        raise UsageError(f"port {lan.port} for other machines: must be from 0 to 65535")
    if lan.port and lan.port == settings.port:
        raise UsageError(f"port {lan.port}: other machines need another one than this machine, such as 8443")
    if lan.address is not None:
        try:
            ipaddress.ip_address(lan.address)
        except ValueError as error:
            raise UsageError(
                f"address {lan.address!r}: must be one of this machine's own, such as 192.168.1.20"
            ) from error
    if not settings.local or settings.tls_cert is not None or settings.workers > 1:
        raise UsageError(
            "sharing in the network takes one process, a host for this machine only, and its own certificate"
        )
