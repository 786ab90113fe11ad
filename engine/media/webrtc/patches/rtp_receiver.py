"""Receive RTP directly in the datagram callback, without queues, tasks or threads between.

aiortc's own path is aioice's queue, a task, aiortc's jitter buffer, a decoder thread and another
queue: 80 ms, and 280 ms once a packet was lost. Here an RTP datagram (RFC 7983) is decrypted where
asyncio delivers it, and passed to the sink at once. STUN, DTLS, RTCP, and RTP that comes before its
keys, go through aiortc. Receiver reports are sent from here (RFC 3550, section 6.4.2).
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
"""Prefixes of the versions whose internals are known."""

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
"""Attributes needed of an ``aiortc.RTCDtlsTransport`` and the aioice connection below it."""

TRANSCEIVER_PARTS = ("receiver.receive", "receiver.stop", "receiver.transport", "sender._ssrc")
"""Attributes needed of an ``aiortc.RTCRtpTransceiver``."""

MAX_SOURCES = 64
"""Most SSRCs of a far end remembered. Each costs libsrtp memory, so the one silent for longest is
forgotten: its packets may be replayed then, and it begins anew if it comes back."""

PRESENCE_S = 5.0
"""How long media that decrypts counts as consent; consent is checked as often (RFC 7675)."""

RTCP_S = (0.5, 1.5)
"""Range of the random interval between receiver reports (RFC 3550, section 6.2)."""

FIXED_HEADER = 12
"""Bytes of an RTP packet before CSRCs and extensions."""

PARSE_ERRORS = (ValueError, struct.error, IndexError)
"""Errors of aiortc at a malformed header extension."""

log = logging.getLogger(__name__)


class ReportedStats(Protocol):
    """Statistics of one source for receiver reports (RFC 3550, section 6.4.1)."""

    @property
    def fraction_lost(self) -> int:
        """Share of packets lost since this was last read, in 256ths."""

    @property
    def packets_lost(self) -> int:
        """Packets lost since the beginning, in 24 bits."""

    @property
    def max_seq(self) -> int:
        """Highest sequence number, with its wraps in the upper 16 bits."""

    @property
    def jitter(self) -> int:
        """Interarrival jitter in units of the RTP clock."""


class PacketSink(Protocol):
    """Receiver of the packets."""

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Take a decrypted RTP packet and its monotonic arrival time."""

    def receptions(self) -> Mapping[int, ReportedStats]:
        """Return the statistics of each source to report, by SSRC."""


def unsupported_reason(transceiver: RTCRtpTransceiver) -> str | None:
    """Return why the installed aiortc and aioice can't be used for direct receiving; None if they can."""
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
    """Return the version of a package; cached, as reading it takes a third of the time of an answer."""
    return metadata.version(package)


def _has(thing: object, path: str) -> bool:
    for name in path.split("."):
        if not hasattr(thing, name):
            return False
        thing = getattr(thing, name)
    return True


