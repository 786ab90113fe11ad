"""The early path: RTP from the datagram callback to the owner, reports, ends, and what serves without it."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtcpByePacket, RtcpReceiverInfo, RtcpRrPacket, RtpPacket
from aiortc.stats import RTCRemoteInboundRtpStreamStats

from engine.errors import BadOffer
from engine.media.webrtc.offer import Offer
from engine.media.webrtc.patches import rtp_receiver as early
from engine.media.webrtc.peer import Peer
from tests.harness.calls import Page, noise, until
from tests.harness.ears import Counted, Ears


class Call(SimpleNamespace):
    """A page, connected with a peer of ours and its owner."""

    page: Page
    peer: Peer
    ears: Ears

    @property
    def sender(self) -> Any:
        """What sends the page's audio."""
        return self.page.connection.getSenders()[0]

    def talk(self) -> None:
        """Send packets from now on, without end."""
        self.page.audio.add(noise(0.1))
        self.page.audio.close()

    async def send(self, packet: RtpPacket) -> None:
        """Send a packet of the test's own."""
        await self.sender.transport._send_rtp(packet.serialize())

    async def heard(self, count: int = 1) -> None:
        """Wait until so many more packets were heard."""
        wanted = len(self.ears.packets) + count
        await until(lambda: len(self.ears.packets) >= wanted)

    def heard_of(self, ssrc: int) -> list[int]:
        """Sequence numbers of what was heard of a source."""
        return [packet.sequence_number for packet, _ in self.ears.packets if packet.ssrc == ssrc]

    @property
    def path(self) -> early.DirectRtpReceiver:
        """The early path of the peer."""
        receive = self.peer._connection.getTransceivers()[0].receiver.receive
        path = receive.__self__  # type: ignore[attr-defined]
        assert isinstance(path, early.DirectRtpReceiver)
        return path


@asynccontextmanager
async def calling(connection: RTCPeerConnection | None = None) -> AsyncIterator[Call]:
    page, ears = Page(connection), Ears()
    peer = await Peer.answer(Offer.read(await page.offer()), ears)
    await page.connection.setRemoteDescription(RTCSessionDescription(peer.sdp, "answer"))
    try:
        yield Call(page=page, peer=peer, ears=ears)
    finally:
        await page.connection.close()
        await peer.close()


async def test_packets_come_at_once_in_order_and_without_a_thread() -> None:
    async with calling() as call:
        call.talk()
        await call.heard(30)
        packets = [packet for packet, _ in call.ears.packets]
        first = packets[0].sequence_number
        assert [packet.sequence_number - first & 0xFFFF for packet in packets] == list(range(len(packets)))
        assert {packet.ssrc for packet in packets} == {call.sender._ssrc}
        assert all(packet.payload for packet in packets)
        arrivals = [arrived_s for _, arrived_s in call.ears.packets]
        assert arrivals == sorted(arrivals)
        assert arrivals[-1] <= time.monotonic()
        assert call.ears.threads == {threading.get_ident()}
        assert not [thread for thread in threading.enumerate() if "decoder" in thread.name]
        assert call.peer._connection.getTransceivers()[0].receiver.track._queue.empty()  # type: ignore[attr-defined]
        assert call.path.dropped == 0
        assert call.ears.frames == 0


async def test_receiver_reports_say_what_was_received() -> None:
    async with calling() as call:
        reports: list[RtcpReceiverInfo] = []
        trips: list[tuple[float, RTCRemoteInboundRtpStreamStats]] = []
        stock = call.sender._handle_rtcp_packet

        async def note(packet: Any) -> None:
            await stock(packet)
            if isinstance(packet, RtcpRrPacket):
                reports.extend(packet.reports)
                stats = (await call.sender.getStats()).values()
                known = [stat for stat in stats if isinstance(stat, RTCRemoteInboundRtpStreamStats)]
                trips.extend((report.dlsr / 65536, known[0]) for report in packet.reports if report.lsr)

        call.sender._handle_rtcp_packet = note
        call.talk()
        # The sender's own reports come every second or so; one of ours must have met one of them.
        await until(lambda: any(report.lsr for report in reports))
        last = next(report for report in reports if report.lsr)
        assert last.ssrc == call.sender._ssrc
        assert last.fraction_lost == Counted.fraction_lost
        assert last.packets_lost == Counted.packets_lost
        assert last.highest_sequence == Counted.max_seq
        assert last.jitter == Counted.jitter
        assert last.dlsr > 0
        assert trips[0][1].packetsLost == Counted.packets_lost
        # A round trip of this machine is short: the delay that the report names was taken off.
        await until(lambda: any(held_s > 0.3 and stats.roundTripTime < held_s / 2 for held_s, stats in trips))


