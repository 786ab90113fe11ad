"""RTP of one receiver, taken in the datagram callback: no queue, no task, no thread in a packet's way.

The stock way is aioice's queue, a task, aiortc's jitter buffer, a decoder thread and one more
queue: 80 ms, and 280 ms once a packet was lost. Here a datagram that is RTP (RFC 7983) is
decrypted where asyncio hands it over and given to the owner at once. STUN, DTLS, RTCP, and RTP
that comes before its keys, go the stock way. RTCP is answered from here (RFC 3550, section 6.4.2).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import struct
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from typing import Any, Protocol

import pylibsrtp
from aiortc import RTCRtpTransceiver
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket, RtcpSrPacket, RtpPacket

from engine.media.rtp.packet import COMFORT_NOISE

from .datagram_gate import DatagramGate

PINNED = {"aiortc": "1.16.", "aioice": "0.13."}
"""Versions whose inner parts are known, by how they begin."""

TRANSPORT_PARTS = (
    "_rx_srtp",
    "_rtp_router.route_rtp",
    "_rtp_router.ssrc_table",
    "_rtp_header_extensions_map",
    "_register_rtp_receiver",
    "_unregister_rtp_receiver",
    "_send_rtp",
    "_handle_rtcp_data",
    "_transport._connection._protocols",
)
"""What is needed of an ``aiortc.RTCDtlsTransport`` and the aioice connection below it."""

TRANSCEIVER_PARTS = ("receiver.receive", "receiver.stop", "receiver.transport", "sender._ssrc")
"""What is needed of an ``aiortc.RTCRtpTransceiver``."""

MAX_SOURCES = 64
"""SSRCs of a far end that are known at a time. Each costs libsrtp memory, so the one that has been silent
for longest is forgotten: its packets may be replayed then, and it begins anew if it comes back."""

PRESENCE_S = 5.0
"""Whoever sent media that decrypts so long ago is there. Consent is asked for as often (RFC 7675)."""

RTCP_S = (0.5, 1.5)
"""Between two receiver reports, at random in this range (RFC 3550, section 6.2)."""

FIXED_HEADER = 12
"""Bytes of an RTP packet before CSRCs and extensions."""

PARSE_ERRORS = (ValueError, struct.error, IndexError)
"""What aiortc's code raises at a header extension that isn't what its name says."""

log = logging.getLogger(__name__)


class ReportedStats(Protocol):
    """How the packets of one source came in, for receiver reports (RFC 3550, section 6.4.1)."""

    @property
    def fraction_lost(self) -> int:
        """Lost since this was last asked, in 256ths of the packets expected."""

    @property
    def packets_lost(self) -> int:
        """Lost since the beginning, of 24 bits."""

    @property
    def max_seq(self) -> int:
        """Highest sequence number, with its wraps in the upper 16 bits."""

    @property
    def jitter(self) -> int:
        """Interarrival jitter in units of the RTP clock."""


class PacketSink(Protocol):
    """Whom the packets are for."""

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Take a decrypted RTP packet that came in at that monotonic time."""

    def receptions(self) -> Mapping[int, ReportedStats]:
        """Give the statistics of each source to report, by SSRC."""


def unsupported_reason(transceiver: RTCRtpTransceiver) -> str | None:
    """Why the early path cannot be had with the aiortc and aioice that are installed; None if it can."""
    for package, version in PINNED.items():
        found = _installed(package)
        if not found.startswith(version):
            return f"{package} is {found}, and only {version}* is known from the inside"
    gone = [f"RTCRtpTransceiver.{part}" for part in TRANSCEIVER_PARTS if not _has(transceiver, part)]
    if not gone:
        transport = transceiver.receiver.transport
        gone = [f"RTCDtlsTransport.{part}" for part in TRANSPORT_PARTS if not _has(transport, part)]
    return f"gone from aiortc or aioice: {', '.join(gone)}" if gone else None


@cache
def _installed(package: str) -> str:
    """Version of a package; finding it reads files, a third of what an answer takes, so only once."""
    return metadata.version(package)


def _has(thing: object, path: str) -> bool:
    for name in path.split("."):
        if not hasattr(thing, name):
            return False
        thing = getattr(thing, name)
    return True


