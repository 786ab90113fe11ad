"""Vary your tone: the spread of F0 in semitones."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Beyond, Cue, evidence
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading

WINDOW_S = 15.0

ERRORS = 2.0
"""Standard errors by which the melody must be flatter than flat: calm reading is no monotone."""

READINGS = 8
"""Readings in a row, two seconds: nobody is monotone for a moment."""


class PitchRangeCue(Cue):
    """Flat is a standard deviation of F0 under ``flat_st`` over about 15 s (Hincks & Edlund 2009)."""

    name = "pitch_range"
    label = "Pitch range"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._flat = Beyond(
            profile.pitch_range.flat_st, profile.nudges.hysteresis, above=False, steady=READINGS
        )
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(profile.pitch_range.flat_st, None, "semitones")

    def observe(self, event: AnyEvent) -> None:
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event
            self._flat.update(self.trend(event, "f0_sd_st"), ERRORS * (event.f0_error_st or 0.0))

    def ask(self) -> Ask | None:
        reading, flat_st = self._reading, self.profile.pitch_range.flat_st
        if reading is None or reading.f0_sd_st is None or not (self._flat.asks and reading.talking):
            return None
        return Ask(
            text="Vary your tone",
            why=f"Your pitch varied by {reading.f0_sd_st:.1f} semitones over the last {WINDOW_S:.0f} "
            f"seconds; under {flat_st:.1f} sounds flat. Stress the words that matter.",
            evidence=evidence(
                reading,
                "f0_sd_st",
                reading.f0_sd_st,
                unit="semitones",
                threshold=flat_st,
                window_s=WINDOW_S,
            ),
            weight=(1 - reading.f0_sd_st / flat_st) / 0.15,
        )

    def corrected(self) -> bool:
        return not self._flat.beyond
