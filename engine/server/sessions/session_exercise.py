"""The exercise that a session is for: when its steps were, and its score at the end."""

from __future__ import annotations

from msgspec.structs import replace

from dsp.frame import RATE_HZ
from engine.programme.exercise_scores import exercise_result
from engine.programme.heard import Heard
from engine.protocol.take import StepTime, Take

from .live_core import LiveCore

MOST_STEPS = 1000
"""Steps that are noted; what a client tells beyond them is dropped."""


class SessionExercise:
    """Notes the steps as the speaker's client goes through them.

    Attributes
    ----------
    captured : what listens in may add figures of its own, by name with their unit.
    """

    def __init__(self, core: LiveCore) -> None:
        self.captured: dict[str, float] = {}
        self._core = core
        self._steps: list[StepTime] = []
        self._open: StepTime | None = None

    def begin_step(self, place: int | None, *, speaks: bool) -> None:
        """Note that a step begins, or with None that the last one is over."""
        now_s = self._core.now / RATE_HZ
        self._close(now_s)
        if place is not None and len(self._steps) < MOST_STEPS:
            self._open = StepTime(place=place, speaks=speaks, start_s=now_s, end_s=now_s)

    def scored(self, take: Take) -> Take:
        """Return the take with the result of its exercise, where it was made for one."""
        self._close(self._core.now / RATE_HZ)
        result = exercise_result(Heard(take=take, steps=self._steps, captured=self.captured))
        if result is None:
            return take
        alone = take.kind in ("talk", "question")
        return replace(take, exercise=result, kind="exercise" if alone else take.kind)

    def _close(self, now_s: float) -> None:
        step, self._open = self._open, None
        if step is not None:
            self._steps.append(replace(step, end_s=now_s))
