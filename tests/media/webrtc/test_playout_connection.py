"""Playout over a real connection: what is played is heard at the far end."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from aiortc import RTCSessionDescription
from aiortc.rtp import RtcpSrPacket, RtpPacket

from engine.media.resample import Samples
from engine.media.webrtc.offer import Offer
from engine.media.webrtc.peer import Peer
from engine.media.webrtc.playout import (
    BLOCK,
    BLOCK_TICKS,
    TAIL_BLOCKS,
    Mixer,
    PlayoutTrack,
)
from tests.harness.calls import Page, noise, until
from tests.harness.ears import Ears

from .test_playout import decoded, tone

# --- over a connection ---------------------------------------------------------------


class Hearer(Page):
    """A page that also wants to hear."""

    def __init__(self) -> None:
        super().__init__()
        self.packets: list[RtpPacket] = []
        self.reports: list[RtcpSrPacket] = []
        transceiver = self.connection.getTransceivers()[0]
        transceiver.direction = "sendrecv"
        receiver = transceiver.receiver
        control = receiver._handle_rtcp_packet

        async def rtp(packet: RtpPacket, arrival_time_ms: int) -> None:
            self.packets.append(packet)

        async def rtcp(packet: Any) -> None:
            if isinstance(packet, RtcpSrPacket):
                self.reports.append(packet)
            await control(packet)

        receiver._handle_rtp_packet = rtp  # type: ignore[method-assign]
        receiver._handle_rtcp_packet = rtcp  # type: ignore[method-assign]

    async def answered(self, ears: Ears, mixer: Mixer) -> Peer:
        """Connect with a peer that plays a mixer."""
        peer = await Peer.answer(Offer.read(await self.offer()), ears, playout=lambda: PlayoutTrack(mixer))
        await self.connection.setRemoteDescription(RTCSessionDescription(peer.sdp, "answer"))
        return peer

    def heard(self) -> Samples:
        """What came, decoded."""
        return decoded(packet.payload for packet in self.packets)


async def test_far_end_that_listens_hears_what_is_played_and_is_heard_meanwhile() -> None:
    page, ears, mixer = Hearer(), Ears(), Mixer()
    peer = await page.answered(ears, mixer)
    try:
        assert "a=sendrecv" in peer.sdp
        page.audio.add(noise(0.1))
        page.audio.close()
        await until(lambda: len(ears.packets) > 10)
        assert page.packets == []
        mixer.play(tone(0.3, 440.0))
        await until(lambda: len(page.packets) >= 15 + TAIL_BLOCKS)
        await until(lambda: bool(page.reports))
        assert len(page.packets) == 15 + TAIL_BLOCKS
        steps = np.diff([packet.timestamp for packet in page.packets]) & 0xFFFFFFFF
        assert set(steps) == {BLOCK_TICKS}
        out, sound = page.heard(), tone(0.3, 440.0)
        assert np.corrcoef(out[40 : len(sound)], sound[:-40])[0, 1] > 0.98
        assert page.reports[-1].sender_info.packet_count == len(page.packets)
        counted = len(ears.packets)
        await until(lambda: len(ears.packets) > counted + 10)
    finally:
        await page.connection.close()
        await peer.close()


async def test_two_packets_after_a_stop_nothing_is_heard() -> None:
    page, ears, mixer = Hearer(), Ears(), Mixer()
    peer = await page.answered(ears, mixer)
    try:
        mixer.play(noise(20.0))
        await until(lambda: len(page.packets) > 10)
        await asyncio.sleep(0)
        mixer.stop()
        sent_s = len(page.packets)
        await until(lambda: bool(np.abs(page.heard()[-BLOCK // 2 :]).max() < 1e-3))
        await asyncio.sleep(0.4)  # time in which twenty packets would come
        # One more may be on its way, then the fade, then what the encoder held, then silence.
        assert len(page.packets) <= sent_s + 2 + TAIL_BLOCKS
        assert np.abs(page.heard()[-BLOCK // 2 :]).max() < 1e-3
    finally:
        await page.connection.close()
        await peer.close()


def without_opus(offer: str) -> str:
    """The same offer with telephone's codecs alone."""
    kept = [line for line in offer.splitlines() if not line.endswith("opus/48000/2")]
    return "\r\n".join(kept).replace("UDP/TLS/RTP/SAVPF 96 9 0 8", "UDP/TLS/RTP/SAVPF 0 8") + "\r\n"


@pytest.mark.parametrize("case", ["only sends", "no Opus", "nothing to play"])
async def test_far_end_that_cannot_hear_is_only_listened_to(case: str) -> None:
    made: list[PlayoutTrack] = []

    def playout() -> PlayoutTrack:
        made.append(PlayoutTrack(Mixer()))
        return made[-1]

    page = Page() if case == "only sends" else Hearer()
    offer = await page.offer()
    if case == "no Opus":
        offer = without_opus(offer)
        assert "opus" not in offer
    peer = await Peer.answer(
        Offer.read(offer), Ears(), playout=None if case == "nothing to play" else playout
    )
    try:
        assert not made
        assert "a=recvonly" in peer.sdp
        assert "a=sendrecv" not in peer.sdp
    finally:
        await page.connection.close()
        await peer.close()
