"""Ask something: the speaker's share of all that is said in a call."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Beyond, Cue, evidence
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading


class TalkShareCue(Cue):
    """Above ``high`` of the speech of both sides over ``window_s``; two-channel sessions only."""

    name = "talk_share"
    label = "Talk share"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        high = profile.talk_share.high
        self._high = Beyond(high, min(profile.nudges.hysteresis, (1 - high) / 2), above=True)
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.talk_share.high, "share")

    def observe(self, event: AnyEvent) -> None:
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event
            self._high.update(event.talk_share)

    def ask(self) -> Ask | None:
        reading, share = self._reading, self.profile.talk_share
        if reading is None or reading.talk_share is None or not (self._high.asks and reading.talking):
            return None
        return Ask(
            text="Ask something",
            why=f"You did {100 * reading.talk_share:.0f} % of the talking over the last "
            f"{share.window_s:.0f} seconds. Ask a question to let them speak.",
            evidence=evidence(
                reading,
                "talk_share",
                reading.talk_share,
                unit="share",
                threshold=share.high,
                window_s=share.window_s,
            ),
            weight=reading.talk_share / share.high,
        )

    def corrected(self) -> bool:
        return not self._high.beyond
