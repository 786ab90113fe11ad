"""Land it: phrases that end on a rise sound unsure."""

from __future__ import annotations

from collections import deque

from engine.cues.base import Aim, Ask, Cue
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Evidence, PhraseEnded

LAST_PHRASES = 4
FRESH_S = 3.0
"""Longest time from a phrase's end to the nudge about it. Not measured."""


class EndingCue(Cue):
    """``in_a_row`` of the last four phrases rose by ``rise_st`` or more, the latest among them."""

    name = "ending"
    label = "Endings"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._phrases: deque[tuple[PhraseEnded, bool]] = deque(maxlen=LAST_PHRASES)
        self._rise_st = profile.ending.rise_st * (1 + profile.nudges.hysteresis)
        self._now_s = 0.0

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.ending.rise_st, "semitones")

    def observe(self, event: AnyEvent) -> None:
        self._now_s = event.at_s
        if not isinstance(event, PhraseEnded) or event.channel != self.channel:
            return
        if event.change_st is not None and event.confidence >= self.profile.nudges.least_confidence:
            rises = event.contour == "rise" and event.change_st >= self._rise_st
            self._phrases.append((event, rises))

    def ask(self) -> Ask | None:
        if not self._phrases or not self._phrases[-1][1]:
            return None
        last = self._phrases[-1][0]
        count = sum(rises for _, rises in self._phrases)
        wanted = self.profile.ending.in_a_row
        if count < wanted or self._now_s - last.at_s > FRESH_S or last.change_st is None:
            return None
        rose = (
            "your last phrase rose"
            if count == 1
            else f"{count} of your last {len(self._phrases)} phrases rose"
        )
        latest = "" if count == 1 else "the last one "
        return Ask(
            text="Land it",
            why=f"End lower: {rose} at the end, {latest}by {last.change_st:.1f} semitones. "
            "A falling end sounds certain.",
            evidence=Evidence(
                measure="phrase_ended",
                value=last.change_st,
                unit="semitones",
                threshold=self.profile.ending.rise_st,
                window_s=(self._phrases[0][0].start_s, last.end_s),
                confidence=last.confidence,
                seq=last.seq,
            ),
            weight=2.0 + 0.5 * count,
        )

    def given(self) -> None:
        """Only rises after this one count towards the next nudge."""
        self._phrases.clear()

    def corrected(self) -> bool:
        return bool(self._phrases) and not self._phrases[-1][1]
