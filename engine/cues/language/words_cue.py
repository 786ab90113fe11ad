"""What the cues about the words of an answer share: the words, the answer, and when to judge."""

from __future__ import annotations

from engine.cues.base import Ask, Cue
from engine.language.said import Said
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading

from .answer import Answer

BETWEEN_ANSWERS_S = 8.0
"""Silence after which talk is another answer, where nobody takes the floor. Not measured."""


class WordsCue(Cue):
    """Base of cues about the words of an answer; it judges once for each time that words come.

    Parameters
    ----------
    over_s : silence that ends an answer; see :class:`.answer.Answer`.
    """

    needs_words = True

    def __init__(self, profile: Profile, channel: int, over_s: float = BETWEEN_ANSWERS_S) -> None:
        super().__init__(profile, channel)
        self._said = Said(channel)
        self._answer = Answer(channel, over_s)
        self._reading: Reading | None = None
        self._ask: Ask | None = None
        self._judged = -1
        """Count of the words' events at the last judgement."""

    def observe(self, event: AnyEvent) -> None:
        """Take an event of either side."""
        self._said.observe(event)
        self._answer.observe(event)
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event

    def words_came(self) -> bool:
        """Return whether words came since this was called last."""
        came, self._judged = self._said.count != self._judged, self._said.count
        return came

    @property
    def talking(self) -> bool:
        """Whether the speaker talks."""
        return self._reading is not None and self._reading.talking
