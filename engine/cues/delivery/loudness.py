"""Louder, softer: loudness against the speaker's own, against the noise, and at the ends of phrases."""

from __future__ import annotations

from collections import deque

from engine.cues.base import Aim, Ask, Beyond, Cue, evidence
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Evidence, PhraseEnded, Reading

LEVEL_S = 3.0

LAST_PHRASES = 4
FRESH_S = 3.0
"""Longest time from a phrase's end to the nudge about it. Not measured."""


class LoudnessCue(Cue):
    """``drop_db`` below or ``rise_db`` above the usual level, under ``least_snr_db``, or trailing off."""

    name = "loudness"
    label = "Loudness"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        margin = profile.nudges.hysteresis
        self._soft = Beyond(-profile.loudness.drop_db, margin, above=False)
        self._loud = Beyond(profile.loudness.rise_db, margin, above=True)
        self._buried = Beyond(profile.loudness.least_snr_db, margin, above=False)
        self._trailing_db = profile.loudness.trailing_db * (1 + margin)
        self._reading: Reading | None = None
        self._phrases: deque[tuple[PhraseEnded, bool]] = deque(maxlen=LAST_PHRASES)
        self._asks_about_ends = self._given_about_ends = False
        self._now_s = 0.0

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(-profile.loudness.drop_db, profile.loudness.rise_db, "dB")

    def observe(self, event: AnyEvent) -> None:
        self._now_s = event.at_s
        if event.channel != self.channel:
            return
        if isinstance(event, PhraseEnded):
            sure = event.trailing_confidence >= self.profile.nudges.least_confidence
            if event.trailing_db is not None and sure:
                self._phrases.append((event, event.trailing_db >= self._trailing_db))
        elif isinstance(event, Reading):
            self._reading = event
            change_db = self.trend(event, "level_change_db") if event.talking else None
            self._soft.update(change_db)
            self._loud.update(change_db)
            self._buried.update(self.trend(event, "snr_db") if event.talking else None)

    def ask(self) -> Ask | None:
        reading = self._reading
        if reading is None or not reading.talking:
            return self._ask_about_ends()
        change_db = reading.level_change_db
        if change_db is not None and (self._soft.asks or self._loud.asks):
            side = self._soft if self._soft.asks else self._loud
            word, text = ("below", "Louder") if side is self._soft else ("above", "Softer")
            why = f"{abs(change_db):.0f} dB {word} your usual level over the last {LEVEL_S:.0f} seconds."
            measure, value, threshold = "level_change_db", change_db, side.threshold
            weight = abs(value / threshold)
        elif self._buried.asks:
            text, measure, value, threshold = "Louder", "snr_db", reading.snr_db, self._buried.threshold
            why = f"Your voice is only {value:.0f} dB above the noise. Move closer to the microphone."
            weight = 2.0 - value / threshold
        else:
            return None
        self._asks_about_ends = False
        return Ask(
            text=text,
            why=why,
            evidence=evidence(reading, measure, value, unit="dB", threshold=threshold, window_s=LEVEL_S),
            weight=weight,
        )

    def _ask_about_ends(self) -> Ask | None:
        if not self._phrases or not self._phrases[-1][1]:
            return None
        last = self._phrases[-1][0]
        count = sum(trails for _, trails in self._phrases)
        wanted = self.profile.loudness.trailing_phrases
        if count < wanted or self._now_s - last.at_s > FRESH_S or last.trailing_db is None:
            return None
        faded = (
            "your last phrase faded"
            if count == 1
            else f"{count} of your last {len(self._phrases)} phrases faded"
        )
        latest = "" if count == 1 else ", the last one"
        self._asks_about_ends = True
        return Ask(
            text="Louder to the end",
            why=f"Keep your volume up to the last word: {faded} at the end{latest} "
            f"by {last.trailing_db:.0f} dB more than normal.",
            evidence=Evidence(
                measure="phrase_ended",
                value=last.trailing_db,
                unit="dB",
                threshold=self.profile.loudness.trailing_db,
                window_s=(self._phrases[0][0].start_s, last.end_s),
                confidence=last.trailing_confidence,
                seq=last.seq,
            ),
            weight=1.0 + 0.25 * count,
        )

    def given(self) -> None:
        """Only phrases after this one count towards the next nudge."""
        self._given_about_ends = self._asks_about_ends
        self._phrases.clear()

    def corrected(self) -> bool:
        if self._given_about_ends:
            return bool(self._phrases) and not self._phrases[-1][1]
        return not (self._soft.beyond or self._loud.beyond or self._buried.beyond)
