"""RTP of one receiver, taken in the datagram callback: no queue, no task, no thread in a packet's way.

The stock way is aioice's queue, a task, aiortc's jitter buffer, a decoder thread and one more
queue: 80 ms, and 280 ms once a packet was lost. Here a datagram that is RTP (RFC 7983) is
decrypted where asyncio hands it over and given to the owner at once. STUN, DTLS, RTCP, and RTP
that comes before its keys, go the stock way. RTCP is answered from here (RFC 3550, section 6.4.2).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from typing import Any, Protocol

import pylibsrtp
from aiortc import RTCRtpTransceiver
from aiortc.rtp import RtcpByePacket, RtcpReceiverInfo, RtcpRrPacket, RtcpSrPacket, RtpPacket

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
    "_transport._connection._protocols",
    "_transport._connection._queue.qsize",
    "_transport._connection.data_received",
)
"""What is needed of an ``aiortc.RTCDtlsTransport`` and the aioice connection below it."""

TRANSCEIVER_PARTS = ("receiver.receive", "receiver.stop", "receiver.transport", "sender._ssrc")
"""What is needed of an ``aiortc.RTCRtpTransceiver``."""

DATAGRAM_BYTES = 2048
"""Longest datagram that is read: WebRTC's fit an Ethernet frame. asyncio would make room for 256 KiB."""

WAITING_DATAGRAMS = 256
"""Datagrams that may wait for aiortc's task: anyone can send to the port, even before there are keys."""

SOURCES = 16
"""SSRCs that one far end may use on a connection, each of which costs libsrtp memory for good."""

RTCP_S = (0.5, 1.5)
"""Between two receiver reports, at random in this range (RFC 3550, section 6.2)."""

FIXED_HEADER = 12
"""Bytes of an RTP packet before CSRCs and extensions."""

log = logging.getLogger(__name__)


class Reception(Protocol):
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


class Listener(Protocol):
    """Whom the packets are for."""

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Take a decrypted RTP packet that came in at that monotonic time."""

    def receptions(self) -> Mapping[int, Reception]:
        """Give the statistics of each source to report, by SSRC."""


def unfit(transceiver: RTCRtpTransceiver) -> str | None:
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


class EarlyPath:
    """The way of one receiver's RTP from the socket to its listener.

    Stands in for the receiver's own ``receive`` and ``stop`` (so that no decoder thread is
    started) and for the receiver in aiortc's router; to be made once the remote description is
    set. :meth:`open` puts it before the sockets once they are there.

    Parameters
    ----------
    transceiver : whose receiver it is.
    listener : takes the packets, and gives the statistics.
    ended : called when the far end said goodbye (RTCP BYE), or the connection is gone.
    clock : monotonic seconds.
    """

    def __init__(
        self,
        transceiver: RTCRtpTransceiver,
        listener: Listener,
        ended: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        receiver = transceiver.receiver
        self.dropped = 0
        """RTP packets that were not given on: not authentic, replayed, or of another source."""
        self._transport: Any = receiver.transport
        self._ice: Any = self._transport._transport._connection
        self._mid = transceiver.mid
        self._own_ssrc: int = transceiver.sender._ssrc
        self._listener = listener
        self._ended = ended
        self._clock = clock
        self._ssrc = -1
        self._payload_types: frozenset[int] = frozenset()
        self._sources: dict[int, bool] = {}
        self._hooked: list[Any] = []
        self._reports: asyncio.Task[None] | None = None
        self._sender_reports: dict[int, tuple[int, float]] = {}
        receiver.receive = self._receive  # type: ignore[method-assign]
        receiver.stop = self._stop  # type: ignore[method-assign]

    def open(self) -> None:
        """Stand before every socket of the connection, relayed ones too."""
        self._ice.data_received = self._bounded(self._ice.data_received)
        for protocol in self._ice._protocols:
            if hasattr(protocol.transport, "max_size"):
                protocol.transport.max_size = DATAGRAM_BYTES
            protocol.datagram_received = self._before(protocol.datagram_received)
            self._hooked.append(protocol)

    # --- packets -----------------------------------------------------------------

    def _before(self, stock: Callable[[bytes, Any], None]) -> Callable[[bytes, Any], None]:
        take = self._take

        def datagram_received(data: bytes, address: Any) -> None:
            is_rtp = len(data) > FIXED_HEADER and 127 < data[0] < 192 and not 191 < data[1] < 224
            if not (is_rtp and take(data)):
                stock(data, address)

        return datagram_received

    def _bounded(self, stock: Callable[[bytes, int], None]) -> Callable[[bytes, int], None]:
        waiting = self._ice._queue.qsize

        def data_received(data: bytes, component: int) -> None:
            if waiting() < WAITING_DATAGRAMS:
                stock(data, component)

        return data_received

    def _take(self, data: bytes) -> bool:
        """Whether an RTP packet has found its end here; false while there is nobody to take it."""
        srtp = self._transport._rx_srtp
        if srtp is None or not self._payload_types:
            return False
        arrived_s = self._clock()
        ssrc = int.from_bytes(data[8:12], "big")
        known = self._sources.get(ssrc)
        if known is False or (known is None and len(self._sources) >= SOURCES):
            self.dropped += 1
            return True
        try:
            plain = srtp.unprotect(data)
        except pylibsrtp.Error:
            self.dropped += 1
            return True
        if known is None:
            known = self._sources[ssrc] = self._is_ours(plain)
        if known and data[1] & 0x7F in self._payload_types:
            self._ssrc = ssrc
            self._give(plain, arrived_s)
        else:
            self.dropped += 1
        return True

    def _is_ours(self, plain: bytes) -> bool:
        """Whether a new source belongs to this receiver, not to another bundled section (RFC 8843, 9.2)."""
        try:
            packet = RtpPacket.parse(plain, self._transport._rtp_header_extensions_map)
        except ValueError:
            return False
        if packet.extensions.mid not in (None, self._mid):
            return False
        return self._transport._rtp_router.route_rtp(packet) is self

    def _give(self, plain: bytes, arrived_s: float) -> None:
        try:
            self._listener.packet(plain, arrived_s)
        except Exception:  # asyncio would close the socket
            log.exception("a packet was not taken")

    # --- what aiortc calls in the receiver's place ---------------------------------

    async def _receive(self, parameters: Any) -> None:
        if self._reports is None:
            self._payload_types = frozenset(codec.payloadType for codec in parameters.codecs)
            self._transport._register_rtp_receiver(self, parameters)
            self._reports = asyncio.create_task(self._report(), name="receiver reports")

    async def _stop(self) -> None:
        self._payload_types = frozenset()
        for protocol in self._hooked:
            del protocol.datagram_received
        self._hooked.clear()
        if self._reports is not None:
            self._transport._unregister_rtp_receiver(self)
            self._reports.cancel()
            await asyncio.gather(self._reports, return_exceptions=True)

    def _handle_disconnect(self) -> None:
        self._ended()

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        # It waited for its keys in aioice's queue; when it came is not known any more.
        if packet.payload_type in self._payload_types:
            self._ssrc = packet.ssrc
            self._sources[packet.ssrc] = True
            self._give(packet.serialize(), self._clock())

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket):
            middle = packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            self._sender_reports[packet.ssrc] = (middle, self._clock())
        elif isinstance(packet, RtcpByePacket) and self._ssrc in packet.sources:
            self._ended()

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

    def _of(self, ssrc: int, reception: Reception) -> RtcpReceiverInfo:
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
