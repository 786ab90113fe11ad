"""Breathe instead: filled pauses ("um", "uh") a minute."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Cue, evidence
from engine.profile import Profile
from engine.protocol.events import AnyEvent, FilledPause, Reading

FRESH_S = 3.0
"""Longest time from a filler to the nudge about it. Not measured."""
LEAST = 2
"""Fewest fillers within the window that give a nudge. Not measured."""


class FillersCue(Cue):
    """More than ``per_min`` filled pauses a minute over ``window_s``."""

    name = "fillers"
    label = "Fillers"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._limit = profile.fillers.per_min * (1 + profile.nudges.hysteresis)
        self._times_s: list[float] = []
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.fillers.per_min, "per min")

    def observe(self, event: AnyEvent) -> None:
        if event.channel != self.channel:
            return
        if isinstance(event, Reading):
            self._reading = event
        elif isinstance(event, FilledPause) and event.confidence >= self.profile.nudges.least_confidence:
            self._times_s.append(event.end_s)

    def ask(self) -> Ask | None:
        reading, fillers = self._reading, self.profile.fillers
        if reading is None or reading.fillers_per_min is None or reading.fillers_per_min <= self._limit:
            return None
        recent = [t for t in self._times_s if t >= reading.at_s - fillers.window_s]
        if len(recent) < LEAST or reading.at_s - recent[-1] > FRESH_S:
            return None
        return Ask(
            text="Breathe instead",
            why=f"Pause without a sound: {len(recent)} fillers (“um”, “uh”) in the last "
            f"{fillers.window_s:.0f} seconds, a rate of {reading.fillers_per_min:.0f} a minute. "
            f"Under {fillers.per_min:.0f} goes unnoticed.",
            evidence=evidence(
                reading,
                "fillers_per_min",
                reading.fillers_per_min,
                unit="per min",
                threshold=fillers.per_min,
                window_s=fillers.window_s,
                most_sure=min(1.0, len(recent) / 3),
            ),
            weight=reading.fillers_per_min / fillers.per_min,
        )

    def corrected(self) -> bool:
        """A filler can't be taken back: the nudge stays for its time."""
        return False
