"""One connection of a live call: the callbacks of its peer, and the messages to its speaker."""

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
"""Longest time in which the last messages may reach the far end; with more for what a long review needs."""

FAREWELL_CHARS_PER_S = 32_768
"""Slowest network by which all of a long review arrives."""

FAREWELL_PROGRESS_S = 3.0
"""A far end that acknowledges nothing for this long, longer than SCTP waits to send again, reads no more."""

PATCHES_PER_S = 5.0
"""Rate of fragments of ICE candidates; a browser sends one for each candidate that it finds late."""

PATCHES_AT_ONCE = 40.0

BUFFERED_BYTES = 65_536
"""Bytes in a data channel's buffer above which messages wait in the outbox instead."""


class ConnectionOwner(Protocol):
    """What a connection needs of its session."""

    @property
    def clock(self) -> Callable[[], float]:
        """Monotonic, in seconds."""

    @property
    def connection(self) -> Connection | None:
        """The connection that the session has now."""

    @property
    def stream(self) -> RtpStream:
        """The stream that its packets go to, for receiver reports."""

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
        """Note that the connection is lost."""


class Connection:
    """The present or a former connection of a session: the owner of a :class:`Peer`."""

    def __init__(self, session: ConnectionOwner) -> None:
        self.session = session
        self.peer: Peer | None = None
        self.outbox = Outbox(commands=True)
        self.patches = MessageAllowance(PATCHES_PER_S, PATCHES_AT_ONCE)
        """Fragments of candidates that the client may still send."""
        self.began_s = session.clock()
        self.audio_s: float | None = None
        """Arrival of the last audio; None before the first."""
        self.heard_since_s = math.inf
        """Arrival of the first audio; infinity before."""
        self.message_s: float | None = None
        self.answered_s = -math.inf
        """When the far end last answered a check for consent."""
        self._asking = False
        self._writer: asyncio.Task[None] | None = None
        self._channel: RTCDataChannel | None = None

    @property
    def current(self) -> bool:
        """Whether the session still uses it."""
        return self.session.connection is self

    @property
    def used(self) -> bool:
        """Whether audio or a message has come on it."""
        return self.audio_s is not None or self.message_s is not None

    @property
    def dropped(self) -> Literal["slow", "flooding"] | None:
        """Why it has to be closed; None for a publisher without a data channel, which reads nothing."""
        return None if self._writer is None else self.outbox.dropped

    # Callbacks of the peer:

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Pass an RTP packet to the session."""
        if self.current:
            self.audio_s = arrived_s
            self.heard_since_s = min(self.heard_since_s, arrived_s)
            self.session.receive_packet(data, arrived_s)

    def receptions(self) -> Mapping[int, patches.ReportedStats]:
        """Return what receiver reports say of the packets."""
        return self.session.stream.receptions if self.current else {}

    def audio(self, frame: AudioFrame, arrived_s: float) -> None:
        """Pass a decoded frame to the session."""
        if self.current:
            self.audio_s = self.session.clock()
            self.heard_since_s = min(self.heard_since_s, self.audio_s)
            self.session.receive_frame(frame, arrived_s)

    def overloaded(self, dropped: int) -> None:
        """Tell the speaker that packets were dropped."""
        self.session.counts.packets_dropped += dropped
        text = f"the server is too busy: {dropped} packets of audio were dropped; fewer sessions would help"
        self.outbox.put_message(messages.Error(code="overloaded", message=text))

    def opened(self, channel: RTCDataChannel) -> None:
        """Greet the page on its data channel, and begin to send."""
        if self._writer is None and self.current:
            self.session.greet(self.outbox)
            self._channel = channel
            self._writer = asyncio.create_task(_write(channel, self.outbox), name="coach")
            self._writer.add_done_callback(self._written)

    def message(self, raw: str | bytes) -> None:
        """Pass a message of the page to the session."""
        if self.current:
            self.message_s = self.session.clock()
            self.session.receive_message(raw, self.outbox)

    def broke_rules(self, why: str) -> None:
        """Cut off a far end that broke the rules of a protocol."""
        self.outbox.drop("flooding", f"You were cut off: {why}.")
        self.session.detach(self, "flooding")

    def lost(self) -> None:
        """Tell the session that the connection is lost."""
        self.session.detach(self, "left")

    def _written(self, writer: asyncio.Task[None]) -> None:
        error = None if writer.cancelled() else writer.exception()
        if error is not None:  # nothing more would reach the page: it has to connect again
            log.error("a data channel failed", exc_info=error)
            self.lost()

    # For the session:

    @property
    def answer_s(self) -> float:
        """Time of the last sign of the far end other than audio."""
        return max(self.began_s if self.message_s is None else self.message_s, self.answered_s)

    @property
    def alive_s(self) -> float:
        """Time of the last sign of the far end."""
        return max(self.answer_s, self.began_s if self.audio_s is None else self.audio_s)

    async def ask(self) -> None:
        """Ask the far end for consent, unless an earlier question is not answered yet."""
        if self.peer is None or self._asking:
            return
        self._asking = True
        try:
            if await self.peer.answers():
                self.answered_s = self.session.clock()
        finally:
            self._asking = False

    async def close(self) -> None:
        """Send the waiting messages, as long as the far end takes them, then close the connection."""
        self.outbox.close()
        if self._writer is not None:
            left_s = FAREWELL_S + self.outbox.chars / FAREWELL_CHARS_PER_S
            unsent = math.inf
            while left_s > 0 and not self._writer.done() and (waiting := self._unsent()) < unsent:
                unsent = waiting
                await asyncio.wait([self._writer], timeout=min(left_s, FAREWELL_PROGRESS_S))
                left_s -= FAREWELL_PROGRESS_S
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        if self.peer is not None:
            await self.peer.close()

    def _unsent(self) -> int:
        """Measure what the far end has not acknowledged: it falls with every acknowledgement."""
        return self.outbox.chars + (0 if self._channel is None else patches.unacknowledged(self._channel))


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
    while channel.readyState == "open" and patches.unacknowledged(channel):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
