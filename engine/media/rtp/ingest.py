"""Map time stamps of a live call to a session's stream time, and feed decoded frames to the session."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from av import AudioFrame

from dsp.frame import HOP, RATE_HZ
from engine.media.resample import Resampler, Samples

from .codecs import TICKS_HZ

MAX_JUMP_S = 1.0
"""How far the time stamps may run ahead of the time that passed."""

MAX_STEP_BACK_S = 0.5
"""How far time stamps may step back, and for how long, as blocks that are repeated or late; beyond
that the sender has restarted them."""

MAX_LEAD_S = 10.0
"""How far stream time may run ahead of the clock without a stall before; enough for a sender's buffer."""

MAX_LAG_S = 10.0
"""How much of a stall is remembered: the burst after it may fill this much."""

MAX_CLOCK_RATIO = 1.03
"""Highest rate of a sender's clock against ours. Crystals are within 0.0001 and sound cards within
0.001; senders with wrong rates and resamplers within 0.02."""

HOP_TICKS = TICKS_HZ * HOP // RATE_HZ


class SampleSink(Protocol):
    """Receiver of placed samples: a session, or one side of a call's shared time line."""

    def position(self, channel: int = 0) -> int:
        """Return the sample index that a channel expects next."""

    def hear(self, channel: int, samples: Samples) -> None:
        """Take the next samples of a channel, float32 mono 16 kHz."""

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Note that samples ``start`` to ``stop`` of a channel never arrived."""


class SoundTap(Protocol):
    """Receiver of one speaker's sound as it came, for who may keep it."""

    def push(self, codec: str, payload: bytes, end: int) -> None:
        """Take the next packet.

        Parameters
        ----------
        codec : its name in SDP, in lower case; ``pcm``: the payload is int16 at 16 kHz.
        end : sample index that follows it in the session.
        """


class TimestampMapper:
    """Map time stamps, in :data:`engine.media.rtp.codecs.TICKS_HZ`, to stream time.

    Stream time follows the sender's time stamps: a gap between two blocks is missing audio; a
    block that comes too late is dropped. Where the stamps cannot be followed (a new connection,
    or a jump that claims more time than has passed) the time between arrivals gives the gap, in
    whole hops. So a call that lost its connection continues in the same stream time.

    The *lead* is how far stream time has run ahead of the clock since the first block. It never
    exceeds :data:`MAX_LEAD_S`, so no sender can claim hours in a second: a block beyond it is
    dropped, and its time with it. The next block follows as if it had been heard, so a sender
    that keeps to the clock again is heard again.
    """

    def __init__(self) -> None:
        self.next: int | None = None
        """Time stamp expected next; None before a connection's first block."""
        self._arrived_s: float | None = None
        """Latest arrival of a block that was placed."""
        self._lead = 0.0
        """In ticks, -:data:`MAX_LAG_S` .. :data:`MAX_LEAD_S`."""
        self._begins = 0.0
        """Lead at the beginning of the block asked about last."""

    def restart(self) -> None:
        """Begin another connection, with its own time stamps."""
        self.next = None

    def missing(self, start: int, length: int, arrived_s: float) -> int:
        """Ticks that never arrived before a block; below 0 when the block is to be left out.

        Parameters
        ----------
        start, length : the block's, in ticks.
        arrived_s : monotonic time at which it came in.
        """
        missing = 0
        if start != self.next:
            missing = self._gap_before(start, max(0.0, self._passed_s(arrived_s) - length / TICKS_HZ))
            if missing < 0:
                return missing
        self._begins = self._lead_at(missing, arrived_s)
        if self._begins + length > MAX_LEAD_S * TICKS_HZ:
            self._set_position(start + length, self._lead_at(0, arrived_s), arrived_s)
            return -1
        return missing

    def advance(self, start: int, length: int, arrived_s: float) -> None:
        """Advance past the block that :meth:`missing` was asked about; ``length`` is 0 for a damaged one."""
        self._set_position(start + length, self._begins + length, arrived_s)

    def idle(self, now_s: float) -> int:
        """Return the ticks by which stream time advances up to ``now_s`` while nothing arrives.

        The next block is placed by the clock alone: some senders' time stamps stand still meanwhile.
        """
        ticks = round(self._passed_s(now_s) * TICKS_HZ) // HOP_TICKS * HOP_TICKS
        if self._arrived_s is not None and ticks:
            self._set_position(0, self._lead_at(ticks, now_s), self._arrived_s + ticks / TICKS_HZ)
            self.next = None
        return ticks

    def _passed_s(self, arrived_s: float) -> float:
        before_s = self._arrived_s
        return arrived_s - before_s if before_s is not None and arrived_s > before_s else 0.0

    def _lead_at(self, missing: int, arrived_s: float) -> float:
        """Return the lead at the beginning of a block that arrived then, with ``missing`` ticks before it."""
        return max(
            -MAX_LAG_S * TICKS_HZ,
            self._lead - self._passed_s(arrived_s) * MAX_CLOCK_RATIO * TICKS_HZ + missing,
        )

    def _set_position(self, start: int, lead: float, arrived_s: float) -> None:
        self.next, self._lead = start, lead
        if (
            self._arrived_s is None or arrived_s > self._arrived_s
        ):  # a packet that waited arrived before others
            self._arrived_s = arrived_s

    def _gap_before(self, start: int, passed_s: float) -> int:
        passed = round(passed_s * TICKS_HZ / HOP_TICKS) * HOP_TICKS
        if self.next is None:
            return passed
        claimed = start - self.next
        if claimed < 0:
            return (
                claimed if claimed >= -MAX_STEP_BACK_S * TICKS_HZ and passed_s < MAX_STEP_BACK_S else passed
            )
        return claimed if claimed <= (passed_s * MAX_CLOCK_RATIO + MAX_JUMP_S) * TICKS_HZ else passed


