"""What changed?: a story that ends without a result."""

from __future__ import annotations

from engine.cues.base import Aim, Ask
from engine.language.impact import has_result, tells_story
from engine.profile import Profile

from .words_cue import WordsCue

UNHEARD_S = 1.0
"""Words of an answer are all known once they are known up to this much before its end."""

USEFUL_S = 12.0
"""Longest time from an answer's end to the nudge about it. Not measured."""


class WhatChangedCue(WordsCue):
    """An answer of ``least_s`` or more that tells what the speaker did, and not what came of it.

    It asks after the answer, never while they speak: when the other side has taken the floor, or after
    ``silence_s`` without a word. Never when some of the answer's words were missed.
    """

    name = "what_changed"
    label = "Result"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel, profile.what_changed.silence_s)
        self._begun_s: float | None = None
        """Begin of the answer that was judged last."""

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, None, "")

    def ask(self) -> Ask | None:
        over, reading = self._answer.last, self._reading
        if over is None or over[0] == self._begun_s or reading is None or reading.talking:
            return None
        if self._answer.begin_s is not None or reading.at_s > over[1] + USEFUL_S:
            return None  # they speak again, or it is long ago
        begin_s, end_s = over
        if end_s - begin_s < self.profile.what_changed.least_s or self._said.known_s < end_s - UNHEARD_S:
            return None
        if self.words_came():
            self._ask = self._judge(begin_s, end_s)
        return self._ask

    def _judge(self, begin_s: float, end_s: float) -> Ask | None:
        words = [word for word in self._said.since(begin_s) if word.start_s <= end_s]
        if self._said.missed(begin_s) or not tells_story(words) or has_result(words):
            return None
        length_s = end_s - begin_s
        return Ask(
            text="What changed?",
            why=f"You told what you did for {length_s:.0f} seconds; no result was heard. "
            "Add one sentence: what changed because of it.",
            evidence=self._said.evidence(length_s, "s", self.profile.what_changed.least_s, begin_s, words),
            until_s=end_s + USEFUL_S,
        )

    def given(self) -> None:
        self._begun_s = self._answer.last[0] if self._answer.last else None

    def corrected(self) -> bool:
        """Whether they said it since."""
        last = self._answer.last
        return last is not None and has_result(list(self._said.since(last[1])))
