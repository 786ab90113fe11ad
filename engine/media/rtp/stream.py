"""Order, decode and place one speaker's RTP packets, and feed them to a session. No I/O, no clock.

Theory of operation: a packet in order is decoded at once. One that is ahead waits for those
before it, for as long as the network has been seen to reorder (20 to 60 ms) or until enough
newer ones have arrived; then those before it count as lost. The packet after a loss may carry
an in-band FEC copy of the last lost one; as it has arrived already, recovery adds no delay.
What stays lost is reported to the session as unknown, and no later packet waits for it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from dsp.frame import RATE_HZ
from engine.media.resample import Samples

from .codecs import TICKS_HZ, Decoder, clock_hz, make_decoder
from .ingest import SampleSink, SoundTap, TimestampMapper
from .opus import MAX_PACKET_SAMPLES
from .packet import COMFORT_NOISE, ReceptionStats, RtpPacket, counter_distance, parse_packet
from .reorder_wait import MIN_WAIT_S, ReorderWait

MAX_NEWER = 3
"""The wait ends early with this many packets beyond those that fill it: after a stall they come at once."""

MAX_AHEAD = 3000
"""A sequence number further ahead begins another stream (RFC 3550, A.1)."""

MAX_BEHIND = 100
"""A sequence number further behind begins another stream, likewise."""

MAX_GIVEN_UP = 64
"""Lost packets remembered, to tell late packets from duplicates."""

MAX_DTX_GAP_S = 0.5
"""Longest gap in the time stamps alone that counts as silence left out by the sender (DTX). Opus sends
a packet every 0.4 s at least (``MAX_CONSECUTIVE_DTX`` in libopus); a longer gap is the sender's pause."""

MAX_REPORTED = 4
"""Streams of a connection in receiver reports: the latest ones."""


class Codec(Protocol):
    """Codec of a payload type; aiortc's ``RTCRtpCodecParameters`` is one."""

    @property
    def name(self) -> str:
        """Name in SDP, such as ``opus``."""


class _KnownCodec(NamedTuple):
    """A payload type that can be decoded."""

    name: str
    clock_hz: int


class _WaitingPacket(NamedTuple):
    packet: RtpPacket
    arrived_s: float