class FrameIngest:
    """Feed one speaker's decoded frames into a session.

    For frames from aiortc's own decoder; packets go through :mod:`engine.media.rtp.stream`.
    """

    def __init__(self, session: SampleSink, channel: int = 0) -> None:
        self.tap: SoundTap | None = None
        """Gets what is heard, too."""
        self._session = session
        self._channel = channel
        self._resampler = Resampler()
        self._mapper = TimestampMapper()

    def hear_frame(self, frame: AudioFrame, arrived_s: float) -> None:
        """Resample one frame and feed it to the session.

        Parameters
        ----------
        frame : decoded audio with ``pts`` and ``time_base``; any rate, layout and format.
        arrived_s : monotonic arrival time of its packet.
        """
        if frame.samples == 0:
            return
        if frame.pts is None or frame.time_base is None:
            raise ValueError("a frame of a live call needs a time stamp")
        start = round(frame.pts * frame.time_base * TICKS_HZ)
        length = round(frame.samples * TICKS_HZ / frame.sample_rate)
        missing = self._mapper.missing(start, length, arrived_s)
        if missing < 0:
            return
        if missing:
            self._lose_ticks(missing)
        self._mapper.advance(start, length, arrived_s)
        self._hear_samples(self._resampler.feed(frame))

    def idle(self, now_s: float) -> None:
        """Advance stream time up to ``now_s`` while nothing arrives."""
        ticks = self._mapper.idle(now_s)
        if ticks:
            self._lose_ticks(ticks)

    def restart(self) -> None:
        """Begin another connection, with its own time stamps."""
        self.flush()
        self._mapper.restart()

    def flush(self) -> None:
        """Feed what the resampler still holds."""
        self._hear_samples(self._resampler.flush())

    def _lose_ticks(self, ticks: int) -> None:
        # What the filter holds belongs before the gap.
        self.flush()
        position = self._session.position(self._channel)
        self._session.missing(self._channel, position, position + round(ticks * RATE_HZ / TICKS_HZ))

    def _hear_samples(self, samples: Samples) -> None:
        if samples.size:
            self._session.hear(self._channel, samples)
            if self.tap is not None:
                whole = np.clip(samples * 32768, -32768, 32767).astype(np.int16)
                self.tap.push("pcm", whole.tobytes(), self._session.position(self._channel))
