"""The connection of a live call: what its peer tells, and the messages that go to its speaker."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from aiortc import RTCDataChannel
from av import AudioFrame

from engine.media.rtp.stream import RtpStream
from engine.media.webrtc import patches
from engine.media.webrtc.peer import Peer
from engine.protocol import messages
from engine.server.limits.message_allowance import MessageAllowance

from .counters import Counts
from .outbox import Outbox

log = logging.getLogger(__name__)

FAREWELL_S = 1.0
"""How long the last messages may take to reach the far end."""

PATCHES_PER_S = 5.0
"""Fragments of candidates that a client may send; a browser sends one for each that it finds late."""

PATCHES_AT_ONCE = 40.0

BUFFERED_BYTES = 65_536
"""Bytes handed to a data channel before its outbox fills instead."""


class ConnectionOwner(Protocol):
    """What a connection needs of the session that it belongs to."""

    @property
    def clock(self) -> Callable[[], float]:
        """Monotonic, in seconds."""

    @property
    def connection(self) -> Connection | None:
        """The connection that the session has now."""

    @property
    def stream(self) -> RtpStream:
        """Where its packets go, for receiver reports."""

    @property
    def counts(self) -> Counts:
        """Counters of the server."""

    def receive_packet(self, data: bytes, arrived_s: float) -> None:
        """Hear an RTP packet."""

    def receive_frame(self, frame: AudioFrame, arrived_s: float) -> None:
        """Hear a decoded frame."""

    def greet(self, outbox: Outbox) -> None:
        """Send a reader its first message."""

    def receive_message(self, raw: str | bytes, reply: Outbox) -> None:
        """Handle one message of the client."""

    def detach(self, connection: Connection, reason: Literal["left", "flooding"]) -> None:
        """Wait for another connection."""


class Connection:
    """The connection that a session has now, or had: the owner of a :class:`Peer`."""

    def __init__(self, session: ConnectionOwner) -> None:
        self.session = session
        self.peer: Peer | None = None
        self.outbox = Outbox(commands=True)
        self.patches = MessageAllowance(PATCHES_PER_S, PATCHES_AT_ONCE)
        """Fragments of candidates that it may still send."""
        self.began_s = session.clock()
        self.audio_s: float | None = None
        """When audio was last heard on it; None before the first."""
        self.heard_since_s = math.inf
        """When audio was first heard on it."""
        self.message_s: float | None = None
        self.answered_s = -math.inf
        """When the far end last answered that it is there."""
        self._asking = False
        self._writer: asyncio.Task[None] | None = None

    @property
    def current(self) -> bool:
        """Whether the session still listens to it."""
        return self.session.connection is self

    @property
    def used(self) -> bool:
        """Whether audio or a message has come on it."""
        return self.audio_s is not None or self.message_s is not None

    @property
    def dropped(self) -> Literal["slow", "flooding"] | None:
        """Why it has to go; a publisher without a data channel reads nothing and needn't."""
        return None if self._writer is None else self.outbox.dropped

    # What the peer tells:

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Pass a packet on."""
        if self.current:
            self.audio_s = arrived_s
            self.heard_since_s = min(self.heard_since_s, arrived_s)
            self.session.receive_packet(data, arrived_s)

    def receptions(self) -> Mapping[int, patches.ReportedStats]:
        """Give what there is to report of the packets."""
        return self.session.stream.receptions if self.current else {}

    def audio(self, frame: AudioFrame, arrived_s: float) -> None:
        """Pass a frame on."""
        if self.current:
            self.audio_s = self.session.clock()
            self.heard_since_s = min(self.heard_since_s, self.audio_s)
            self.session.receive_frame(frame, arrived_s)

    def overloaded(self, dropped: int) -> None:
        """Say so to the speaker."""
        self.session.counts.packets_dropped += dropped
        text = f"the server is too busy: {dropped} packets of audio were dropped; fewer sessions would help"
        self.outbox.put_message(messages.Error(code="overloaded", message=text))

    def opened(self, channel: RTCDataChannel) -> None:
        """Greet, and begin to send."""
        if self._writer is None and self.current:
            self.session.greet(self.outbox)
            self._writer = asyncio.create_task(_write(channel, self.outbox), name="coach")
            self._writer.add_done_callback(self._written)

    def message(self, raw: str | bytes) -> None:
        """Take a message of the page."""
        if self.current:
            self.message_s = self.session.clock()
            self.session.receive_message(raw, self.outbox)

    def broke_rules(self, why: str) -> None:
        """Say so, and do without it."""
        self.outbox.drop("flooding", f"You were cut off: {why}.")
        self.session.detach(self, "flooding")

    def lost(self) -> None:
        """Let the session wait for another one."""
        self.session.detach(self, "left")

    def _written(self, writer: asyncio.Task[None]) -> None:
        error = None if writer.cancelled() else writer.exception()
        if error is not None:  # nothing more would reach the page: it has to connect again
            log.error("a data channel failed", exc_info=error)
            self.lost()

    # What the session does with it:

    @property
    def answer_s(self) -> float:
        """When there was the last sign that the far end is there, other than its audio."""
        return max(self.began_s if self.message_s is None else self.message_s, self.answered_s)

    @property
    def alive_s(self) -> float:
        """When there was the last sign that the far end is there."""
        return max(self.answer_s, self.began_s if self.audio_s is None else self.audio_s)

    async def ask(self) -> None:
        """Ask whether the far end is there, unless that was asked and isn't answered."""
        if self.peer is None or self._asking:
            return
        self._asking = True
        try:
            if await self.peer.answers():
                self.answered_s = self.session.clock()
        finally:
            self._asking = False

    async def close(self) -> None:
        """Send what waits, then end the connection."""
        self.outbox.close()
        if self._writer is not None:
            await asyncio.wait([self._writer], timeout=FAREWELL_S)
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        if self.peer is not None:
            await self.peer.close()


async def _write(channel: RTCDataChannel, outbox: Outbox) -> None:
    drained = asyncio.Event()
    channel.bufferedAmountLowThreshold = BUFFERED_BYTES // 2
    channel.on("bufferedamountlow", drained.set)
    async for batch in outbox:
        if channel.readyState != "open":
            return
        channel.send(batch)
        if channel.bufferedAmount > BUFFERED_BYTES:
            drained.clear()
            await drained.wait()
    # aiortc has no event for the last acknowledgement; the caller bounds the wait.
    while channel.readyState == "open" and not patches.all_arrived(channel):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
