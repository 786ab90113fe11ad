"""Drill events: what happens to the speaker, and how they took it."""

from __future__ import annotations

from typing import Literal

from .drill_results import Card, StepResult
from .envelope import Event
from .terms import Do, Heard, Level, Role, Sound


class DrillStarted(Event, frozen=True, kw_only=True):
    """A drill has begun."""

    drill: str
    title: str
    level: Level
    seed: int
    """The same script, level and seed give the same drill."""

    question: str
    """What to talk about."""

    steps: int
    """How many there may be."""

    most_s: float
    """Longest that it goes on."""

    vague: bool = False
    """Whether the task can mean several things, so that a question should come before the answer."""

    mood: str | None = None
    """Mood of the other side; null where they have none."""

    hears: bool = False
    """Whether the speaker's words are heard, so that they can move it."""


class DrillStep(Event, frozen=True, kw_only=True):
    """Something happens to the speaker now."""

    id: int
    """Place in the drill, from 0."""

    do: Do
    role: Role | None
    """Who speaks, if anyone does."""


class DrillSound(Event, frozen=True, kw_only=True):
    """A voice or a noise begins now: whoever plays it starts it with this event."""

    step: int
    turn: int
    """Which line of its step, from 0: someone who insists has more than one."""

    kind: Literal["voice", "distraction"]
    role: Role | None
    say: str | None
    sound: Sound | None
    breaks_up: bool
    """Whether the voice breaks up, as on a bad line."""

    length_s: float


class DrillHush(Event, frozen=True, kw_only=True):
    """The sound of a step goes out now; all that is heard when ``step`` is null."""

    step: int | None


class DrillMood(Event, frozen=True, kw_only=True):
    """The mood of the drill's person has changed, by what they heard or for want of it."""

    step: int
    """The step that says so."""

    was: str
    mood: str
    heard: Heard | None
    """What moved it; null where it was for want of anything."""


class DrillStepEnded(Event, frozen=True, kw_only=True):
    """How a step was taken: 10 s after it, or when the next one began."""

    id: int
    result: StepResult


class DrillEnded(Event, frozen=True, kw_only=True):
    """A drill is over."""

    stopped: bool
    """True when somebody stopped it before it was done."""

    card: Card


DrillEvent = DrillStarted | DrillStep | DrillSound | DrillHush | DrillMood | DrillStepEnded | DrillEnded
