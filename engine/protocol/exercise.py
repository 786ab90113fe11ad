"""Exercises: the steps that a client goes through, and the score as a person sees it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from .message import Message

MOST_STEPS = 200
"""Steps of a run."""


class ScorePart(Struct, frozen=True, kw_only=True):
    """One figure that a score is made of."""

    name: str
    """With its unit, such as ``headline_s``."""

    title: str
    value: float | None
    """Null where it isn't known: its weight goes to the others."""

    unit: str
    """Empty for a count, or for something that is there (1) or isn't (0)."""

    target: str
    """For a person, such as ``at most 3 /min``."""

    weight: float
    """Share of the score's weight, 0..1; 0 where it isn't known."""

    score: float | None
    """0..1: 1 within the target; null with ``value``."""


class ExerciseScore(Struct, frozen=True, kw_only=True):
    """The score of one run of an exercise."""

    exercise: str
    score: float | None
    """0..10; null where too little was heard to tell."""

    parts: list[ScorePart]
    note: str
    """Why there is no score; empty where there is one."""

    try_next: str
    """One sentence; empty without a score."""


class ExerciseScored(Message, frozen=True, kw_only=True):
    """The exercise that the session was for has a score; sent before it is said whether the take is kept.

    Only where there can be a record, after :class:`.messages.Summary` and :class:`.messages.Review`.
    """

    score: ExerciseScore


class SetStep(Message, frozen=True, kw_only=True):
    """Client of the speaker: a step of the exercise begins, and the one before it is over.

    The exercise is that of the ``purpose`` of :class:`.messages.SetQuestion`.
    """

    place: Annotated[int, Meta(ge=0, le=MOST_STEPS - 1)] | None
    """Among the steps of the run, from 0; null when the last one is over."""

    speaks: bool = False
    """Whether the person is to speak in it."""

    say: Annotated[str, Meta(max_length=1000)] = ""
    """What a packaged voice says in it, one of the exercise's own texts; answered by :class:`StepSaid`."""

    pitch: bool = False
    """Whether pitch is told in it, by :class:`.pitch_curve.StatementPitch`: of what they say, or of what is
    said to them, which then ends on a clear fall."""


class StepSaid(Message, frozen=True, kw_only=True):
    """The packaged voice begins to say the text of a step. Not sent where the step is over by then."""

    place: int
    seconds: float
    """How long it takes."""
