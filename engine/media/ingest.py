"""What arrives of a live call, placed in a session's stream time; and decoded frames on their way there."""

from __future__ import annotations

from typing import Protocol

from av import AudioFrame

from dsp.frame import HOP, RATE_HZ

from .codecs import TICKS_HZ
from .resample import Resampler, Samples

JUMP_S = 1.0
"""How far the time stamps may run ahead of the time that really passed, or step back."""

AHEAD_S = 10.0
"""How far all stamps of a call together may run ahead of the clock: a stall's burst fits in."""

FASTEST = 1.002
"""Rate of a sender's clock against ours at most; crystals are within 0.0001, sound cards within 0.001."""

HOP_TICKS = TICKS_HZ * HOP // RATE_HZ


class Hearing(Protocol):
    """What is told what came: a session, or the place of one speaker on the time line of a call."""

    def position(self, channel: int = 0) -> int:
        """Sample index that a channel expects next."""

    def hear(self, channel: int, samples: Samples) -> None:
        """Take the next samples of a channel, float32 mono 16 kHz."""

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Learn that samples ``start`` to ``stop`` of a channel never arrived."""


class Placement:
    """Where in stream time what arrives belongs. Time stamps are in :data:`engine.media.codecs.TICKS_HZ`.

    Stream time follows the sender's time stamps: what lies in a gap between two blocks
    never arrived; a block that comes too late is left out. Where the stamps cannot be
    followed (a new connection, or a jump that claims more time than has passed) the time
    between arrivals says how much is missing, in whole hops. So a call that lost its
    connection goes on in the same stream time, and no sender can claim hours in a second:
    what comes faster than the clock for longer than a burst is left out.
    """

    def __init__(self) -> None:
        self.next: int | None = None
        """Stamp that goes on from the last block; None before a connection's first."""
        self._arrived_s: float | None = None
        self._ahead_ticks = 0.0

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
        passed_s = 0.0 if self._arrived_s is None else max(0.0, arrived_s - self._arrived_s)
        missing = 0
        if start != self.next:
            missing = self._gap(start, max(0.0, passed_s - length / TICKS_HZ))
        ahead = self._ahead_ticks - passed_s * FASTEST * TICKS_HZ + length + missing
        return missing if ahead <= AHEAD_S * TICKS_HZ else -1

    def _gap(self, start: int, passed_s: float) -> int:
        passed = round(passed_s * TICKS_HZ / HOP_TICKS) * HOP_TICKS
        if self.next is None:
            return passed
        claimed = start - self.next
        return claimed if -JUMP_S <= claimed / TICKS_HZ <= passed_s + JUMP_S else passed

    def took(self, start: int, length: int, missing: int, arrived_s: float) -> None:
        """Go on after a block that was heard, with what :meth:`missing` said of it."""
        passed_s = 0.0 if self._arrived_s is None else max(0.0, arrived_s - self._arrived_s)
        ahead = max(0.0, self._ahead_ticks - passed_s * FASTEST * TICKS_HZ)
        self._ahead_ticks = ahead + length + missing
        self.next = start + length
        self._arrived_s = arrived_s


class Ingest:
    """The way of one speaker's decoded frames into :meth:`engine.session.Session.hear`.

    For frames that come from aiortc's own decoder; packets go by :mod:`engine.media.stream`.
    """

    def __init__(self, session: Hearing, channel: int = 0) -> None:
        self._session = session
        self._channel = channel
        self._resampler = Resampler()
        self._placement = Placement()

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
        self._placement.took(start, length, missing, arrived_s)
        self._hear(self._resampler.feed(frame))

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
