"""Check in now: the 30-second rule, headline first, then offer the other side the floor."""

from __future__ import annotations

from ..events import AnyEvent, Reading
from ..profile import Profile
from .base import Aim, Ask, Cue, evidence


class CheckInCue(Cue):
    """A stretch of talk without offering the floor, longer than ``after_s``."""

    name = "check_in"
    label = "Check in"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile) -> Aim:
        return Aim(None, profile.check_in.after_s, "s")

    def on(self, event: AnyEvent) -> None:
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event

    def ask(self) -> Ask | None:
        reading, after_s = self._reading, self.profile.check_in.after_s
        if reading is None or reading.stretch_s < after_s or not reading.talking:
            return None
        return Ask(
            text="Check in now",
            why=f"You have talked for {reading.stretch_s:.0f} seconds; after {after_s:.0f} the other side "
            "needs an opening: stop, or ask whether to go on.",
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
        return self._reading is not None and self._reading.stretch_s < self.profile.check_in.after_s
