"""The stock way of audio through aiortc, where the early path cannot be had: arrival times, a bound."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from aiortc import MediaStreamTrack, RTCRtpReceiver
from av import AudioFrame

MAX_PACKETS = 512
"""Packets whose arrival is remembered: 10 s of them, far more than any jitter buffer holds."""


class ArrivalTimes:
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
        if len(self._arrived_s) > MAX_PACKETS:
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
