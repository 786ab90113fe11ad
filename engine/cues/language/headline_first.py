"""Headline first: an answer that has gone on for a while without any impact heard."""

from __future__ import annotations

from engine.cues.base import Aim, Ask
from engine.language.impact import has_impact
from engine.profile import Profile

from .words_cue import WordsCue

LEAST_WORDS = 30
"""Fewer words in the time, and too little was recognised to miss anything in them. Not measured."""


class HeadlineFirstCue(WordsCue):
    """No figure, phrase of result or headline in the first ``after_s`` of an answer.

    It asks once an answer, as soon as the words of all that time are known and while the speaker goes on;
    never when some of them were missed.
    """

    name = "headline_first"
    label = "Headline"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._told: float | None = None
        """Begin of the answer that was told already."""

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.headline_first.after_s, "s")

    def ask(self) -> Ask | None:
        begin_s = self._answer.begin_s
        after_s = self.profile.headline_first.after_s
        if begin_s is None or begin_s == self._told or not self.talking:
            return None
        if not after_s <= self._said.known_s - begin_s <= 2.0 * after_s:
            return None
        if self.words_came():
            self._ask = self._judge(begin_s, after_s)
        return self._ask

    def _judge(self, begin_s: float, after_s: float) -> Ask | None:
        words = self._said.since(begin_s)
        if len(words) < LEAST_WORDS or self._said.missed(begin_s) or has_impact(words):
            return None
        gone_s = self._said.known_s - begin_s
        return Ask(
            text="Headline first",
            why=f"In {gone_s:.0f} seconds no result and no figure was heard. "
            "Say now, in one sentence, what came of it.",
            evidence=self._said.evidence(gone_s, "s", after_s, begin_s, words),
            weight=gone_s / after_s,
            until_s=begin_s + 2.0 * after_s,
        )

    def given(self) -> None:
        self._told = self._answer.begin_s

    def corrected(self) -> bool:
        """Whether the impact has come since."""
        return self._told is not None and has_impact(self._said.since(self._told))