class RtpStream:
    """Feed one speaker's packets into one channel of a session.

    Parameters
    ----------
    session, channel : receive the samples.
    payload_types : codecs by payload type; those that cannot be decoded here are ignored.
    clock : seconds, for :attr:`decode_s` only.
    """

    def __init__(
        self,
        session: SampleSink,
        channel: int = 0,
        payload_types: Mapping[int, Codec] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._session = session
        self._channel = channel
        self._clock = clock
        self._mapper = TimestampMapper()

        self.received = 0
        """Packets of the speaker's stream, without duplicates."""
        self.lost = 0
        """Packets that never came, came too late or were damaged."""
        self.recovered = 0
        """Lost packets whose audio was recovered from the FEC copy in the next packet."""
        self.late = 0
        """Packets that came after they were given up, or whose time stamp is past or too far ahead."""
        self.duplicates = 0
        self.damaged = 0
        """Packets that are not RTP, or whose payload cannot be decoded."""
        self.ignored = 0
        """Packets of other streams, and of payload types that are not decoded here."""
        self.waited = 0
        """Packets that waited for earlier ones; :attr:`waited_s` is the sum of their waits."""
        self.waited_s = 0.0
        self.decode_s = 0.0
        """Total time spent decoding, without FEC and concealment."""
        self.due_s: float | None = None
        """When :meth:`expire` must be called at the latest; None when nothing waits."""
        self.oldest_s: float | None = None
        """Arrival time of the oldest packet that the last call decoded; None when it decoded none."""
        self.receptions: dict[int, ReceptionStats] = {}
        """Statistics of each stream of this connection, by SSRC; the current one is last."""
        self.tap: SoundTap | None = None
        """Gets each packet that is heard, too, in order and as it came."""

        self._reorder_wait = ReorderWait()
        self._packet_s = MIN_WAIT_S
        self._waiting: dict[int, _WaitingPacket] = {}
        """Packets that wait for earlier ones, by extended sequence number."""
        self._decoder: Decoder | None = None
        self.restart(payload_types or {})

    @property
    def reception(self) -> ReceptionStats | None:
        """Statistics of the current stream; None before its first packet."""
        return self.receptions.get(self._ssrc)

    @property
    def waiting(self) -> int:
        """Number of packets that wait for earlier ones."""
        return len(self._waiting)

    def restart(self, payload_types: Mapping[int, Codec] | None = None) -> None:
        """Begin another connection, with its own time stamps, streams and, where given, payload types."""
        self.flush()
        if payload_types is not None:
            self._known = {
                kind: _KnownCodec(codec.name, rate_hz)
                for kind, codec in payload_types.items()
                if (rate_hz := clock_hz(codec.name)) is not None
            }
        self.oldest_s = None
        self.receptions.clear()
        self._candidate: _WaitingPacket | None = None
        self._ssrc = -1
        self._next = 0
        """Extended sequence number after the last packet decoded or given up."""
        self._reset_stream()

    def flush(self) -> None:
        """Decode all waiting packets and flush the decoder, without waiting for missing packets."""
        self._play_due(math.inf)
        if self._decoder is not None:
            self._hear_samples(self._decoder.flush())

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Take a decrypted RTP packet, and decode all that is in order with it.

        Parameters
        ----------
        data : the packet; malformed data is counted as damaged and dropped.
        arrived_s : monotonic time of arrival.
        """
        self.oldest_s = None
        packet = parse_packet(data)
        if packet is None:
            self.damaged += 1
            return
        self._take_packet(packet, arrived_s)

    def expire(self, now_s: float) -> None:
        """Give up missing packets whose wait is over."""
        self.oldest_s = None
        self._play_due(now_s)

    def idle(self, now_s: float) -> None:
        """Advance stream time up to ``now_s`` while nothing arrives: the time counts as lost."""
        self.oldest_s = None
        self._play_due(math.inf)
        ticks = self._mapper.idle(now_s)
        if ticks:
            if self._decoder is not None:
                self._hear_samples(self._decoder.flush())
            self._lose_samples(round(ticks * RATE_HZ / TICKS_HZ))

    @property
    def sends_comfort_noise(self) -> bool:
        """Whether the last packet was comfort noise: the sender announced silence."""
        return self._silent_before

    # --- the order of packets -------------------------------------------------------

    def _take_packet(self, packet: RtpPacket, arrived_s: float) -> None:
        step = counter_distance(packet.sequence, self._next, 16)
        if packet.ssrc != self._ssrc or not -MAX_BEHIND <= step <= MAX_AHEAD:
            self._take_foreign_packet(packet, arrived_s)
            return
        self._candidate = None
        sequence = self._next + step
        late = step < 0 and sequence in self._given_up
        if sequence in self._waiting or (step < 0 and not late and sequence >= self._first):
            self.duplicates += 1
            return
        self.received += 1
        self.receptions[self._ssrc].add(sequence, packet.stamp, arrived_s)
        if step < 0:
            self.late += 1
            if late:
                self._reorder_wait.observe(arrived_s - self._given_up.pop(sequence), arrived_s)
            return
        if step == 0:
            if self._waiting:
                self._reorder_wait.observe(arrived_s - self._opened_s(), arrived_s)
            self._next += 1
            self._play(packet, arrived_s)
            if not self._waiting:
                return
        else:
            self._waiting[sequence] = _WaitingPacket(packet, arrived_s)
        self._play_due(arrived_s)

    def _take_foreign_packet(self, packet: RtpPacket, arrived_s: float) -> None:
        """Take a packet that doesn't belong to the current stream.

        Two such packets in sequence, with none of the current stream between them, begin
        another stream; single stray packets don't interrupt a speaker.
        """
        if packet.payload_type not in self._known:
            self.ignored += 1
            return
        before, self._candidate = self._candidate, None
        if self._ssrc < 0:
            self._begin(packet)
        elif (
            before is not None
            and before.packet.ssrc == packet.ssrc
            and counter_distance(packet.sequence, before.packet.sequence, 16) == 1
        ):
            self.ignored -= 1
            self._play_due(math.inf)
            self._begin(before.packet)
            self._take_packet(before.packet, before.arrived_s)
        else:
            self.ignored += 1
            self._candidate = _WaitingPacket(packet, arrived_s)
            return
        self._take_packet(packet, arrived_s)

    def _begin(self, packet: RtpPacket) -> None:
        """Begin a stream with its first packet."""
        if self._decoder is not None:
            self._hear_samples(self._decoder.flush())
        self._reset_stream()
        self._ssrc = packet.ssrc
        self._next = self._first = packet.sequence
        self._stamp = packet.stamp
        self.receptions.pop(packet.ssrc, None)
        self.receptions[packet.ssrc] = ReceptionStats(self._known[packet.payload_type].clock_hz)
        while len(self.receptions) > MAX_REPORTED:
            del self.receptions[next(iter(self.receptions))]

    def _reset_stream(self) -> None:
        """Reset the state of the current stream."""
        self._mapper.restart()
        self._first = 0
        self._stamp = 0
        self._kind = -1
        self._decoder = None
        self._given_up: dict[int, float] = {}
        self._lost_before = 0
        self._unknown_before = self._silent_before = False

    def _play_due(self, now_s: float) -> None:
        """Decode what is in order now, and give up missing packets whose wait is over."""
        waiting = self._waiting
        while waiting:
            item = waiting.pop(self._next, None)
            if item is not None:
                self._next += 1
                self.waited += 1
                self.waited_s += max(0.0, now_s - item.arrived_s) if now_s < math.inf else 0.0
                self._play(item.packet, item.arrived_s)
                continue
            opened_s = self._opened_s()
            wait_s = self._reorder_wait.at(opened_s)
            self.due_s = opened_s + wait_s
            if now_s < self.due_s and len(waiting) < MAX_NEWER + wait_s / self._packet_s:
                return
            self._give_up(min(waiting), opened_s)
        self.due_s = None

    def _give_up(self, sequence: int, opened_s: float) -> None:
        """Continue with this packet, and count those before it as lost."""
        count = sequence - self._next
        self.lost += count
        self._lost_before += count
        for gone in range(max(self._next, sequence - MAX_GIVEN_UP), sequence):
            self._given_up[gone] = opened_s
        while len(self._given_up) > MAX_GIVEN_UP:
            del self._given_up[next(iter(self._given_up))]
        self._next = sequence

    def _opened_s(self) -> float:
        """Return since when a packet has been missing."""
        return min(item.arrived_s for item in self._waiting.values())

    # --- packets to samples ------------------------------------------------------------

    def _play(self, packet: RtpPacket, arrived_s: float) -> None:
        """Decode the next packet, after filling the time before it."""
        kind, payload = packet.payload_type, packet.payload
        known = self._known.get(kind)
        if known is None or not payload:
            self.ignored += 1
            self._silent_before = kind == COMFORT_NOISE
            self._unknown_before |= not self._silent_before
            return
        if kind != self._kind:
            if self._decoder is not None:
                self._hear_samples(self._decoder.flush())
            self._kind, self._decoder = kind, make_decoder(known.name)
        codec = self._decoder
        assert codec is not None
        self._stamp += counter_distance(packet.stamp, self._stamp, 32)
        start = self._stamp * (TICKS_HZ // known.clock_hz)
        ticks = codec.ticks(payload)
        if not ticks:
            self._count_damaged()
            return
        self._packet_s = ticks / TICKS_HZ
        missing = self._mapper.missing(start, ticks, arrived_s)
        if missing < 0:
            self.late += 1
            return
        if missing:
            self._fill_gap(codec, missing, payload, claimed=missing == start - (self._mapper.next or 0))
        self._lost_before = 0
        self._unknown_before = self._silent_before = False
        began_s = self._clock()
        samples = codec.decode(payload)
        self.decode_s += self._clock() - began_s
        self._mapper.advance(start, ticks if samples is not None else 0, arrived_s)
        if samples is None:
            self._count_damaged()
            return
        if self.oldest_s is None or arrived_s < self.oldest_s:
            self.oldest_s = arrived_s
        self._hear_samples(samples)
        if self.tap is not None:
            self.tap.push(known.name.lower(), payload, self._session.position(self._channel))

    def _count_damaged(self) -> None:
        """Count a packet that arrived but cannot be decoded as lost."""
        self.damaged += 1
        self.lost += 1
        self._lost_before += 1

    def _fill_gap(self, codec: Decoder, missing: int, payload: bytes, *, claimed: bool) -> None:
        """Fill the ``missing`` ticks before a packet: with silence, with FEC, or as lost.

        ``claimed`` is whether the time stamps give that length.
        """
        self._hear_samples(codec.flush())
        samples = round(missing * RATE_HZ / TICKS_HZ)
        sent = not self._lost_before and not self._unknown_before and claimed
        if sent and (self._silent_before or missing <= MAX_DTX_GAP_S * TICKS_HZ):
            while samples > 0:
                silence = codec.conceal(min(samples, MAX_PACKET_SAMPLES))
                if not silence.size:
                    break
                self._hear_samples(silence)
                samples -= silence.size
            self._lose_samples(samples)
            return
        copied = codec.fec_samples(payload) if self._lost_before else 0
        if not 0 < copied <= samples:
            copied = 0
        self._lose_samples(samples - copied)
        codec.conceal(
            min(samples - copied, MAX_PACKET_SAMPLES)
        )  # discarded: brings the decoder's state up to date
        if copied:
            copy = codec.decode_fec(payload)
            self._hear_samples(copy)
            self._lose_samples(copied - copy.size)
            self.recovered += copy.size == copied

    def _hear_samples(self, samples: Samples) -> None:
        if samples.size:
            self._session.hear(self._channel, samples)

    def _lose_samples(self, samples: int) -> None:
        if samples > 0:
            position = self._session.position(self._channel)
            self._session.missing(self._channel, position, position + samples)
