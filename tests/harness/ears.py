"""An owner of a peer that keeps what it is told."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from aiortc import RTCDataChannel
from aiortc.rtp import RtpPacket
from av import AudioFrame

from engine.media.webrtc import patches as inner


class Counted:
    """Statistics whose values no accident would give."""

    fraction_lost = 77
    packets_lost = 1234
    max_seq = 0x30000 + 4321
    jitter = 99


class Ears:
    """An owner that keeps what it is told."""

    def __init__(self) -> None:
        self.packets: list[tuple[RtpPacket, float]] = []
        self.threads: set[int] = set()
        self.frames = 0
        self.gone = 0

    def packet(self, data: bytes, arrived_s: float) -> None:
        self.packets.append((RtpPacket.parse(data), arrived_s))
        self.threads.add(threading.get_ident())

    def receptions(self) -> Mapping[int, inner.ReportedStats]:
        return {packet.ssrc: Counted() for packet, _ in self.packets}

    def audio(self, frame: AudioFrame, arrived_s: float) -> None:
        self.frames += 1

    def overloaded(self, dropped: int) -> None:
        raise AssertionError(f"{dropped} frames dropped")

    def opened(self, channel: RTCDataChannel) -> None:
        pass

    def message(self, raw: str | bytes) -> None:
        pass

    def broke_rules(self, why: str) -> None:
        raise AssertionError(why)

    def lost(self) -> None:
        self.gone += 1
