"""The exercise that a session is for: its steps, what is said in them, and its score at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from msgspec.structs import replace

from dsp.frame import RATE_HZ
from engine.core.exercise_pitch import ExercisePitch
from engine.core.pitch_curves import curve_of
from engine.errors import UsageError
from engine.language.retelling import compare_retelling, retelling_figures
from engine.programme.exercise_scores import PURPOSE, exercise_result, needs_usual_pitch, pitch_from_usual
from engine.programme.heard import Heard, words_in
from engine.programme.script import Programme
from engine.programme.steps import spoken_lines
from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.exercise import MOST_STEPS
from engine.protocol.take import StepTime, Take

from .live_core import LiveCore
from .session_drill import SessionDrill

MODEL_FALL_ST = 5.0
"""Fall at the end of what the packaged voice says as an example; against its median it is 3 to 8 then."""

NOT_ITS_OWN = "a packaged voice says only what the exercise {name!r} has; it has no such text"


class ExerciseSession(Protocol):
    """What an exercise needs of its session."""

    @property
    def core(self) -> LiveCore:
        """Measures the speaker."""

    @property
    def drill(self) -> SessionDrill:
        """Plays to the speaker."""

    @property
    def hears(self) -> bool:
        """Whether the speaker can hear something."""

    def tell_speaker(self, message: messages.ToClient) -> None:
        """Send a message to those who may command the session."""


class SessionExercise:
    """Notes the steps as the speaker's client goes through them, and what is measured beside the take.

    Parameters
    ----------
    programme : the exercises; None for none.
    """

    def __init__(self, session: ExerciseSession, programme: Programme | None) -> None:
        self._session = session
        self._exercises = () if programme is None else programme.exercise
        self._steps: list[StepTime] = []
        self._open: StepTime | None = None
        self._said: dict[int, str] = {}
        """Texts that were said, by the place of their step."""
        self._pitch = ExercisePitch()

    def begin_step(self, place: int | None, *, speaks: bool, pitch: bool = False) -> None:
        """Note that a step begins, or with None that the last one is over; stop what is still said.

        Steps beyond :data:`MOST_STEPS` are dropped: a client that goes round and round is no run.
        """
        now_s = self._session.core.now / RATE_HZ
        self._close(now_s)
        self._session.drill.hush()
        noted = place is not None and len(self._steps) < MOST_STEPS
        if place is not None and noted:
            self._open = StepTime(place=place, speaks=speaks, start_s=now_s, end_s=now_s)
        self._pitch.begin_step(now_s, speaks=speaks and noted, drawn=pitch)

    async def say(self, purpose: str, place: int, text: str, *, pitch: bool) -> None:
        """Say a text of the exercise in a step, unless that is over by the time it is ready.

        Raises
        ------
        UsageError
            The exercise has no such text, or the speaker can't hear it.
        RenderingRefused
            The server is too busy.
        """
        name = purpose.removeprefix(PURPOSE)
        if text not in self._lines(name):
            raise UsageError(NOT_ITS_OWN.format(name=name))
        samples = await self._session.drill.line(
            text, fall_st=MODEL_FALL_ST if pitch else 0.0, hears=self._session.hears
        )
        curve = None
        if pitch:
            curve = await asyncio.to_thread(curve_of, samples, self._session.core.profile)
        if self._open is None or self._open.place != place:
            return
        self._said[place] = text
        self._session.tell_speaker(messages.StepSaid(place=place, seconds=samples.size / RATE_HZ))
        if curve is not None:
            self._session.tell_speaker(messages.StatementPitch(voice="packaged", curve=curve))
        self._session.drill.play_line(samples)

    def observe(self, event: ev.AnyEvent) -> None:
        """Follow the pitch of what the speaker says in steps; tell them where a step draws it."""
        curve = self._pitch.observe(event)
        if curve is not None:
            self._session.tell_speaker(messages.StatementPitch(voice="own", curve=curve))

    def needs_usual_pitch(self, purpose: str) -> bool:
        """Return whether the score of what the take is made for needs the person's usual pitch."""
        return needs_usual_pitch(purpose, self._exercises)

    def scored(self, take: Take, earlier: Iterable[Take] = ()) -> Take:
        """Return the take with the result of its exercise, where it was made for one.

        Parameters
        ----------
        earlier : the person's takes before it, newest first, from which their usual pitch is known.
        """
        self._close(self._session.core.now / RATE_HZ)
        pitch = self._pitch.figures | pitch_from_usual(self._pitch.median_hz, earlier)
        heard = Heard(take=take, steps=self._steps, captured=pitch | self._retold(take))
        result = exercise_result(heard, self._exercises)
        if result is None:
            return take
        alone = take.kind in ("talk", "question")
        return replace(take, exercise=result, kind="exercise" if alone else take.kind)

    def _retold(self, take: Take) -> dict[str, float]:
        """Compare what was said with how it was said back in the step after it."""
        if take.review is None or not self._said:
            return {}
        lines = self._lines(take.purpose.removeprefix(PURPOSE))
        words = words_in(take.review.words, self._steps)
        retold = []
        for step, after, back in zip(self._steps, self._steps[1:], words[1:], strict=False):
            view = self._said.get(step.place)
            if view is not None and after.speaks:
                retold.append(compare_retelling(view, lines.get(view, ""), back))
        return retelling_figures([one for one in retold if one is not None])

    def _lines(self, name: str) -> dict[str, str]:
        """Return what an exercise says, with what matters of it."""
        return next((spoken_lines(one) for one in self._exercises if one.name == name), {})

    def _close(self, now_s: float) -> None:
        step, self._open = self._open, None
        if step is not None:
            self._steps.append(replace(step, end_s=now_s))