async def test_goodbye_ends_a_source_and_not_the_connection() -> None:
    """As when a call is held: the source says goodbye, and another one follows."""
    async with calling() as call:
        call.talk()
        await call.heard()
        kind, transport = call.ears.packets[0][0].payload_type, call.sender.transport
        await transport._send_rtp(bytes(RtcpByePacket(sources=[call.sender._ssrc])))
        await call.send(RtpPacket(kind, sequence_number=7, ssrc=1, payload=b"new source"))
        await until(lambda: 1 in {packet.ssrc for packet, _ in call.ears.packets})
        await call.heard(3)
        assert call.ears.gone == 0


@pytest.mark.parametrize("first", [13, 126], ids=["comfort noise", "a key of a telephone"])
async def test_source_that_begins_with_something_else_than_audio_is_heard(first: int) -> None:
    async with calling() as call:
        call.talk()
        await call.heard()
        kind = call.ears.packets[0][0].payload_type
        for number, payload_type in enumerate((first, kind, first, kind)):
            await call.send(RtpPacket(payload_type, sequence_number=number, ssrc=1, payload=b"x"))
        await until(lambda: call.heard_of(1)[-1:] == [3])
        # What comes in mid-call is for whoever orders packets, too: its place is not a lost one.
        assert call.heard_of(1) == ([0, 1, 2, 3] if first == 13 else [1, 2, 3])


async def test_end_of_the_connection_is_told() -> None:
    async with calling() as call:
        call.talk()
        await call.heard()
        await call.page.connection.close()
        await until(lambda: call.ears.gone > 0)


async def test_only_this_receivers_packets_are_heard() -> None:
    """Not what is forged, replayed, or of another section."""
    async with calling() as call:
        call.talk()
        await call.heard()
        kind = call.ears.packets[0][0].payload_type
        await call.send(RtpPacket(kind, sequence_number=7, ssrc=1, payload=b"new source"))
        await until(lambda: call.heard_of(1) == [7])
        page = call.page.connection.getTransceivers()[0].receiver.transport
        secret = page._tx_srtp.protect(RtpPacket(kind, sequence_number=8, ssrc=1, payload=b"x").serialize())
        forged = bytearray(secret)
        forged[-1] ^= 1
        foreign = RtpPacket(kind, sequence_number=1, ssrc=2, payload=b"foreign")
        foreign.extensions.mid = "9"
        unwanted = [
            bytes(forged),
            page._tx_srtp.protect(RtpPacket(kind - 1, sequence_number=9, ssrc=3, payload=b"y").serialize()),
            page._tx_srtp.protect(foreign.serialize(page._rtp_header_extensions_map)),
        ]
        for datagram in unwanted:
            await page.transport._send(datagram)
        await page.transport._send(secret)
        await page.transport._send(secret)
        await until(lambda: call.path.dropped == len(unwanted) + 1)
        strange = [packet.payload for packet, _ in call.ears.packets if packet.ssrc != call.sender._ssrc]
        assert strange == [b"new source", b"x"]


async def test_ever_new_sources_are_heard_and_cost_no_memory() -> None:
    """A new source at each hold; and reports of ever new senders."""
    async with calling() as call:
        call.talk()
        await call.heard()
        kind, transport = call.ears.packets[0][0].payload_type, call.sender.transport
        forgotten: list[int] = []
        receiving = call.peer._connection.getTransceivers()[0].receiver.transport
        remove = receiving._rx_srtp.remove_stream

        def forget(ssrc: int) -> None:
            forgotten.append(ssrc)
            remove(ssrc)

        receiving._rx_srtp.remove_stream = forget  # type: ignore[method-assign]
        count = 4 * early.MAX_SOURCES
        for ssrc in range(100, 100 + count):
            await call.send(RtpPacket(kind, sequence_number=1, ssrc=ssrc, payload=b"z"))
            await transport._send_rtp(bytes(RtcpRrPacket(ssrc=ssrc + 10_000)))
            if ssrc % early.MAX_SOURCES == 0:
                await call.heard(1)
        await until(lambda: call.heard_of(100 + count - 1) == [1])
        assert [call.heard_of(ssrc) for ssrc in range(100, 100 + count)] == [[1]] * count
        await until(lambda: len(forgotten) > 2 * (count - early.MAX_SOURCES))
        assert len(call.path._sources) == early.MAX_SOURCES
        assert len(receiving._rtp_router.ssrc_table) <= early.MAX_SOURCES
        assert call.path.dropped == 0
        await call.heard(3)
        # One that was forgotten may come back.
        assert 100 in forgotten
        await call.send(RtpPacket(kind, sequence_number=2, ssrc=100, payload=b"z"))
        await until(lambda: call.heard_of(100) == [1, 2])


