"""Decoded frames of a live call, placed in a session's stream time."""

from __future__ import annotations

from fractions import Fraction

from av import AudioFrame

from dsp.frame import RATE_HZ
from engine.session import Session

from .resample import Resampler, Samples

JUMP_S = 1.0
"""How far the time stamps may run ahead of the time that really passed, or step back."""


class Ingest:
    """The way of one speaker's frames into :meth:`engine.session.Session.hear`.

    Stream time follows the sender's time stamps: what lies in a gap between two frames
    never arrived and is unknown; a frame that comes too late is left out. Where the
    stamps cannot be followed (a new connection, or a jump that claims more time than
    has passed) the time between arrivals says how much is missing. So a call that lost
    its connection goes on in the same stream time, and no sender can claim hours in a
    second.
    """

    def __init__(self, session: Session, channel: int = 0) -> None:
        self._session = session
        self._channel = channel
        self._resampler = Resampler()
        self._next_s: Fraction | None = None
        """Time stamp that goes on from the last frame; None before a connection's first."""
        self._arrived_s: float | None = None

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
        start_s = frame.pts * frame.time_base
        length_s = Fraction(frame.samples, frame.sample_rate)
        if start_s != self._next_s:
            missing_s = self._missing_s(start_s, arrived_s - float(length_s))
            if missing_s < 0:
                return
            self._lose(missing_s)
        self._next_s = start_s + length_s
        self._arrived_s = arrived_s
        self._hear(self._resampler.feed(frame))

    def restart(self) -> None:
        """Begin another connection, with time stamps of its own."""
        self.flush()
        self._next_s = None

    def flush(self) -> None:
        """Hear what the resampler still holds."""
        self._hear(self._resampler.flush())

    def _missing_s(self, start_s: Fraction, began_s: float) -> float:
        """Length of what never arrived before a frame; below 0 when the frame comes too late.

        ``began_s`` is when the frame's first sample can have been spoken at the latest.
        """
        passed_s = 0.0 if self._arrived_s is None else max(0.0, began_s - self._arrived_s)
        if self._next_s is None:
            return passed_s
        claimed_s = float(start_s - self._next_s)
        return claimed_s if -JUMP_S <= claimed_s <= passed_s + JUMP_S else passed_s

    def _lose(self, missing_s: float) -> None:
        # What the filter holds belongs before the gap, and must not smear across it.
        self.flush()
        position = self._session.position(self._channel)
        self._session.missing(self._channel, position, position + round(missing_s * RATE_HZ))

    def _hear(self, samples: Samples) -> None:
        if samples.size:
            self._session.hear(self._channel, samples)
