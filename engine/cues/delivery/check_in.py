"""Check in now: the 30-second rule, headline first, then offer the other side the floor.

A speaker without another side has nobody to check in with: they are told to wrap up, later or never. Where
words are heard, a spoken check-in ("does that make sense?") offers the floor as a silence does.
"""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Cue, evidence
from engine.language.check_ins import CheckIns
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading


class CheckInCue(Cue):
    """A stretch of talk without offering the floor, longer than ``after_s``; ``wrap_up_s`` when alone."""

    name = "check_in"
    label = "Check in"
    label_alone = "Wrap up"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._reading: Reading | None = None
        self._check_ins = CheckIns(channel)

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.check_in.limit_s(alone=alone), "s")

    def observe(self, event: AnyEvent) -> None:
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event
        else:
            self._check_ins.observe(event)

    def ask(self) -> Ask | None:
        reading, after_s = self._reading, self.profile.check_in.limit_s(alone=not self.accompanied)
        if after_s is None or reading is None or not reading.talking:
            return None
        if reading.stretch_s < after_s or self._without_offer_s(reading, after_s) < after_s:
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

    def _without_offer_s(self, reading: Reading, after_s: float) -> float:
        """Length of the stretch of talk, since a spoken check-in where somebody is there to answer it."""
        offered_s = self._check_ins.last_s(reading.at_s - after_s) if self.accompanied else None
        if offered_s is None:
            return reading.stretch_s
        return min(reading.stretch_s, reading.at_s - offered_s)

    def corrected(self) -> bool:
        reading, after_s = self._reading, self.profile.check_in.limit_s(alone=not self.accompanied)
        return reading is None or after_s is None or self._without_offer_s(reading, after_s) < after_s