class DirectRtpReceiver:
    """Pass one receiver's RTP from the socket to its sink.

    Replaces the receiver's own ``receive`` and ``stop`` (so that no decoder thread is started)
    and the receiver in aiortc's router; made once the remote description is set. :meth:`open`
    connects it to the sockets once they exist.

    Parameters
    ----------
    transceiver : whose receiver it is.
    sink : takes the packets, and gives the statistics.
    ended : called when the connection is gone. A source that says goodbye (RTCP BYE) ends nothing:
        another one may follow, and whoever is gone sends no more.
    clock : monotonic seconds.
    """

    def __init__(
        self,
        transceiver: RTCRtpTransceiver,
        sink: PacketSink,
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
        self._sink = sink
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
        self._aiortc_rtcp = self._transport._handle_rtcp_data
        self._transport._handle_rtcp_data = self._rtcp  # type: ignore[method-assign]

    def open(self) -> None:
        """Receive from every socket of the connection, relays included."""
        for gate in self._transport._transport._connection._protocols:
            gate.take_srtp, gate.media_present = self._take_datagram, self._media_present
            self._gates.append(gate)

    # --- packets -----------------------------------------------------------------

    def _take_datagram(self, data: bytes) -> bool:
        """Process a datagram if it is RTP; return false while there are no keys or no receiver for it."""
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
        if ssrc == self._ssrc or self._accepts_source(ssrc, plain):
            self._deliver(plain, arrived_s)
        else:
            self.dropped += 1
        return True

    def _accepts_source(self, ssrc: int, plain: bytes) -> bool:
        """Return whether a packet of another source than the last one belongs to this receiver."""
        ours = self._sources.get(ssrc, False) or self._is_ours(plain)
        self._remember_source(ssrc, ours)
        if ours:
            self._ssrc = ssrc
        return ours

    def _is_ours(self, plain: bytes) -> bool:
        """Return whether a packet identifies its source as this receiver's (RFC 8843, section 9.2).

        By its MID; without one by its payload type, comfort noise included. Other payload types, such as
        telephone events, don't identify it: the next packet may.
        """
        try:
            packet = RtpPacket.parse(plain, self._transport._rtp_header_extensions_map)
        except PARSE_ERRORS:
            return False
        if packet.extensions.mid is not None:
            return bool(packet.extensions.mid == self._mid)
        return packet.payload_type in self._payload_types or packet.payload_type == COMFORT_NOISE

    def _remember_source(self, ssrc: int, ours: bool) -> None:
        """Remember a source as the latest, and forget the one silent for longest."""
        self._sources.pop(ssrc, None)
        self._sources[ssrc] = ours
        table = self._transport._rtp_router.ssrc_table
        if ours:
            table[ssrc] = self  # routes its sender reports here
        while len(self._sources) > MAX_SOURCES:
            gone = next(other for other in self._sources if other != self._ssrc)
            del self._sources[gone]
            table.pop(gone, None)
            self._sender_reports.pop(gone, None)
            with contextlib.suppress(pylibsrtp.Error):  # unknown to libsrtp
                self._transport._rx_srtp.remove_stream(gone)

    def _deliver(self, plain: bytes, arrived_s: float) -> None:
        try:
            self._sink.packet(plain, arrived_s)
        except Exception:  # must not reach aiortc or the event loop
            log.exception("a packet could not be processed")

    def _media_present(self) -> bool:
        return self._clock() - self.authentic_s < PRESENCE_S

    # --- called by aiortc in the receiver's place ---------------------------------

    async def _receive(self, parameters: Any) -> None:
        if self._reports is None:
            self._payload_types = frozenset(codec.payloadType for codec in parameters.codecs)
            self._transport._register_rtp_receiver(self, parameters)
            self._reports = asyncio.create_task(self._send_reports(), name="receiver reports")

    async def _stop(self) -> None:
        self._payload_types = frozenset()
        for gate in self._gates:
            gate.take_srtp = gate.media_present = None
        self._gates.clear()
        if self._reports is not None:
            self._transport._unregister_rtp_receiver(self)
            self._reports.cancel()
            await asyncio.gather(self._reports, return_exceptions=True)

    def _handle_disconnect(self) -> None:
        self._ended()

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        # It waited for its keys in aioice's queue; its arrival time is unknown.
        if packet.payload_type in self._payload_types:
            self._ssrc, self.authentic_s = packet.ssrc, self._clock()
            self._remember_source(packet.ssrc, ours=True)
            self._deliver(packet.serialize(), self.authentic_s)

    async def _rtcp(self, data: bytes) -> None:
        """Note the sender of decrypted RTCP, which costs libsrtp memory too, and pass it to aiortc."""
        self.authentic_s = self._clock()
        ssrc = int.from_bytes(data[4:8], "big")
        self._remember_source(ssrc, self._sources.get(ssrc, False))
        await self._aiortc_rtcp(data)

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket):
            middle = packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            self._sender_reports[packet.ssrc] = (middle, self._clock())

    # --- receiver reports ------------------------------------------------------------

    async def _send_reports(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(*RTCP_S))
            reports = [
                self._report_block(ssrc, reception) for ssrc, reception in self._sink.receptions().items()
            ]
            if reports:
                try:
                    await self._transport._send_rtp(bytes(RtcpRrPacket(ssrc=self._own_ssrc, reports=reports)))
                except ConnectionError:
                    log.debug("a receiver report was not sent: not connected")

    def _report_block(self, ssrc: int, reception: ReportedStats) -> RtcpReceiverInfo:
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
