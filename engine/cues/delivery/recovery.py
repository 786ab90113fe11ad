"""Good recovery, find your thread: how one goes on after having been interrupted."""

from __future__ import annotations

from engine.cues.base import RESPONSE_GAP, Aim, Ask, Cue
from engine.profile import Profile
from engine.protocol.events import (
    AnyEvent,
    Evidence,
    Interruption,
    InterruptionEnded,
    MuteStarted,
    PauseEnded,
    PauseStarted,
    Reading,
    SpeechStarted,
    TurnTaken,
)


class RecoveryCue(Cue):
    """Time from the end of the interrupter's turn to the speaker's next words, against ``resume_s``."""

    name = "recovery"
    label = "Recovery"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._interrupted = False
        self._their_end_s: float | None = None
        self._ask: Ask | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.recovery.resume_s, "s")

    def observe(self, event: AnyEvent) -> None:
        if event.channel != self.channel:
            if isinstance(event, Interruption):
                self._interrupted, self._their_end_s, self._ask = True, None, None
            elif isinstance(event, InterruptionEnded) and event.yielded:
                self._interrupted = False
            elif isinstance(event, PauseStarted | MuteStarted):
                self._their_end_s = event.start_s if self._their_end_s is None else self._their_end_s
            elif isinstance(event, PauseEnded | SpeechStarted):
                self._their_end_s = None
            return
        if isinstance(event, MuteStarted):
            self._interrupted, self._ask = False, None
        if not self._interrupted or self._their_end_s is None:
            return
        limit_s = self.profile.recovery.resume_s
        if isinstance(event, TurnTaken) and event.gap_s is not None:
            self._interrupted = False
            if 0 <= event.gap_s <= limit_s:
                why = f"You resumed {event.gap_s:.1f} seconds after they finished."
                self._ask = Ask(
                    "Good recovery", why, self._proof(event, "turn_taken", event.gap_s), 0.5, "thanks"
                )
        elif isinstance(event, Reading) and not event.talking:
            waited_s = round(event.at_s - self._their_end_s, 4)
            if waited_s > limit_s:
                self._interrupted = False
                why = f"They stopped {waited_s:.0f} seconds ago. Go back to the sentence you were in."
                self._ask = Ask("Find your thread", why, self._proof(event, RESPONSE_GAP, waited_s), 2.0)

    def _proof(self, event: AnyEvent, measure: str, value: float) -> Evidence:
        return Evidence(
            measure=measure,
            value=value,
            unit="s",
            threshold=self.profile.recovery.resume_s,
            window_s=(round(max(0.0, event.at_s - value), 4), event.at_s),
            confidence=1.0,
            seq=event.seq,
        )

    def ask(self) -> Ask | None:
        ask, self._ask = self._ask, None
        return ask

    def corrected(self) -> bool:
        return False