class DirectRtpReceiver:
    """The way of one receiver's RTP from the socket to its listener.

    Stands in for the receiver's own ``receive`` and ``stop`` (so that no decoder thread is
    started) and for the receiver in aiortc's router; to be made once the remote description is
    set. :meth:`open` lets it take what comes by the sockets once they are there.

    Parameters
    ----------
    transceiver : whose receiver it is.
    listener : takes the packets, and gives the statistics.
    ended : called when the connection is gone. A source that says goodbye (RTCP BYE) ends nothing:
        another one may follow, and whoever is gone sends no more.
    clock : monotonic seconds.
    """

    def __init__(
        self,
        transceiver: RTCRtpTransceiver,
        listener: PacketSink,
        ended: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        receiver = transceiver.receiver
        self.dropped = 0
        """RTP packets that were not given on: not authentic, replayed, or of another section."""
        self.authentic_s = -math.inf
        """When the last SRTP or SRTCP packet came that decrypted."""
        self._transport: Any = receiver.transport
        self._mid = transceiver.mid
        self._own_ssrc: int = transceiver.sender._ssrc
        self._listener = listener
        self._ended = ended
        self._clock = clock
        self._ssrc = -1
        self._payload_types: frozenset[int] = frozenset()
        self._sources: dict[int, bool] = {}
        """Whether the last packet that said so made a source ours, by SSRC, the latest last."""
        self._gates: list[DatagramGate] = []
        self._reports: asyncio.Task[None] | None = None
        self._sender_reports: dict[int, tuple[int, float]] = {}
        receiver.receive = self._receive  # type: ignore[method-assign]
        receiver.stop = self._stop  # type: ignore[method-assign]
        self._stock_rtcp = self._transport._handle_rtcp_data
        self._transport._handle_rtcp_data = self._rtcp  # type: ignore[method-assign]

    def open(self) -> None:
        """Take what comes by every socket of the connection, by relays too."""
        for gate in self._transport._transport._connection._protocols:
            gate.early, gate.present = self._take, self._present
            self._gates.append(gate)

    # --- packets -----------------------------------------------------------------

    def _take(self, data: bytes) -> bool:
        """Whether a datagram is RTP and has found its end here; false while there is nobody to take it."""
        srtp = self._transport._rx_srtp
        if len(data) <= FIXED_HEADER or 191 < data[1] < 224 or srtp is None or not self._payload_types:
            return False
        arrived_s = self._clock()
        try:
            plain = srtp.unprotect(data)
        except pylibsrtp.Error:
            self.dropped += 1
            return True
        self.authentic_s = arrived_s
        ssrc = int.from_bytes(data[8:12], "big")
        if ssrc == self._ssrc or self._turn_to(ssrc, plain):
            self._give(plain, arrived_s)
        else:
            self.dropped += 1
        return True

    def _turn_to(self, ssrc: int, plain: bytes) -> bool:
        """Whether a packet's source, another one than that of the last packet given on, is ours."""
        ours = self._sources.get(ssrc, False) or self._is_ours(plain)
        self._know(ssrc, ours)
        if ours:
            self._ssrc = ssrc
        return ours

    def _is_ours(self, plain: bytes) -> bool:
        """Whether a packet says that its source belongs to this receiver (RFC 8843, section 9.2).

        By its MID; without one by its payload type, where comfort noise is an audio section's. Others, such
        as a key of a telephone, say nothing: the next packet may.
        """
        try:
            packet = RtpPacket.parse(plain, self._transport._rtp_header_extensions_map)
        except PARSE_ERRORS:
            return False
        if packet.extensions.mid is not None:
            return bool(packet.extensions.mid == self._mid)
        return packet.payload_type in self._payload_types or packet.payload_type == COMFORT_NOISE

    def _know(self, ssrc: int, ours: bool) -> None:
        """Remember a source, the latest of all, and forget the one that has been silent for longest."""
        self._sources.pop(ssrc, None)
        self._sources[ssrc] = ours
        table = self._transport._rtp_router.ssrc_table
        if ours:
            table[ssrc] = self  # for its sender reports
        while len(self._sources) > MAX_SOURCES:
            gone = next(other for other in self._sources if other != self._ssrc)
            del self._sources[gone]
            table.pop(gone, None)
            self._sender_reports.pop(gone, None)
            with contextlib.suppress(pylibsrtp.Error):  # libsrtp has nothing of it
                self._transport._rx_srtp.remove_stream(gone)

    def _give(self, plain: bytes, arrived_s: float) -> None:
        try:
            self._listener.packet(plain, arrived_s)
        except Exception:  # a fault of ours must not be aiortc's, or the event loop's
            log.exception("a packet was not taken")

    def _present(self) -> bool:
        return self._clock() - self.authentic_s < PRESENCE_S

    # --- what aiortc calls in the receiver's place ---------------------------------

    async def _receive(self, parameters: Any) -> None:
        if self._reports is None:
            self._payload_types = frozenset(codec.payloadType for codec in parameters.codecs)
            self._transport._register_rtp_receiver(self, parameters)
            self._reports = asyncio.create_task(self._report(), name="receiver reports")

    async def _stop(self) -> None:
        self._payload_types = frozenset()
        for gate in self._gates:
            gate.early = gate.present = None
        self._gates.clear()
        if self._reports is not None:
            self._transport._unregister_rtp_receiver(self)
            self._reports.cancel()
            await asyncio.gather(self._reports, return_exceptions=True)

    def _handle_disconnect(self) -> None:
        self._ended()

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        # It waited for its keys in aioice's queue; when it came is not known any more.
        if packet.payload_type in self._payload_types:
            self._ssrc, self.authentic_s = packet.ssrc, self._clock()
            self._know(packet.ssrc, ours=True)
            self._give(packet.serialize(), self.authentic_s)

    async def _rtcp(self, data: bytes) -> None:
        """Take decrypted RTCP on its way to aiortc's: its sender costs libsrtp memory too."""
        self.authentic_s = self._clock()
        ssrc = int.from_bytes(data[4:8], "big")
        self._know(ssrc, self._sources.get(ssrc, False))
        await self._stock_rtcp(data)

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket):
            middle = packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            self._sender_reports[packet.ssrc] = (middle, self._clock())

    # --- receiver reports ------------------------------------------------------------

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(*RTCP_S))
            reports = [self._of(ssrc, reception) for ssrc, reception in self._listener.receptions().items()]
            if reports:
                try:
                    await self._transport._send_rtp(bytes(RtcpRrPacket(ssrc=self._own_ssrc, reports=reports)))
                except ConnectionError:
                    log.debug("a receiver report was not sent: not connected")

    def _of(self, ssrc: int, reception: ReportedStats) -> RtcpReceiverInfo:
        # Of the last sender report: the middle of its NTP time, and how long ago it came (in 65536ths).
        lsr, dlsr = 0, 0
        if ssrc in self._sender_reports:
            lsr, at_s = self._sender_reports[ssrc]
            dlsr = min(0xFFFFFFFF, round((self._clock() - at_s) * 65536))
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=reception.fraction_lost,
            packets_lost=reception.packets_lost,
            highest_sequence=reception.max_seq,
            jitter=reception.jitter,
            lsr=lsr,
            dlsr=dlsr,
        )
