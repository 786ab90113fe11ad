"""They want in: the other side tried to start, and gave up."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Cue
from engine.profile import Profile
from engine.protocol.events import (
    AnyEvent,
    Evidence,
    Interruption,
    InterruptionEnded,
    MuteStarted,
    PauseStarted,
    TurnTaken,
)

STALE_S = 2.0
"""Longest time from an attempt to the nudge about it. Not measured."""


class WantedInCue(Cue):
    """Attempts of the other side to speak within ``window_s``, while this speaker kept talking.

    An attempt is speech over this speaker that is longer than a backchannel. The nudge is urgent: it comes
    while the last attempt goes on or has just ended.
    """

    name = "wanted_in"
    label = "Their turn"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._tries: list[Interruption] = []
        self._ask = False
        self._answered = False

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, float(profile.wanted_in.tries), "tries")

    def observe(self, event: AnyEvent) -> None:
        rules = self.profile.wanted_in
        if self._ask and event.at_s - self._tries[-1].at_s > STALE_S:
            self._ask = False
        if event.channel == self.channel:
            if isinstance(event, PauseStarted | MuteStarted):
                self._forget()
            return
        match event:
            case Interruption():
                since_s = event.at_s - rules.window_s
                self._tries = [one for one in self._tries if one.start_s >= since_s] + [event]
                self._ask = len(self._tries) >= rules.tries
                self._answered = False
            case InterruptionEnded(yielded=False) | TurnTaken():
                self._forget()

    def _forget(self) -> None:
        """Drop the attempts: the other side has the floor, or was offered it."""
        self._answered = self._answered or bool(self._tries)
        self._tries, self._ask = [], False

    def ask(self) -> Ask | None:
        if not self._ask:
            return None
        last, rules = self._tries[-1], self.profile.wanted_in
        times = "once" if len(self._tries) == 1 else f"{len(self._tries)} times"
        return Ask(
            text="They want in",
            why=f"They tried to speak {times} in {rules.window_s:.0f} seconds while you kept talking. "
            "Let them speak.",
            evidence=Evidence(
                measure="interruption",
                value=float(len(self._tries)),
                unit="tries",
                threshold=float(rules.tries),
                window_s=(self._tries[0].start_s, last.at_s),
                confidence=1.0,
                seq=last.seq,
            ),
            urgent=True,
        )

    def given(self) -> None:
        self._ask = False

    def corrected(self) -> bool:
        return self._answered
