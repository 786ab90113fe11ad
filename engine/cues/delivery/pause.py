"""Pause, start with the point, take your time: no silence for too long, or too much of it."""

from __future__ import annotations

from engine.cues.base import RESPONSE_GAP, Aim, Ask, Cue, evidence
from engine.profile import Profile
from engine.protocol.events import (
    AnyEvent,
    DrillEnded,
    DrillSound,
    DrillStarted,
    DrillStep,
    Evidence,
    MuteStarted,
    PauseEnded,
    PauseStarted,
    PhraseEnded,
    Reading,
    SignalProblem,
    SpeechStarted,
    TurnTaken,
)


class PauseCue(Cue):
    """Three wishes about silence, each about the speaker's own turn.

    A silence after a clear fall is the end of what was to be said: there is nothing to
    hurry, so only one that follows an unfinished phrase asks to take the time. An answer is
    owed to a question only: after the other side's turn, or one of a drill's. Who was muted
    has finished what they said before.
    """

    name = "pause"
    label = "Pauses"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._reading: Reading | None = None
        self._unfinished = False
        self._unheard = False
        self._asks = False
        self._asked_s: float | None = None
        """When a drill's question was over that nobody has answered yet."""
        self._their_floor = False
        self._other_ended: float | None = None
        self._asked_to_stop = False
        self._silence_asked = False

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.pause.inside_s, "s")

    def observe(self, event: AnyEvent) -> None:
        if event.channel != self.channel:
            if isinstance(event, TurnTaken):
                self._their_floor, self._other_ended = True, None
            elif isinstance(event, PauseStarted | MuteStarted) and self._their_floor:
                self._other_ended = event.start_s if self._other_ended is None else self._other_ended
            elif isinstance(event, PauseEnded | SpeechStarted):
                self._other_ended = None
            return
        if isinstance(event, Reading):
            self._reading = event
            if event.talking:
                self._silence_asked = False
        elif isinstance(event, SignalProblem) and event.kind == "silent":
            self._unheard = event.on
        elif isinstance(event, MuteStarted):
            self._unfinished = False
        elif isinstance(event, PhraseEnded):
            self._unfinished = event.contour != "fall"
        elif isinstance(event, TurnTaken | SpeechStarted | PauseEnded):
            self._other_ended = self._asked_s = None
            self._their_floor &= not isinstance(event, TurnTaken)
        else:
            self._drill(event)

    def _drill(self, event: AnyEvent) -> None:
        """Know what a drill asks: its question when it begins, and each that it says after that."""
        match event:
            case DrillStarted(question=question):
                self._asked_s = event.at_s if question else None
            case DrillStep(do=do):
                self._asks = do == "ask"
            case DrillSound(kind="voice", length_s=length_s) if self._asks:
                self._asked_s = event.at_s + length_s
            case DrillEnded():
                self._asked_s = None

    def ask(self) -> Ask | None:
        reading, pause = self._reading, self.profile.pause
        if reading is None:
            return None
        if reading.talking:
            return self._no_pause(reading) if reading.unbroken_s >= pause.none_for_s else None
        if self._silence_asked or self._unheard or reading.silence_s <= 0:
            return None
        if self._unfinished and not self._their_floor and reading.silence_s >= pause.inside_s:
            why = f"You stopped {reading.silence_s:.1f} seconds ago in mid-sentence. Breathe, then go on."
            return Ask(
                "Take your time", why, self._silence(reading, "silence_s", reading.silence_s, pause.inside_s)
            )
        before_s = self._before_answer_s(reading)
        if before_s is not None and before_s >= pause.before_answer_s:
            why = (
                f"You have said nothing for {before_s:.0f} seconds. Begin with one sentence: your main point."
            )
            measure = RESPONSE_GAP if self._their_floor else "silence_s"
            proof = self._silence(reading, measure, before_s, pause.before_answer_s)
            return Ask("Start with the point", why, proof)
        return None

    def _no_pause(self, reading: Reading) -> Ask:
        limit_s = self.profile.pause.none_for_s
        return Ask(
            text="Pause",
            why=f"No pause for {reading.unbroken_s:.0f} seconds. Take a breath after this sentence.",
            evidence=evidence(
                reading,
                "unbroken_s",
                reading.unbroken_s,
                unit="s",
                threshold=limit_s,
                window_s=reading.unbroken_s,
            ),
            weight=1.5 * reading.unbroken_s / limit_s,
        )

    def _before_answer_s(self, reading: Reading) -> float | None:
        """Silence since it was this speaker's turn to answer; None when it isn't, or nobody asked."""
        asked_s = self._other_ended if self._their_floor else self._asked_s
        return None if asked_s is None else min(reading.silence_s, reading.at_s - asked_s)

    def _silence(self, reading: Reading, measure: str, silence_s: float, threshold: float) -> Evidence:
        value = round(silence_s, 4)
        return evidence(reading, measure, value, unit="s", threshold=threshold, window_s=silence_s)

    def given(self) -> None:
        reading = self._reading
        self._asked_to_stop = reading is not None and reading.talking
        self._silence_asked = not self._asked_to_stop

    def corrected(self) -> bool:
        reading = self._reading
        return reading is not None and reading.talking != self._asked_to_stop
