"""The steps of an exercise in the order in which they are done, round by round, each with its prompt."""

from __future__ import annotations

import math

from msgspec import Struct

from .script import Exercise, Prompt, Step


class PlacedStep(Struct, frozen=True, kw_only=True):
    """A step of a run."""

    round: int
    """From 0."""

    step: Step
    prompt: Prompt | None
    """What the round is about, where the step shows or says it."""


def placed_steps(exercise: Exercise, runs: int = 0) -> list[PlacedStep]:
    """Return the steps of a run, in order.

    Parameters
    ----------
    runs : how often it was done before: prompts go on from there.
    """
    return [
        PlacedStep(
            round=number,
            step=step,
            prompt=None if step.prompt == "none" else _prompt(exercise, runs * exercise.rounds + number),
        )
        for number in range(exercise.rounds)
        for step in exercise.step
        if not (step.once and number)
    ]


def spoken_lines(exercise: Exercise) -> dict[str, str]:
    """Return what is said to the person, each text with what matters of it, which may be empty."""
    lines = {step.say: "" for step in exercise.step if step.say}
    if any(step.prompt == "said" for step in exercise.step):
        lines |= {prompt.text: prompt.answer for prompt in exercise.prompt}
    return lines


def duration_s(exercise: Exercise) -> float:
    """Return how long all steps of a run take."""
    return math.fsum(placed.step.seconds for placed in placed_steps(exercise))


def table_rows(text: str) -> list[list[str]]:
    """Return the rows of a prompt that is a table, cell by cell."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def _prompt(exercise: Exercise, place: int) -> Prompt | None:
    return exercise.prompt[place % len(exercise.prompt)] if exercise.prompt else None
