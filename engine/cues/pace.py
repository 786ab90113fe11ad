"""Slow down, pick it up: speech rate as words a minute."""

from __future__ import annotations

from ..events import AnyEvent, Reading
from ..profile import Profile
from .base import Aim, Ask, Beyond, Cue, evidence


class PaceCue(Cue):
    """Fast is above ``fast_wpm``, slow below ``slow_wpm``, each with the profile's hysteresis."""

    name = "pace"
    label = "Pace"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        margin = profile.nudges.hysteresis
        self._fast = Beyond(profile.pace.fast_wpm, margin, above=True)
        self._slow = Beyond(profile.pace.slow_wpm, margin, above=False)
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile) -> Aim:
        return Aim(profile.pace.slow_wpm, profile.pace.fast_wpm, "words/min")

    def on(self, event: AnyEvent) -> None:
        if not isinstance(event, Reading) or event.channel != self.channel:
            return
        self._reading = event
        sure = event.pace_confidence >= self.profile.nudges.least_confidence
        value = event.pace_wpm if sure and event.speech_s >= self.profile.nudges.settle_s else None
        self._fast.update(value)
        self._slow.update(value if event.talking else None)

    def ask(self) -> Ask | None:
        reading = self._reading
        if reading is None or reading.pace_wpm is None or not reading.talking:
            return None
        side = self._fast if self._fast.asks else self._slow if self._slow.asks else None
        if side is None:
            return None
        pace = self.profile.pace
        wpm = reading.pace_wpm
        return Ask(
            text="Slow down" if side is self._fast else "Pick it up",
            why=f"About {wpm:.0f} words a minute over the last {pace.window_s:.0f} seconds; "
            f"{pace.slow_wpm:.0f} to {pace.fast_wpm:.0f} is comfortable to follow.",
            evidence=evidence(
                reading,
                "pace_wpm",
                wpm,
                unit="words/min",
                threshold=side.threshold,
                window_s=pace.window_s,
                confidence=reading.pace_confidence,
            ),
            weight=abs(wpm / side.threshold - 1) / 0.1,
        )

    def corrected(self) -> bool:
        return not (self._fast.beyond or self._slow.beyond)
