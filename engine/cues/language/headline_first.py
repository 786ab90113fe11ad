"""Headline first: an answer that has gone on for a while without any impact heard."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Cue
from engine.language.impact import has_impact
from engine.language.said import Said
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading

from .answer import Answer

LEAST_WORDS = 30
"""Fewer words in the time, and too little was recognised to miss anything in them. Not measured."""

BETWEEN_ANSWERS_S = 8.0
"""Silence after which talk is another answer, where nobody takes the floor. Not measured."""


class HeadlineFirstCue(Cue):
    """No figure, phrase of result or headline in the first ``after_s`` of an answer.

    It asks once an answer, as soon as the words of all that time are known and while the speaker goes on;
    never when some of them were missed.
    """

    name = "headline_first"
    label = "Headline"
    needs_words = True

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._said = Said(channel)
        self._answer = Answer(channel, BETWEEN_ANSWERS_S)
        self._reading: Reading | None = None
        self._judged = -1
        """Count of the words' events at the last judgement."""
        self._ask: Ask | None = None
        self._told: float | None = None
        """Begin of the answer that was told already."""

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.headline_first.after_s, "s")

    def observe(self, event: AnyEvent) -> None:
        self._said.observe(event)
        self._answer.observe(event)
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event

    def ask(self) -> Ask | None:
        begin_s, reading = self._answer.begin_s, self._reading
        after_s = self.profile.headline_first.after_s
        if begin_s is None or begin_s == self._told or reading is None or not reading.talking:
            return None
        if not after_s <= self._said.known_s - begin_s <= 2.0 * after_s:
            return None
        if self._said.count != self._judged:
            self._judged, self._ask = self._said.count, self._judge(begin_s, after_s)
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
