"""All that reaches into the inner parts of aiortc and aioice, guarded, in one place.

None of it is documented API, so each piece says what it stands in for and what
happens when a newer version no longer has it; the constraint on aiortc's version and
the tests hold it in place.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aioice.ice
import aiortc
from aiortc import MediaStreamTrack, RTCDataChannel, RTCIceTransport, RTCPeerConnection, RTCRtpReceiver
from aiortc.rtcsctptransport import WEBRTC_BINARY, WEBRTC_STRING
from av import AudioFrame

REMEMBERED_PACKETS = 512
"""Packets whose arrival is remembered: 10 s of them, far more than any jitter buffer holds."""

AIORTC = str(Path(aiortc.__file__).parent)

log = logging.getLogger(__name__)

_running: set[asyncio.Future[Any]] = set()


def keep_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Hold every task of a loop until it is done.

    aiortc starts tasks and forgets them (``asyncio.ensure_future`` with the result
    dropped), while a loop refers to its tasks only weakly: a pending one can be
    collected. Nobody asks for their errors either (something sent after the far end
    has shut down, for the most part), which asyncio would print as tracebacks; they go
    to the log instead. What such an error means for a call, its heartbeat notices.
    A loop that has a task factory of its own is left as it is.
    """
    if loop.get_task_factory() is None:
        loop.set_task_factory(_kept)  # type: ignore[arg-type]


def _kept(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
    _running.add(task)
    task.add_done_callback(_done)
    return task


def _done(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    code = getattr(task.get_coro(), "cr_code", None)
    if code is not None and code.co_filename.startswith(AIORTC) and not task.cancelled():
        error = task.exception()
        if error is not None:
            log.info("in a task of aiortc: %s: %r", code.co_name, error)


def include_loopback() -> None:
    """Let a machine that has no other address be reached on 127.0.0.1.

    aioice leaves loopback out of the candidates always; offline, that leaves none.
    """
    addresses: Callable[..., list[str]] = aioice.ice.get_host_addresses
    if getattr(addresses, "with_loopback", False):
        return

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]

    with_loopback.with_loopback = True  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = with_loopback


def harden(connection: RTCPeerConnection) -> None:
    """Let nothing that arrives end a connection; to be called once the remote description is set.

    * An empty datagram, which anyone can send to the port, would be an ``IndexError`` in
      the task that receives everything.
    * So would text that is not UTF-8, or a channel opened twice: the first is handed on
      as bytes, the second ignored.
    """
    transports = {transceiver.receiver.transport for transceiver in connection.getTransceivers()}
    sctp = connection.sctp
    if sctp is not None:
        transports.add(sctp.transport)
        receive = sctp._data_channel_receive

        async def tolerant(stream_id: int, pp_id: int, data: bytes) -> None:
            try:
                if pp_id == WEBRTC_STRING and not _is_text(data):
                    pp_id = WEBRTC_BINARY
                await receive(stream_id, pp_id, data)
            except (AssertionError, ValueError, struct.error) as error:
                log.info("ignored on stream %d: %r", stream_id, error)

        sctp._data_channel_receive = tolerant  # type: ignore[method-assign]
    for transport in transports:
        _drop_empty(transport.transport)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _drop_empty(transport: RTCIceTransport) -> None:
    receive = transport._recv

    async def filled() -> bytes:
        while not (data := await receive()):
            log.info("an empty datagram was dropped")
        return data

    transport._recv = filled


class ArrivalTap:
    """When the packets of a receiver came in.

    Stands before the receiver's packet handler and notes the time for each RTP
    timestamp. Bounded: the oldest are forgotten.
    """

    def __init__(self, receiver: RTCRtpReceiver, clock: Callable[[], float]) -> None:
        self._receiver = receiver
        self._clock = clock
        self._arrived_s: OrderedDict[int, float] = OrderedDict()
        self._handle = receiver._handle_rtp_packet
        receiver._handle_rtp_packet = self._note  # type: ignore[method-assign]

    async def _note(self, packet: Any, arrival_time_ms: int) -> None:
        # The first of the packets that share a timestamp counts: the others are copies.
        self._arrived_s.setdefault(packet.timestamp, self._clock())
        if len(self._arrived_s) > REMEMBERED_PACKETS:
            self._arrived_s.popitem(last=False)
        await self._handle(packet, arrival_time_ms=arrival_time_ms)

    def arrived_s(self, frame: AudioFrame) -> float | None:
        """Monotonic time at which the frame's packet came in; None when that is not known."""
        # The receiver counts pts from the timestamp of the first packet that it decoded.
        mapper = getattr(self._receiver, "_RTCRtpReceiver__timestamp_mapper", None)
        origin: int | None = getattr(mapper, "_origin", None)
        if origin is None or frame.pts is None:
            return None
        return self._arrived_s.get((frame.pts + origin) & 0xFFFFFFFF)

    def close(self) -> None:
        """Take the tap out."""
        self._receiver._handle_rtp_packet = self._handle  # type: ignore[method-assign]


def drop_backlog(track: MediaStreamTrack, most: int) -> int:
    """Drop decoded frames that wait unread in a receiving track when there are more than ``most``.

    The queue has no bound of its own, so a reader that is too slow would fall behind for
    good. Dropped frames show as a gap in the next one's pts. Gives how many were dropped.
    """
    queue: asyncio.Queue[AudioFrame | None] | None = getattr(track, "_queue", None)
    if queue is None or queue.qsize() <= most:
        return 0
    dropped = 0
    while queue.qsize() > 1:
        queue.get_nowait()
        dropped += 1
    return dropped


def all_arrived(channel: RTCDataChannel) -> bool:
    """Whether the far end has acknowledged all that was sent on a data channel.

    ``bufferedAmount`` knows only what wasn't handed to SCTP yet.
    """
    transport = channel.transport
    waiting = getattr(transport, "_outbound_queue", ()) or getattr(transport, "_sent_queue", ())
    return not channel.bufferedAmount and not waiting
