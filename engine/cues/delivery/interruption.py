"""Let them finish: talking over the other side for longer than a backchannel."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Cue
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Evidence, Interruption, InterruptionEnded


class InterruptionCue(Cue):
    """Urgent: it is worth something only while the two are still talking at once."""

    name = "interruption"
    label = "Interruptions"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._going: Interruption | None = None
        self._told = False
        self._yielded = False

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.interruption.overlap_s, "s")

    def observe(self, event: AnyEvent) -> None:
        if event.channel != self.channel:
            return
        if isinstance(event, Interruption):
            self._going, self._told, self._yielded = event, False, False
        elif isinstance(event, InterruptionEnded):
            self._going, self._yielded = None, event.yielded

    def ask(self) -> Ask | None:
        event = self._going
        if event is None or self._told:
            return None
        return Ask(
            text="Let them finish",
            why=f"You started {event.overlap_s:.1f} seconds ago, while they were still talking.",
            evidence=Evidence(
                measure="interruption",
                value=event.overlap_s,
                unit="s",
                threshold=self.profile.interruption.overlap_s,
                window_s=(event.start_s, event.at_s),
                confidence=1.0,
                seq=event.seq,
            ),
            urgent=True,
        )

    def given(self) -> None:
        self._told = True

    def corrected(self) -> bool:
        return self._yielded
