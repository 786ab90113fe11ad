"""RTP: the header of a packet, and what a receiver reports of a stream (RFC 3550)."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = struct.Struct("!BBHII")
"""Flags, marker and payload type, sequence number, time stamp, SSRC (section 5.1)."""

COMFORT_NOISE = 13
"""Payload type of comfort noise (RFC 3389): silence follows, of any length."""

MAX_REPORTED_LOST = (1 << 23) - 1
"""Highest number of lost packets in a report: 24 bits, signed."""


class RtpPacket(NamedTuple):
    """Fields of a packet that a receiver needs."""

    payload_type: int
    sequence: int
    """16 bits."""

    stamp: int
    """Time stamp of the first sample, 32 bits, in units of the codec's clock."""

    ssrc: int
    payload: bytes
    """Without padding; may be empty."""


def parse_packet(data: bytes) -> RtpPacket | None:
    """Return a packet's fields; None when it isn't RTP or is truncated."""
    size = len(data)
    if size < HEADER.size:
        return None
    flags, kind, sequence, stamp, ssrc = HEADER.unpack_from(data)
    if flags >> 6 != 2:
        return None
    start = HEADER.size + 4 * (flags & 0x0F)
    if flags & 0x10:  # header extension (section 5.3.1)
        if size < start + 4:
            return None
        start += 4 + 4 * (data[start + 2] << 8 | data[start + 3])
    if flags & 0x20:  # padding; its last byte gives its length
        padding = data[-1]
        if not 0 < padding <= size - start:
            return None
        size -= padding
    if start > size:
        return None
    return RtpPacket(kind & 0x7F, sequence, stamp, ssrc, data[start:size])


def counter_distance(later: int, earlier: int, bits: int) -> int:
    """Return how far a counter that wraps is ahead of another value of it, −2^(bits−1) .. 2^(bits−1)−1."""
    half = 1 << bits - 1
    return (later - earlier + half) % (2 * half) - half


class ReceptionStats:
    """Statistics of one stream for receiver reports (RFC 3550, sections 6.4.1, A.1, A.3 and A.8).

    Has the fields of aiortc's ``StreamStatistics``. Duplicates aren't counted; packets that
    came too late to be decoded are.
    """

    def __init__(self, clock_hz: int) -> None:
        self.packets_received = 0
        self._clock_hz = clock_hz
        self._first: int | None = None
        self._highest = 0
        self._jitter_q4 = 0
        self._transit = 0
        self._expected_before = 0
        self._received_before = 0

    def add(self, sequence: int, stamp: int, arrived_s: float) -> None:
        """Count a packet, by its extended sequence number (one that doesn't wrap)."""
        self.packets_received += 1
        transit = int(arrived_s * self._clock_hz) - stamp
        if self._first is None:
            self._first = self._highest = sequence
        else:
            moved = abs(counter_distance(transit, self._transit, 32))
            self._jitter_q4 += moved - ((self._jitter_q4 + 8) >> 4)
            self._highest = max(self._highest, sequence)
        self._transit = transit

    @property
    def max_seq(self) -> int:
        """Highest sequence number received, with the count of its wraps above the 16 bits."""
        return self._highest & 0xFFFFFFFF

    @property
    def packets_expected(self) -> int:
        """Number of packets sent, by their sequence numbers."""
        return 0 if self._first is None else self._highest - self._first + 1

    @property
    def packets_lost(self) -> int:
        """Packets lost since the beginning."""
        return max(
            -MAX_REPORTED_LOST - 1, min(MAX_REPORTED_LOST, self.packets_expected - self.packets_received)
        )

    @property
    def fraction_lost(self) -> int:
        """Share of packets lost since this was last read, in 256ths; read once for each report."""
        expected = self.packets_expected - self._expected_before
        lost = expected - (self.packets_received - self._received_before)
        self._expected_before += expected
        self._received_before = self.packets_received
        # 256/256 would overflow the eight bits.
        return min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0

    @property
    def jitter(self) -> int:
        """Interarrival jitter in units of the codec's clock."""
        return self._jitter_q4 >> 4
