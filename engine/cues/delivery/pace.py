"""Slow down, pick it up: speech rate as words a minute."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Beyond, Cue, evidence
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading

HASTENED = 1.25
"""Ratio to the speaker's earlier pace that counts as hastening; talk at one pace varies by about a tenth."""

SLOW_ERRORS = 1.28
"""Standard errors below the limit: the tempo kept, in words, then lies above it one time in ten."""

READINGS_A_SECOND = 4

STRETCH_S = 2.0
"""Talk in one stretch with a tempo: an "mm-hm" in the other's turn, or a word after a silence, hasn't."""


class PaceCue(Cue):
    """Fast is above ``fast_wpm``, slow below ``slow_wpm``, each by the hysteresis and the rate's error.

    The error counts what nobody knows of the text: how many syllables its words have. Who has hastened by a
    quarter against their own pace is fast above ``fast_wpm`` itself, as a change of tempo needs no words.
    Slow are all readings over a window's length of talk, pauses left out, so that two windows that share
    nothing agree: within one, a thoughtful moment or a few long words are slow.
    """

    name = "pace"
    label = "Pace"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        margin, pace = profile.nudges.hysteresis, profile.pace
        self._fast = Beyond(pace.fast_wpm, margin, above=True)
        steady = round(READINGS_A_SECOND * pace.window_s)
        self._slow = Beyond(pace.slow_wpm, margin, above=False, steady=steady)
        self._reading: Reading | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(profile.pace.slow_wpm, profile.pace.fast_wpm, "words/min")

    def observe(self, event: AnyEvent) -> None:
        if not isinstance(event, Reading) or event.channel != self.channel:
            return
        self._reading = event
        if not event.talking or event.stretch_s < STRETCH_S:
            self._fast.update(None)
            return
        wpm, error_wpm, usual_wpm = self.trend(event, "pace_wpm"), event.pace_error_wpm, event.pace_usual_wpm
        error_wpm = 0.0 if error_wpm is None else error_wpm
        hastened = wpm is not None and usual_wpm is not None and wpm > HASTENED * usual_wpm
        self._fast.update(wpm, 0.0 if hastened else error_wpm, margin=not hastened)
        self._slow.update(wpm, SLOW_ERRORS * error_wpm)

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
            why=f"You spoke about {wpm:.0f} words a minute over the last {pace.window_s:.0f} seconds; "
            f"{pace.slow_wpm:.0f} to {pace.fast_wpm:.0f} is easy to follow.",
            evidence=evidence(
                reading,
                "pace_wpm",
                wpm,
                unit="words/min",
                threshold=side.threshold,
                window_s=pace.window_s,
            ),
            weight=abs(wpm / side.threshold - 1) / 0.1,
        )

    def corrected(self) -> bool:
        return not (self._fast.beyond or self._slow.beyond)