def rubbish(rng: random.Random, kind: int, number: int) -> bytes:
    """A packet of RTP or RTCP whose header is right, and little else."""
    ssrc = rng.choice([1, 2, rng.getrandbits(32)]).to_bytes(4, "big")
    body = rng.randbytes(4 * rng.randrange(12))
    if rng.random() < 0.5:
        head = bytes([0x80 | rng.randrange(32), rng.choice([*range(200, 208), rng.randrange(192, 209)])])
        return head + (len(body) // 4 + 1).to_bytes(2, "big") + ssrc + body
    extension = b""
    while len(extension) % 4 or not extension:  # RFC 8285, one byte of header each
        value = rng.randbytes(rng.randrange(1, 5))
        extension += bytes([rng.randrange(1, 15) << 4 | len(value) - 1]) + value
    head = bytes([0x90, kind]) + number.to_bytes(2, "big") + rng.randbytes(4) + ssrc
    return head + b"\xbe\xde" + (len(extension) // 4).to_bytes(2, "big") + extension + body


async def test_rubbish_that_decrypts_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    rng, faults = random.Random(5), []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    async with calling() as call:
        call.talk()
        await call.heard()
        kind = call.ears.packets[0][0].payload_type
        call.ears.packet = lambda data, arrived_s: None  # type: ignore[method-assign]
        for number in range(1500):
            await call.sender.transport._send_rtp(rubbish(rng, kind, number))
            await asyncio.sleep(0)
        del call.ears.packet
        await call.heard(10)
        assert (call.ears.gone, faults) == (0, [])
        assert call.peer._connection.connectionState == "connected"
    assert "Traceback" not in caplog.text


async def test_owner_that_fails_keeps_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    async with calling() as call:

        def fail(data: bytes, arrived_s: float) -> None:
            call.ears.packets.append((RtpPacket.parse(data), arrived_s))
            raise ValueError("no")

        call.ears.packet = fail  # type: ignore[method-assign]
        call.talk()
        await call.heard(5)
    assert "a packet could not be processed" in caplog.text


def test_pinned_versions_have_what_the_early_path_needs() -> None:
    """When this fails after an upgrade of aiortc, read what changed, adapt the patches and PINNED."""

    async def chunks_examined() -> str | None:
        return early.unsupported_reason(RTCPeerConnection().addTransceiver("audio"))

    assert asyncio.run(chunks_examined()) is None


async def test_what_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    transceiver = RTCPeerConnection().addTransceiver("audio")
    assert early.unsupported_reason(transceiver) is None
    del transceiver.receiver.transport._rx_srtp
    assert early.unsupported_reason(transceiver) == "gone from aiortc or aioice: RTCDtlsTransport._rx_srtp"
    monkeypatch.setattr(early, "PINNED", {"aiortc": "0.1."})
    assert "only 0.1.* is known" in str(early.unsupported_reason(transceiver))


async def test_stock_way_serves_where_the_early_one_cannot(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(early, "PINNED", {"aiortc": "0.2."})
    for _ in range(2):
        async with calling() as call:
            call.talk()
            await until(lambda call=call: call.ears.frames > 5)  # type: ignore[misc]
            assert not call.ears.packets
    assert caplog.text.count("goes through aiortc's own receiver") == 1


async def test_answer_is_opus_alone_with_redundancy() -> None:
    page = Page()
    peer = await Peer.answer(Offer.read(await page.offer()), Ears())
    audio = peer.sdp.split("m=application")[0]
    assert "m=audio" in audio
    assert audio.count("a=rtpmap:") == 1
    assert "opus/48000/2" in audio
    assert "useinbandfec=1" in audio
    assert list(peer.codecs) == [96]
    await page.connection.close()
    await peer.close()


async def test_telephone_codecs_are_taken_where_there_is_no_opus_and_others_are_refused() -> None:
    page = Page()
    offer = re.sub(r"a=rtpmap:96 .*\r\n", "", (await page.offer()).replace("SAVPF 96 9 0 8", "SAVPF 9 0 8"))
    peer = await Peer.answer(Offer.read(offer), Ears())
    assert {kind: codec.name for kind, codec in peer.codecs.items()} == {0: "PCMU"}
    await peer.close()
    offer = re.sub(r"a=rtpmap:[08] .*\r\n", "", offer.replace("SAVPF 9 0 8", "SAVPF 9"))
    with pytest.raises(BadOffer, match="neither Opus"):
        await Peer.answer(Offer.read(offer), Ears())
    await page.connection.close()
