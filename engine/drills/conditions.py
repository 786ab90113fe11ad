"""What a step of a drill waits for: time, the speaker's speech and silence, and what they say."""

from __future__ import annotations

from collections.abc import Sequence

from engine.protocol import events as ev

from .history import Record
from .listening import Listening
from .plan import Planned
from .role_play import RolePlay

ANSWER_S = 3.0
"""Shortest speech that counts as an answer. Not measured."""

QUESTION_SURE = 0.5
"""Lowest confidence of a rise that counts as a question."""

QUESTION_WAIT_S = 0.5
"""Silence after the speaker's question before it is answered."""

PACE_SURE = 0.5
"""Lowest confidence of a rise in pace."""


class Conditions:
    """Judges the conditions of ``when`` by what is known of the speaker.

    Parameters
    ----------
    record : when and how they spoke.
    heard : what they said.
    role_play : the mood that it moves.
    """

    def __init__(self, record: Record, heard: Listening, role_play: RolePlay) -> None:
        self._record, self._heard, self._role_play = record, heard, role_play
        self._reading: ev.Reading | None = None
        self._asked_s: float | None = None

    def observe(self, event: ev.AnyEvent) -> None:
        """Take an event of the speaker."""
        if isinstance(event, ev.Reading):
            self._reading = event
        elif isinstance(event, ev.PhraseEnded):
            rises = event.contour == "rise" and event.confidence >= QUESTION_SURE
            self._asked_s = event.end_s if rises else None
        else:
            self._heard.observe(event)

    def hold(self, step: Planned, left: Sequence[Planned], now_s: float, over_s: float) -> bool:
        """Whether all conditions of a step hold.

        Parameters
        ----------
        left : the steps that didn't happen yet.
        now_s, over_s : the time, and when the last step was over.
        """
        return all(self._holds(step, name, value, left, now_s, over_s) for name, value in step.when.items())

    def _holds(
        self, step: Planned, name: str, value: float, left: Sequence[Planned], now_s: float, over_s: float
    ) -> bool:
        record, reading = self._record, self._reading
        match name:
            case "after_s":
                return now_s - over_s >= value
            case "phrase_s":
                return record.phrase_s >= value
            case "pause_s":
                heard = step.heard is not None  # then what was said counts, not when
                return record.silent_s >= value and (heard or record.spoken_s(over_s) > 0.0)
            case "speaking_s":
                return record.spoken_s(over_s) >= value
            case "answer_s":
                return record.silent_s >= value and record.spoken_s(over_s) >= ANSWER_S
            case "asked":
                asked_s = self._question_s()
                return asked_s is not None and asked_s > over_s and record.silent_s >= QUESTION_WAIT_S
            case "monologue_s":
                talked_s = 0.0 if reading is None else reading.stretch_s
                if self._heard.offered_s is not None:
                    talked_s = min(talked_s, now_s - self._heard.offered_s)
                return talked_s >= value and now_s - over_s >= value
            case "pace_rise":
                return (
                    reading is not None
                    and reading.pace_wpm is not None
                    and reading.pace_usual_wpm is not None
                    and reading.pace_confidence >= PACE_SURE
                    and reading.pace_wpm >= reading.pace_usual_wpm * (1.0 + value)
                )
            case "unmoved_s":
                return self._role_play.unmoved_for(value, record, left)
        raise ValueError(f"no such condition: {name}")

    def _question_s(self) -> float | None:
        """When the speaker's last question ended, by its melody or by its words; None when none did."""
        by_words = self._heard.asked_s
        if by_words is None or self._record.spoken_s(by_words + QUESTION_WAIT_S) > 0.0:
            return self._asked_s
        return max(by_words, self._asked_s or 0.0)
