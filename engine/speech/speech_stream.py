"""One speaker on the server's side of the recognition process."""

from __future__ import annotations

import asyncio
from typing import Protocol

from dsp.frame import RATE_HZ
from engine.core.sample_tap import SampleTap

from .recogniser import Final, Missed, Mode, Result


class SpeechListener(Protocol):
    """Who is told of one speaker's words."""

    def recognised(self, results: list[Result], source: str) -> None:
        """Take what became known, in stream time."""

    def interrupted(self, start_s: float, end_s: float) -> None:
        """Note that the process died: of this span no words will come."""

    def recognition_failed(self, why: str) -> None:
        """Note that no more words come, and why."""


class SpeechStream:
    """One speaker, as long as their words are recognised.

    Attributes
    ----------
    mode : wanted.
    correcting : whether live words are to be heard again where there is time.
    settled : set once all words have been told, or none will be; corrections of them may still come.
    done : the same, and no correction comes any more.
    """

    def __init__(self, number: int, tap: SampleTap, mode: Mode, listener: SpeechListener) -> None:
        self.number = number
        self.tap = tap
        self.mode = mode
        self.listener = listener
        self.correcting = False
        self.settled = asyncio.Event()
        self.done = asyncio.Event()
        self.finishing = False
        self.source = ""
        self.in_flight = 0
        self.held = 0
        """Samples that the process holds for later."""
        self.sent: int | None = None
        """Stream position after what was sent; None before the first."""
        self.decided_s = 0.0
        """Stream time after the last word or miss that was told."""

    @property
    def waiting_s(self) -> float:
        """How much sound has been sent and waits to be recognised."""
        return max(self.in_flight, self.held) / RATE_HZ

    def take(self, results: list[Result], taken: int, held: int) -> None:
        """Note what the process has told and taken."""
        self.in_flight -= taken
        self.held = held
        self.decided_s = max([self.decided_s, *map(_end_s, results)])

    def note_sent(self, start: int, stop: int) -> None:
        """Note that a span was sent, or can't be any more."""
        if self.sent is None:
            self.decided_s = start / RATE_HZ
        self.sent = stop

    def note_settled(self) -> None:
        """Note that all words of what was sent have been told."""
        if self.sent is not None:
            self.decided_s = max(self.decided_s, self.sent / RATE_HZ)
        self.settled.set()

    def note_done(self) -> None:
        """Note that nothing is told any more."""
        self.settled.set()
        self.done.set()

    def interrupt(self) -> tuple[float, float] | None:
        """Note that what was sent is lost; return the span of which nothing will be told, if there is one."""
        self.in_flight = self.held = 0
        if self.sent is None:
            return None
        start_s, self.decided_s = self.decided_s, max(self.decided_s, self.sent / RATE_HZ)
        return (start_s, self.decided_s) if start_s < self.decided_s else None


def _end_s(result: Result) -> float:
    """Stream time up to which a result decides."""
    if isinstance(result, Final):
        return max((word.end_s for word in result.words), default=0.0)
    return result.end_s if isinstance(result, Missed) else 0.0
