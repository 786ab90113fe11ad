"""What an interviewer hears of the speaker: when they speak, how they ended, and their words."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.frame import HOP_S, Frame
from engine.drills.history import LOST_S, Record
from engine.language.open_end import is_open, is_thinking
from engine.language.said import Said
from engine.protocol import events as ev
from engine.protocol.words import Word

from .turn_end import LastWords, Melody

FALL_SURE = 0.5
"""Confidence of a fall from which it counts."""

UNHEARD_S = 0.6
"""Words are known up to the end of speech once they are known up to this much before it."""


class Hearing:
    """Hears one speaker.

    Parameters
    ----------
    start_s : stream time of the first frame to come.
    talking_since_s : since when they talk already, if they do.

    Attributes
    ----------
    record : when they spoke.
    melody : how their last phrase ended.
    back_s : since when they are there, after a mute or a loss.
    """

    def __init__(self, start_s: float, talking_since_s: float | None) -> None:
        self.record = Record(start_s, talking_since_s)
        self.melody: Melody = "unsure"
        self.back_s = start_s
        self._away_s = 0.0
        self._said = Said()
        self._last_words: LastWords = "unknown"
        self._judged: tuple[int, float, float] | None = None
        """Count of words' events, begin and end of speech that the last words were judged at."""

    def observe(self, event: ev.AnyEvent) -> None:
        """Take an event of theirs."""
        if isinstance(event, ev.PhraseEnded):
            fell = event.contour == "fall" and event.confidence >= FALL_SURE
            self.melody = "fell" if fell else "unsure"
        else:
            self._said.observe(event)

    def add_frame(self, frame: Frame, now_s: float) -> None:
        """Add the next hop's frame; ``now_s`` is its end."""
        self.record.add_frame(frame, now_s)
        if not frame.known:
            self._away_s += HOP_S
            return
        if self._away_s > LOST_S:
            self.back_s = now_s
        self._away_s = 0.0

    @property
    def silence_s(self) -> float:
        """How long they have been there and silent: a mute or a long loss is no silence."""
        return min(self.record.silent_s, self.record.now_s - self.back_s)

    @property
    def end_s(self) -> float:
        """End of what they said last."""
        return self.record.now_s - self.record.silent_s

    def last_words(self, since_s: float) -> LastWords:
        """Return what their last words tell; judged once for each time that words come.

        Parameters
        ----------
        since_s : when their turn began.
        """
        at = self._said.count, since_s, self.end_s
        if at != self._judged:
            self._judged = at
            words = self._said.since(since_s - UNHEARD_S)
            if not self._knows(self.end_s):
                self._last_words = "unknown"
            elif is_thinking(words):
                self._last_words = "thinking"
            else:
                self._last_words = "open" if is_open(words) else "complete"
        return self._last_words

    def words(self, since_s: float) -> tuple[Sequence[Word], bool]:
        """Return their words since a time, and whether these are all, up to the end of their speech."""
        words = self._said.since(since_s)
        return words, bool(words) and self._knows(self.end_s) and not self._said.missed(since_s)

    def _knows(self, end_s: float) -> bool:
        return self._said.count > 0 and self._said.known_s >= end_s - UNHEARD_S
