"""What arrives of a live call, placed in a session's stream time; and decoded frames on their way there."""

from __future__ import annotations

from typing import Protocol

from av import AudioFrame

from dsp.frame import HOP, RATE_HZ
from engine.media.resample import Resampler, Samples

from .codecs import TICKS_HZ

MAX_JUMP_S = 1.0
"""How far the time stamps may run ahead of the time that really passed."""

MAX_STEP_BACK_S = 0.5
"""How far they may step back, and for how long, as blocks that come again or too late; beyond
that they are counted anew."""

MAX_LEAD_S = 10.0
"""How far stream time may run ahead of the clock, without a stall before: a sender's buffer fits in."""

MAX_LAG_S = 10.0
"""How much of a time in which nothing came is remembered: the burst after a stall may fill so much of it."""

MAX_CLOCK_RATIO = 1.03
"""Rate of a sender's clock against ours at most. Crystals are within 0.0001 and sound cards within
0.001; what senders make of them, with wrong rates and resamplers, within 0.02."""

HOP_TICKS = TICKS_HZ * HOP // RATE_HZ


class SampleSink(Protocol):
    """What is told what came: a session, or the place of one speaker on the time line of a call."""

    def position(self, channel: int = 0) -> int:
        """Sample index that a channel expects next."""

    def hear(self, channel: int, samples: Samples) -> None:
        """Take the next samples of a channel, float32 mono 16 kHz."""

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Learn that samples ``start`` to ``stop`` of a channel never arrived."""


class TimestampMapper:
    """Where in stream time what arrives belongs. Time stamps are in :data:`engine.media.rtp.codecs.TICKS_HZ`.

    Stream time follows the sender's time stamps: what lies in a gap between two blocks
    never arrived; a block that comes too late is left out. Where the stamps cannot be
    followed (a new connection, or a jump that claims more time than has passed) the time
    between arrivals says how much is missing, in whole hops. So a call that lost its
    connection goes on in the same stream time.

    The *lead* is how far stream time has run ahead of the clock since the first block. It never
    passes :data:`MAX_LEAD_S`, so no sender can claim hours in a second: a block for which there is
    no room is left out, and its time with it. The next one follows as if it had been heard, so
    whoever keeps to the clock again is heard again.
    """

    def __init__(self) -> None:
        self.next: int | None = None
        """Stamp that goes on from the last block; None before a connection's first."""
        self._arrived_s: float | None = None
        """Latest arrival of a block that stamps go on from."""
        self._lead = 0.0
        """In ticks, -:data:`MAX_LAG_S` .. :data:`MAX_LEAD_S`."""
        self._begins = 0.0
        """Lead when the block begins that was asked of last."""

    def restart(self) -> None:
        """Begin another connection, with time stamps of its own."""
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
            missing = self._gap(start, max(0.0, self._passed_s(arrived_s) - length / TICKS_HZ))
            if missing < 0:
                return missing
        self._begins = self._led(missing, arrived_s)
        if self._begins + length > MAX_LEAD_S * TICKS_HZ:
            self._go_on(start + length, self._led(0, arrived_s), arrived_s)
            return -1
        return missing

    def took(self, start: int, length: int, arrived_s: float) -> None:
        """Go on after the block that :meth:`missing` was asked of; a damaged one has a ``length`` of 0."""
        self._go_on(start + length, self._begins + length, arrived_s)

    def idle(self, now_s: float) -> int:
        """Ticks by which stream time goes on, up to a time at which nothing has come for long.

        Where it goes on then only the clock says: some senders' stamps stand still meanwhile.
        """
        ticks = round(self._passed_s(now_s) * TICKS_HZ) // HOP_TICKS * HOP_TICKS
        if self._arrived_s is not None and ticks:
            self._go_on(0, self._led(ticks, now_s), self._arrived_s + ticks / TICKS_HZ)
            self.next = None
        return ticks

    def _passed_s(self, arrived_s: float) -> float:
        before_s = self._arrived_s
        return arrived_s - before_s if before_s is not None and arrived_s > before_s else 0.0

    def _led(self, missing: int, arrived_s: float) -> float:
        """Lead when a block begins that came at that time, with so many ticks missing before it."""
        return max(
            -MAX_LAG_S * TICKS_HZ,
            self._lead - self._passed_s(arrived_s) * MAX_CLOCK_RATIO * TICKS_HZ + missing,
        )

    def _go_on(self, start: int, lead: float, arrived_s: float) -> None:
        self.next, self._lead = start, lead
        if self._arrived_s is None or arrived_s > self._arrived_s:  # one that waited came before others
            self._arrived_s = arrived_s

    def _gap(self, start: int, passed_s: float) -> int:
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
    """The way of one speaker's decoded frames into :meth:`engine.core.session.Session.hear`.

    For frames that come from aiortc's own decoder; packets go by :mod:`engine.media.rtp.stream`.
    """

    def __init__(self, session: SampleSink, channel: int = 0) -> None:
        self._session = session
        self._channel = channel
        self._resampler = Resampler()
        self._placement = TimestampMapper()

    def take(self, frame: AudioFrame, arrived_s: float) -> None:
        """Hear one frame.

        Parameters
        ----------
        frame : decoded audio with ``pts`` and ``time_base``; any rate, layout and format.
        arrived_s : monotonic time at which its packet came in.
        """
        if frame.samples == 0:
            return
        if frame.pts is None or frame.time_base is None:
            raise ValueError("a frame of a live call needs a time stamp")
        start = round(frame.pts * frame.time_base * TICKS_HZ)
        length = round(frame.samples * TICKS_HZ / frame.sample_rate)
        missing = self._placement.missing(start, length, arrived_s)
        if missing < 0:
            return
        if missing:
            self._lose(missing)
        self._placement.took(start, length, arrived_s)
        self._hear(self._resampler.feed(frame))

    def idle(self, now_s: float) -> None:
        """Let time go on up to then; nothing has come for long."""
        ticks = self._placement.idle(now_s)
        if ticks:
            self._lose(ticks)

    def restart(self) -> None:
        """Begin another connection, with time stamps of its own."""
        self.flush()
        self._placement.restart()

    def flush(self) -> None:
        """Hear what the resampler still holds."""
        self._hear(self._resampler.flush())

    def _lose(self, ticks: int) -> None:
        # What the filter holds belongs before the gap, and must not smear across it.
        self.flush()
        position = self._session.position(self._channel)
        self._session.missing(self._channel, position, position + round(ticks * RATE_HZ / TICKS_HZ))

    def _hear(self, samples: Samples) -> None:
        if samples.size:
            self._session.hear(self._channel, samples)
