"""A speaker's RTP packets on their way into a session: order, loss, decoding. No I/O, no clock.

Theory of operation: a packet that is in order is heard at once. One that is ahead waits
for those before it, as long as the network has been seen to reorder (20 to 60 ms) or until
enough newer ones are there; then what is before it is lost. The packet after a loss may
carry a copy of the last lost one, and it is there already, so recovering waits for nothing.
What stays lost is unknown to the session, and nothing that follows is held back for it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from dsp.frame import RATE_HZ
from engine.media.resample import Samples

from .codecs import TICKS_HZ, Decoder, clock_hz, make_decoder
from .ingest import SampleSink, TimestampMapper
from .opus import MAX_PACKET_SAMPLES
from .packet import COMFORT_NOISE, ReceptionStats, RtpPacket, counter_distance, parse_packet
from .reorder_wait import MIN_WAIT_S, ReorderWait

MAX_NEWER = 3
"""So many packets, and those that fill the wait, end it early: after a stall they come at once."""

MAX_AHEAD = 3000
"""A sequence number further ahead is another stream's beginning (RFC 3550, A.1)."""

MAX_BEHIND = 100
"""Likewise further behind."""

MAX_GIVEN_UP = 64
"""Lost packets that are remembered, to tell those that come late from copies."""

MAX_DTX_GAP_S = 0.5
"""Longest gap in the stamps alone that is silence the sender left out: Opus' is 0.4 s
(``MAX_CONSECUTIVE_DTX`` in libopus). A longer one is a pause of the sender's, not of the speaker."""

MAX_REPORTED = 4
"""Streams of a connection that are reported, the latest."""


