"""Check in now: the 30-second rule, headline first, then offer the other side the floor.

A speaker without another side has nobody to check in with: they are told to wrap up, later or never.
"""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Cue, evidence
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading


class CheckInCue(Cue):
    """A stretch of talk without offering the floor, longer than ``after_s``; ``wrap_up_s`` when alone."""

    name = "check_in"
    label = "Check in"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.check_in.limit_s(alone=alone), "s")

    def observe(self, event: AnyEvent) -> None:
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event

    def ask(self) -> Ask | None:
        reading, after_s = self._reading, self.profile.check_in.limit_s(alone=not self.accompanied)
        if after_s is None or reading is None or reading.stretch_s < after_s or not reading.talking:
            return None
        talked = f"You have talked for {reading.stretch_s:.0f} seconds"
        return Ask(
            text="Check in now" if self.accompanied else "Wrap up",
            why=f"{talked}; after {after_s:.0f}, let them speak. Stop, or ask if they want to hear more."
            if self.accompanied
            else f"{talked} without a break. Make your last point.",
            evidence=evidence(
                reading,
                "stretch_s",
                reading.stretch_s,
                unit="s",
                threshold=after_s,
                window_s=reading.stretch_s,
            ),
            weight=2.0 * reading.stretch_s / after_s,
        )

    def corrected(self) -> bool:
        after_s = self.profile.check_in.limit_s(alone=not self.accompanied)
        return self._reading is None or after_s is None or self._reading.stretch_s < after_s
