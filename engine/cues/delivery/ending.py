"""Land it: phrases that end on a rise sound unsure."""

from __future__ import annotations

from collections import deque

from engine.cues.base import Aim, Ask, Cue
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Evidence, PauseEnded, PhraseEnded, Reading, TurnTaken, Words

LAST_PHRASES = 4
FRESH_S = 3.0
"""Longest time from a phrase's end to the nudge about it. Not measured."""

GOES_ON_S = 0.65
"""Silence up to which a speaker goes on with what they were saying: a comma, an item of a list, a breath.
Readers pause for longer within a sentence one time in thirty in their first language, one in five
in a second."""

HIGH = 0.85
"""Place in the speaker's range where a rise ends that is no list's: a question goes to the top of it, and
two thirds of the rises within a sentence stay below."""

WORDS_S = 20.0
"""Words are being heard if some came at most this long ago: then punctuation is waited for."""

NEAR_S = 0.6
"""Accuracy of a recognised word's end: nine of ten lie within 0.45 s."""

FULL_STOPS = (".", "!")


def is_high(phrase: PhraseEnded) -> bool:
    """Whether a phrase ends near the top of the speaker's range."""
    return phrase.height is not None and phrase.height >= HIGH


class EndingCue(Cue):
    """``in_a_row`` of the last four endings rose by ``rise_st`` or more, the latest among them.

    A rise that goes on is no ending. A phrase ends something said when a silence of more than
    :data:`GOES_ON_S` or a turn of the other side follows it, and, where words are heard, when a full stop
    is written after its last word. A rise that stays below :data:`HIGH` is that of a list.
    """

    name = "ending"
    label = "Endings"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._phrases: deque[tuple[PhraseEnded, bool]] = deque(maxlen=LAST_PHRASES)
        self._rise_st = profile.ending.rise_st * (1 + profile.nudges.hysteresis)
        self._now_s = 0.0
        self._open: PhraseEnded | None = None
        """The latest phrase, while it isn't known whether it goes on."""
        self._followed = False
        """Whether what followed it says that it ended."""
        self._words: Words | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.ending.rise_st, "semitones")

    def observe(self, event: AnyEvent) -> None:
        self._now_s = event.at_s
        if event.channel != self.channel:
            self._followed |= isinstance(event, TurnTaken)
        elif isinstance(event, PhraseEnded):
            sure = event.change_st is not None and event.confidence >= self.profile.nudges.least_confidence
            self._open, self._followed = event if sure else None, False
        elif isinstance(event, PauseEnded):
            if event.silence_s > GOES_ON_S:
                self._followed = True
            elif not self._followed:
                self._open = None
        elif isinstance(event, Reading):
            self._followed |= event.silence_s > GOES_ON_S
        elif isinstance(event, Words) and event.words:
            self._words = event
        if self._open is not None and self._followed:
            self._close(self._open)

    def _close(self, phrase: PhraseEnded) -> None:
        """Count a phrase that something else followed, unless its words say that it goes on or asks."""
        stop = self._full_stop(phrase)
        if stop is None and self._now_s - phrase.at_s <= FRESH_S:
            return
        self._open = None
        if stop is not False and phrase.change_st is not None:
            rises = phrase.contour == "rise" and phrase.change_st >= self._rise_st
            self._phrases.append((phrase, rises and is_high(phrase)))

    def _full_stop(self, phrase: PhraseEnded) -> bool | None:
        """A full stop follows a phrase: true where no words are heard, None where they may yet come."""
        heard = self._words
        if heard is None or self._now_s - heard.at_s > WORDS_S:
            return True
        if heard.end_s < phrase.end_s - NEAR_S:
            return None
        said = [word for word in heard.words if word.start_s < phrase.end_s]
        if not said or said[-1].end_s < phrase.end_s - NEAR_S:
            return None
        return said[-1].text.endswith(FULL_STOPS)

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
