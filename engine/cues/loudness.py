"""Louder, softer: the level against the speaker's own and against the noise."""

from __future__ import annotations

from ..events import AnyEvent, Reading
from ..profile import Profile
from .base import Aim, Ask, Beyond, Cue, evidence

LEVEL_S = 3.0


class LoudnessCue(Cue):
    """``drop_db`` below or ``rise_db`` above one's own level, or under ``least_snr_db`` over the noise."""

    name = "loudness"
    label = "Loudness"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        margin = profile.nudges.hysteresis
        self._soft = Beyond(-profile.loudness.drop_db, -margin, above=False)
        self._loud = Beyond(profile.loudness.rise_db, margin, above=True)
        self._buried = Beyond(profile.loudness.least_snr_db, margin, above=False)
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile) -> Aim:
        return Aim(-profile.loudness.drop_db, profile.loudness.rise_db, "dB")

    def on(self, event: AnyEvent) -> None:
        if not isinstance(event, Reading) or event.channel != self.channel:
            return
        self._reading = event
        known = event.talking and event.speech_s >= self.profile.nudges.settle_s
        self._soft.update(event.level_change_db if known else None)
        self._loud.update(event.level_change_db if known else None)
        self._buried.update(event.level_dbfs - event.noise_dbfs if known else None)

    def ask(self) -> Ask | None:
        reading = self._reading
        if reading is None or not reading.talking:
            return None
        change_db = reading.level_change_db
        if change_db is not None and (self._soft.asks or self._loud.asks):
            side = self._soft if self._soft.asks else self._loud
            word, text = ("below", "Louder") if side is self._soft else ("above", "Softer")
            why = f"{abs(change_db):.0f} dB {word} your own level over the last {LEVEL_S:.0f} seconds."
            measure, value, threshold, unit = "level_change_db", change_db, side.threshold, "dB"
            weight = abs(value / threshold)
        elif self._buried.asks:
            text, least_db = "Louder", self._buried.threshold
            measure, value, unit = "level_dbfs", reading.level_dbfs, "dBFS"
            threshold = round(reading.noise_dbfs + least_db, 4)
            above_db = value - reading.noise_dbfs
            why = f"Your voice is {above_db:.0f} dB above the noise; come closer to the microphone."
            weight = 1.0 + (threshold - value) / least_db
        else:
            return None
        return Ask(
            text=text,
            why=why,
            evidence=evidence(reading, measure, value, unit=unit, threshold=threshold, window_s=LEVEL_S),
            weight=weight,
        )

    def corrected(self) -> bool:
        return not (self._soft.beyond or self._loud.beyond or self._buried.beyond)
