"""Support for aiortc's own receive path, the fallback: arrival times of packets, and a bound on its queue."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from aiortc import MediaStreamTrack, RTCRtpReceiver
from av import AudioFrame

MAX_PACKETS = 512
"""Packets whose arrival is remembered: 10 s, far more than any jitter buffer holds."""


class ArrivalTimes:
    """Arrival times of a receiver's packets.

    Wraps the receiver's packet handler and notes the time for each RTP time stamp. Bounded: the
    oldest are forgotten.
    """

    def __init__(self, receiver: RTCRtpReceiver, clock: Callable[[], float]) -> None:
        self._receiver = receiver
        self._clock = clock
        self._arrived_s: OrderedDict[int, float] = OrderedDict()
        self._handle = receiver._handle_rtp_packet
        receiver._handle_rtp_packet = self._note  # type: ignore[method-assign]

    async def _note(self, packet: Any, arrival_time_ms: int) -> None:
        # The first packet of a time stamp counts: the others are duplicates.
        self._arrived_s.setdefault(packet.timestamp, self._clock())
        if len(self._arrived_s) > MAX_PACKETS:
            self._arrived_s.popitem(last=False)
        await self._handle(packet, arrival_time_ms=arrival_time_ms)

    def arrived_s(self, frame: AudioFrame) -> float | None:
        """Return the monotonic arrival time of the frame's packet; None when unknown."""
        # The receiver counts pts from the time stamp of the first packet that it decoded.
        mapper = getattr(self._receiver, "_RTCRtpReceiver__timestamp_mapper", None)
        origin: int | None = getattr(mapper, "_origin", None)
        if origin is None or frame.pts is None:
            return None
        return self._arrived_s.get((frame.pts + origin) & 0xFFFFFFFF)


def drop_backlog(track: MediaStreamTrack, most: int) -> int:
    """Drop the unread frames of a receiving track when there are more than ``most``; return how many.

    The queue has no bound of its own, so a slow reader would never catch up. Dropped frames show
    as a gap in the next one's pts.
    """
    queue: asyncio.Queue[AudioFrame | None] | None = getattr(track, "_queue", None)
    if queue is None or queue.qsize() <= most:
        return 0
    dropped = 0
    while queue.qsize() > 1:
        queue.get_nowait()
        dropped += 1
    return dropped