class Codec(Protocol):
    """What a payload type stands for; aiortc's ``RTCRtpCodecParameters`` is one."""

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
    """One speaker's packets into one channel of a session.

    Parameters
    ----------
    session, channel : where what is heard goes.
    payload_types : codecs by payload type; those that nothing here decodes are passed over.
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
        self._placement = TimestampMapper()

        self.received = 0
        """Packets of the speaker's stream, copies left out."""
        self.lost = 0
        """Packets that never came, came too late or were damaged."""
        self.recovered = 0
        """Those of them whose audio the next packet carried a copy of."""
        self.late = 0
        """Packets that came when they had been given up, with a stamp that is over, or ahead of the clock."""
        self.duplicates = 0
        self.damaged = 0
        """Packets that are no RTP, or whose payload cannot be decoded."""
        self.ignored = 0
        """Packets of other streams, and of payload types that carry no audio known here."""
        self.waited = 0
        """Packets that waited for others, and how long in all:"""
        self.waited_s = 0.0
        self.decode_s = 0.0
        """Time that decoding took, in all; recovering and concealing left out."""
        self.due_s: float | None = None
        """When :meth:`expire` must be called at the latest; None when nothing waits."""
        self.oldest_s: float | None = None
        """Arrival of the oldest packet that the last call heard; None when it heard none."""
        self.receptions: dict[int, ReceptionStats] = {}
        """What to report of each stream of this connection, by SSRC; the last is the current one."""

        self._reorder_wait = ReorderWait()
        self._packet_s = MIN_WAIT_S
        self._waiting: dict[int, _WaitingPacket] = {}
        """Packets that are ahead, by extended sequence number."""
        self._decoder: Decoder | None = None
        self.restart(payload_types or {})

    @property
    def reception(self) -> ReceptionStats | None:
        """What to report of the current stream; None before its first packet."""
        return self.receptions.get(self._ssrc)

    @property
    def waiting(self) -> int:
        """Packets that wait for those before them."""
        return len(self._waiting)

    def restart(self, payload_types: Mapping[int, Codec] | None = None) -> None:
        """Begin another connection, with stamps, streams and, where given, payload types of its own."""
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
        """Extended sequence number that goes on from the last packet heard or given up."""
        self._forget()

    def flush(self) -> None:
        """Hear what waits, and what a decoder holds; nothing more is waited for."""
        self._settle(math.inf)
        if self._decoder is not None:
            self._hear(self._decoder.flush())

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Take an RTP packet, decrypted; all that is certain with it is heard at once.

        Parameters
        ----------
        data : the packet, anything at all: what is none is counted and left out.
        arrived_s : monotonic time at which it came in.
        """
        self.oldest_s = None
        packet = parse_packet(data)
        if packet is None:
            self.damaged += 1
            return
        self._take(packet, arrived_s)

    def expire(self, now_s: float) -> None:
        """Give up what has been waited for long enough."""
        self.oldest_s = None
        self._settle(now_s)

    def idle(self, now_s: float) -> None:
        """Let time go on up to then, though nothing has come for long: of what the sender didn't send."""
        self.oldest_s = None
        self._settle(math.inf)
        ticks = self._placement.idle(now_s)
        if ticks:
            if self._decoder is not None:
                self._hear(self._decoder.flush())
            self._lose(round(ticks * RATE_HZ / TICKS_HZ))

    @property
    def comforts(self) -> bool:
        """Whether the sender has said, by comfort noise, that nothing is to be heard for now."""
        return self._silent_before

    # --- the order of packets -------------------------------------------------------

    def _take(self, packet: RtpPacket, arrived_s: float) -> None:
        step = counter_distance(packet.sequence, self._next, 16)
        if packet.ssrc != self._ssrc or not -MAX_BEHIND <= step <= MAX_AHEAD:
            self._other(packet, arrived_s)
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
        self._settle(arrived_s)

    def _other(self, packet: RtpPacket, arrived_s: float) -> None:
        """Take a packet that doesn't belong to the current stream.

        It begins another one when the next of that follows with none of the current one
        between them, so that strays don't interrupt a speaker.
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
            self._settle(math.inf)
            self._begin(before.packet)
            self._take(before.packet, before.arrived_s)
        else:
            self.ignored += 1
            self._candidate = _WaitingPacket(packet, arrived_s)
            return
        self._take(packet, arrived_s)

    def _begin(self, packet: RtpPacket) -> None:
        """Begin a stream with its first packet."""
        if self._decoder is not None:
            self._hear(self._decoder.flush())
        self._forget()
        self._ssrc = packet.ssrc
        self._next = self._first = packet.sequence
        self._stamp = packet.stamp
        self.receptions.pop(packet.ssrc, None)
        self.receptions[packet.ssrc] = ReceptionStats(self._known[packet.payload_type].clock_hz)
        while len(self.receptions) > MAX_REPORTED:
            del self.receptions[next(iter(self.receptions))]

    def _forget(self) -> None:
        """Forget what belongs to one stream of packets."""
        self._placement.restart()
        self._first = 0
        self._stamp = 0
        self._kind = -1
        self._decoder = None
        self._given_up: dict[int, float] = {}
        self._lost_before = 0
        self._unknown_before = self._silent_before = False

    def _settle(self, now_s: float) -> None:
        """Hear what is in order now, and give up what has been waited for long enough."""
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
        """Go on with this packet; those before it are lost."""
        count = sequence - self._next
        self.lost += count
        self._lost_before += count
        for gone in range(max(self._next, sequence - MAX_GIVEN_UP), sequence):
            self._given_up[gone] = opened_s
        while len(self._given_up) > MAX_GIVEN_UP:
            del self._given_up[next(iter(self._given_up))]
        self._next = sequence

    def _opened_s(self) -> float:
        """Since when something is waited for."""
        return min(item.arrived_s for item in self._waiting.values())

    # --- packets to samples ------------------------------------------------------------

    def _play(self, packet: RtpPacket, arrived_s: float) -> None:
        """Hear the next packet, and first what is to be heard of the time before it."""
        kind, payload = packet.payload_type, packet.payload
        known = self._known.get(kind)
        if known is None or not payload:
            self.ignored += 1
            self._silent_before = kind == COMFORT_NOISE
            self._unknown_before |= not self._silent_before
            return
        if kind != self._kind:
            if self._decoder is not None:
                self._hear(self._decoder.flush())
            self._kind, self._decoder = kind, make_decoder(known.name)
        codec = self._decoder
        assert codec is not None
        self._stamp += counter_distance(packet.stamp, self._stamp, 32)
        start = self._stamp * (TICKS_HZ // known.clock_hz)
        ticks = codec.ticks(payload)
        if not ticks:
            self._spoilt()
            return
        self._packet_s = ticks / TICKS_HZ
        missing = self._placement.missing(start, ticks, arrived_s)
        if missing < 0:
            self.late += 1
            return
        if missing:
            self._fill(codec, missing, payload, claimed=missing == start - (self._placement.next or 0))
        self._lost_before = 0
        self._unknown_before = self._silent_before = False
        began_s = self._clock()
        samples = codec.decode(payload)
        self.decode_s += self._clock() - began_s
        self._placement.took(start, ticks if samples is not None else 0, arrived_s)
        if samples is None:
            self._spoilt()
            return
        if self.oldest_s is None or arrived_s < self.oldest_s:
            self.oldest_s = arrived_s
        self._hear(samples)

    def _spoilt(self) -> None:
        """Count a packet that came but says nothing as one that didn't come."""
        self.damaged += 1
        self.lost += 1
        self._lost_before += 1

    def _fill(self, codec: Decoder, missing: int, payload: bytes, *, claimed: bool) -> None:
        """Hear or lose the time before a packet, ``missing`` ticks of which there is no packet.

        ``claimed`` says that the stamps tell that length.
        """
        self._hear(codec.flush())
        samples = round(missing * RATE_HZ / TICKS_HZ)
        sent = not self._lost_before and not self._unknown_before and claimed
        if sent and (self._silent_before or missing <= MAX_DTX_GAP_S * TICKS_HZ):
            while samples > 0:
                silence = codec.conceal(min(samples, MAX_PACKET_SAMPLES))
                if not silence.size:
                    break
                self._hear(silence)
                samples -= silence.size
            self._lose(samples)
            return
        copied = codec.copied(payload) if self._lost_before else 0
        if not 0 < copied <= samples:
            copied = 0
        self._lose(samples - copied)
        codec.conceal(min(samples - copied, MAX_PACKET_SAMPLES))  # not heard: for the decoder's state
        if copied:
            copy = codec.recover(payload)
            self._hear(copy)
            self._lose(copied - copy.size)
            self.recovered += copy.size == copied

    def _hear(self, samples: Samples) -> None:
        if samples.size:
            self._session.hear(self._channel, samples)

    def _lose(self, samples: int) -> None:
        if samples > 0:
            position = self._session.position(self._channel)
            self._session.missing(self._channel, position, position + samples)
