"""Servers, offers and watchers in tests."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect

from clients.whip.publisher import Publisher
from clients.whip.send_buffer import BLOCK, BufferTrack, SendBuffer
from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.protocol import messages
from engine.server.hub import Hub
from engine.server.serve import serving
from engine.server.settings import Settings
from engine.speech.process import RecognitionProcess

Kind = TypeVar("Kind")

_unread: WeakKeyDictionary[ClientConnection, deque[dict[str, Any]]] = WeakKeyDictionary()
"""What came in a batch behind the message that was waited for."""

SDP = {"content-type": "application/sdp"}


PATIENCE_S = 90.0
"""How long something is waited for that comes sooner or later, on a busy machine later."""

PATIENT: dict[str, float] = {"stall_s": 600.0, "connect_s": 600.0, "request_s": 120.0}
"""Settings with which nobody is given up because a busy machine holds them up."""


def unhurried(**given: Any) -> Settings:
    """Settings with which nobody is refused or given up because the machine is busy with something else."""
    admitting: dict[str, Any] = {"port": 0, "max_cpu": 100.0, "max_delay_s": 100.0}
    return Settings(**{**admitting, **PATIENT, "allowed_hosts": ("engine.test",), **given})


def browser(**options: Any) -> httpx.AsyncClient:
    """A client that goes straight to the server, takes any certificate, and has patience."""
    return httpx.AsyncClient(**{"trust_env": False, "verify": False, "timeout": PATIENCE_S, **options})


def socket_of(url: str, **options: Any) -> connect:
    """A WebSocket at an address of HTTP that a busy machine doesn't end."""
    patient = {"open_timeout": PATIENCE_S, "ping_interval": None}
    return connect(url.replace("http", "ws", 1), **{**patient, **options})


class Server(NamedTuple):
    """A server that runs, and its insides."""

    address: str
    hub: Hub

    def watch(self, session_id: str, **options: Any) -> connect:
        """WebSocket of a session."""
        return socket_of(f"{self.address}sessions/{session_id}/live", **options)


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Server]:
    """Server on a free port of this machine; ``recognition`` recognises its words."""
    recognition: RecognitionProcess | None = settings.pop("recognition", None)
    hub = Hub(unhurried(**settings), recognition=recognition)
    async with serving(hub) as address:
        yield Server(address, hub)


def give_up_soon(server: Server, page: Page, **seconds: float) -> None:
    """Have a session wait for less from now on than :data:`PATIENT` says, by the names of the settings."""
    session = server.hub.find(page.session)
    assert session is not None
    session._settings = replace(session._settings, **seconds)


class Page:
    """What a page does, with every step in the test's hand."""

    def __init__(self, connection: RTCPeerConnection | None = None) -> None:
        self.connection = connection or RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel: RTCDataChannel = self.connection.createDataChannel("coach")
        self.messages: asyncio.Queue[messages.ToClient] = asyncio.Queue()
        self.channel.on("message", self._hear)
        self.audio = SendBuffer()
        self.connection.addTransceiver(BufferTrack(self.audio), "sendonly")
        self.response: httpx.Response | None = None

    def _hear(self, raw: str | bytes) -> None:
        for message in messages.decode_batch(raw):
            self.messages.put_nowait(message)

    async def offer(self) -> str:
        """Its offer, candidates and all."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def call(
        self,
        address: str,
        *,
        token: str | None = None,
        seat: str | None = None,
        change: Callable[[str], str] = str,
        query: str = "",
    ) -> messages.Hello:
        """Connect; gives the first message."""
        headers = dict(SDP)
        if token:
            headers["sottovoce-resume"] = token
        if seat:
            headers["sottovoce-seat"] = seat
        offer = change(await self.offer())
        async with browser() as client:
            self.response = await client.post(f"{address}whip{query}", content=offer, headers=headers)
        self.response.raise_for_status()
        return await self.accept()

    async def accept(self) -> messages.Hello:
        """Take the answer to its offer; gives the first message."""
        assert self.response is not None
        await self.connection.setRemoteDescription(RTCSessionDescription(self.response.text, "answer"))
        return await self.next(messages.Hello)

    @property
    def session(self) -> str:
        """Id of its session."""
        assert self.response is not None
        return self.response.headers["sottovoce-session"]

    @property
    def token(self) -> str:
        """Resume token of its session."""
        assert self.response is not None
        return self.response.headers["sottovoce-resume"]

    @property
    def location(self) -> str:
        """Where its session is ended (RFC 9725, section 4.2)."""
        assert self.response is not None
        return str(self.response.url.join(self.response.headers["location"]))

    @property
    def key(self) -> str:
        """What lets somebody command and end its session."""
        return self.location.rpartition("/")[2]

    async def speak(self, samples: Samples) -> None:
        """Send samples, no sooner than in real time."""
        for start in range(0, len(samples), BLOCK):
            self.audio.add(samples[start : start + BLOCK])
            await asyncio.sleep(BLOCK / RATE_HZ)

    async def next(self, kind: type[Kind], within_s: float = PATIENCE_S) -> Kind:
        """Wait for the next message of a kind; others are dropped."""
        async with asyncio.timeout(within_s):
            while True:
                message = await self.messages.get()
                if isinstance(message, kind):
                    return message

    async def vanish(self) -> None:
        """Go without a word, as a page does that loses its network: nothing more is sent."""
        for transceiver in self.connection.getTransceivers():
            await transceiver.receiver.transport.transport._connection.close()
        await self.connection.close()


def noise(seconds: float, seed: int = 0) -> Samples:
    """Soft noise."""
    return np.random.default_rng(seed).normal(0, 0.02, round(seconds * RATE_HZ)).astype(np.float32)


async def steadily(samples: Samples) -> AsyncIterator[Samples]:
    """Yield samples in blocks of 20 ms, no sooner than in real time.

    After a stall the rest comes later. A microphone would give all at once what has gathered, more than a
    publisher keeps for its connection.
    """
    for start in range(0, len(samples), BLOCK):
        await asyncio.sleep(BLOCK / RATE_HZ)
        yield samples[start : start + BLOCK]


async def until(what: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    """Wait until something has come true."""
    async with asyncio.timeout(within_s):
        while not what():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def next_any(watcher: ClientConnection, within_s: float = PATIENCE_S) -> dict[str, Any]:
    """Wait for the next message on a WebSocket."""
    unread = _unread.setdefault(watcher, deque())
    async with asyncio.timeout(within_s):
        while not unread:
            unread.extend(json.loads(await watcher.recv()))
    return unread.popleft()


async def next_message(watcher: ClientConnection, kind: str, within_s: float = PATIENCE_S) -> dict[str, Any]:
    """Wait for the next message of a type on a WebSocket; others are dropped."""
    async with asyncio.timeout(within_s):
        while (message := await next_any(watcher, within_s))["type"] != kind:
            pass
        return message


async def all_messages(call: Publisher) -> list[messages.ToClient]:
    """Everything that the engine says, to the end."""
    return [message async for message in call]
