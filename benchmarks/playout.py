"""Delay from the trigger of a sound to its first packet at the far end.

    python -m benchmarks.playout [--sessions 1,10,50] [--seconds 20] [--json OUT]

The server's peers and their far ends run in one process, over loopback; the far ends speak all the
time. How each figure is measured: docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket
from av import AudioFrame

from benchmarks.capacity import counts
from benchmarks.net import report
from benchmarks.net.packet_delays import percentiles
from dsp.frame import RATE_HZ
from engine.media.webrtc import patches
from engine.media.webrtc.offer import Offer
from engine.media.webrtc.peer import Peer
from engine.media.webrtc.playout import Mixer, PlayoutTrack

SOUND = np.asarray(np.sin(2 * np.pi * 440 * np.arange(RATE_HZ // 5) / RATE_HZ) / 4, np.float32)
"""The triggered sound: 0.2 s, so that it ends before the next."""

EACH_S = 0.5
"""Interval between two triggers of a session."""

SETTLE_S = 2.0
"""Wait after the last session has joined."""

SEED = 5
"""Seed of each session's trigger times."""


class PacketCounter:
    """An owner of a peer that counts the packets it is given."""

    def __init__(self) -> None:
        self.packets = 0

    def packet(self, data: bytes, arrived_s: float) -> None:
        self.packets += 1

    def receptions(self) -> Mapping[int, patches.ReportedStats]:
        return {}

    def audio(self, frame: AudioFrame, arrived_s: float) -> None:
        raise RuntimeError("audio took the slow way through aiortc")

    def overloaded(self, dropped: int) -> None:
        raise RuntimeError(f"{dropped} frames were dropped")

    def opened(self, channel: RTCDataChannel) -> None:
        """Nothing is sent on it."""

    def message(self, raw: str | bytes) -> None:
        """Nothing comes."""

    def broke_rules(self, why: str) -> None:
        raise AssertionError(why)

    def lost(self) -> None:
        """Ends with the run."""


class Session:
    """A peer, and a far end that speaks without a pause and records when packets come."""

    def __init__(self) -> None:
        self.mixer, self.speech, self.owner = Mixer(), Mixer(), PacketCounter()
        self.arrived_s: list[float] = []
        self.peer: Peer | None = None
        self.page = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def join(self) -> None:
        transceiver = self.page.addTransceiver(PlayoutTrack(self.speech), "sendrecv")

        async def note(packet: RtpPacket, arrival_time_ms: int) -> None:
            self.arrived_s.append(time.monotonic())

        transceiver.receiver._handle_rtp_packet = note  # type: ignore[method-assign]
        await self.page.setLocalDescription(await self.page.createOffer())
        offer = self.page.localDescription.sdp
        self.peer = await Peer.answer(Offer.read(offer), self.owner, playout=lambda: PlayoutTrack(self.mixer))
        await self.page.setRemoteDescription(RTCSessionDescription(self.peer.sdp, "answer"))
        self.speech.play(np.asarray(np.tile(SOUND, 5 * 600), np.float32))
        while not self.owner.packets:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    async def trigger(self) -> float:
        """Start the sound; return the milliseconds to its first packet, NaN when none came."""
        count, began_s = len(self.arrived_s), time.monotonic()
        self.mixer.play(SOUND)
        await asyncio.sleep(EACH_S * 0.8)
        return 1000 * (self.arrived_s[count] - began_s) if len(self.arrived_s) > count else float("nan")

    async def leave(self) -> None:
        await self.page.close()
        if self.peer is not None:
            await self.peer.close()


async def scattered(sessions: Sequence[Session], seconds: float) -> list[float]:
    """Trigger each session at times of its own."""

    async def one(session: Session, number: int) -> list[float]:
        rng = random.Random(SEED + number)
        found = []
        for _ in range(round(seconds / EACH_S)):
            wait_s = rng.uniform(0, 0.2 * EACH_S)
            await asyncio.sleep(wait_s)
            found.append(await session.trigger())
            await asyncio.sleep(0.2 * EACH_S - wait_s)
        return found

    found = await asyncio.gather(*map(one, sessions, range(len(sessions))))
    return [delay for delays in found for delay in delays]


async def together(sessions: Sequence[Session], seconds: float) -> list[float]:
    """Trigger all sessions at the same time."""
    found = []
    for _ in range(round(seconds / EACH_S)):
        found += await asyncio.gather(*(session.trigger() for session in sessions))
        await asyncio.sleep(0.2 * EACH_S)
    return found


async def run(numbers: Sequence[int], seconds: float) -> dict[str, Any]:
    """Measure each number of sessions, triggered apart and together."""
    sessions: list[Session] = []
    out: dict[str, Any] = {}
    try:
        for count in numbers:
            while len(sessions) < count:
                sessions.append(Session())
                await sessions[-1].join()
            await asyncio.sleep(SETTLE_S)
            step: dict[str, Any] = {}
            for name, how in (("apart", scattered), ("together", together)):
                cpu_s, began_s = time.process_time(), time.monotonic()
                delays = await how(sessions, seconds / 2)
                busy = (time.process_time() - cpu_s) / (time.monotonic() - began_s)
                never = int(np.isnan(delays).sum())
                step[name] = {"first_packet_ms": percentiles(delays), "never": never, "core": round(busy, 3)}
            out[f"{count} sessions"] = step
            print(shown(count, step), flush=True)
    finally:
        for session in sessions:
            await session.leave()
    return out


def shown(count: int, step: dict[str, Any]) -> str:
    """Format one number of sessions."""
    parts = []
    for name, found in step.items():
        ms = found["first_packet_ms"]
        parts.append(f"{name} p50 {report.ms(ms['p50'])} p99 {report.ms(ms['p99'])} ms (n {ms['n']})")
    return f"{count:3} sessions: {', '.join(parts)}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = report.parser("playout", __doc__, seconds=20.0)
    parser.add_argument(
        "--sessions", type=counts, default=[1, 10, 50], help="numbers of sessions, such as 1,10,50"
    )
    args = parser.parse_args(argv)
    out = report.heading("playout", argv)
    out["playout"] = asyncio.run(run(args.sessions, args.seconds))
    report.write(args.json, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
