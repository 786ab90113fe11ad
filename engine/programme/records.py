"""Results of the programme: what is drawn or printed. They hold figures and sentences, never words said.

Times are the takes' own, with their zone; days are in the person's zone, as the caller names it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from engine.protocol.exercise import ExerciseScore

from .script import Grade, Level, Rhythm
from .steps import PlacedStep


class PartFigure(Struct, frozen=True, kw_only=True):
    """One part of a skill's figure in one take."""

    take: str
    """Id of the take."""

    at: datetime
    """When it began."""

    measure: str
    """A key of :data:`engine.programme.measures.MEASURES`."""

    title: str
    value: float | None
    """None where it isn't known, or the task doesn't ask for it: its weight goes to the others."""

    unit: str
    target: str
    """For a person, such as ``130 to 170 words/min``."""

    grade: Grade
    """How well founded the target is."""

    weight: float
    """Share of the figure's weight, 0..1, with unknown parts left out; 0 for an unknown part."""

    score: float | None
    """0..1: 1 within the target; None with ``value``."""


class SkillFigure(Struct, frozen=True, kw_only=True):
    """Figure of one skill in one take."""

    skill: str
    take: str
    at: datetime
    figure: float | None
    """0..10; None where less than half of the weight is known."""

    known: float
    """Share of the weight that is known, 0..1."""

    evidence: list[PartFigure]


class Spread(Struct, frozen=True, kw_only=True):
    """How much a person's figure varies between repeated takes on different days, without learning."""

    sd: float | None
    """Standard deviation of one take, in points; None with fewer repeats than it needs."""

    degrees: float
    """Degrees of freedom that it is worth."""

    repeats: int
    """Pairs of successive like takes that it rests on."""


class PartGap(Struct, frozen=True, kw_only=True):
    """A part of a skill over its newest takes."""

    measure: str
    title: str
    value: float
    """Mean over the takes in which it is known."""

    unit: str
    target: str
    grade: Grade
    score: float
    """Mean, 0..1."""

    lost: float
    """Points of the figure that it costs."""

    closes: str
    """One thing to try."""

    evidence: list[PartFigure]


class Gap(Struct, frozen=True, kw_only=True):
    """A row of the gap table."""

    skill: str
    title: str
    baseline: float | None
    """Mean of the guided takes at the beginning; None from fewer takes than needed."""

    baseline_takes: int
    now: float | None
    """Mean of the newest takes; None from fewer takes than needed."""

    now_takes: int
    target: float
    own_target: bool
    """Whether the person set it."""

    target_grade: Grade
    gap: float | None
    """Target less now, or less the baseline where now isn't known; 0 where it is reached."""

    spread: Spread
    priority: int | None
    """1 for what comes first; None where there is no gap, or it isn't known."""

    closes: str
    """What would close it: a sentence."""

    exercises: list[str]
    """Names of the programme's exercises that train it."""

    parts: list[PartGap]
    """Of now, or of the baseline where now isn't known; the costliest first."""

    baseline_parts: list[PartGap]
    """Of the baseline; empty where it isn't known."""

    note: str
    """Why a figure is missing; empty where none is."""


class GapTable(Struct, frozen=True, kw_only=True):
    """The gap table: rows by priority, then those without."""

    programme: str
    at: datetime
    rows: list[Gap]


PlanKind = Literal["baseline", "validation", "exercise"]


class PlanItem(Struct, frozen=True, kw_only=True):
    """One thing to do."""

    name: str
    """``baseline:NAME``, ``validation:NAME`` or ``exercise:NAME``: the purpose of the take that does it."""

    kind: PlanKind
    title: str
    how: str
    why: str
    """A sentence: from the gaps, the dose so far and what is due."""

    minutes: float
    drill: str | None
    level: Level | None
    trains: list[str]
    done: bool
    """Whether a take of the day, or a mark, shows it."""


class LeftOut(Struct, frozen=True, kw_only=True):
    """An item that the person left out, or had replaced."""

    name: str
    title: str


class Plan(Struct, frozen=True, kw_only=True):
    """What to do on a day, or in the weekly hour."""

    day: date
    items: list[PlanItem]
    minutes: float
    """All of them together."""

    skipped: list[LeftOut]
    note: str
    """A sentence on where in the programme this day is."""


Outcome = Literal["improved", "worse", "no more than your spread", "not told"]


class Compared(Struct, frozen=True, kw_only=True):
    """A skill, or all of them, before and after, in the same guided takes."""

    skill: str
    """Empty for the mean of the skills."""

    title: str
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    """Of the interval for the difference; None where there are too few repeats."""

    high: float | None
    tasks: list[str]
    """Guided takes that have the figure both times."""

    before_takes: list[str]
    after_takes: list[str]
    spread: Spread
    outcome: Outcome
    sentence: str


class Validation(Struct, frozen=True, kw_only=True):
    """The same guided takes before and after."""

    programme: str
    at: datetime
    confidence: float
    """Of all intervals together, 0..1."""

    overall: Compared
    skills: list[Compared]
    sentence: str
    """What it comes to."""

    missing: list[str]
    """Guided takes that were not made both times."""


class Point(Struct, frozen=True, kw_only=True):
    """A take in a chart."""

    take: str
    at: datetime
    value: float


class Series(Struct, frozen=True, kw_only=True):
    """A chart over weeks: of a skill's figure or of one measure."""

    kind: Literal["skill", "measure"]
    name: str
    """Of the skill or measure: a skill and a measure may have the same."""

    title: str
    unit: str
    points: list[Point]
    """Oldest first."""

    target_low: float | None
    """Edge of the target band; None where the target is open on that side."""

    target_high: float | None
    baseline: float | None
    spread: Spread


class Streak(Struct, frozen=True, kw_only=True):
    """Days of practice: counted kindly, a day off in between costs nothing."""

    days: int
    """Days with a take in the run that goes on, or that ended last."""

    going: bool
    """Whether a take today or tomorrow goes on with it."""

    this_week: int
    """Days with a take in the last seven."""

    sentence: str


class Progress(Struct, frozen=True, kw_only=True):
    """What the charts over weeks are drawn from."""

    series: list[Series]
    streak: Streak


class ExerciseRun(Struct, frozen=True, kw_only=True):
    """A take of an exercise."""

    take: str
    at: datetime
    score: ExerciseScore


class ExerciseView(Struct, frozen=True, kw_only=True):
    """An exercise: how it goes, why, and how it went so far."""

    name: str
    title: str
    how: str
    why: str
    """A sentence on the gap that it is to close."""

    known: str
    """How well founded it is; empty where nothing is said of it."""

    minutes: float
    seconds: float
    """Of all its steps; 0 for a drill, and for what has none."""

    rhythm: Rhythm
    trains: list[str]
    """Titles of skills."""

    drill: str | None
    talk: bool
    """Whether a talk is listened to before it."""

    keeps: str | None
    """Kind of document that may be written down after it, such as ``analogy``."""

    speaks: bool
    """Whether the person speaks in it: without, there is nothing to hear."""

    steps: list[PlacedStep]
    """Of the next run, in order."""

    needs_words: bool
    """Whether there is no score without the words."""

    scored: list[str]
    """Titles of the figures that its score is made of."""

    done: int
    """How many takes there are of it."""

    best: float | None
    """Best score; None where there is none yet."""

    runs: list[ExerciseRun]
    """The newest first, at most :data:`.exercise_view.MOST_RUNS`."""
