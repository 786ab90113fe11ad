"""WHIP client: publish a speaker's audio and receive the server's messages, without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx
import msgspec
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)

from dsp.frame import RATE_HZ
from engine.errors import ServerUnreachable
from engine.media.resample import Samples
from engine.media.webrtc import patches
from engine.media.webrtc.peer import DATA_CHANNEL
from engine.protocol import messages
from engine.protocol.long_reviews import ReviewJoiner

from .send_buffer import BLOCK, BufferTrack, SendBuffer

OPEN_S = 10.0
"""Longest time from the offer to the first message."""

SILENT_S = 2.5
"""A server that sends nothing for this long, not even pongs, is gone."""

PING_S = 1.0
"""Interval of pings."""

CHECK_EVERY_S = 0.25
"""Interval of checks whether the server still sends."""

RESUME_S = 30.0
"""How long a lost connection is retried."""

log = logging.getLogger(__name__)


async def paced(samples: Samples) -> AsyncIterator[Samples]:
    """Yield 16 kHz float32 samples in blocks of 20 ms, in real time, as a microphone does."""
    began_s = time.monotonic()
    for start in range(0, len(samples), BLOCK):
        await asyncio.sleep(began_s + (start + BLOCK) / RATE_HZ - time.monotonic())
        yield samples[start : start + BLOCK]


class Publisher:
    """One speaker's call to a server.

    Use it as a context and iterate it::

        async with Publisher("http://127.0.0.1:8765/", paced(samples)) as call:
            async for message in call:
                ...

    The source starts with the server's ``hello``. After its end the call goes on in silence
    until :meth:`finish`, which is called automatically unless ``stay`` is set; the last
    messages are ``summary`` and ``ended``. A lost connection is made again in the same
    session; the audio of the time between is lost.

    Parameters
    ----------
    server : address of the server, http or https.
    source : 16 kHz mono float32 blocks of any length, in real time.
    profile, cues_off : of the session; the server's defaults if not given.
    stay : keep the call after the end of the source.

    Raises
    ------
    ServerUnreachable
        On entering, or while iterating when resuming failed.
    """

    def __init__(
        self,
        server: str,
        source: AsyncIterator[Samples],
        *,
        profile: str | None = None,
        cues_off: Iterable[str] = (),
        stay: bool = False,
    ) -> None:
        self.session: str | None = None
        """Id of the session; None before it is entered."""
        self._server = server if server.endswith("/") else f"{server}/"
        self._source = source
        self._query = {"profile": profile, "cues_off": ",".join(cues_off)}
        self._stay = stay
        self._token: str | None = None
        self._location: str | None = None
        # Loading certificates takes longer than the rest of the call's setup.
        self._http = httpx.AsyncClient(
            timeout=OPEN_S, trust_env=False, verify=server.startswith("https"), follow_redirects=True
        )
        self._messages: asyncio.Queue[messages.ToClient | None] = asyncio.Queue()
        self._joiner = ReviewJoiner()
        self._buffer = SendBuffer()
        self._failure: Exception | None = None
        self._peer: RTCPeerConnection | None = None
        self._channel: RTCDataChannel | None = None
        self._heard_s = 0.0
        self._lost = asyncio.Event()
        self._ended = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        try:
            await self._connect()
        except BaseException:
            await self._close()
            raise
        self._tasks = [
            asyncio.create_task(self._feed(), name="feed"),
            asyncio.create_task(self._ping(), name="ping"),
            asyncio.create_task(self._reconnect(), name="reconnect"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._ended.is_set() and self._location is not None:
                with contextlib.suppress(httpx.HTTPError):  # a server that is gone needs no DELETE
                    await self._http.delete(self._location)
        finally:
            await self._close()

    async def __aiter__(self) -> AsyncIterator[messages.ToClient]:
        """Iterate the messages in order, up to and including ``ended``, without pongs."""
        while (message := await self._messages.get()) is not None:
            yield message
            if isinstance(message, messages.Ended) and not message.can_resume:
                return
        if self._failure is not None:
            raise self._failure

    def send(self, message: messages.FromClient) -> None:
        """Send a message; it is dropped while the connection is lost."""
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(messages.encode(message))

    def finish(self) -> None:
        """Ask the server to end the session; ``summary`` and ``ended`` follow."""
        self.send(messages.End())

    # --- inside ----------------------------------------------------------------

    async def _connect(self) -> None:
        """Connect, in a new session or in the current one, and wait for ``hello``."""
        patches.hold_tasks(asyncio.get_running_loop())
        patches.include_loopback()
        patches.install_datagram_gates()
        self._lost.clear()
        peer = self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        greeted = asyncio.Event()
        self._channel = channel = peer.createDataChannel(DATA_CHANNEL)

        @channel.on("message")
        def on_message(raw: str | bytes) -> None:
            if self._peer is peer:
                greeted.set()
                self._receive(raw)

        @peer.on("connectionstatechange")
        def on_state() -> None:
            if peer.connectionState in ("failed", "closed") and self._peer is peer:
                self._lost.set()

        peer.addTransceiver(BufferTrack(self._buffer), "sendonly")
        await peer.setLocalDescription(await peer.createOffer())
        answer = await self._post(peer.localDescription.sdp)
        try:
            await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            async with asyncio.timeout(OPEN_S):
                await greeted.wait()
        except TimeoutError as error:
            raise ServerUnreachable(
                f"{self._server} answered, but no connection came about within {OPEN_S:.0f} s: "
                "is UDP between here and there blocked?"
            ) from error
        except Exception as error:  # aiortc raises anything at a bad answer
            log.info("not an answer: %r", error)
            raise ServerUnreachable(
                f"{self._server} answered with SDP that doesn't fit the offer; is that sottovoce serve?"
            ) from error
        self._heard_s = time.monotonic()

    async def _post(self, offer: str) -> str:
        headers = {"content-type": "application/sdp"}
        if self._token is not None:
            headers["sottovoce-resume"] = self._token
        query = {key: value for key, value in self._query.items() if value}
        url = f"{self._server}whip"
        try:
            response = await self._http.post(url, params=query, content=offer, headers=headers)
        except httpx.InvalidURL as error:
            raise ServerUnreachable(
                f"{self._server!r} is no address: it must look like http://127.0.0.1:8765/"
            ) from error
        except httpx.UnsupportedProtocol as error:
            raise ServerUnreachable(
                f"{self._server!r} is no address: it must begin with http:// or https://"
            ) from error
        except httpx.HTTPError as error:
            raise ServerUnreachable(
                f"no engine answers at {self._server} ({error or type(error).__name__}); "
                "start one with: sottovoce serve"
            ) from error
        if response.status_code != 201:
            retry = response.headers.get("retry-after", "")
            retry_s = float(retry) if retry.isdecimal() else 0.0
            raise Refused(f"{self._server} refused: {_detail(response)}", response.status_code, retry_s)
        self._token = response.headers.get("sottovoce-resume")
        self.session = response.headers.get("sottovoce-session")
        location = response.headers.get("location")
        self._location = location and urljoin(str(response.url), location)
        return response.text

    def _receive(self, raw: str | bytes) -> None:
        self._heard_s = time.monotonic()
        try:
            batch = messages.decode_batch(raw)
        except msgspec.DecodeError as error:
            log.info("not a batch of messages: %s", error)
            return
        for message in batch:
            if isinstance(message, messages.Pong):
                continue
            if isinstance(message, messages.ReviewWords | messages.Review):
                whole = self._joiner.join(message)
                if whole is not None:
                    self._messages.put_nowait(whole)
                continue
            if isinstance(message, messages.Ended):
                if not message.can_resume:
                    self._ended.set()
                self._lost.set()
            self._messages.put_nowait(message)

    async def _feed(self) -> None:
        try:
            async for samples in self._source:
                self._buffer.add(samples)
        except Exception as error:  # raised again where the call is iterated
            self._fail(error)
        self._buffer.close()
        if not self._stay:
            await self._buffer.tailed.wait()
            self.finish()

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._messages.put_nowait(None)

    async def _ping(self) -> None:
        for count in range(1 << 62):
            if count % round(PING_S / CHECK_EVERY_S) == 0:
                self.send(messages.Ping(id=count))
            await asyncio.sleep(CHECK_EVERY_S)
            if time.monotonic() - self._heard_s > SILENT_S:
                self._lost.set()

    async def _reconnect(self) -> None:
        """Connect again each time the connection is lost."""
        while True:
            await self._lost.wait()
            if self._ended.is_set():
                return
            try:
                await self._resume()
            except ServerUnreachable as error:
                return self._fail(error)

    async def _resume(self) -> None:
        until_s = time.monotonic() + RESUME_S
        pause_s = 0.25
        while True:
            await self._hang_up()
            try:
                await self._connect()
            except ServerUnreachable as error:
                final = isinstance(error, Refused) and error.status < 500 and not error.retry_s
                pause_s = max(pause_s, error.retry_s if isinstance(error, Refused) else 0.0)
                if final or time.monotonic() + pause_s > until_s:
                    raise
                log.info("not yet: %s", error)
                await asyncio.sleep(pause_s)
                pause_s = min(4.0, 2 * pause_s)
            else:
                return

    async def _hang_up(self) -> None:
        peer, self._peer, self._channel = self._peer, None, None
        if peer is not None:
            await peer.close()

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._hang_up()
        await self._http.aclose()


class Refused(ServerUnreachable):
    """The server refused the call; ``retry_s`` is its ``Retry-After``, 0 without one."""

    def __init__(self, message: str, status: int, retry_s: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.retry_s = retry_s


def _detail(response: httpx.Response) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return str(response.json()["detail"])
    return f"HTTP {response.status_code}; is that an engine?"
