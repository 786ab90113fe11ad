"""Support your voice: creak (vocal fry) in too much of what is voiced."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Beyond, Cue, evidence
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading


class CreakCue(Cue):
    """Share of creak in the voiced time of ``window_s`` above ``creak_share``."""

    name = "creak"
    label = "Creak"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._creaky = Beyond(profile.creak.creak_share, profile.nudges.hysteresis, above=True)
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.creak.creak_share, "share")

    def observe(self, event: AnyEvent) -> None:
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event
            self._creaky.update(self.trend(event, "creak_share"))

    def ask(self) -> Ask | None:
        reading, creak = self._reading, self.profile.creak
        if reading is None or reading.creak_share is None or not (self._creaky.asks and reading.talking):
            return None
        return Ask(
            text="Support your voice",
            why=f"Take a fuller breath: {100 * reading.creak_share:.0f} % of your voice creaked "
            f"over the last {creak.window_s:.0f} seconds.",
            evidence=evidence(
                reading,
                "creak_share",
                reading.creak_share,
                unit="share",
                threshold=creak.creak_share,
                window_s=creak.window_s,
            ),
            weight=reading.creak_share / creak.creak_share,
        )

    def corrected(self) -> bool:
        return not self._creaky.beyond
