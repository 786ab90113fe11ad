"""When a speaker's answer begins and ends, for the cues about what it says."""

from __future__ import annotations

from engine.protocol.events import (
    AnyEvent,
    DrillStarted,
    DrillStep,
    MuteStarted,
    PauseEnded,
    PauseStarted,
    PhraseEnded,
    Reading,
    SpeechStarted,
    TurnTaken,
)


class Answer:
    """When the speaker's answer began, and when it was over.

    It goes from their first word after the other side's turn, or after a drill's question, up to their last
    one before the next. Alone, or where nobody takes the floor, a silence of ``over_s`` ends it when the
    last phrase fell, twice as long when it didn't: then they may look for words. A mute ends it, an
    interruption doesn't.

    Attributes
    ----------
    begin_s : when the present one began; None between answers.
    last : begin and end of the one before; None before the first was over.
    """

    def __init__(self, channel: int, over_s: float) -> None:
        self.begin_s: float | None = None
        self.last: tuple[float, float] | None = None
        self._channel = channel
        self._over_s = over_s
        self._fell = False
        self._spoken_s = 0.0
        """End of their speech so far."""

    def observe(self, event: AnyEvent) -> None:
        """Take an event of either side."""
        if event.channel != self._channel:
            if isinstance(event, TurnTaken):
                self._end()
            return
        match event:
            case SpeechStarted() | PauseEnded():
                if self.begin_s is None:
                    self.begin_s = event.start_s
                self._spoken_s = event.start_s
            case PhraseEnded():
                self._fell = event.contour == "fall"
            case PauseStarted():
                self._spoken_s = event.start_s
            case Reading():
                if event.talking:
                    self._spoken_s = event.at_s
                elif event.silence_s >= self._over_s * (1.0 if self._fell else 2.0):
                    self._end()
            case DrillStarted() | DrillStep(do="ask") | MuteStarted():
                self._end()

    def _end(self) -> None:
        if self.begin_s is not None:
            self.last = self.begin_s, max(self._spoken_s, self.begin_s)
            self.begin_s = None
